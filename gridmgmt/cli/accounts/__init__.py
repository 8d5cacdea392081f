"""Commands for accounts and wall screens: ``account`` and ``display``."""

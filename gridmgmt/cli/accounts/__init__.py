"""Who may come in: ``account`` and ``display``."""

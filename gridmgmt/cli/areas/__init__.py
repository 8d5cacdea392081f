"""Commands for areas and their editions: ``level``, ``draft`` and ``edition``."""

"""Areas and their editions: ``level``, ``draft`` and ``edition``."""

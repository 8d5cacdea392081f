"""Commands that locate cases without the database: ``archive`` and ``locate``."""

"""Folders and tables of cases located without the database: ``archive`` and ``locate``."""

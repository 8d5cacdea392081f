"""Commands for areas and their editions: ``level``, ``draft``, ``edition`` and ``area``."""

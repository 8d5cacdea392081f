"""Sheets put up in public before borders change: `change_sheet` says what, `pdf` draws it."""

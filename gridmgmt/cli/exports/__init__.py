"""``export``: any layer or table as a file."""

"""``export``: write a layer or a table to a file."""

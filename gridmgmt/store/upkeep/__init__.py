"""The database as a whole: its schema, dumps, versions and marks."""

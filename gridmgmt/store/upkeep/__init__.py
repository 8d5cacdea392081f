"""Look after the database as a whole: schema, dumps, revisions and marks."""

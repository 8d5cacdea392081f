"""What PostGIS holds and the SQL that reads and writes it."""

"""Check the parts of a shapefile: rows, text, and that they belong together."""

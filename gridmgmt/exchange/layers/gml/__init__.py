"""Read GML in a private folder: no schema, no link and no entity leads anywhere."""

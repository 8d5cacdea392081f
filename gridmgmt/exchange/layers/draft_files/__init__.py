"""A draft as a GeoPackage for QGIS: its layers and their styles, and what it was made from."""

"""Check of GeoJSON what GDAL does not: its encoding, crs member, features."""

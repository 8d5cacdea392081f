"""What formats of layers hold beyond shapes and values, where GDAL does not write it.

Callers use `geoparquet_out` and `geopackage_titles`.
"""

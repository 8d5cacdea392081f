"""Write GeoParquet; callers use `geoparquet_out`."""

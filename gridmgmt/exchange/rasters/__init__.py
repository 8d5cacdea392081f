"""Write rasters; callers use `geotiff`."""

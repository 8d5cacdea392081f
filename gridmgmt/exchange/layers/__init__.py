"""Read vector layers with GDAL, one driver at a time, and write them.

Callers use `vectors` to read (through `gridmgmt.exchange.reading`), `layer_out` and
`shapefile_out` to write.
"""

"""Vector layers: GDAL's formats in, with one driver at a time, and out again.

Callers use `vectors` to read (through `gridmgmt.exchange.reading`), `layer_out` and
`shapefile_out` to write.
"""

"""Convert coordinates between any reference system, Chinese map datums included, and lon/lat.

Callers use `crs`; `datum` parses the datum a person writes.
"""

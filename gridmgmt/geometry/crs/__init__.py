"""Coordinates from any reference system, Chinese map datums included, to lon/lat and back.

Callers use `crs`; `datum` reads what a person writes for one.
"""

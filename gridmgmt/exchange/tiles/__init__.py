"""Raster tiles of a base map, from one file or from the configured service."""

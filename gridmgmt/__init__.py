"""Geospatial grid management for city bureaus."""

"""A synthetic city, made by code."""

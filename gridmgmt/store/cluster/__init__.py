"""Make, start, find and stop the private PostGIS cluster.

Callers use `private`, and `address` for the URL of the bureau's database.
"""

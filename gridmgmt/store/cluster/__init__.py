"""The private PostGIS cluster: made, started, found again and stopped.

Callers use `private`, and `address` for where the bureau's data are.
"""

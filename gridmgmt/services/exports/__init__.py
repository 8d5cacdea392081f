"""Layers and tables taken away as files that other programs open rightly.

Callers use `exports`; `areas`, `places` and `tables` know the fields of each noun.
"""

"""Export layers and tables to files that other programs open correctly.

Callers use `exports`; `areas`, `places` and `tables` define the fields of each noun.
"""

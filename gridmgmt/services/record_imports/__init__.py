"""The one way by which rows of a file become records of any noun.

Callers describe their noun as an `Importable` and use `rows`; `shaped_records` are those with a
geometry, `table_points` positions in two columns of numbers.
"""

"""Import rows of a file as records; all nouns use this way.

A noun is described by an `Importable` and read with `rows`. `shaped_records` are records with a
geometry, `table_points` positions in two columns of numbers.
"""

"""Convert files to and from the bureau's nouns: areas, cases, positions, rows of an export.

Nothing here uses a database. ``*_files`` and `area_layers` convert what is imported,
`layer_previews` and `file_previews` show its beginning, ``export_*`` convert what is exported.
"""

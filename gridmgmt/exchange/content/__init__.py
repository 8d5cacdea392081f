"""What files hold in the bureau's own nouns: areas, cases, positions, rows of an export.

Nothing here touches a database. ``*_files`` and `area_layers` shape what comes in,
`layer_previews` and `file_previews` are a first look at it, ``export_*`` shape what leaves.
"""

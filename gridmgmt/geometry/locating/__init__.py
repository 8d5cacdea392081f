"""In which cell points lie, and how far they are from its border.

Callers build a `locator` and ask `locate`; `disc` weighs positions of known accuracy,
`near_index` finds components, `moving_index` open cases. ``label_*``, ``edge_*`` and `tiling`
are the compiled halves.
"""

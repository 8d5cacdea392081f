"""Find the cell of each point, and its distance to the nearest border.

Callers build a `locator_index` and call `locate`. `disc` weighs positions with a known
accuracy, `near_index` finds components, `moving_index` finds open cases. ``label_*``,
``edge_*`` and `tiling` are the compiled parts.
"""

"""Areas of the editions as people look at them, and what belongs to an area.

Callers use `tree` to look up areas, `scopes` for what lies in an area or touches it, `editions`
and `edition_diffs` for states and their differences, `chosen_editions` for the edition a person
means, `outlines` for maps, `duties` for who answers in an area, and `levels` for the levels of
the tree.
"""

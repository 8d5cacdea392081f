"""Areas of the editions as people look at them, and what belongs to one of them.

Callers use `tree` to look areas up, `scopes` for what lies in an area or touches it, `editions`
and `edition_diffs` for states and their differences, `chosen_editions` for the one a person
means, `outlines` for maps, `duties` for who answers in an area and `levels` for the tree's
levels.
"""

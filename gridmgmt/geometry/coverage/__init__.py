"""Check whether areas tile, nest and refer to each other, and compare two states.

Callers use `coverage` for the check, `changes` and `lineage` for differences. `problem` is what
a check finds, and `level_areas` the areas of one level.
"""

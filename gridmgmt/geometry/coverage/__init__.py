"""Whether areas tile, nest and name each other as they should, and how two states differ.

Callers use `coverage` for the check, `changes` and `lineage` for differences; `problem` is what
a check finds and `level_areas` the areas of one level.
"""

"""Edit areas by their borders: whole numbers on the storage grid, every level at once.

Callers use `edits` for what can be done, `edit_state` for the areas it is done to.
"""

"""Put together what was changed apart: by two sides, or in another program.

Callers use `merging` for two sides' changes of one state, `vertex_snaps` and `upper_levels`
for areas that were redrawn one by one.
"""

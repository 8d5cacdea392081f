"""The situation of the city: overview, map, panels, rankings.

Callers use one module for each part of a page: `overview`, `area_panels`, `area_rankings`, and
the ``map_`` modules for the layers of the map. `map_areas` is what an account may see there.
"""

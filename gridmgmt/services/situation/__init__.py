"""The state of the city as a commander sees it: overview, map, panels, rankings.

Callers use one module for each thing on a page: `overview`, `area_panels`, `area_rankings`, and
the ``map_`` modules for the layers of the map; `map_areas` is what an account may see there.
"""

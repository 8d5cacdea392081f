"""Geometry drawn as an ASCII grid: a letter names a place, a word of letters an outline.

    drawing = Drawing('''
        a...b...c
        .........
        d...e...f
    ''')
    drawing.polygon("abed")     # the western square
    drawing.point("e")          # (lon, lat) of the middle of the lower side

Rows run north to south, columns west to east, one character is one step.
"""

import textwrap

import numpy as np
import shapely

from gridmgmt.geometry.measure import on_grid, round_lonlat

WEST, NORTH = 120.17, 30.28
STEP = 0.0001  # degrees: about 10 m each way


class Drawing:
    """Named places at fixed steps; ``west`` and ``north`` are where the first character is."""

    def __init__(
        self, text: str, *, west: float = WEST, north: float = NORTH, step: float = STEP
    ) -> None:
        rows = textwrap.dedent(text).strip("\n").splitlines()
        self.places: dict[str, tuple[float, float]] = {}
        for y, row in enumerate(rows):
            for x, name in enumerate(row):
                if name in ". ":
                    continue
                if name in self.places:
                    message = f"{name!r} is drawn twice"
                    raise ValueError(message)
                lon, lat = round_lonlat([west + x * step, north - y * step]).tolist()
                self.places[name] = (lon, lat)

    def point(self, name: str) -> tuple[float, float]:
        return self.places[name]

    def line(self, names: str) -> shapely.LineString:
        return shapely.LineString([self.places[name] for name in names])

    def polygon(self, outline: str, *holes: str) -> shapely.Polygon:
        """The polygon through these places, closed by itself."""
        shell = [self.places[name] for name in outline]
        return shapely.Polygon(shell, [[self.places[n] for n in hole] for hole in holes])

    def multi(self, *outlines: str) -> shapely.MultiPolygon:
        return shapely.MultiPolygon([self.polygon(outline) for outline in outlines])


def geometry_array(*geoms: object) -> np.ndarray:
    """Geometries as the object array the library takes, on the storage grid."""
    array = np.empty(len(geoms), dtype=object)
    array[:] = geoms
    return on_grid(array)

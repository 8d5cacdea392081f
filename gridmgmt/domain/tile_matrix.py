"""The tile matrix sets of tile services: how they divide the world into tiles."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class TileMatrix:
    """A numbering of tiles: ``wide`` tiles beside each other and one in height at ``first``.

    Each further level halves the tiles. ``crs`` is Leaflet's name of the projection;
    ``zoom_offset`` is the service's level minus Leaflet's at the same scale.

    Examples
    --------
    At level 1 the Chinese national services have one tile for each hemisphere.

    >>> [MATRICES["EPSG:4490"].holds(1, x, 0) for x in (0, 1, 2)]
    [True, True, False]
    >>> MATRICES["EPSG:3857"].holds(2, 3, 3), MATRICES["EPSG:3857"].holds(2, 3, 4)
    (True, False)
    """

    crs: Literal["EPSG3857", "EPSG4326"]
    wide: int
    first: int

    @property
    def zoom_offset(self) -> int:
        """Return the difference between the service's levels and Leaflet's."""
        return self.first

    def holds(self, zoom: int, column: int, row: int) -> bool:
        """Return whether there is such a tile; columns go east, rows south, both from 0."""
        step = zoom - self.first
        if not 0 <= step <= 30:
            return False
        return 0 <= column < self.wide << step and 0 <= row < 1 << step


# EPSG:4490 is numbered as by the national services (天地图 and those of provinces, whose first
# level is 1), EPSG:4326 as in OGC's WorldCRS84Quad, whose first level is 0.
MATRICES = {
    "EPSG:3857": TileMatrix("EPSG3857", 1, 0),
    "EPSG:4326": TileMatrix("EPSG4326", 2, 0),
    "EPSG:4490": TileMatrix("EPSG4326", 2, 1),
}

"""The borders of cells as single pieces; a piece that two cells share is stored once.

A piece needs no partner. Where the vertices of neighbours do not match, the piece of each cell
stands alone: the cell lies on one side of it, and nothing is known to lie on the other.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmgmt.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from gridmgmt.geometry.compiled import compiled
from gridmgmt.geometry.measure import metres_per_degree

CellArray: TypeAlias = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Borders:
    """Pieces of border between two vertices, each from its lower end up (or west to east).

    ``ends`` is (e, 4) lon, lat, lon, lat in degrees. ``cells`` (e, 2) are the positions of the
    cells on its left and on its right, -1 for none. Where several cells lie on the same side,
    the piece appears several times.
    """

    ends: FloatArray
    cells: CellArray

    @property
    def lon_scale(self) -> float:
        """Return a degree of longitude in degrees of latitude, at the middle of the borders."""
        lat = np.mean(self.ends[:, 1]) if len(self.ends) else 0.0
        m_lon, m_lat = metres_per_degree(lat)
        scale = float(m_lon / m_lat)
        # Near a pole, or in other units than degrees, any scale will do.
        return scale if 0.01 < scale < 100.0 else 1.0


def borders_of(geoms: GeometryArray) -> Borders:
    """Return the borders of polygons.

    Parameters
    ----------
    geoms : (k,) polygons and multipolygons in lon/lat; None and empty ones have no borders

    Examples
    --------
    >>> shared = borders_of(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]))
    >>> len(shared.ends), shared.cells[(shared.ends == [1, 0, 1, 1]).all(axis=1)].tolist()
    (7, [[0, 1]])
    """
    parts, cell = shapely.get_parts(geoms, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    is_outline = np.diff(part, prepend=-1) != 0
    # The inside of a counter-clockwise ring is on its left; the inside of a hole is no cell.
    inside_left = shapely.is_ccw(rings) == is_outline
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    # Adding zero turns -0.0 into 0.0, so that both have the same bytes.
    coords += 0.0
    ends = np.empty((len(coords), 4))
    cells = np.full((len(coords), 2), -1, dtype=np.int32)
    slots = 1 << max(int(2 * len(coords)).bit_length(), 4)
    table = np.full(slots, -1, dtype=np.int32)
    owner = cell[part].astype(np.int32)
    bits = coords.view(np.uint64)
    n = _merge(coords, bits, ring, owner, inside_left, table, ends, cells)
    return Borders(ends[:n].copy(), cells[:n].copy())


@compiled
def _merge(
    coords: FloatArray,
    bits: "NDArray[np.uint64]",
    ring: IntArray,
    owner: CellArray,
    inside_left: BoolArray,
    table: CellArray,
    ends: FloatArray,
    cells: CellArray,
) -> int:
    """Put each directed piece into a hash table, with the piece in the other direction."""
    mask = np.uint64(len(table) - 1)
    n = 0
    for i in range(len(coords) - 1):
        if ring[i] != ring[i + 1]:
            continue
        ax, ay, bx, by = coords[i, 0], coords[i, 1], coords[i + 1, 0], coords[i + 1, 1]
        if ax == bx and ay == by:
            continue
        upward = ay < by or (ay == by and ax < bx)
        low, high = (i, i + 1) if upward else (i + 1, i)
        side = 0 if inside_left[ring[i]] == upward else 1
        slot = _hash(bits[low, 0], bits[low, 1], bits[high, 0], bits[high, 1]) & mask
        while True:
            piece = table[slot]
            if piece < 0:
                table[slot] = n
                ends[n, 0], ends[n, 1] = coords[low, 0], coords[low, 1]
                ends[n, 2], ends[n, 3] = coords[high, 0], coords[high, 1]
                cells[n, side] = owner[ring[i]]
                n += 1
                break
            if (
                cells[piece, side] < 0
                and ends[piece, 0] == coords[low, 0]
                and ends[piece, 1] == coords[low, 1]
                and ends[piece, 2] == coords[high, 0]
                and ends[piece, 3] == coords[high, 1]
            ):
                cells[piece, side] = owner[ring[i]]
                break
            slot = (slot + np.uint64(1)) & mask
    return n


@compiled
def _hash(a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64) -> np.uint64:
    # The multiplier and the shifts of SplitMix64 (Steele, Lea and Flood, 2014).
    mixed = a
    for word in (b, c, d):
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) + word
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))

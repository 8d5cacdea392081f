"""Find the cell that covers each point, for millions of points."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import ArrayLike

from gridmgmt.arrays import BoolArray, FloatArray, IntArray
from gridmgmt.geometry.locating.borders import CellArray
from gridmgmt.geometry.locating.label_lookup import look_up
from gridmgmt.geometry.locating.label_raster import LabelRaster
from gridmgmt.geometry.locating.locator_index import Locator

# Fewer points than this are finished before a thread has started.
_WORTH_A_THREAD = 50_000
_PARTS_A_THREAD = 16


@dataclass(frozen=True, eq=False)
class Covered:
    """The answers for n points.

    ``cell`` (n,) are positions in the index's codes, -1 for points in no cell. ``on_boundary``
    (n,) marks points covered by several cells; the answer is the one with the smallest code.
    """

    cell: CellArray
    on_boundary: BoolArray


def cover(index: Locator, lon: ArrayLike, lat: ArrayLike, *, threads: int = 1) -> Covered:
    """Find the cell that covers each point, borders included.

    Parameters
    ----------
    lon, lat : (n,) degrees, EPSG:4326; a point with NaN, infinity or a latitude past 90 is in
        no cell
    threads : number of threads that work at the same time

    Examples
    --------
    >>> from gridmgmt.geometry.locating.locator_index import build_locator
    >>> index = build_locator(["A", "B"], [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> answer = cover(index, [0.5, 1.0, 3.0], [0.5, 0.5, 0.5])
    >>> answer.cell.tolist(), answer.on_boundary.tolist()
    ([0, 0, -1], [False, True, False])
    """
    return covers_of(index, *contiguous(lon, lat), threads).first


def contiguous(lon: ArrayLike, lat: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return positions as kernels need them: contiguous arrays of doubles.

    Raises
    ------
    ValueError
        when they are not one-dimensional, or differ in length: kernels do not check
    """
    x, y = (np.ascontiguousarray(np.atleast_1d(d), dtype=np.float64) for d in (lon, lat))
    if x.ndim != 1 or x.shape != y.shape:
        message = f"longitudes of shape {x.shape} for latitudes of shape {y.shape}"
        raise ValueError(message)
    return x, y


@dataclass(frozen=True, eq=False)
class Covers:
    """The answers of `cover`, and all cells that cover the points GEOS was asked about.

    ``row`` and ``cell`` (p,) pair these points with cells; ``asked`` (m,) lists the points.
    """

    first: Covered
    asked: IntArray
    row: IntArray
    cell: IntArray

    def pairs(self, rows: IntArray) -> tuple[IntArray, IntArray]:
        """Return the pairs of these rows and all cells that cover them."""
        wanted = np.zeros(len(self.first.cell), dtype=bool)
        wanted[rows] = True
        of_these = wanted[self.row]
        wanted[self.asked] = False
        plain = np.flatnonzero(wanted & (self.first.cell >= 0))
        row = np.concatenate([self.row[of_these], plain])
        return row, np.concatenate([self.cell[of_these], self.first.cell[plain]])


def covers_of(index: Locator, lon: FloatArray, lat: FloatArray, threads: int = 1) -> Covers:
    """Find the cells that cover each point: by the raster, by GEOS where it is not certain.

    Parameters
    ----------
    lon, lat : (n,) degrees, as `contiguous` gives them
    """
    cell, asked = _looked_up(index.raster, lon, lat, threads)
    on_boundary = np.zeros(len(lon), dtype=bool)
    row, covering = np.empty(0, np.int64), np.empty(0, np.int64)
    if len(asked):
        with index.turn:
            row, covering = _by_geos(index, lon, lat, asked)
        order = np.lexsort((-covering, row))
        # If a point has several answers, the last one written stays: the smallest.
        cell[row[order]] = covering[order]
        on_boundary[row[order][1:][np.diff(row[order]) == 0]] = True
    return Covers(Covered(cell, on_boundary), asked, row, covering)


def covering(index: Locator, lon: FloatArray, lat: FloatArray) -> tuple[IntArray, IntArray]:
    """Find all cells that cover each point, however many overlap there.

    Parameters
    ----------
    lon, lat : (n,) degrees, as `contiguous` gives them; NaN is covered by nothing

    Returns
    -------
    (m,) positions of points, (m,) positions in ``index.codes``: by point, then by cell
    """
    covers = covers_of(index, lon, lat)
    row, cell = covers.pairs(np.flatnonzero(covers.first.cell >= 0))
    order = np.lexsort((cell, row))
    return row[order], cell[order]


def _looked_up(
    raster: LabelRaster, lon: FloatArray, lat: FloatArray, threads: int
) -> tuple[CellArray, IntArray]:
    """Answer from the raster alone, and return the rows that need GEOS."""
    cell = np.empty(len(lon), dtype=np.int32)
    ask = np.empty(len(lon), dtype=np.int64)
    tiling = raster.tiling.parameters()
    words, coordinates = raster.words, raster.words.view(np.float64)

    parts = _parts(len(lon), threads)
    waiting = iter(range(len(parts)))
    asked = [np.empty(0, np.int64)] * len(parts)

    def work() -> None:
        for i in waiting:
            of = parts[i]
            out = ask[of]
            count = look_up(
                lon[of], lat[of], tiling, raster.labels, words, coordinates, cell[of], out
            )
            asked[i] = out[:count] + of.start

    if len(parts) == 1:
        work()
        return cell, asked[0]
    # This thread works too: if it only waited, its core would be idle at first.
    with ThreadPoolExecutor(threads - 1) as pool:
        helping = [pool.submit(work) for _ in range(threads - 1)]
        work()
        for one in helping:
            one.result()
    return cell, np.concatenate(asked)


def _parts(n: int, threads: int) -> list[slice]:
    """Divide n points into many parts for each thread, so that a slow thread delays little."""
    if threads < 2 or n < _WORTH_A_THREAD:
        return [slice(0, n)]
    cuts = np.linspace(0, n, _PARTS_A_THREAD * threads + 1).astype(int).tolist()
    return [slice(a, b) for a, b in pairwise(cuts)]


def _by_geos(
    index: Locator, lon: FloatArray, lat: FloatArray, rows: IntArray
) -> tuple[IntArray, IntArray]:
    """Return the pairs of points and cells that cover them, borders included, by GEOS alone.

    Parameters
    ----------
    lon, lat : (n,) degrees
    rows : (m,) which of them to ask about, all finite

    Returns
    -------
    (p,) rows, (p,) positions of cells: by cell, then in the order of ``rows``
    """
    row, cell = index.tree.query(shapely.points(lon[rows], lat[rows]))
    row = rows[row]
    # Cell by cell, so that each prepared polygon answers for all its points in one call.
    # Intersects of a polygon and a point is covers; contains would lose every point on a
    # border.
    order = np.argsort(cell, kind="stable")
    row, cell = row[order], cell[order]
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    covered = np.zeros(len(row), dtype=bool)
    for a, b in pairwise([*starts.tolist(), len(row)]):
        covered[a:b] = shapely.intersects_xy(index.geoms[cell[a]], lon[row[a:b]], lat[row[a:b]])
    return row[covered], cell[covered]

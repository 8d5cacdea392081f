"""Estimate cases per square kilometre: a kernel in metres, corrected at the city's edge.

The estimate at a place u is the sum of k(u - x) over the cases x, divided by e(u). Here k is
the Gaussian kernel whose standard deviation is the bandwidth, and e(u) is the part of k(. - u)
inside the city (P. Diggle, "A kernel method for smoothing point process data", Applied
Statistics 34, 1985; ``density.ppp`` in R's spatstat). A city with as many cases everywhere
shows the same density everywhere, at its edge too; the density adds up to about the number of
cases. Dividing each case by e(x) instead (Jones 1993; ``diggle = TRUE`` there) would add up
exactly, and show the edge of such a city a third lower than its middle.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike
from scipy.ndimage import gaussian_filter, map_coordinates
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import BoolArray, FloatArray
from gridmgmt.geometry.crs.crs import from_crs, from_lonlat, geometries_from_lonlat, metric_crs
from gridmgmt.geometry.crs.datum import Datum
from gridmgmt.geometry.drawing.inside_share import inside_share
from gridmgmt.geometry.measure import metres_per_degree
from gridmgmt.sentence import Sentence

# The side of a grid cell in bandwidths. With each case shared between the four nodes around it,
# the smoothed grid is within one percent of the exact sum.
_CELL = 1 / 6
# The side of a result pixel in bandwidths: over half a bandwidth a kernel changes little.
_PIXEL = 0.5
# The reach of the kernel in bandwidths; beyond it the kernel is below 3e-5 of its mass.
_REACH = 4.0
# In a real city the kernel's mass inside is never less than this at a pixel. It prevents a
# division by zero on a tiny strip of land.
_LEAST_MASS = 1e-3
# More grid nodes than this mean that the bandwidth is too fine for the size of the city.
MAX_NODES = 4_000_000
M2_PER_KM2 = 1e6


@dataclass(frozen=True)
class Raster:
    """A grid of pixels along longitude and latitude, the first row in the north.

    ``values`` are cases per square kilometre, NaN outside the city. Pixels are nearly square in
    metres: a row is ``_PIXEL`` bandwidths high and a column as wide as that at the middle
    latitude.
    """

    west: float
    south: float
    east: float
    north: float
    values: FloatArray

    def total(self) -> float:
        """Return the sum over all pixels: cases per square kilometre times the area."""
        rows, columns = self.values.shape
        height = (self.north - self.south) / rows
        m_lon, m_lat = metres_per_degree(self.north - (np.arange(rows) + 0.5) * height)
        pixel_m2 = m_lon * (self.east - self.west) / columns * m_lat * height
        return float(np.nansum(self.values * pixel_m2[:, None]) / M2_PER_KM2)


class DensityFrame:
    """A city prepared for one bandwidth: everything that does not depend on the cases.

    Parameters
    ----------
    outline : the city in lon/lat, a polygon or multipolygon with an area
    bandwidth_m : standard deviation of the kernel, metres

    Raises
    ------
    ValueError
        when there is no outline, or the bandwidth is too fine for its size

    Examples
    --------
    >>> frame = DensityFrame(shapely.box(120.0, 30.0, 120.1, 30.1), 300.0)
    >>> raster = frame.density([120.05, 120.05], [30.05, 30.05])
    >>> raster.values.shape, round(raster.total(), 2)
    ((74, 65), 2.0)
    """

    def __init__(self, outline: BaseGeometry, bandwidth_m: float) -> None:
        if shapely.is_empty(outline) or shapely.area(outline) == 0:
            raise ValueError(Sentence("a density needs an outline with an area"))
        if not bandwidth_m > 0:
            raise ValueError(Sentence("{} m is no bandwidth", bandwidth_m))
        self.bandwidth_m = bandwidth_m
        self.middle_lat = (outline.bounds[1] + outline.bounds[3]) / 2
        lonlat = shapely.get_coordinates(outline)
        self.datum: Datum = from_crs(metric_crs(lonlat[:, 0], lonlat[:, 1]))
        plane = geometries_from_lonlat([outline], self.datum)[0]
        self._cell_m = _CELL * bandwidth_m
        self._place(plane.bounds)
        # In grid cells; the square at node (0, 0) begins at the origin.
        squares = shapely.transform(
            plane, lambda xy: (xy - (self._x0, self._y0)) / self._cell_m + 0.5
        )
        self._pixels(outline)
        mass = self._at_pixels(self._smoothed(inside_share(squares, self._shape)))
        self._mass = np.maximum(mass, _LEAST_MASS)

    def density(self, lon: ArrayLike, lat: ArrayLike, cases: ArrayLike | None = None) -> Raster:
        """Estimate the cases per square kilometre.

        Parameters
        ----------
        lon, lat : (n,) degrees; a case outside the city counts with the part of its
            kernel inside
        cases : (n,) number of cases at each position; 1 if not given

        Returns
        -------
        zeros inside the city if there are no cases
        """
        x, y = from_lonlat(lon, lat, self.datum)
        weight = np.ones(x.shape) if cases is None else np.asarray(cases, dtype=np.float64)
        column, row = (x - self._x0) / self._cell_m, (y - self._y0) / self._cell_m
        grid = self._shared_out(column, row, weight)
        km2 = self._cell_m**2 / M2_PER_KM2
        values = np.full(self._inside.shape, np.nan)
        values[self._inside] = self._at_pixels(self._smoothed(grid)) / self._mass / km2
        return Raster(*self._bounds, values)

    def _place(self, bounds: tuple[float, float, float, float]) -> None:
        reach = _REACH * self.bandwidth_m
        west, south, east, north = bounds
        # On multiples of the cell, so that a city that grows a little keeps the same grid.
        self._x0, self._y0 = (
            np.floor((low - reach) / self._cell_m) * self._cell_m for low in (west, south)
        )
        rows, columns = (
            int(np.ceil((high + reach - low) / self._cell_m)) + 1
            for high, low in ((north, self._y0), (east, self._x0))
        )
        self._shape = (rows, columns)
        if rows * columns > MAX_NODES:
            raise ValueError(
                Sentence(
                    "a bandwidth of {} m is too fine for so large a city",
                    f"{self.bandwidth_m:g}",
                )
            )

    def _smoothed(self, grid: FloatArray) -> FloatArray:
        # Sharing a case between nodes spreads it by a sixth of a squared cell on average, and
        # reading between nodes spreads it as much again. The filter spreads correspondingly
        # less.
        spread = 1.0 / _CELL**2 - 2.0 / 6.0
        smoothed: FloatArray = gaussian_filter(
            grid, np.sqrt(spread), mode="constant", truncate=_REACH
        )
        return smoothed

    def _pixels(self, outline: BaseGeometry) -> None:
        """Lay pixels over the extent of the city, and find the grid position of each."""
        west, south, east, north = outline.bounds
        m_lon, m_lat = metres_per_degree([self.middle_lat])
        pixel_m = _PIXEL * self.bandwidth_m
        rows = max(1, int(np.ceil((north - south) * m_lat[0] / pixel_m)))
        columns = max(1, int(np.ceil((east - west) * m_lon[0] / pixel_m)))
        north, east = south + rows * pixel_m / m_lat[0], west + columns * pixel_m / m_lon[0]
        self._bounds = (west, south, east, north)
        lon, lat = np.meshgrid(
            west + (np.arange(columns) + 0.5) * (east - west) / columns,
            north - (np.arange(rows) + 0.5) * (north - south) / rows,
        )
        shapely.prepare(outline)
        self._inside: BoolArray = np.asarray(shapely.contains_xy(outline, lon, lat))
        if not self._inside.any():  # a city smaller than a pixel
            self._inside[...] = True
        x, y = from_lonlat(lon[self._inside], lat[self._inside], self.datum)
        self._columns, self._rows = (
            (x - self._x0) / self._cell_m,
            (y - self._y0) / self._cell_m,
        )

    def _shared_out(
        self, column: FloatArray, row: FloatArray, weight: FloatArray
    ) -> FloatArray:
        """Add each case to the four nodes around it, with more weight for nearer nodes."""
        rows, columns = self._shape
        near = (column >= 0) & (column < columns - 1) & (row >= 0) & (row < rows - 1)
        column, row, weight = column[near], row[near], weight[near]
        left, low = column.astype(np.int64), row.astype(np.int64)
        right_part, upper_part = column - left, row - low
        grid = np.zeros(rows * columns)
        for up, part_up in ((0, 1.0 - upper_part), (1, upper_part)):
            for on, part_on in ((0, 1.0 - right_part), (1, right_part)):
                node = (low + up) * columns + left + on
                grid += np.bincount(node, weight * part_up * part_on, minlength=len(grid))
        return grid.reshape(rows, columns)

    def _at_pixels(self, grid: FloatArray) -> FloatArray:
        where = [self._rows, self._columns]
        found: FloatArray = map_coordinates(grid, where, order=1, mode="nearest")
        return found


def nice_breaks(largest: float, most: int = 5) -> list[float]:
    """Return round class limits 1, 2, 5, 10 … up to the largest value, ascending.

    Examples
    --------
    >>> nice_breaks(730.0), nice_breaks(0.03, most=3), nice_breaks(0.0)
    ([20.0, 50.0, 100.0, 200.0, 500.0], [0.005, 0.01, 0.02], [])
    """
    if not (np.isfinite(largest) and largest > 0):
        return []
    exponent = int(np.floor(np.log10(largest)))
    steps = [
        float(f"{digit}e{power}")
        for power in range(exponent - most, exponent + 1)
        for digit in (1, 2, 5)
    ]
    return [step for step in steps if step <= largest][-most:]

"""Estimate cases per square kilometre: a kernel in metres, corrected at the city's edge.

The estimate at a place u is the sum of k(u - x) over the cases x, divided by e(u). Here k is
the Gaussian kernel whose standard deviation is the bandwidth, and e(u) is the part of k(. - u)
inside the city (P. Diggle, "A kernel method for smoothing point process data", Applied
Statistics 34, 1985; ``density.ppp`` in R's spatstat). A city with as many cases everywhere
shows the same density everywhere, at its edge too; the density adds up to about the number of
cases. Dividing each case by e(x) instead (Jones 1993; ``diggle = TRUE`` there) would add up
exactly, and show the edge of such a city a third lower than its middle. Without a correction,
as in scipy, KDEpy and the heat maps of QGIS and ArcGIS, the edge would be half as dense.

Cases are counted in the squares of a grid along longitude and latitude, which the database
counts as well; the kernel is applied to the grid by fast Fourier transforms. It is as many
metres wide in the north of the city as in the south.
"""

import numpy as np
import scipy
import shapely
from numpy.typing import ArrayLike
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import BoolArray, FloatArray, IntArray
from gridmgmt.geometry.drawing.inside_share import inside_share
from gridmgmt.geometry.drawing.raster import LEAST_SHARE, RING, Raster, near
from gridmgmt.geometry.measure import M2_PER_KM2, metres_per_degree
from gridmgmt.sentence import Sentence

# The side of a square of the grid in bandwidths. With each case shared between the four squares
# around it, the smoothed grid is within one percent of the exact sum.
_CELL = 1 / 6
# The side of a result pixel in squares: over half a bandwidth a kernel changes little. Odd, so
# that the middle of a pixel is that of a square.
_PIXEL = 3
# The reach of the kernel in pixels, four bandwidths; beyond it the kernel is below 3e-5 of its
# mass.
_REACH = 8
# In a real city the kernel's mass inside is never less than this at a pixel. It prevents a
# division by zero on a tiny strip of land.
_LEAST_MASS = 1e-3
# More squares than this mean that the bandwidth is too fine for the size of the city.
MAX_NODES = 4_000_000


class DensityFrame:
    """A city prepared for one bandwidth: everything that does not depend on the cases.

    ``step_lon`` and ``step_lat`` are the sides of its squares in degrees. The middle of each
    square is at whole multiples of them, so that cases that were counted at such multiples need
    no further sharing out.

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
    ((79, 69), 2.0)
    """

    def __init__(self, outline: BaseGeometry, bandwidth_m: float) -> None:
        if shapely.is_empty(outline) or shapely.area(outline) == 0:
            raise ValueError(Sentence("a density needs an outline with an area"))
        if not bandwidth_m > 0:
            raise ValueError(Sentence("{} m is no bandwidth", bandwidth_m))
        self.bandwidth_m = bandwidth_m
        m_lon, m_lat = metres_per_degree([(outline.bounds[1] + outline.bounds[3]) / 2])
        self.step_lon = float(_CELL * bandwidth_m / m_lon[0])
        self.step_lat = float(_CELL * bandwidth_m / m_lat[0])
        self._place(outline.bounds)
        self._prepare_kernel()
        steps = np.array([self.step_lon, self.step_lat])
        # In squares; that of the first row and column begins at the origin.
        squares = shapely.transform(
            outline, lambda xy: xy / steps - (self._column0, self._row0) + 0.5
        )
        share = inside_share(squares, self._shape)
        self._mark(outline, share)
        self._mass = np.maximum(self._smoothed(share), _LEAST_MASS)

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
        column = np.asarray(lon, dtype=np.float64) / self.step_lon - self._column0
        row = np.asarray(lat, dtype=np.float64) / self.step_lat - self._row0
        weight = np.ones(row.shape) if cases is None else np.asarray(cases, dtype=np.float64)
        smoothed = self._smoothed(self._shared_out(column, row, weight))
        # Rounding of the transforms leaves a hair below zero where nothing is.
        density = np.maximum(smoothed, 0.0) / self._mass / self._square_km2[:, None]
        return Raster(
            *self._bounds,
            values=np.where(self._inside, density, np.nan)[::-1],
            wide=np.where(self._near, density, np.nan)[::-1],
        )

    def squares_at(self, bandwidth_m: float) -> int:
        """Return about how many squares the city would have at another bandwidth."""
        margin = 2 * (_REACH + RING) * _PIXEL
        finer = self.bandwidth_m / bandwidth_m
        rows, columns = (int((side - margin) * finer) + margin for side in self._shape)
        return int(rows * columns)

    def _place(self, bounds: tuple[float, float, float, float]) -> None:
        """Lay pixels over the city and what is within the kernel's reach, on whole multiples.

        So a city that grows a little keeps the same grid.
        """
        west, south, east, north = bounds
        around = _REACH + RING
        (column0, columns), (row0, rows) = (
            (first - around, last - first + 1 + 2 * around)
            for first, last in (
                np.floor((np.array(ends) / step + 0.5) / _PIXEL).astype(np.int64).tolist()
                for ends, step in (
                    ((west, east), self.step_lon),
                    ((south, north), self.step_lat),
                )
            )
        )
        self._column0, self._row0 = column0 * _PIXEL, row0 * _PIXEL
        self._shape = (rows * _PIXEL, columns * _PIXEL)
        if self._shape[0] * self._shape[1] > MAX_NODES:
            raise ValueError(
                Sentence(
                    "a bandwidth of {} m is too fine for so large a city",
                    f"{self.bandwidth_m:g}",
                )
            )
        edges = (
            (self._column0 + _REACH * _PIXEL - 0.5) * self.step_lon,
            (self._row0 + _REACH * _PIXEL - 0.5) * self.step_lat,
            (self._column0 + self._shape[1] - _REACH * _PIXEL - 0.5) * self.step_lon,
            (self._row0 + self._shape[0] - _REACH * _PIXEL - 0.5) * self.step_lat,
        )
        self._bounds = edges

    def _prepare_kernel(self) -> None:
        """Make the kernel's transforms, across for each row and along for all columns."""
        rows, columns = self._shape
        m_lon, m_lat = metres_per_degree((self._row0 + np.arange(rows)) * self.step_lat)
        self._fast = (
            scipy.fft.next_fast_len(rows),
            scipy.fft.next_fast_len(columns, real=True),
        )
        across = self.bandwidth_m / (m_lon * self.step_lon)
        along = self.bandwidth_m / (m_lat[rows // 2] * self.step_lat)
        # Sharing a case between squares spreads it by a sixth of a squared side on average. The
        # filter spreads correspondingly less.
        self._across = _transform(
            scipy.fft.rfftfreq(self._fast[1]), across[:, None] ** 2 - 1 / 6
        )
        self._along = _transform(scipy.fft.fftfreq(self._fast[0]), along**2 - 1 / 6)[:, None]
        middle = slice(_REACH * _PIXEL + _PIXEL // 2, rows - _REACH * _PIXEL, _PIXEL)
        self._square_km2 = (m_lon * m_lat)[middle] * self.step_lon * self.step_lat / M2_PER_KM2

    def _mark(self, outline: BaseGeometry, share: FloatArray) -> None:
        """Find the pixels that belong to the city, and those near it."""
        west, south, east, north = self._bounds
        blocks = share.reshape(self._shape[0] // _PIXEL, _PIXEL, self._shape[1] // _PIXEL, -1)
        cut = slice(_REACH, -_REACH)
        touched: BoolArray = (blocks.max(axis=(1, 3)) > LEAST_SHARE)[cut, cut]
        rows, columns = touched.shape
        lon = west + (np.arange(columns) + 0.5) * (east - west) / columns
        lat = south + (np.arange(rows) + 0.5) * (north - south) / rows
        shapely.prepare(outline)
        inside = np.asarray(shapely.contains_xy(outline, *np.meshgrid(lon, lat)))
        # A city may be smaller than a pixel.
        self._inside: BoolArray = inside if inside.any() else touched
        self._near: BoolArray = near(touched | self._inside)

    def _smoothed(self, grid: FloatArray) -> FloatArray:
        """Smooth a grid of all squares, and read it in the middle of the pixels."""
        rows, columns = self._shape
        # Single precision keeps seven digits, more than are shown.
        across = scipy.fft.rfft(grid.astype(np.float32), self._fast[1], axis=1) * self._across
        along = scipy.fft.fft(across, self._fast[0], axis=0, overwrite_x=True) * self._along
        first, middle = _REACH * _PIXEL, _PIXEL // 2
        at_rows = scipy.fft.ifft(along, axis=0, overwrite_x=True)[
            first + middle : rows - first : _PIXEL
        ]
        smoothed: FloatArray = scipy.fft.irfft(at_rows, self._fast[1], axis=1)[
            :, first + middle : columns - first : _PIXEL
        ].astype(np.float64)
        return smoothed

    def _shared_out(
        self, column: FloatArray, row: FloatArray, weight: FloatArray
    ) -> FloatArray:
        """Add each case to the four squares around it, with more weight for nearer ones."""
        rows, columns = self._shape
        near = (column >= 0) & (column < columns - 1) & (row >= 0) & (row < rows - 1)
        column, row, weight = column[near], row[near], weight[near]
        left, low = np.rint(column).astype(np.int64), np.rint(row).astype(np.int64)
        if np.allclose(column, left, rtol=0, atol=1e-6) and np.allclose(
            row, low, rtol=0, atol=1e-6
        ):
            return self._added(low, left, weight)
        left, low = np.floor(column).astype(np.int64), np.floor(row).astype(np.int64)
        right_part, upper_part = column - left, row - low
        return sum(
            (
                self._added(low + up, left + on, weight * part_up * part_on)
                for up, part_up in ((0, 1.0 - upper_part), (1, upper_part))
                for on, part_on in ((0, 1.0 - right_part), (1, right_part))
            ),
            np.zeros(self._shape),
        )

    def _added(self, row: IntArray, column: IntArray, weight: FloatArray) -> FloatArray:
        rows, columns = self._shape
        place = row * columns + column
        grid = np.bincount(place, weight, minlength=rows * columns).astype(np.float64)
        return grid.reshape(rows, columns)


def _transform(frequency: FloatArray, variance: FloatArray | float) -> FloatArray:
    """Return the Fourier transform of a Gaussian, in single precision."""
    found = np.exp(-2.0 * np.pi**2 * variance * frequency**2)
    single: FloatArray = found.astype(np.float32)
    return single


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

"""A grid of densities along longitude and latitude, and the part of it over an area."""

from dataclasses import dataclass

import numpy as np
import scipy
import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import BoolArray, FloatArray
from gridmgmt.geometry.drawing.inside_share import inside_share
from gridmgmt.geometry.measure import M2_PER_KM2, metres_per_degree

# So many pixels beyond an outline are known too, for drawing between pixels at its edge.
RING = 2
# Adding up along a row leaves a hair behind an outline.
LEAST_SHARE = 1e-9


@dataclass(frozen=True)
class Raster:
    """A grid of pixels along longitude and latitude, the first row in the north.

    ``values`` are cases per square kilometre, NaN outside the outline. ``wide`` has the pixels
    within two of the outline too. Pixels are half a bandwidth high, and as wide as that at the
    middle latitude of the city. A pixel belongs to the outline if its middle lies in it.
    """

    west: float
    south: float
    east: float
    north: float
    values: FloatArray
    wide: FloatArray

    def total(self) -> float:
        """Return the sum over all pixels: cases per square kilometre times the area."""
        rows, columns = self.values.shape
        height = (self.north - self.south) / rows
        m_lon, m_lat = metres_per_degree(self.north - (np.arange(rows) + 0.5) * height)
        pixel_m2 = m_lon * (self.east - self.west) / columns * m_lat * height
        return float(np.nansum(self.values * pixel_m2[:, None]) / M2_PER_KM2)

    def clipped(self, outline: BaseGeometry) -> "Raster | None":
        """Return the part over an outline, with the same values at the same places.

        Parameters
        ----------
        outline : polygon or multipolygon, lon/lat; what lies beyond the raster is left out

        Returns
        -------
        None where the outline and the raster have no pixel in common
        """
        rows, columns = self.values.shape
        corner = np.array([self.west, self.south])
        sides = np.array([self.east, self.north]) - corner
        pixels = shapely.transform(
            shapely.clip_by_rect(outline, self.west, self.south, self.east, self.north),
            lambda xy: (xy - corner) / sides * (columns, rows),
        )
        if not shapely.area(pixels):
            return None
        touched = inside_share(pixels, (rows, columns))[::-1] > LEAST_SHARE
        around = near(touched)
        down, along = (np.flatnonzero(around.any(axis=axis)) for axis in (1, 0))
        window = slice(down[0], down[-1] + 1), slice(along[0], along[-1] + 1)
        width, height = sides / (columns, rows)
        part = Raster(
            self.west + along[0] * width,
            self.north - (down[-1] + 1) * height,
            self.west + (along[-1] + 1) * width,
            self.north - down[0] * height,
            values=self.values[window],
            wide=np.where(around, self.wide, np.nan)[window],
        )
        inside = shapely.contains_xy(outline, *part.middles())
        return Raster(
            part.west,
            part.south,
            part.east,
            part.north,
            values=np.where(inside, part.values, np.nan),
            wide=part.wide,
        )

    def middles(self) -> tuple[FloatArray, FloatArray]:
        """Return longitude and latitude of the middle of each pixel, in the shape of values."""
        rows, columns = self.values.shape
        lon = self.west + (np.arange(columns) + 0.5) * (self.east - self.west) / columns
        lat = self.north - (np.arange(rows) + 0.5) * (self.north - self.south) / rows
        across, down = np.meshgrid(lon, lat)
        return across, down


def near(touched: BoolArray) -> BoolArray:
    """Return the pixels within `RING` pixels of those touched.

    Examples
    --------
    >>> near(np.array([[False, False, False, True]])).tolist()
    [[False, True, True, True]]
    """
    around = np.ones((2 * RING + 1, 2 * RING + 1), dtype=bool)
    found: BoolArray = scipy.ndimage.binary_dilation(touched, around)
    return found

"""Write a grid of values as a GeoTIFF that says what it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gridmgmt.arrays import FloatArray
from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.safe_tables import replacing
from gridmgmt.geometry.crs.crs import Datum
from gridmgmt.sentence import Sentence

# No density is below zero; programs that do not know NaN know a number.
NODATA = -1.0


@dataclass(frozen=True)
class Grid:
    """A grid of pixels along longitude and latitude (degrees), the first row in the north.

    ``values`` are (rows, columns), NaN where there is none. Each is that of the middle of its
    pixel.
    """

    west: float
    south: float
    east: float
    north: float
    values: FloatArray

    def middles(self) -> tuple[FloatArray, FloatArray]:
        """Return longitude and latitude of the middle of each pixel, in the shape of values."""
        rows, columns = self.values.shape
        lon = self.west + (np.arange(columns) + 0.5) * (self.east - self.west) / columns
        lat = self.north - (np.arange(rows) + 0.5) * (self.north - self.south) / rows
        across, down = np.meshgrid(lon, lat)
        return across, down


def write_geotiff(
    path: Path, grid: Grid, datum: Datum, *, band: str, unit: str, tags: Mapping[str, str]
) -> None:
    """Write a GeoTIFF of doubles, deflated; the file appears only when it is complete.

    Parameters
    ----------
    datum : one whose coordinates are stored unchanged: WGS 84 or CGCS2000 degrees
    band : what the one band holds
    unit : the unit of its values
    tags : facts about the file, text by name

    Raises
    ------
    LayerError
        when the file cannot be written
    """
    # It loads a GDAL of its own, and few write such a file.
    import rasterio  # noqa: PLC0415
    import rasterio.errors  # noqa: PLC0415
    import rasterio.transform  # noqa: PLC0415

    rows, columns = grid.values.shape
    assert datum.crs is not None
    with replacing(path) as temporary:
        try:
            with rasterio.open(
                temporary,
                "w",
                driver="GTiff",
                height=rows,
                width=columns,
                count=1,
                dtype="float64",
                crs=rasterio.CRS.from_wkt(datum.crs.to_wkt()),
                transform=rasterio.transform.from_bounds(
                    grid.west, grid.south, grid.east, grid.north, columns, rows
                ),
                nodata=NODATA,
                compress="deflate",
            ) as raster:
                filled = np.where(np.isnan(grid.values), NODATA, grid.values)
                raster.write(filled, 1)
                raster.set_band_description(1, band)
                raster.units = (unit,)
                raster.update_tags(AREA_OR_POINT="Area", **tags)
        except (rasterio.errors.RasterioError, OSError) as error:
            raise LayerError(path, Sentence("cannot be written ({})", error)) from error

"""Points of tables: two columns of numbers in any datum, converted to lon/lat."""

import numpy as np
import shapely

from gridmgmt.domain.columns import Column
from gridmgmt.domain.numbers import degrees_or_metres
from gridmgmt.geometry.crs.crs import Datum, to_lonlat
from gridmgmt.geometry.measure import round_lonlat
from gridmgmt.sentence import Sentence
from gridmgmt.services.record_imports.rows import RecordIntake
from gridmgmt.services.record_imports.shaped_records import R, Shaped, shapes

POINT_COLUMNS = (
    Column("lon", degrees_or_metres, required=True, aliases=("x",)),
    Column("lat", degrees_or_metres, required=True, aliases=("y",)),
)


def place(reading: RecordIntake[Shaped[R]], datum: Datum) -> None:
    """Convert the points of a table to lon/lat; refuse points that are not on Earth.

    Before that they are in the datum of the file: all rows are converted at once.
    """
    given = shapely.get_coordinates(shapes([item for _, item in reading.lines]))
    bounds = (180.0, 90.0) if datum.is_lonlat_degrees else (np.inf, np.inf)
    bounds = datum.east_first(*bounds)
    # Degrees beyond the globe are not positions, whatever a conversion makes of them.
    inside = (np.abs(given) <= bounds).all(axis=1)
    x, y = np.where(inside, given[:, 0], np.nan), np.where(inside, given[:, 1], np.nan)
    lon, lat = (round_lonlat(values) for values in to_lonlat(x, y, datum))
    points = np.atleast_1d(np.asarray(shapely.points(lon, lat), dtype=object))
    located = []
    for i, (row, item) in enumerate(reading.lines):
        if np.isfinite(lon[i]) and np.isfinite(lat[i]):
            located.append((row, Shaped(item.record, points[i])))
            continue
        words = Sentence(
            "({}, {}) is not a position in {}: are lon and lat swapped, or "
            "is another --crs meant?",
            f"{given[i, 0]:g}",
            f"{given[i, 1]:g}",
            datum.label,
        )
        reading.problems.append((row, words))
    reading.lines = located

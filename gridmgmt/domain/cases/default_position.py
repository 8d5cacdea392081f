"""Default positions: what a geocoder gives for an address that it does not find."""

from dataclasses import dataclass
from datetime import datetime

from gridmgmt.domain.numbers import degrees_or_metres
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

# Degrees, EPSG:4326.
LonLat = tuple[float, float]


@dataclass(frozen=True, slots=True)
class DefaultPosition:
    """A position that a person accepted as a default position.

    ``cases`` is the number of cases that are marked because they lie there.
    """

    lon: float
    lat: float
    accepted_by: str
    accepted_at: datetime
    cases: int = 0


def written(position: LonLat) -> str:
    """Return a position as ``read_lonlat`` reads it, with all its digits.

    Examples
    --------
    >>> written((120.1525, 0.1 + 0.2))
    '120.1525,0.30000000000000004'
    """
    return ",".join(map(repr, position))


def read_lonlat(text: str) -> LonLat:
    """Parse a position written as longitude, comma, latitude, in degrees.

    Raises
    ------
    InputError
        when the text is something else, or not on the globe

    Examples
    --------
    >>> read_lonlat("-118.25, 34.05")
    (-118.25, 34.05)
    """
    try:
        lon, lat = map(degrees_or_metres, text.split(","))
    except ValueError:
        lon = lat = float("nan")
    # Written in this way so that NaN is refused too.
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise InputError(
            field="position",
            message=Sentence(
                "{} is no position; write longitude,latitude in degrees with all digits, for "
                "example 120.1525,30.2525",
                repr(text),
            ),
        )
    return lon, lat

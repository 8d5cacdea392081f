"""Compare positions with the area of use of their CRS, to find axes in the wrong order.

Surveyors in China write x for north and y for east. Read the other way round, a city lies in
the sea, and its coordinates look as good as any.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyproj
import shapely

from gridmgmt.arrays import FloatArray, GeometryArray, IntArray
from gridmgmt.domain.listing import listed
from gridmgmt.errors import CRSError
from gridmgmt.geometry.crs.crs import Datum, from_crs, to_lonlat
from gridmgmt.geometry.crs.datum import YX, is_cgcs2000
from gridmgmt.sentence import Sentence

# A city near the border of a zone uses the zone of its centre: positions may lie outside by so
# many degrees.
_MARGIN = 3.0
# So many positions, evenly spread over the file, are compared.
_SAMPLE = 1_000
_METRES_OF_ZONE = 1_000_000
# A city far from the zone of its CRS lies in China all the same, as no sea does: west, south,
# east, north of the land in rough degrees.
_CHINA = (73.5, 18.0, 135.1, 53.6)


def swap_remedy(datum: Datum) -> Sentence:
    """Return what to do where north or latitude comes first, or does not although stated."""
    label = _turned(datum).label
    return Sentence('say --crs "{}", or write the layer with x = east, y = north', label)


def check_area_of_use(shown: str, datum: Datum, x: FloatArray, y: FloatArray) -> None:
    """Raise CRSError if positions lie where their CRS is used only after a change of axes.

    The same if only one of the two, eastings and CRS, has the number of the zone in front.

    Parameters
    ----------
    x, y : (n,) east and north, as the datum's order says
    """
    x, y = _sample(x, y)
    plain = replace(datum, is_yx=False)
    if not len(x) or _is_used(plain, x, y):
        return
    if _is_used(plain, y, x) or _is_in_china_turned(plain, x, y):
        raise CRSError(
            shown,
            Sentence(
                "east and north are swapped: read as {}, it lies far outside the area this CRS "
                "is for, and within it the other way round",
                datum.label,
            ),
            remedy=swap_remedy(datum),
        )
    for east, north, ending in ((x, y, ""), (y, x, YX)):
        zone = _other_zone(plain, east, north)
        if zone is not None:
            raise CRSError(
                shown,
                Sentence(
                    "its eastings ({}) do not fit {}: only one of the two has the number of "
                    "the zone in front",
                    f"{np.median(east):,.0f}",
                    datum.label,
                ),
                remedy=Sentence('say --crs "{}"', f"{zone.label}{ending}"),
            )


def area_of_use_notes(datum: Datum, lon: FloatArray, lat: FloatArray) -> Iterator[str]:
    """Yield a note if most positions lie outside the area of use of their CRS."""
    lon, lat = _sample(lon, lat)
    area = _area(datum)
    if area is not None and len(lon) and not _lies_within(area, lon, lat):
        yield Sentence(
            "the positions, around {} {}, lie far outside the area that {} is for "
            "(longitude {} to {}, latitude {} to {}): is it the right CRS?",
            f"{np.median(lon):.2f}",
            f"{np.median(lat):.2f}",
            datum.label,
            *(f"{edge:g}" for edge in (area[0], area[2], area[1], area[3])),
        )


def turned_notes(datum: Datum, x: FloatArray, y: FloatArray) -> Iterator[str]:
    """Yield a note if positions lie in China only after a change of axes.

    The area of web Mercator is the world, so that it tells nothing.

    Parameters
    ----------
    x, y : (n,) east and north, as the datum's order says
    """
    x, y = _sample(x, y)
    plain = replace(datum, is_yx=False)
    if datum.is_projected and len(x) and _is_turned_china(plain, x, y):
        yield Sentence(
            "with east and north the other way round the positions would lie in China: if they "
            'are to, say --crs "{}"',
            _turned(datum).label,
        )


def astray_notes(datum: Datum, geom: GeometryArray, feature: IntArray) -> Iterator[str]:
    """Yield a note on features far outside the area of use of their CRS, unless most are.

    Parameters
    ----------
    geom : (n,) geometries in lon/lat
    feature : (n,) their numbers
    """
    area = _area(datum)
    if area is None:
        return
    west, south, east, north = shapely.bounds(geom).T
    astray = (west < area[0] - _MARGIN) | (east > area[2] + _MARGIN)
    astray |= (south < area[1] - _MARGIN) | (north > area[3] + _MARGIN)
    count = int(np.count_nonzero(astray))
    if 0 < 2 * count <= len(geom):
        yield Sentence(
            "{} feature(s) lie far outside the area that {} is for, where the others lie: {}; "
            "are their coordinates right?",
            f"{count:,}",
            datum.label,
            listed(feature[astray]),
        )


def _is_in_china_turned(datum: Datum, x: FloatArray, y: FloatArray) -> bool:
    """Return whether positions in a CRS of China lie there only after a change of axes."""
    is_chinese = datum.crs is not None and is_cgcs2000(datum.crs)
    return is_chinese and _is_turned_china(datum, x, y)


def _is_turned_china(datum: Datum, x: FloatArray, y: FloatArray) -> bool:
    if _lies_within(_CHINA, *to_lonlat(x, y, datum)):
        return False
    return _lies_within(_CHINA, *to_lonlat(y, x, datum))


def _turned(datum: Datum) -> Datum:
    label = datum.label.removesuffix(YX) if datum.is_yx else f"{datum.label}{YX}"
    return replace(datum, label=label, is_yx=not datum.is_yx)


def _sample(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    known = np.isfinite(x) & np.isfinite(y)
    step = max(int(known.sum()) // _SAMPLE, 1)
    return x[known][::step], y[known][::step]


def _area(datum: Datum) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north of the area a CRS is for, if it is known."""
    if datum.crs is None:
        return None
    area = datum.crs.area_of_use
    if area is None and not datum.crs.is_bound:
        # A .prj does not state it; the CRS of the register with these parameters does.
        code = datum.crs.to_epsg()
        area = None if code is None else pyproj.CRS.from_epsg(code).area_of_use
    # An area across the 180th meridian has its west in the east.
    return None if area is None or area.west > area.east else area.bounds


def _is_used(datum: Datum, x: FloatArray, y: FloatArray) -> bool:
    area = _area(datum)
    return area is None or _lies_within(area, *to_lonlat(x, y, datum))


def _lies_within(
    area: tuple[float, float, float, float], lon: FloatArray, lat: FloatArray
) -> bool:
    west, south, east, north = area
    within = (lon >= west - _MARGIN) & (lon <= east + _MARGIN)
    within &= (lat >= south - _MARGIN) & (lat <= north + _MARGIN)
    return 2 * int(np.count_nonzero(within)) >= len(lon)


def _other_zone(datum: Datum, east: FloatArray, north: FloatArray) -> Datum | None:
    """Return the CGCS2000 zone that eastings fit, with or without its number in front."""
    if datum.crs is None or not datum.is_projected or not is_cgcs2000(datum.crs):
        return None
    prefix = int(np.median(east) // _METRES_OF_ZONE)
    stated = datum.crs.to_epsg() or 0
    # EPSG:4491 to 4501 are zones 13 to 23 of six degrees, 4513 to 4533 zones 25 to 45 of three.
    # As many zones without the number in front follow each.
    is_six, is_three = 4491 <= stated <= 4501, 4513 <= stated <= 4533
    if prefix == 0 and (is_six or is_three):
        code = stated + (11 if is_six else 21)
    elif is_six or is_three:
        return None  # far from its zone, where the number in front differs by itself
    elif 13 <= prefix <= 23:
        code = 4478 + prefix
    elif 25 <= prefix <= 45:
        code = 4488 + prefix
    else:
        return None
    other = from_crs(pyproj.CRS.from_epsg(code))
    return other if _is_used(other, east, north) else None

"""Choose the datum of a file's coordinates: by the file, by a person, by the numbers."""

from collections.abc import Iterable

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError as ProjError

from gridmgmt.arrays import FloatArray, GeometryArray
from gridmgmt.errors import CRSError
from gridmgmt.exchange.layers.area_of_use import (
    area_of_use_notes,
    astray_notes,
    check_area_of_use,
    swap_remedy,
    turned_notes,
)
from gridmgmt.exchange.layers.gdal import LayerContent
from gridmgmt.exchange.layers.geojson.crs_member import member_crs
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.exchange.layers.stated_crs import read_crs
from gridmgmt.geometry.crs.crs import WGS84, Datum, from_crs
from gridmgmt.geometry.crs.position_signs import PositionSigns
from gridmgmt.sentence import Sentence, joined

# Mainland China and its coast as rough boxes (west, south, east, north), without the densely
# settled parts of its neighbours.
_CHINA = (
    (73.5, 35.0, 96.0, 49.2),
    (79.0, 29.5, 98.0, 35.5),
    (96.0, 21.5, 124.4, 42.9),
    (108.0, 18.0, 123.5, 26.5),
    (111.0, 42.0, 124.5, 53.6),
    (120.0, 42.9, 131.0, 53.6),
    (119.0, 38.5, 124.5, 43.0),
)


def choose_datum(source: LayerSource, content: LayerContent, said: Datum | None) -> Datum:
    """Return the datum of a file's coordinates: as a person stated, else as the file states.

    Raises CRSError if neither states it, or if the numbers do not fit it: metres where degrees
    are declared, degrees where metres are, latitude before longitude, or positions that are not
    on Earth.
    """
    chosen = said or _stated(source, content)
    if chosen is None:
        raise CRSError(source.shown, _missing(source), remedy=_remedy(content))
    x, y = chosen.east_first(*_xy(content.geom))
    if chosen.is_lonlat_degrees:
        _check_degrees(source, content, chosen, x, y)
    elif chosen.is_projected and PositionSigns.of(x, y).look_like_degrees:
        raise CRSError(
            source.shown,
            Sentence(
                "is said to be projected ({}), but its numbers look like degrees", chosen.label
            ),
            remedy=Sentence(
                "say the CRS in degrees with --crs, for example EPSG:4490, EPSG:4326 or gcj02"
            ),
        )
    check_area_of_use(source.shown, chosen, x, y)
    return chosen


def _stated(source: LayerSource, content: LayerContent) -> Datum | None:
    if content.crs_member is not None:
        return from_crs(member_crs(source, content.crs_member))
    try:
        crs = read_crs(source.shown, content.crs) if content.crs else None
    except ProjError:
        return None  # the same as not stated; the caller asks
    # A plane of its own ("NonEarth", LOCAL_CS) does not say where on Earth it lies.
    return None if crs is None or crs.is_engineering else from_crs(crs)


def _missing(source: LayerSource) -> str:
    if source.kind != "Shapefile":
        return Sentence("states no coordinate reference system")
    if source.sibling(".prj") is None:
        return Sentence("has no .prj, so nothing says where its coordinates are")
    return Sentence("has a .prj that cannot be understood")


def _xy(geom: GeometryArray) -> tuple[FloatArray, FloatArray]:
    xy = shapely.get_coordinates(geom)
    return xy[:, 0], xy[:, 1]


def _remedy(content: LayerContent) -> str:
    hint = _hint(content)
    return Sentence("say it with --crs; {}", hint) if hint else Sentence("say it with --crs")


def _hint(content: LayerContent) -> str:
    x, y = _xy(content.geom)
    if PositionSigns.of(x, y).look_projected:
        return Sentence(
            "its coordinates (x {} to {}, y {} to {}) look projected, for example EPSG:4547",
            f"{x.min():,.0f}",
            f"{x.max():,.0f}",
            f"{y.min():,.0f}",
            f"{y.max():,.0f}",
        )
    if _in_china(x, y):
        return Sentence(
            "its coordinates look like degrees in China: EPSG:4490, EPSG:4326 or gcj02"
        )
    return Sentence("its coordinates look like degrees, for example EPSG:4326")


def _check_degrees(
    source: LayerSource, content: LayerContent, datum: Datum, x: FloatArray, y: FloatArray
) -> None:
    signs = PositionSigns.of(x, y)
    if signs.look_projected:
        raise CRSError(
            source.shown,
            Sentence(
                "is said to be in degrees ({}), but its numbers look projected", datum.label
            ),
            remedy=Sentence("say the projected CRS with --crs, for example EPSG:4547"),
        )
    if signs.look_swapped:
        raise CRSError(
            source.shown,
            Sentence("has latitude in front of longitude"),
            remedy=swap_remedy(datum),
        )
    outside = (np.abs(x) > 180) | (np.abs(y) > 90)
    if outside.any():
        owner = np.repeat(content.feature, shapely.get_num_coordinates(content.geom))
        numbers = np.unique(owner[outside])
        raise CRSError(
            source.shown,
            Sentence(
                "is said to be in degrees ({}), but {} feature(s) lie off the Earth",
                datum.label,
                len(numbers),
            ),
            problems=[Sentence("feature {}", number) for number in numbers[:100]],
            remedy=Sentence("say the right CRS with --crs, or correct the features"),
        )


def datum_notes(
    source: LayerSource,
    content: LayerContent,
    geom: GeometryArray,
    said: Datum | None,
    chosen: Datum,
) -> list[str]:
    """Return notes on what was assumed about the coordinates; ``geom`` is lon/lat."""
    notes = list(area_of_use_notes(chosen, *_xy(geom)))
    notes.extend(astray_notes(chosen, geom, content.feature))
    notes.extend(turned_notes(chosen, *chosen.east_first(*_xy(content.geom))))
    if said is not None:
        notes.extend(_contradiction(source, content, said))
    else:
        notes.append(_taken(source, content, geom, chosen))
    if chosen.note:
        notes.append(chosen.note)
    return notes


def _taken(
    source: LayerSource, content: LayerContent, geom: GeometryArray, chosen: Datum
) -> Sentence:
    """Return by what the coordinates were taken, and that in China it may be wrong.

    Both stand in one note, so that none says the file states its CRS and another that nobody
    does.
    """
    taken = Sentence("coordinates taken as {}, {}", chosen.label, _origin(source, content))
    if not (chosen.is_lonlat_degrees and _in_china(*_xy(geom))):
        return taken
    label = chosen.label if chosen.label.startswith("EPSG:") else WGS84.label
    return joined("; ", [taken, _datum_doubt(label)])


def _datum_doubt(label: str) -> Sentence:
    return Sentence(
        "whatever a file states, it may hold GCJ-02 in China, some 500 m off: say --crs {} or "
        "--crs gcj02 to settle it",
        label,
    )


def without_datum_doubt(notes: Iterable[str]) -> tuple[str, ...]:
    """Return notes without the doubt whether coordinates in China are GCJ-02.

    That is for a file whose datum is known from elsewhere, as from the areas it coincides with.
    """
    return tuple(map(_undoubted, notes))


def _undoubted(note: str) -> str:
    doubt = _datum_doubt("").template
    parts = note.facts if isinstance(note, Sentence) else ()
    if len(parts) == 2 and isinstance(parts[1], Sentence) and parts[1].template == doubt:
        return parts[0]
    return note


def _origin(source: LayerSource, content: LayerContent) -> str:
    if source.kind == "Shapefile":
        return Sentence("as its .prj says")
    if source.kind == "GML":
        return Sentence("as its srsName says")
    if source.kind == "KML":
        return Sentence("as KML always is")
    if source.kind == "GeoJSON":
        return (
            Sentence("as its crs member says")
            if content.crs_member
            else Sentence("as GeoJSON (RFC 7946) is")
        )
    return Sentence("as the file says")


def _contradiction(source: LayerSource, content: LayerContent, said: Datum) -> list[str]:
    try:
        stated = _stated(source, content)
    except CRSError as error:
        return [Sentence("taken as {} as --crs says; {}", said.label, error.message)]
    if stated is None:
        return [Sentence("coordinates taken as {}, as --crs says", said.label)]
    same = said.crs is not None and _same(said.crs, stated.crs)
    if same:
        return [Sentence("coordinates taken as {}, as --crs and the file say", said.label)]
    return [
        Sentence(
            "the file says {}; it was taken as {}, as --crs says", stated.label, said.label
        )
    ]


def _same(one: pyproj.CRS, other: pyproj.CRS | None) -> bool:
    return other is not None and one.equals(other, ignore_axis_order=True)


def _in_china(x: FloatArray, y: FloatArray) -> bool:
    usable = np.isfinite(x) & np.isfinite(y)
    if not usable.any():
        return False
    lon, lat = float(np.median(x[usable])), float(np.median(y[usable]))
    return any(w <= lon <= e and s <= lat <= n for w, s, e, n in _CHINA)

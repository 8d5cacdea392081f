"""Locate one position, by the edition in force at a time."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.edition import edition_at
from gridmgmt.domain.cases.case import UnlocatedReason
from gridmgmt.errors import InputError, NotAllowedError
from gridmgmt.geometry.crs.crs import WGS84, Datum, to_lonlat
from gridmgmt.sentence import Sentence
from gridmgmt.store.areas.area_tree import NamedArea, chain_of
from gridmgmt.store.areas.areas import leaf_level, locate_point
from gridmgmt.store.areas.editions import list_editions


@dataclass(frozen=True)
class PointAnswer:
    """The location of a position; either ``areas`` or ``unlocated_reason`` is set.

    ``lon``, ``lat`` are degrees, EPSG:4326. ``areas`` has the area of the leaf level first,
    then the areas above it. ``candidates`` are the codes within ``candidate_m``, the answer
    first.
    """

    lon: float
    lat: float
    at: datetime
    edition: int | None
    areas: tuple[NamedArea, ...] = ()
    candidates: tuple[str, ...] = ()
    on_boundary: bool = False
    snapped: bool = False
    distance_m: float | None = None
    unlocated_reason: UnlocatedReason | None = None


def locate_position(
    conn: Connection,
    position: tuple[float, float],
    *,
    at: datetime,
    datum: Datum | None = None,
    candidate_m: float,
    snap_m: float,
    top: AreaKey | None = None,
) -> PointAnswer:
    """Find the areas at a position.

    Parameters
    ----------
    position : longitude and latitude or easting and northing, in ``datum`` (None: WGS 84)
    at : time that selects the edition in force
    candidate_m, snap_m : metres, inclusive
    top : the area that the account is limited to, or None

    Raises
    ------
    InputError
        when the position is not on Earth
    NotAllowedError
        when it lies outside ``top``
    """
    lon, lat = lonlat_of(position, datum)
    leaves = _leaves_at(conn, at)
    if leaves is None:
        early = UnlocatedReason.BEFORE_FIRST_EDITION
        return PointAnswer(lon, lat, at, None, unlocated_reason=early)
    edition, level = leaves
    found = locate_point(
        conn,
        lon,
        lat,
        edition=edition,
        level=level,
        candidate_m=candidate_m,
        snap_m=snap_m,
    )
    if found.code is None:
        outside = UnlocatedReason.OUTSIDE
        return PointAnswer(lon, lat, at, edition, unlocated_reason=outside)
    chain = tuple(chain_of(conn, edition, level, found.code))
    if top is not None and top not in [(one.level, one.code) for one in chain]:
        raise NotAllowedError(
            Sentence("the position lies outside {} {}, to which this account is limited", *top)
        )
    return PointAnswer(
        lon,
        lat,
        at,
        edition,
        areas=chain,
        candidates=found.candidates,
        on_boundary=found.on_boundary,
        snapped=found.snapped,
        distance_m=found.distance_m,
    )


def _leaves_at(conn: Connection, at: datetime) -> tuple[int, str] | None:
    """Return the edition in force and its leaf level, or None before the first one."""
    # In SQL throughout: one point on a request needs no locator (DECISIONS 7).
    edition = edition_at(list_editions(conn), at)
    level = None if edition is None else leaf_level(conn, edition.number)
    return None if edition is None or level is None else (edition.number, level)


def lonlat_of(position: tuple[float, float], datum: Datum | None) -> tuple[float, float]:
    """Convert one position to longitude and latitude in degrees, EPSG:4326.

    Raises
    ------
    InputError
        when it is not on Earth
    """
    x, y = (np.array([value], dtype=np.float64) for value in position)
    lon, lat = (float(value[0]) for value in to_lonlat(x, y, datum or WGS84))
    # Written in this way so that NaN, the result of an impossible conversion, is refused too.
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        label = (datum or WGS84).label
        message = f"{position[0]}, {position[1]} is no position on earth in {label}"
        raise InputError(field="position", message=message)
    return lon, lat

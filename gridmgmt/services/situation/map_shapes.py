"""Outlines of one level of an edition, ready to send and to cache for ever."""

import gzip
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import LEVEL_NAME, AreaKey
from gridmgmt.errors import NotFoundError
from gridmgmt.exchange.bytes.kept_files import kept
from gridmgmt.geometry.drawing.compact import encode
from gridmgmt.geometry.drawing.simplify import simplified, tolerances_m
from gridmgmt.geometry.measure import area_m2
from gridmgmt.services.situation.map_areas import map_areas, shapes_version
from gridmgmt.store.areas.areas import areas_in


class Zoom(StrEnum):
    """How near the view is: the whole city, or a street of it."""

    FAR = "far"
    NEAR = "near"


# Degrees: about a metre, and a tenth of a metre.
_UNITS = {Zoom.FAR: 1e-5, Zoom.NEAR: 1e-6}


@dataclass(frozen=True, slots=True)
class MapShapes:
    """JSON text, compressed with gzip, and the tag by which a browser recognises it.

    ``version`` is that of all outlines of the edition, a result of `shapes_version`.
    """

    compressed: bytes
    tag: str
    version: str


def shapes(
    conn: Connection,
    home: Path,
    edition: int,
    level: str,
    zoom: Zoom,
    *,
    area: AreaKey | None = None,
) -> MapShapes:
    """Return the outlines of a level, simplified together so that neighbours still touch.

    They are made once for each edition, level and zoom, and stored in ``home``.

    Parameters
    ----------
    area : the one area the account is limited to: it gets the areas in it and above it

    Raises
    ------
    NotFoundError
        when there is no such edition or it has no such level
    """
    version = shapes_version(conn, edition, area=area)
    # A file gets this name, so it must be a valid level name.
    if not LEVEL_NAME.fullmatch(level):
        raise NotFoundError(kind="level", key=level)
    tag = f"{version}-{level}-{zoom}"
    path = home / "cache" / "map_shapes" / f"{tag}.json.gz"
    content = kept(path, lambda: _made(conn, edition, level, zoom, area))
    return MapShapes(content, tag, version)


def _made(
    conn: Connection, edition: int, level: str, zoom: Zoom, area: AreaKey | None
) -> bytes:
    codes = map_areas(conn, edition, area=area).codes(level)
    areas = areas_in(conn, edition, level)[level]
    far_m, near_m = tolerances_m(area_m2(areas.geoms))
    # All outlines are simplified together, also for accounts that see only some: everybody gets
    # the same outlines.
    drawn = simplified(areas.geoms, far_m if zoom is Zoom.FAR else near_m)
    seen = np.isin(areas.codes, codes)
    compact = encode(drawn[seen], _UNITS[zoom])
    told = {
        "edition": edition,
        "level": level,
        "unit": compact.unit,
        "origin": compact.origin,
        "codes": areas.codes[seen].tolist(),
        "names": areas.names[seen].tolist(),
        "parents": areas.parent_codes[seen].tolist(),
        "polygons": compact.polygons,
    }
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    # Without a time: the same outlines give the same bytes.
    return gzip.compress(text.encode(), mtime=0)

"""Outlines of the areas of one level of one edition, ready to be sent and kept for ever."""

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
    """How near one looks: at the whole city, or at a street of it."""

    FAR = "far"
    NEAR = "near"


# Degrees: about a metre, and a tenth of one.
_UNITS = {Zoom.FAR: 1e-5, Zoom.NEAR: 1e-6}


@dataclass(frozen=True, slots=True)
class MapShapes:
    """JSON text, compressed with gzip, and the tag by which a browser knows it again.

    ``version`` is that of all outlines of the edition, as `shapes_version` names it.
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
    """Give the outlines of a level, simplified together so that neighbours still touch.

    They are made once for each edition, level and zoom and kept in ``home``.

    Parameters
    ----------
    area : the one area the account is limited to: it gets what lies in it and what it lies in

    Raises
    ------
    NotFoundError
        when there is no such edition or it has no such level
    """
    version = shapes_version(conn, edition, area=area)
    # A file is named after it, so it must be a word that a level can have.
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
    # All of them together, also for who sees some: the same outlines for everybody.
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
    return gzip.compress(text.encode(), mtime=0)

"""Find shapes that stand in a file and that GDAL reads as none, without a word."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import ijson
import shapely

from gridmgmt.arrays import IntArray
from gridmgmt.domain.listing import listed
from gridmgmt.errors import GeometryError
from gridmgmt.exchange.layers.gdal import LayerContent
from gridmgmt.exchange.layers.geojson.plain_json import plain_json
from gridmgmt.exchange.layers.geopackage import address, geometry_column
from gridmgmt.exchange.layers.layer_kinds import Kind
from gridmgmt.exchange.layers.readable_file import Readable
from gridmgmt.exchange.layers.shapefile.counts import has_shape
from gridmgmt.sentence import Sentence

# The byte of a GeoPackage's geometry that says, in this bit, that it is empty.
_FLAGS_AT, _IS_EMPTY = 3, 1 << 4
_GEOMETRY = "features.item.geometry"


def check_shapes(fit: Readable, layer: str, content: LayerContent) -> None:
    """Raise GeometryError if a feature has a shape in the file, and none was read.

    A feature without a shape is another matter, and may be left as it is.
    """
    missing = shapely.is_missing(content.geom)
    look = _LOOK.get(fit.source.kind)
    if look is None or not missing.any():
        return
    written = look(fit, layer, content.feature[missing], content.fid[missing])
    lost = [
        number for number, there in zip(content.feature[missing], written, strict=True) if there
    ]
    if lost:
        raise GeometryError(
            fit.source.shown,
            Sentence(
                "the shape of {} feature(s) cannot be read: {}", f"{len(lost):,}", listed(lost)
            ),
            remedy=Sentence(
                "draw these shapes anew in the program the layer comes from, or leave the "
                "features out with --where"
            ),
        )


def _of_shapefile(fit: Readable, _layer: str, feature: IntArray, _fid: IntArray) -> list[bool]:
    shx = fit.source.sibling(".shx")
    assert shx is not None
    return has_shape(fit.source.path, shx, feature)


def _of_geopackage(fit: Readable, layer: str, _feature: IntArray, fid: IntArray) -> list[bool]:
    column = geometry_column(fit.source, layer)
    if column is None:
        return [False] * len(fid)
    table, name = (f'"{one.replace(chr(34), chr(34) * 2)}"' for one in (layer, column))
    query = f"SELECT {name} FROM {table} WHERE rowid = ?"  # noqa: S608
    with closing(sqlite3.connect(address(fit.source.path), uri=True)) as file:
        file.execute("PRAGMA trusted_schema = OFF")
        file.text_factory = bytes
        rows = [file.execute(query, (number,)).fetchone() for number in fid.tolist()]
    return [row is not None and _is_filled(row[0]) for row in rows]


def _is_filled(stored: Any) -> bool:
    if isinstance(stored, bytes) and stored[:2] == b"GP" and len(stored) > _FLAGS_AT:
        return not stored[_FLAGS_AT] & _IS_EMPTY
    return stored is not None


def _of_geojson(fit: Readable, _layer: str, feature: IntArray, _fid: IntArray) -> list[bool]:
    """Return which features have a geometry with content, which need not make sense."""
    filled: set[int] = set()
    with suppress(ijson.JSONError):  # GDAL reads some text that is no JSON
        for number, has_content in _geometries(fit.source.path):
            (filled.add if has_content else filled.discard)(number)
    return [one in filled for one in feature.tolist()]


def _geometries(path: Path) -> Iterator[tuple[int, bool]]:
    """Yield the number of each feature with a geometry, and again if that is empty."""
    number, is_open = 0, False
    for place, event, _ in ijson.parse(ijson.from_iter(plain_json(path))):
        if is_open and event == "end_array":
            yield number, False
        is_open = event == "start_array" and place == f"{_GEOMETRY}.coordinates"
        if place == "features.item" and event == "start_map":
            number += 1
        elif place == _GEOMETRY and event not in ("null", "map_key", "end_map", "end_array"):
            yield number, True


_Look = Callable[[Readable, str, IntArray, IntArray], list[bool]]
_LOOK: dict[Kind, _Look] = {
    "Shapefile": _of_shapefile,
    "GeoPackage": _of_geopackage,
    "GeoJSON": _of_geojson,
}

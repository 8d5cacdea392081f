"""Find the lines that a border is aligned to: roads, zones, a level, or a file given beside.

They are looked up when the operation is applied and stand in the log with it: what is changed
in a layer later changes nothing of an edit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray, IntArray
from gridmgmt.errors import LayerError
from gridmgmt.exchange.reading.files import read_layer
from gridmgmt.geometry.crs.crs import Datum
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.operations import Align, Operation
from gridmgmt.geometry.editing.outline import degrees, whole
from gridmgmt.geometry.editing.runs import within_box
from gridmgmt.sentence import Sentence
from gridmgmt.store.responsibility.road_segments import segments_within
from gridmgmt.store.responsibility.zones import zones_within

ROAD, ZONE, FILE = "road", "zone", "file"
# No border has so many roads beside it.
_MOST_SEGMENTS = 100_000


@dataclass(frozen=True)
class LineLayer:
    """Lines and polygons (lon/lat), each with what it is called."""

    geoms: GeometryArray
    names: Sequence[frozenset[str]]


def read_line_layer(
    path: Path,
    *,
    layer: str | None = None,
    where: str | None = None,
    datum: Datum | None = None,
    encoding: str | None = None,
) -> LineLayer:
    """Read the lines and polygons of a file; a feature is called what its fields hold.

    Raises
    ------
    CRSError, LayerError
        as `files.read_layer`, and when there are neither lines nor polygons
    """
    read = read_layer(path, layer=layer, where=where, datum=datum, encoding=encoding)
    if not (shapely.get_dimensions(read.geom) > 0).any():
        raise LayerError(
            path, Sentence("layer {} has no lines and no polygons", repr(read.name))
        )
    columns = list(read.fields.values())
    names = [
        frozenset(str(column[row]) for column in columns if column[row] is not None)
        for row in range(len(read))
    ]
    return LineLayer(read.geom, names)


def resolved(
    conn: Connection, state: EditState, operation: Operation, file: LineLayer | None
) -> Operation:
    """Return an operation with the lines it names; another operation as it is.

    Raises
    ------
    EditError
        when it names no layer that there is, or none of its features is near the border
    """
    if not isinstance(operation, Align) or operation.lines:
        return operation
    box = operation.box(state)
    found = _layer(conn, state, operation.layer, box, file)
    wanted = operation.feature
    rows = [n for n, names in enumerate(found.names) if wanted is None or wanted in names]
    lines = [line for path in _paths(found.geoms[rows]) for line in within_box(path, box)]
    if not lines:
        raise EditError(
            Sentence("no line of layer {} is near that border", operation.layer)
            if wanted is None
            else Sentence("no {} of layer {} is near that border", wanted, operation.layer)
        )
    return replace(operation, lines=tuple(map(_lonlat, lines)))


def _layer(
    conn: Connection, state: EditState, name: str | None, box: IntArray, file: LineLayer | None
) -> LineLayer:
    ground = shapely.box(*degrees(box).tolist())
    if name == ROAD:
        segments, lines = segments_within(conn, ground, most=_MOST_SEGMENTS)
        return LineLayer(lines, [frozenset({one.code, one.name}) for one in segments])
    if name == ZONE:
        zones, shapes = zones_within(conn, ground)
        return LineLayer(shapes, [frozenset({one.code, one.name}) for one in zones])
    if name == FILE:
        if file is None:
            raise EditError(
                Sentence(
                    "no file with lines was given: give it beside the operations (--lines FILE)"
                )
            )
        return file
    if name in state.levels:
        areas = state.near(name, box)
        return LineLayer(
            np.array([one.shape for one in areas], dtype=object),
            [frozenset({one.code, one.name or one.code}) for one in areas],
        )
    known = ", ".join((ROAD, ZONE, *state.levels, FILE))
    if name is None:
        raise EditError(Sentence("name the layer to align to: one of {}", known))
    raise EditError(Sentence("layer {} is none of {}", repr(name), known))


def _paths(geoms: GeometryArray) -> Iterable[IntArray]:
    """Yield lines, and the rings of polygons, as whole steps."""
    for part in shapely.get_parts(shapely.get_parts(geoms)):
        if part.geom_type == "Polygon":
            yield from (whole(ring.coords) for ring in (part.exterior, *part.interiors))
        elif part.geom_type in ("LineString", "LinearRing") and not part.is_empty:
            yield whole(part.coords)


def _lonlat(path: IntArray) -> tuple[tuple[float, float], ...]:
    return tuple((lon, lat) for lon, lat in degrees(path).tolist())

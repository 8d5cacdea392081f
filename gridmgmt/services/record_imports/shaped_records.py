"""Records with a shape, and records as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import GeometryArray, objects


class Coded(Protocol):
    """What has a code: a zone, a road segment, a demolition."""

    @property
    def code(self) -> str:
        """The code it is known by."""


R = TypeVar("R", bound=Coded)


@dataclass(frozen=True)
class Shaped(Generic[R]):
    """A record and its shape in lon/lat; equal only when both are, vertex for vertex."""

    record: R
    geom: BaseGeometry


def shaped_by_code(records: Sequence[R], geoms: GeometryArray) -> dict[str, Shaped[R]]:
    """Put stored records and their shapes together, by code, rings as imports turn them."""
    pairs = zip(records, shapely.orient_polygons(geoms), strict=True)
    return {record.code: Shaped(record, geom) for record, geom in pairs}


def shapes(items: Sequence[Shaped[R]]) -> GeometryArray:
    """Give the shapes as an array."""
    return objects(item.geom for item in items)


def described(record: Any) -> Mapping[str, Any]:
    """Give a record's fields as plain JSON values."""
    return {item.name: _plain(getattr(record, item.name)) for item in fields(record)}


def multipolygon(geom: BaseGeometry | None) -> BaseGeometry:
    """Make a valid multipolygon, or say why it cannot be one; nothing is repaired.

    Formats turn rings this way or that, which means nothing: outer rings are anticlockwise.
    """
    shape = _present(geom)
    if isinstance(shape, shapely.Polygon):
        shape = shapely.MultiPolygon([shape])
    if shape.geom_type != "MultiPolygon":
        message = f"must be a polygon, is a {shape.geom_type}"
        raise ValueError(message)
    if not shape.is_valid:
        message = f"the polygon is not valid: {shapely.is_valid_reason(shape)}"
        raise ValueError(message)
    turned: BaseGeometry = shapely.orient_polygons(shape)
    return turned


def multiline(geom: BaseGeometry | None) -> BaseGeometry:
    """Make a multiline, or say why it cannot be one."""
    shape = _present(geom)
    if isinstance(shape, shapely.LineString):
        shape = shapely.MultiLineString([shape])
    if shape.geom_type != "MultiLineString":
        message = f"must be a line, is a {shape.geom_type}"
        raise ValueError(message)
    return shape


def single_point(geom: BaseGeometry | None) -> BaseGeometry:
    """Make a point, or say why it cannot be one; some formats know multipoints only."""
    shape = _present(geom)
    if isinstance(shape, shapely.MultiPoint) and len(shape.geoms) == 1:
        shape = shape.geoms[0]
    if shape.geom_type != "Point":
        message = f"must be a point, is a {shape.geom_type}"
        raise ValueError(message)
    return shape


def _present(geom: BaseGeometry | None) -> BaseGeometry:
    if geom is None or geom.is_empty:
        message = "has no geometry"
        raise ValueError(message)
    return geom


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    return value

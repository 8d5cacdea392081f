"""Records with a geometry, and records as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import GeometryArray, objects
from gridmgmt.geometry.coverage.area_faults import outline_fault
from gridmgmt.sentence import Sentence


class Coded(Protocol):
    """Anything with a code: a zone, a road segment, a demolition."""

    @property
    def code(self) -> str:
        """Return the code that identifies it."""


R = TypeVar("R", bound=Coded)


@dataclass(frozen=True)
class Shaped(Generic[R]):
    """A record and its geometry in lon/lat; equal only if both are, vertex by vertex."""

    record: R
    geom: BaseGeometry


def shaped_by_code(records: Sequence[R], geoms: GeometryArray) -> dict[str, Shaped[R]]:
    """Combine stored records and their geometries, by code, with rings as imports turn them."""
    # Formats turn rings in either direction: compared as stored, every import would find
    # changes.
    pairs = zip(records, shapely.orient_polygons(geoms), strict=True)
    return {record.code: Shaped(record, geom) for record, geom in pairs}


def shapes(items: Sequence[Shaped[R]]) -> GeometryArray:
    """Return the geometries as an array."""
    return objects(item.geom for item in items)


def described(record: Any) -> Mapping[str, Any]:
    """Return the fields of a record as plain JSON values."""
    return {item.name: _plain(getattr(record, item.name)) for item in fields(record)}


def multipolygon(geom: BaseGeometry | None) -> BaseGeometry:
    """Return a valid multipolygon, or raise an error; nothing is repaired.

    The direction of rings differs between formats and means nothing: here outer rings are
    counter-clockwise.
    """
    shape = _present(geom)
    if isinstance(shape, shapely.Polygon):
        shape = shapely.MultiPolygon([shape])
    if shape.geom_type != "MultiPolygon":
        raise ValueError(Sentence("must be a polygon, is a {}", shape.geom_type))
    # Refused and not repaired: only a person knows which outline was meant.
    if not shape.is_valid:
        raise ValueError(Sentence("the polygon is not valid: {}", outline_fault(shape)[0]))
    turned: BaseGeometry = shapely.orient_polygons(shape)
    return turned


def multiline(geom: BaseGeometry | None) -> BaseGeometry:
    """Return a multiline, or raise an error with the reason."""
    shape = _present(geom)
    if isinstance(shape, shapely.LineString):
        shape = shapely.MultiLineString([shape])
    if shape.geom_type != "MultiLineString":
        raise ValueError(Sentence("must be a line, is a {}", shape.geom_type))
    return shape


def single_point(geom: BaseGeometry | None) -> BaseGeometry:
    """Return a point, or raise an error; some formats only have multipoints."""
    shape = _present(geom)
    if isinstance(shape, shapely.MultiPoint) and len(shape.geoms) == 1:
        shape = shape.geoms[0]
    if shape.geom_type != "Point":
        raise ValueError(Sentence("must be a point, is a {}", shape.geom_type))
    return shape


def _present(geom: BaseGeometry | None) -> BaseGeometry:
    if geom is None or geom.is_empty:
        raise ValueError(Sentence("has no geometry"))
    return geom


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    return value

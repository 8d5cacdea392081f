"""GeoJSON for the maps of pages."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Response, jsonify
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.drawing.outlines import for_screen

# Returns the properties of a code: a feature id for elements with ``data-map-feature``, label
# (text) and address (URL).
Naming = Callable[[str, str], Mapping[str, Any]]


def label_of(code: str, name: str | None) -> str:
    """Return an area's name and code, or only its code if it has no other name.

    Examples
    --------
    >>> label_of("A1", "Market"), label_of("A1", "A1"), label_of("A1", None)
    ('Market A1', 'A1', 'A1')
    """
    return code if name in (None, code) else f"{name} {code}"


def labelled(code: str, name: str) -> dict[str, str]:
    """Return only a label as properties."""
    return {"label": label_of(code, name)}


def area_features(areas: LevelAreas, naming: Naming = labelled) -> list[dict[str, Any]]:
    """Return areas as features, their outlines simplified together.

    ``naming`` takes code and name and returns the properties, with ``id`` if the page refers to
    the feature.
    """
    shown = for_screen(areas.geoms)
    return [
        feature(geom, **naming(str(code), str(name or code)))
        for code, name, geom in zip(areas.codes, areas.names, shown, strict=True)
    ]


def feature(geom: BaseGeometry | None, **properties: Any) -> dict[str, Any]:
    """Return one feature; ``id`` is beside the properties, empty properties are left out."""
    found: dict[str, Any] = {
        "type": "Feature",
        "geometry": None if geom is None or geom.is_empty else mapping(geom),
        "properties": {
            name: value for name, value in properties.items() if name != "id" and value
        },
    }
    if "id" in properties:
        found["id"] = properties["id"]
    return found


def collection(features: Iterable[Mapping[str, Any]]) -> Response:
    """Return a response with features; features without a geometry are left out."""
    shown = [one for one in features if one["geometry"] is not None]
    return jsonify({"type": "FeatureCollection", "features": shown})

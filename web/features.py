"""GeoJSON for the maps of pages."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import shapely
from flask import Response, jsonify
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from gridmgmt.geometry.level_areas import LevelAreas
from gridmgmt.geometry.outlines import for_screen

# Names a feature for elements with ``data-map-feature``, label (text) and address: of a code.
Naming = Callable[[str, str], Mapping[str, Any]]


def area_features(areas: LevelAreas, naming: Naming) -> list[dict[str, Any]]:
    """Write areas as features, their outlines simplified together.

    ``naming`` takes code and name and gives the properties, with ``id`` where the page refers
    to the feature.
    """
    shown = for_screen(areas.geoms)
    return [
        feature(geom, **naming(str(code), str(name or code)))
        for code, name, geom in zip(areas.codes, areas.names, shown, strict=True)
    ]


def feature(geom: BaseGeometry | None, **properties: Any) -> dict[str, Any]:
    """Write one feature; ``id`` stands beside the properties, empty ones are left out."""
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
    """Answer with features; those without a geometry have no place on a map."""
    shown = [one for one in features if one["geometry"] is not None]
    return jsonify({"type": "FeatureCollection", "features": shown})


def drawable(geoms: Iterable[BaseGeometry | None], most: int) -> list[BaseGeometry]:
    """Keep the first shapes that a map can show."""
    found = (one for one in geoms if one is not None and not shapely.is_empty(one))
    return [one for one, _ in zip(found, range(most), strict=False)]

"""Write the problems of a coverage for people and for maps."""

from collections.abc import Iterable
from typing import Any

import shapely
from shapely.geometry import mapping

from gridmgmt.geometry.coverage.problem import Problem
from gridmgmt.sentence import Sentence


def place_of(problem: Problem) -> tuple[float, float] | None:
    """Return a point (lon, lat) on the problem, or None if it has no place."""
    if problem.geom is None or problem.geom.is_empty:
        return None
    point = shapely.point_on_surface(problem.geom)
    return (float(point.x), float(point.y))


def sentence_with_place(problem: Problem) -> str:
    """Return a sentence with the problem, its amount, what to do, and where to look."""
    place = place_of(problem)
    if place is None:
        return problem.sentence
    return Sentence("{} [{}, {}]", problem.sentence, f"{place[0]:.6f}", f"{place[1]:.6f}")


def feature_collection(problems: Iterable[Problem]) -> dict[str, Any]:
    """Return problems as GeoJSON (RFC 7946, lon/lat), one feature for each problem."""
    return {"type": "FeatureCollection", "features": [_feature(one) for one in problems]}


def _feature(problem: Problem) -> dict[str, Any]:
    place = problem.geom
    return {
        "type": "Feature",
        "geometry": None if place is None or place.is_empty else mapping(place),
        "properties": {
            "level": problem.level,
            "codes": list(problem.codes),
            "amount": problem.amount,
            "unit": problem.unit,
            "kind": problem.kind.value,
            "severity": problem.severity.value,
            "sentence": problem.sentence,
        },
    }

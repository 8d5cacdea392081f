import json

import shapely

from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity
from gridmgmt.geometry.coverage.problem_report import (
    feature_collection,
    place_of,
    sentence_with_place,
)

OVERLAP = Problem(
    ProblemKind.OVERLAP,
    Severity.ERROR,
    "street",
    ("A", "B"),
    12.5,
    "m2",
    shapely.box(120.0, 30.0, 120.002, 30.002),
    "both claim the same ground",
)
EMPTY = Problem(
    ProblemKind.EMPTY_GEOMETRY, Severity.ERROR, "street", ("C",), None, None, None, "no ground"
)


def test_the_place_of_a_problem_lies_on_it() -> None:
    place = place_of(OVERLAP)
    assert place is not None
    assert OVERLAP.geom is not None
    assert OVERLAP.geom.covers(shapely.Point(place))
    assert sentence_with_place(OVERLAP).endswith(
        "give the shared ground to one of them [120.001000, 30.001000]"
    )


def test_a_problem_without_a_place_has_none() -> None:
    assert place_of(EMPTY) is None
    assert sentence_with_place(EMPTY) == EMPTY.sentence


def test_problems_are_geojson_that_a_map_reads() -> None:
    content = json.loads(json.dumps(feature_collection([OVERLAP, EMPTY])))
    first, second = content["features"]
    assert shapely.from_geojson(json.dumps(first["geometry"])).equals(OVERLAP.geom)
    assert first["properties"] == {
        "level": "street",
        "codes": ["A", "B"],
        "amount": 12.5,
        "unit": "m2",
        "kind": "overlap",
        "severity": "error",
        "sentence": OVERLAP.sentence,
    }
    assert second["geometry"] is None

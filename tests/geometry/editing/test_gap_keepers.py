"""Allowed gaps go where their ground goes."""

import pytest
import shapely
from shapely.geometry import shape

from gridmgmt.domain.areas.allowed_gaps import gaps_of
from gridmgmt.geometry.coverage.problem import ProblemKind
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.measure import area_m2
from tests.geometry.editing.test_allowed_gaps import (
    ALLOW,
    ALLOW_FOREIGN,
    FOREIGN,
    LAKE,
    at,
    done,
    enclave,
    kept,
    kinds,
    lakeside,
)

EAST, MIDDLE = (at(20, -1), at(20, 21)), (at(14, -1), at(14, 21))


def kept_m2(state: EditState) -> dict[str, float]:
    """How much ground is allowed in each street."""
    streets = {code: state.area("street", code).attributes for code in state.codes("street")}
    return {
        code: float(area_m2([shape(one.geometry) for one in gaps_of(values)]).sum())
        for code, values in streets.items()
        if gaps_of(values)
    }


def test_after_a_split_only_the_piece_with_the_lake_keeps_it() -> None:
    whole = done(lakeside(), ALLOW)
    split = done(whole, ops.Split("street", "A", EAST, ("C",)))
    assert (kept(split), kinds(split)) == ({"A": ["西湖"]}, [])
    # What is forbidden then does not come back when the pieces are merged.
    forbidden = done(split, ops.ForbidGap("cell", LAKE), ops.Merge("street", ("A", "C"), "C"))
    assert (kept(forbidden), kinds(forbidden)) == ({}, [ProblemKind.GAP])
    merged = done(split, ops.Merge("street", ("A", "C"), "C"))
    assert merged.area("street", "C").attributes == whole.area("street", "A").attributes


def test_a_lake_that_a_split_goes_through_is_kept_in_parts() -> None:
    whole = done(lakeside(), ALLOW)
    split = done(
        whole,
        ops.Split("cell", "A1", MIDDLE, ("A3", "A4")),
        ops.Split("street", "A", MIDDLE, ("C",)),
    )
    assert kinds(split) == []
    assert kept(split) == {"A": ["西湖"], "C": ["西湖"]}
    [m2] = kept_m2(whole).values()
    assert sum(kept_m2(split).values()) == pytest.approx(m2, abs=0.01)
    assert kept_m2(split)["A"] == pytest.approx(m2 / 2, rel=0.01)


def test_a_lake_goes_with_a_strip_that_is_given_away() -> None:
    whole = done(lakeside(), ALLOW)
    # Its cells first, then the street with what is left of it: the lake.
    moved = done(whole, ops.Reassign("cell", ("A2",), "B"))
    assert (kept(moved), kinds(moved)) == ({"A": ["西湖"]}, [])
    line = (at(20, 8), at(8, 8), at(8, 12), at(20, 12))
    given = done(moved, ops.Give("street", "A", "B", line))
    assert (kept(given), kinds(given)) == ({"B": ["西湖"]}, [])


def test_an_enclave_goes_to_a_neighbour_when_its_keeper_is_gone_or_split_off() -> None:
    allowed = done(enclave(), ALLOW_FOREIGN)
    assert kept(allowed) == {"A": ["飞地"]}
    split = done(allowed, ops.Split("street", "A", (at(-1, 20), at(21, 20)), ("C",)))
    [keeper] = kept(split)
    assert split.area("street", keeper).shape.distance(shapely.Point(FOREIGN)) < 1e-3
    assert ProblemKind.ENCLAVE not in kinds(split)
    recoded = done(allowed, ops.Recode("street", "A", "Z"))
    assert kept(recoded) == {"Z": ["飞地"]}

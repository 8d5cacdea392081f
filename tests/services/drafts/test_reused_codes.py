"""The code of a retired area comes back with its ground, and is given to no other."""

from dataclasses import replace

import pytest
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.arrays import objects
from gridmgmt.errors import CoverageError
from gridmgmt.geometry.coverage.problem import Problem, ProblemKind
from gridmgmt.services.drafts import checks
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.store.areas.drafts import get_draft
from tests.factories import make_draft, make_edition, make_level, square, two_streets
from tests.services.drafts.test_publishing import merged_a1_a2
from tests.services.drafts.test_reverting import month


@pytest.fixture
def base(conn: Connection) -> Connection:
    """Two editions: the second has one cell where the first had A1 and A2."""
    make_edition(conn, two_streets(), effective_from=month(1))
    make_draft(conn, "merged", [merged_a1_a2()])
    publish(conn, "merged", month(2), actor="li")
    return conn


def drawn(code: str, geom: BaseGeometry) -> dict[str, BaseGeometry]:
    """The cells of the second edition, with one more beside the city."""
    merged = merged_a1_a2()
    return dict(zip(merged.codes, merged.geoms, strict=True)) | {code: geom}


def problems(conn: Connection, label: str) -> list[Problem]:
    found = checks.check(conn, label).problems
    return [one for one in found if one.kind is ProblemKind.REUSED_CODE]


def test_other_ground_does_not_get_the_code_of_a_retired_area(base: Connection) -> None:
    make_draft(base, "d", [make_level("cell", drawn("A2", square(3, 3, 0.5)))])
    [found] = problems(base, "d")
    assert found.codes == ("A2",)
    assert found.geom is not None
    assert found.geom.equals(square(3, 3, 0.5))
    with pytest.raises(CoverageError) as refused:
        publish(base, "d", month(3), actor="li")
    [told] = [str(one) for one in refused.value.problems if "earlier area" in one]
    assert told.startswith("cell A2: an earlier area had this code, and other ground: 0% of")
    make_draft(base, "new", [make_level("cell", drawn("A9", square(3, 3, 0.5)))])
    assert problems(base, "new") == []


def test_an_area_comes_back_under_its_own_code_although_its_border_moved(
    base: Connection,
) -> None:
    cells = two_streets()["cell"]
    make_draft(base, "d", [cells])
    assert get_draft(base, "d").base_edition == 2
    assert problems(base, "d") == []
    publish(base, "d", month(3), actor="li")
    make_draft(base, "gone again", [merged_a1_a2()])
    publish(base, "gone again", month(4), actor="li")
    for east, is_other in ((0.7, False), (0.8, True)):
        label = f"moved to {east}"
        make_draft(base, label, [make_level("cell", drawn("A2", square(east, 0, 0.5)))])
        assert bool(problems(base, label)) == is_other, label


def test_an_area_comes_back_on_the_ground_of_any_of_its_versions(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=month(1))
    first = two_streets()["cell"]
    ground = dict(zip(first.codes, first.geoms, strict=True))
    swapped = replace(
        first,
        geoms=objects(ground[{"A1": "A2", "A2": "A1"}.get(code, code)] for code in first.codes),
    )
    for nth, cells in enumerate((swapped, merged_a1_a2()), start=2):
        make_draft(conn, f"{nth}", [cells])
        publish(conn, f"{nth}", month(nth), actor="li")
    for label, cells in (("oldest", first), ("newest", swapped)):
        make_draft(conn, label, [cells])
        assert problems(conn, label) == []


def test_a_level_whose_codes_are_all_new_has_no_such_problem(base: Connection) -> None:
    cells = two_streets()["cell"]
    codes = cells.codes + "-2027"
    make_draft(base, "d", [replace(cells, codes=codes)])
    assert problems(base, "d") == []

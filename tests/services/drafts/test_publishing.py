from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.areas.draft import DraftStatus
from gridmgmt.errors import (
    CoverageError,
    DraftConflictError,
    DraftError,
    EditionError,
    InputError,
    NotFoundError,
)
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.services.drafts.checks import check
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.drafts import get_draft
from gridmgmt.store.areas.levels import list_levels, store_levels
from gridmgmt.store.areas.lineage import lineage_of
from tests.factories import make_draft, make_edition, make_level, square, two_streets
from tests.streets import cells_with

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def renamed(areas: LevelAreas, code: str, name: str) -> LevelAreas:
    names = areas.names.copy()
    names[areas.codes == code] = name
    return replace(areas, names=names)


def with_border_at(share: float) -> LevelAreas:
    """The cells with the border between A1 and A2 at a share of the street's width."""
    cells = two_streets()["cell"]
    geoms = cells.geoms.copy()
    geoms[0] = square(0, 0, share, 0.5)
    geoms[1] = square(share, 0, 1 - share, 0.5)
    return replace(cells, geoms=geoms)


def merged_a1_a2() -> LevelAreas:
    """The cells with A2 dropped and its ground given to A1."""
    cells = two_streets()["cell"]
    keep = cells.codes != "A2"
    geoms = cells.geoms.copy()
    geoms[0] = square(0, 0, 1, 0.5)
    return LevelAreas(
        "cell", cells.codes[keep], cells.names[keep], cells.parent_codes[keep], geoms[keep]
    )


def plain(conn: Connection, number: int) -> dict[str, list[tuple[str, ...]]]:
    return {
        level: [
            (code, name, str(parent), shapely.normalize(geom).wkt)
            for code, name, parent, geom in zip(
                found.codes, found.names, found.parent_codes, found.geoms, strict=True
            )
        ]
        for level, found in areas_in(conn, number).items()
    }


def test_a_first_draft_becomes_edition_one(conn: Connection) -> None:
    make_draft(conn, "first", two_streets().values())
    done = publish(conn, "first", JANUARY, actor="an officer", tolerance_m2=2.5)
    assert (done.edition.number, done.edition.label) == (1, "first")
    assert (done.edition.tolerance_m2, done.edition.published_by) == (2.5, "an officer")
    assert (done.added, done.altered, done.dropped, done.rebased_on) == (10, 0, 0, None)
    draft = get_draft(conn, "first")
    assert (draft.status, draft.edition) == (DraftStatus.PUBLISHED, 1)
    assert lineage_of(conn, 1) == []


def test_only_changed_areas_get_a_new_row(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    before = plain(conn, 1)
    make_draft(conn, "border", [with_border_at(0.4)])
    done = publish(conn, "border", MARCH, actor="a")
    assert (done.edition.number, done.added, done.altered, done.dropped) == (2, 0, 2, 0)
    assert plain(conn, 1) == before
    after = plain(conn, 2)
    assert after["street"] == before["street"]
    assert after["cell"][2:] == before["cell"][2:]
    assert after["cell"][:2] != before["cell"][:2]


def test_ground_that_two_areas_had_goes_to_the_one_that_stays(conn: Connection) -> None:
    over_a2 = cells_with({"A0": square(0.6, 0.1, 0.1, 0.1)})
    make_edition(conn, {**two_streets(), "cell": over_a2}, effective_from=JANUARY)
    make_draft(conn, "d", [two_streets()["cell"]])
    publish(conn, "d", MARCH, actor="a")
    lines = [one.descent for one in lineage_of(conn, 2)]
    assert [(one.old_code, one.new_code, one.share) for one in lines] == [("A0", "A2", 1.0)]


def test_the_lineage_says_where_changed_ground_went_and_sums_to_one(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    make_draft(conn, "border", [with_border_at(0.4)])
    publish(conn, "border", MARCH, actor="a")
    lines = [one.descent for one in lineage_of(conn, 2)]
    assert [(one.old_code, one.new_code) for one in lines] == [
        ("A1", "A1"),
        ("A1", "A2"),
        ("A2", "A2"),
    ]
    assert [one.share for one in lines] == pytest.approx([0.8, 0.2, 1.0], abs=1e-6)


def test_a_dropped_area_is_followed_into_the_one_that_took_it_over(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    make_draft(conn, "merge", [merged_a1_a2()])
    publish(conn, "merge", MARCH, actor="a")
    lines = {(o.descent.old_code, o.descent.new_code): o.descent for o in lineage_of(conn, 2)}
    assert lines["A2", "A1"].share == pytest.approx(1.0)
    assert set(lines) == {("A1", "A1"), ("A2", "A1")}


def test_ground_that_no_new_area_has_gets_its_own_line(conn: Connection) -> None:
    make_edition(conn, {"street": two_streets()["street"]}, effective_from=JANUARY)
    shrunk = make_level("street", {"A": square(0, 0, 0.75), "B": square(1, 0)})
    make_draft(conn, "shrink", [shrunk])
    publish(conn, "shrink", MARCH, actor="a")
    lines = [one.descent for one in lineage_of(conn, 2)]
    assert [(one.old_code, one.new_code) for one in lines] == [("A", "A"), ("A", None)]
    assert [one.share for one in lines] == pytest.approx([0.75, 0.25], abs=1e-6)


def test_an_error_blocks_and_leaves_nothing_behind(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    cells = two_streets()["cell"]
    make_draft(conn, "hole", [replace_cells(cells, cells.codes != "A1")])
    with pytest.raises(CoverageError) as caught:
        publish(conn, "hole", MARCH, actor="a")
    [told] = caught.value.problems
    assert told.startswith("cell level, parent A:")
    assert "m²" in told
    assert told.endswith("[120.152500, 30.252500]")
    assert get_draft(conn, "hole").status is DraftStatus.OPEN
    assert conn.execute(sa.text("SELECT count(*) FROM editions")).scalar_one() == 1


def replace_cells(cells: LevelAreas, keep: np.ndarray) -> LevelAreas:
    return LevelAreas(
        "cell",
        cells.codes[keep],
        cells.names[keep],
        cells.parent_codes[keep],
        cells.geoms[keep],
    )


def test_a_problem_within_the_tolerance_is_a_warning(conn: Connection) -> None:
    overlapping = make_level("street", {"A": square(0, 0, 1.001), "B": square(1, 0)})
    make_draft(conn, "rough", [overlapping])
    with pytest.raises(CoverageError, match=r"street A, B.*1,0\d\d m²"):
        publish(conn, "rough", JANUARY, actor="a")
    done = publish(conn, "rough", JANUARY, actor="a", tolerance_m2=1100)
    assert [one.codes for one in done.warnings] == [("A", "B")]
    assert done.edition.tolerance_m2 == 1100


def test_a_level_may_have_a_tolerance_of_its_own(conn: Connection) -> None:
    levels = [
        replace(one, tolerance_m2=1100.0) if one.name == "street" else one
        for one in list_levels(conn)
    ]
    store_levels(conn, levels)
    streets = make_level("street", {"A": square(0, 0, 1.001), "B": square(1, 0)})
    cells = make_level(
        "cell", {"A1": square(0, 0, 1.0005), "B1": square(1, 0)}, parents={"A1": "A", "B1": "B"}
    )
    make_draft(conn, "rough", [streets, cells])
    with pytest.raises(CoverageError) as caught:
        publish(conn, "rough", JANUARY, actor="a")
    # Of the cells below nothing is forgiven.
    assert {one.level for one in caught.value.found} == {"cell"}
    strict = [replace(one, tolerance_m2=0.0) if one.name == "cell" else one for one in levels]
    store_levels(conn, strict)
    with pytest.raises(CoverageError) as caught:
        publish(conn, "rough", JANUARY, actor="a", tolerance_m2=2000)
    assert {one.level for one in caught.value.found} == {"cell"}
    store_levels(conn, levels)
    done = publish(conn, "rough", JANUARY, actor="a", tolerance_m2=2000)
    assert done.edition.tolerance_m2 == 2000
    assert done.notes == ("levels with a tolerance of their own: street 1,100 m²",)
    store_levels(conn, [replace(one, tolerance_m2=None) for one in levels])
    assert {one.level for one in check(conn, "rough").errors} == {"street", "cell"}
    detail = conn.execute(
        sa.text("SELECT detail FROM audit_log WHERE action = 'publish_edition'")
    ).scalar_one()
    assert detail["tolerances_m2"] == {"street": 1100}


@pytest.mark.parametrize("tolerance_m2", [-1.0, float("nan"), float("inf")])
def test_a_tolerance_that_means_nothing_is_refused(
    conn: Connection, tolerance_m2: float
) -> None:
    make_draft(conn, "d", two_streets().values())
    with pytest.raises(InputError, match="tolerance"):
        publish(conn, "d", JANUARY, actor="a", tolerance_m2=tolerance_m2)


def test_a_draft_without_changes_is_refused(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    make_draft(conn, "nothing", two_streets().values())
    with pytest.raises(DraftError, match="changes nothing"):
        publish(conn, "nothing", MARCH, actor="a")


def test_a_draft_that_drops_everything_is_refused(conn: Connection) -> None:
    make_edition(conn, {"street": two_streets()["street"]}, effective_from=JANUARY)
    make_draft(conn, "empty", [make_level("street", {})])
    with pytest.raises(DraftError, match="no area at all"):
        publish(conn, "empty", MARCH, actor="a")


def test_a_draft_is_published_once(conn: Connection) -> None:
    make_draft(conn, "once", two_streets().values())
    publish(conn, "once", JANUARY, actor="a")
    with pytest.raises(DraftError, match="published already, as edition 1"):
        publish(conn, "once", MARCH, actor="a")
    with pytest.raises(NotFoundError, match="draft 'never'"):
        publish(conn, "never", MARCH, actor="a")


@pytest.mark.parametrize("at", [MARCH, JANUARY])
def test_publishing_before_a_later_dated_edition_is_refused_by_name(
    conn: Connection, at: datetime
) -> None:
    make_edition(conn, two_streets(), effective_from=MARCH, label="spring")
    make_draft(conn, "border", [with_border_at(0.4)])
    with pytest.raises(EditionError, match=r"edition 1 \(spring\) takes effect"):
        publish(conn, "border", at, actor="a")


def test_a_publication_elsewhere_in_the_city_is_rebased_on(conn: Connection) -> None:
    levels = two_streets()
    levels["street"] = make_level("street", {"A": square(0, 0), "B": square(1, 0)})
    make_edition(conn, levels, effective_from=JANUARY)
    make_draft(conn, "here", [renamed(levels["cell"], "A1", "new name")])
    make_draft(conn, "there", [renamed(levels["cell"], "B4", "other name")])
    publish(conn, "there", MARCH, actor="a")
    done = publish(conn, "here", JUNE, actor="a")
    assert done.rebased_on == 2
    names = dict(
        zip(*[getattr(areas_in(conn, 3)["cell"], k) for k in ("codes", "names")], strict=True)
    )
    assert (names["A1"], names["B4"]) == ("new name", "other name")


def conflict(conn: Connection, theirs: list[LevelAreas], ours: list[LevelAreas]) -> str:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    make_draft(conn, "ours", ours)
    make_draft(conn, "theirs", theirs)
    publish(conn, "theirs", MARCH, actor="a")
    with pytest.raises(DraftConflictError) as caught:
        publish(conn, "ours", JUNE, actor="a")
    assert get_draft(conn, "ours").status is DraftStatus.OPEN
    return str(caught.value)


def test_two_changes_of_one_code_conflict(conn: Connection) -> None:
    cells = two_streets()["cell"]
    told = conflict(conn, [renamed(cells, "A1", "x")], [renamed(cells, "A1", "y")])
    assert "cell A1: the name was 'A1', this draft has 'y', the other change 'x'" in told
    assert "edition 2 (theirs), published by a on " in told
    assert "published since its base: edition 2 (theirs)" in told
    assert "what to do: " in told


def test_an_edge_that_both_redrew_conflicts(conn: Connection) -> None:
    cells = two_streets()["cell"]
    # They move the border between A1 and A2, we that between A3 and A4 above: the edge between
    # A1 and A3 ends elsewhere by both.
    geoms = cells.geoms.copy()
    geoms[2] = square(0, 0.5, 0.6, 0.5)
    geoms[3] = square(0.6, 0.5, 0.4, 0.5)
    told = conflict(conn, [with_border_at(0.4)], [replace(cells, geoms=geoms)])
    assert "cell A1, A2, A3, A4: the border at " in told


def further_east() -> tuple[LevelAreas, LevelAreas]:
    """Streets and cells with the border between the streets half a street further east."""
    cells = two_streets()["cell"]
    parents = cells.parent_codes.copy()
    parents[[4, 6]] = "A"
    streets = make_level("street", {"A": square(0, 0, 1.5), "B": square(1.5, 0, 0.5)})
    return streets, replace(cells, parent_codes=parents)


def test_a_redrawn_parent_and_a_renamed_child_stand_together(conn: Connection) -> None:
    cells = two_streets()["cell"]
    make_edition(conn, two_streets(), effective_from=JANUARY)
    make_draft(conn, "ours", [renamed(cells, "A1", "y")])
    make_draft(conn, "theirs", further_east())
    publish(conn, "theirs", MARCH, actor="a")
    assert publish(conn, "ours", JUNE, actor="a").rebased_on == 2
    found = areas_in(conn, 3)
    named = dict(zip(found["cell"].codes, found["cell"].names, strict=True))
    assert named["A1"] == "y"
    assert found["street"].geoms[0].equals(further_east()[0].geoms[0])


def test_a_redrawn_child_and_its_redrawn_parent_stand_together(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    make_draft(conn, "ours", further_east())
    make_draft(conn, "theirs", [with_border_at(0.4)])
    publish(conn, "theirs", MARCH, actor="a")
    assert publish(conn, "ours", JUNE, actor="a").rebased_on == 2
    found = areas_in(conn, 3)["cell"]
    assert found.geoms[0].equals(with_border_at(0.4).geoms[0])
    assert found.parent_codes[4] == "A"


def test_a_neighbour_that_was_only_renamed_is_no_conflict(conn: Connection) -> None:
    cells = two_streets()["cell"]
    make_edition(conn, two_streets(), effective_from=JANUARY)
    make_draft(conn, "ours", [with_border_at(0.4)])
    make_draft(conn, "theirs", [renamed(cells, "A3", "x")])
    publish(conn, "theirs", MARCH, actor="a")
    assert publish(conn, "ours", JUNE, actor="a").rebased_on == 2


def test_an_outline_written_from_another_corner_is_not_redrawn(conn: Connection) -> None:
    cells = two_streets()["cell"]
    make_edition(conn, two_streets(), effective_from=JANUARY)
    make_draft(conn, "ours", [with_border_at(0.4)])
    geoms = cells.geoms.copy()
    geoms[2] = shapely.Polygon(list(geoms[2].exterior.coords)[1:])
    make_draft(conn, "theirs", [replace(renamed(cells, "A3", "x"), geoms=geoms)])
    publish(conn, "theirs", MARCH, actor="a")
    assert publish(conn, "ours", JUNE, actor="a").rebased_on == 2


def test_all_conflicts_are_told_at_once(conn: Connection) -> None:
    cells = two_streets()["cell"]
    both = renamed(renamed(cells, "A1", "x"), "B4", "x")
    other = renamed(renamed(cells, "A1", "y"), "B4", "y")
    told = conflict(conn, [both], [other])
    assert "cell A1" in told
    assert "cell B4" in told


def test_cases_reported_since_an_earlier_date_are_counted(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    insert_case(conn, "before", MARCH - timedelta(seconds=1))
    insert_case(conn, "at", MARCH)
    insert_case(conn, "after", JUNE)
    make_draft(conn, "border", [with_border_at(0.4)])
    assert publish(conn, "border", MARCH, actor="a").earlier_cases == 2


def insert_case(conn: Connection, case_no: str, reported_at: datetime) -> None:
    conn.execute(
        sa.text(
            "INSERT INTO categories (code, name, mapped) VALUES ('c', 'c', true)"
            " ON CONFLICT DO NOTHING"
        )
    )
    conn.execute(
        sa.text(
            "INSERT INTO cases (case_no, category, reported_at, edition, level, area_code,"
            "   on_boundary, snapped, unrouted_reason, status, trace, last_seq)"
            " VALUES (:case_no, 'c', :reported_at, 1, 'cell', 'A1', false, false, 'no_owner',"
            "   'triage', '{}', 1)"
        ),
        {"case_no": case_no, "reported_at": reported_at},
    )


def test_a_publication_is_audited(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    make_draft(conn, "border", [with_border_at(0.4)])
    publish(conn, "border", MARCH, actor="an officer")
    row = conn.execute(
        sa.text("SELECT actor, subject, detail FROM audit_log WHERE action = 'publish_edition'")
    ).one()
    assert (row.actor, row.subject) == ("an officer", "2")
    assert row.detail["changes"] == {"cell": {"add": 0, "alter": 2, "drop": 0}}


# One step of an officer: which border to move where, whom to rename, whether A1 swallows A2.
STEPS = st.lists(
    st.one_of(
        st.sampled_from([0.3, 0.4, 0.5, 0.6]).map(with_border_at),
        st.tuples(st.sampled_from(["A1", "B2", "B4"]), st.sampled_from("xyz")).map(
            lambda pair: renamed(two_streets()["cell"], *pair)
        ),
        st.just(merged_a1_a2()),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=12)
@given(steps=STEPS)
def test_a_published_edition_never_changes(
    shared_engine: Engine, steps: list[LevelAreas]
) -> None:
    with shared_engine.connect() as conn:
        number = make_edition(conn, two_streets(), effective_from=JANUARY)
        seen = {number: plain(conn, number)}
        for day, cells in enumerate(steps, start=1):
            make_draft(conn, f"draft {day}", [cells])
            try:
                done = publish(conn, f"draft {day}", JANUARY + timedelta(days=day), actor="a")
            except DraftError:
                continue
            seen[done.edition.number] = plain(conn, done.edition.number)
            for edition, state in seen.items():
                assert plain(conn, edition) == state
        double = (
            "SELECT level, code FROM areas WHERE until IS NULL"
            " GROUP BY level, code HAVING count(*) > 1"
        )
        assert conn.execute(sa.text(double)).all() == []
        sums = "SELECT sum(share) FROM lineage GROUP BY edition, level, old_code"
        shares = conn.execute(sa.text(sums)).scalars().all()
        assert shares == pytest.approx([1.0] * len(shares))
        conn.rollback()

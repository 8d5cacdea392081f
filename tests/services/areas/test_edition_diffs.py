"""Two editions side by side; what SQL counts is what the slow comparison finds."""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Action
from gridmgmt.errors import EditionError, NotFoundError
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.coverage.lineage import Descent
from gridmgmt.services.areas import edition_diffs, editions
from gridmgmt.services.areas.edition_diffs import DiffQuery
from gridmgmt.store.areas.lineage import add_lineage
from tests.factories import make_edition, make_level, square, two_streets

# What may become of a cell in the second edition: name, parent and width, or nothing.
FATES = st.one_of(
    st.none(),
    st.tuples(
        st.sampled_from(["old", "new"]), st.sampled_from("AB"), st.sampled_from([0.5, 0.25])
    ),
)
CORNERS = {f"C{n}": (n % 4 * 0.5, n // 4 * 0.5) for n in range(8)}


def cells(fates: Mapping[str, tuple[str, str, float] | None]) -> dict[str, LevelAreas]:
    there = {code: fate for code, fate in fates.items() if fate is not None}
    return {
        "street": make_level("street", {"A": square(0, 0), "B": square(1, 0)}),
        "cell": make_level(
            "cell",
            {code: square(*CORNERS[code], width, 0.5) for code, (_, _, width) in there.items()},
            names={code: name for code, (name, _, _) in there.items()},
            parents={code: parent for code, (_, parent, _) in there.items()},
        ),
    }


@pytest.mark.proof
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    old=st.fixed_dictionaries(dict.fromkeys(CORNERS, FATES)),
    new=st.fixed_dictionaries(dict.fromkeys(CORNERS, FATES)),
)
def test_the_counts_are_those_of_the_comparison_outline_by_outline(
    conn: Connection,
    old: Mapping[str, tuple[str, str, float] | None],
    new: Mapping[str, tuple[str, str, float] | None],
) -> None:
    with conn.begin_nested() as savepoint:
        first, second = make_edition(conn, cells(old)), make_edition(conn, cells(new))
        # A third that restores the first: rows of their own, and no difference.
        third = make_edition(conn, cells(old))
        for one, other in ((first, second), (second, first), (first, third)):
            slow = {level.level: level for level in editions.diff(conn, one, other)}
            found = edition_diffs.summary(conn, one, other)
            assert [level.count.level for level in found] == list(slow)
            for level in found:
                expected = slow[level.count.level]
                assert level.count.added == len(expected.added)
                assert level.count.dropped == len(expected.dropped)
                assert level.count.altered == len(expected.altered)
                assert level.count.redrawn == sum(o.geometry for o in expected.altered)
            page = edition_diffs.page(conn, one, other, DiffQuery("cell"))
            cell = slow.get("cell")
            altered = {o.code: o for o in (cell.altered if cell else ())}
            for row in page.rows:
                if row.area.action is Action.ALTER:
                    told = altered[row.area.code]
                    assert (row.area.redrawn, row.area.renamed, row.area.moved) == (
                        told.geometry,
                        told.name,
                        told.parent,
                    )
            descents = [one for row in page.rows for one in row.descents]
            assert sorted(descents, key=str) == sorted(cell.descents if cell else (), key=str)
        savepoint.rollback()


def split(conn: Connection) -> None:
    make_edition(conn, two_streets())
    levels = two_streets()
    geoms = dict(zip(levels["cell"].codes, levels["cell"].geoms, strict=True))
    geoms["A1"], geoms["A5"] = square(0, 0, 0.25, 0.5), square(0.25, 0, 0.25, 0.5)
    levels["cell"] = make_level("cell", geoms, parents={code: code[0] for code in geoms})
    make_edition(conn, levels)


def test_a_page_of_differences_says_where_the_ground_went(conn: Connection) -> None:
    split(conn)
    page = edition_diffs.page(conn, 1, 2, DiffQuery("cell"))
    [altered, added] = page.rows
    assert (altered.area.code, added.area.code) == ("A1", "A5")
    assert [(one.new_code, round(one.share, 6)) for one in altered.descents] == [
        ("A1", 0.5),
        ("A5", 0.5),
    ]
    assert added.descents == ()
    only = edition_diffs.page(conn, 1, 2, DiffQuery("cell", action=Action.ADD))
    assert [one.area.code for one in only.rows] == ["A5"]
    assert edition_diffs.page(conn, 1, 2, DiffQuery("cell", words="a9")).rows == ()


def test_what_publishing_stored_of_the_ground_is_not_measured_again(conn: Connection) -> None:
    split(conn)
    measured = edition_diffs.page(conn, 1, 2, DiffQuery("cell")).rows[0].descents
    assert len(measured) == 2
    stored = [Descent("A1", None, 1.0, 0.75), *measured, Descent("X", "A1", 1.0, 1.0)]
    add_lineage(conn, 2, "cell", stored)
    told = edition_diffs.page(conn, 1, 2, DiffQuery("cell")).rows[0].descents
    assert told == (*measured, stored[0]), "what became of nothing stands last"
    back = edition_diffs.page(conn, 2, 1, DiffQuery("cell")).rows[0].descents
    assert {one.share for one in back} == {1.0}, "the way back is measured"


def test_pages_of_differences_follow_each_other(conn: Connection) -> None:
    split(conn)
    first = edition_diffs.page(conn, 1, 2, DiffQuery("cell"), most=1)
    assert ([one.area.code for one in first.rows], first.after) == (["A1"], "A1")
    second = edition_diffs.page(conn, 1, 2, DiffQuery("cell", after=first.after), most=1)
    assert ([one.area.code for one in second.rows], second.after) == (["A5"], None)


def test_an_account_limited_to_a_street_is_told_of_that_street(conn: Connection) -> None:
    split(conn)
    assert edition_diffs.summary(conn, 1, 2, top=("street", "B")) == []
    [level] = edition_diffs.summary(conn, 1, 2, top=("street", "A"))
    assert (level.count.added, level.count.altered, level.moved_m2) == (1, 1, None)
    query = DiffQuery("cell", top=("street", "B"))
    assert edition_diffs.page(conn, 1, 2, query).rows == ()


def test_what_cannot_be_compared_is_said(conn: Connection) -> None:
    split(conn)
    with pytest.raises(NotFoundError):
        edition_diffs.pair(conn, 1, 9)
    with pytest.raises(NotFoundError):
        edition_diffs.page(conn, 1, 2, DiffQuery("moon"))
    later = make_edition(conn, two_streets())
    conn.exec_driver_sql(
        f"UPDATE editions SET withdrawn_at = now(), in_force = 'empty' WHERE number = {later}"
    )
    with pytest.raises(EditionError, match="was withdrawn"):
        edition_diffs.pair(conn, 1, later)

"""The tree of areas, one area, and who answers in it."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.edition import Edition
from gridmgmt.errors import EditionError, NotFoundError
from gridmgmt.services.areas import tree
from gridmgmt.services.areas.chosen_editions import edition_to_show
from gridmgmt.services.areas.tree import AreaQuery
from gridmgmt.services.drafts.withdrawing import withdraw
from gridmgmt.store.areas.area_tree import chain_of, count_tree, list_tree, neighbours_of
from gridmgmt.store.areas.editions import get_edition
from tests.factories import make_edition, make_level, square, two_streets
from tests.services.answering import make_city
from tests.services.case_city import give_duties

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
A = ("street", "A")


def edition(conn: Connection, number: int) -> Edition:
    return get_edition(conn, number)


def codes(page: tree.TreePage) -> list[str]:
    return [row.code for row in page.rows]


def test_the_tree_begins_at_the_top_and_counts_what_lies_directly_in_each(
    conn: Connection,
) -> None:
    first = edition(conn, make_edition(conn, two_streets()))
    page = tree.tree(conn, first, AreaQuery())
    assert [(row.code, row.children) for row in page.rows] == [("A", 4), ("B", 4)]
    assert [(one.level, one.areas) for one in page.levels] == [("street", 2), ("cell", 8)]
    inside = tree.tree(conn, first, AreaQuery(parent=A))
    assert codes(inside) == ["A1", "A2", "A3", "A4"]


def test_pages_follow_each_other_without_gap_or_repetition(conn: Connection) -> None:
    first = edition(conn, make_edition(conn, two_streets()))
    seen: list[str] = []
    after = None
    for _ in range(3):
        page = tree.tree(conn, first, AreaQuery(level="cell", after=after), most=3)
        seen += codes(page)
        after = page.after
    assert seen == ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4"]
    assert after is None


def test_words_are_looked_for_in_code_and_name_on_all_levels(conn: Connection) -> None:
    levels = two_streets()
    levels["street"] = make_level(
        "street",
        {"A": square(0, 0), "B": square(1, 0)},
        names={"A": "文晖街道", "B": "50%_街道"},
    )
    first = edition(conn, make_edition(conn, levels))
    assert codes(tree.tree(conn, first, AreaQuery(words="文晖"))) == ["A"]
    assert codes(tree.tree(conn, first, AreaQuery(words="b"))) == ["B", "B1", "B2", "B3", "B4"]
    assert codes(tree.tree(conn, first, AreaQuery(words="%_"))) == ["B"]


def test_an_account_limited_to_a_street_finds_that_street_and_what_is_under_it(
    conn: Connection,
) -> None:
    first = edition(conn, make_edition(conn, two_streets()))
    page = tree.tree(conn, first, AreaQuery(level="cell", top=A))
    assert codes(page) == ["A1", "A2", "A3", "A4"]
    assert [(one.level, one.areas) for one in page.levels] == [("street", 1), ("cell", 4)]
    assert codes(tree.tree(conn, first, AreaQuery(parent=("street", "B"), top=A))) == []
    shown = tree.show(conn, first, ("cell", "A1"), top=("cell", "A1"), on=None)
    assert [one.code for one in shown.chain] == ["A1"]
    with pytest.raises(NotFoundError):
        tree.show(conn, first, ("cell", "B1"), top=A, on=None)


def test_an_area_knows_what_it_lies_in_and_what_it_borders_on(conn: Connection) -> None:
    number = make_edition(conn, two_streets())
    assert [one.code for one in chain_of(conn, number, "cell", "A2")] == ["A2", "A"]
    # A4 and A3 lie north, B1 east of A2, and B3 touches its corner.
    assert list(neighbours_of(conn, number, "cell", "A2").codes) == [
        "A1",
        "A3",
        "A4",
        "B1",
        "B3",
    ]
    assert chain_of(conn, number, "cell", "Z") == []


def test_a_level_that_is_not_there_is_passed_over_in_the_tree(conn: Connection) -> None:
    number = make_edition(conn, two_streets())
    [street, *_] = list_tree(conn, number, level="street", most=5)
    assert (street.rank + 1 < 4, street.children) == (True, 4)
    assert [one.areas for one in count_tree(conn, number, top=A)] == [1, 4]


def test_the_history_of_an_area_says_what_changed_and_where_its_ground_went(
    conn: Connection,
) -> None:
    make_edition(conn, two_streets())
    split = two_streets()
    geoms = dict(zip(split["cell"].codes, split["cell"].geoms, strict=True))
    geoms["A1"], geoms["A5"] = square(0, 0, 0.25, 0.5), square(0.25, 0, 0.25, 0.5)
    split["cell"] = make_level(
        "cell", geoms, parents={code: code[0] for code in geoms}, names={"A2": "二号"}
    )
    second = edition(conn, make_edition(conn, split))
    [first, now] = tree.show(conn, second, ("cell", "A1"), top=None, on=None).versions
    assert first.until == second
    assert (first.redrawn, now.redrawn, now.renamed, now.moved) == (False, True, False, False)
    assert now.gained_m2 == 0
    assert now.lost_m2 == pytest.approx(first.area_m2 / 2, rel=1e-6)
    [_, named] = tree.show(conn, second, ("cell", "A2"), top=None, on=None).versions
    assert (named.renamed, named.redrawn) == (True, False)


def test_an_area_that_was_dropped_is_shown_with_its_history_only(conn: Connection) -> None:
    make_edition(conn, two_streets())
    west = {
        "street": make_level("street", {"A": square(0, 0, 2)}),
        "cell": make_level(
            "cell",
            {"A1": square(0, 0, 1), "A2": square(1, 0, 1)},
            parents={"A1": "A", "A2": "A"},
        ),
    }
    second = edition(conn, make_edition(conn, west))
    shown = tree.show(conn, second, ("cell", "B1"), top=None, on=None)
    assert (shown.row, shown.chain) == (None, ())
    assert [one.until for one in shown.versions] == [second]
    with pytest.raises(NotFoundError):
        tree.show(conn, second, ("cell", "B1"), top=A, on=None)
    assert tree.show(conn, second, ("cell", "B1"), top=("street", "B"), on=None).versions


def test_the_edition_shown_is_the_one_in_force_unless_another_is_asked_for(
    conn: Connection,
) -> None:
    with pytest.raises(EditionError, match="no edition has been published yet"):
        edition_to_show(conn, None, NOW)
    make_edition(conn, two_streets())
    make_edition(conn, two_streets(), effective_from=datetime(2030, 1, 1, tzinfo=UTC))
    assert edition_to_show(conn, None, NOW).number == 1
    assert edition_to_show(conn, 2, NOW).number == 2
    before_all = datetime(2020, 1, 1, tzinfo=UTC)
    assert edition_to_show(conn, None, before_all).number == 2
    withdraw(conn, 2, actor="a test")
    with pytest.raises(EditionError, match="withdrawn"):
        edition_to_show(conn, 2, NOW)


def test_duties_of_an_area_come_by_precedence_with_those_of_what_it_lies_in(
    conn: Connection,
) -> None:
    first = edition(conn, make_city(conn))
    give_duties(conn)
    shown = tree.show(conn, first, ("cell", "A1"), top=None, on=date(2026, 3, 2))
    assert shown.duties is not None
    ranks = [one.target.rank for one in shown.duties.duties]
    assert ranks == sorted(ranks)
    assert {one.target.code for one in shown.duties.duties} <= {"A1", "A"}
    assert "S1" in {one.responder.code for one in shown.duties.duties}
    assert [one.code for one in shown.duties.fallback] == ["OA"]

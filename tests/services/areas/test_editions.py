from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import DraftStatus
from gridmgmt.errors import EditionError, NotFoundError
from gridmgmt.geometry.measure import area_m2
from gridmgmt.services.areas.editions import diff, show
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.drafts.withdrawing import withdraw
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.drafts import get_draft, list_changes
from gridmgmt.store.areas.editions import get_edition, list_editions, newest_edition
from gridmgmt.store.areas.lineage import lineage_of
from tests.factories import make_draft, make_edition, make_level, square, two_streets
from tests.services.drafts.test_publishing import (
    insert_case,
    merged_a1_a2,
    renamed,
    with_border_at,
)
from tests.snapshot import snapshot_of

PAST = datetime(2020, 1, 1, tzinfo=UTC)
SOON = datetime.now(UTC) + timedelta(days=30)
LATER = SOON + timedelta(days=30)


def test_an_edition_shows_its_areas_by_level(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=PAST, tolerance_m2=3.0)
    shown = show(conn, 1)
    assert [(one.level, one.areas) for one in shown.levels] == [("street", 2), ("cell", 8)]
    assert shown.edition.tolerance_m2 == 3.0
    with pytest.raises(NotFoundError, match="edition 2"):
        show(conn, 2)


def test_two_editions_differ_by_what_was_redrawn_and_where_it_went(conn: Connection) -> None:
    make_edition(conn, two_streets())
    make_edition(conn, {**two_streets(), "cell": with_border_at(0.4)})
    [cell] = diff(conn, 1, 2)
    assert (cell.level, cell.added, cell.dropped) == ("cell", (), ())
    assert [(one.code, one.geometry, one.name, one.parent) for one in cell.altered] == [
        ("A1", True, False, False),
        ("A2", True, False, False),
    ]
    assert cell.moved_m2 == pytest.approx(area_m2([square(0.4, 0, 0.1, 0.5)])[0], rel=1e-5)
    went = [(one.old_code, one.new_code, round(one.share, 4)) for one in cell.descents]
    assert went == [("A1", "A1", 0.8), ("A1", "A2", 0.2), ("A2", "A2", 1.0)]


def test_the_difference_backwards_is_the_other_way_round(conn: Connection) -> None:
    make_edition(conn, two_streets())
    make_edition(conn, {**two_streets(), "cell": merged_a1_a2()})
    [forwards], [backwards] = diff(conn, 1, 2), diff(conn, 2, 1)
    assert (forwards.dropped, forwards.added) == (("A2",), ())
    assert (backwards.dropped, backwards.added) == ((), ("A2",))
    assert forwards.moved_m2 == pytest.approx(backwards.moved_m2, rel=1e-6)


def test_a_new_name_or_parent_moves_no_ground(conn: Connection) -> None:
    make_edition(conn, two_streets())
    changed = two_streets()
    cells = renamed(changed["cell"], "A1", "new")
    parents = cells.parent_codes.copy()
    parents[1] = "B"
    make_edition(
        conn,
        {
            **changed,
            "cell": type(cells)("cell", cells.codes, cells.names, parents, cells.geoms),
        },
    )
    [cell] = diff(conn, 1, 2)
    assert [(one.code, one.geometry, one.name, one.parent) for one in cell.altered] == [
        ("A1", False, True, False),
        ("A2", False, False, True),
    ]
    assert (cell.moved_m2, cell.descents) == (0, ())


def test_an_edition_does_not_differ_from_itself(conn: Connection) -> None:
    make_edition(conn, two_streets())
    assert diff(conn, 1, 1) == []


def test_a_level_that_is_new_is_all_added(conn: Connection) -> None:
    make_edition(conn, {"street": two_streets()["street"]})
    make_edition(conn, two_streets())
    [cell] = diff(conn, 1, 2)
    assert (cell.level, len(cell.added), cell.descents) == ("cell", 8, ())


def without_log(held: dict[str, list[str]]) -> dict[str, list[str]]:
    # Row ids are drawn from sequences that do not go back, and the log only grows.
    return {name: rows for name, rows in held.items() if name not in ("audit_log", "editions")}


def test_withdrawing_puts_everything_back_as_it_was(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=PAST)
    make_draft(conn, "merge", [merged_a1_a2()])
    before = snapshot_of(conn)
    publish(conn, "merge", SOON, actor="a")
    done = withdraw(conn, 2, actor="an officer")
    assert (done.reopened, done.moved, done.before) == (("merge",), (), 1)
    assert without_log(snapshot_of(conn)) == without_log(before)
    assert lineage_of(conn, 2) == []
    assert [edition.number for edition in list_editions(conn)] == [1]
    assert get_edition(conn, 1).in_force_until is None
    assert get_edition(conn, 2).withdrawn_at is not None
    assert show(conn, 2).levels == ()


def test_a_withdrawn_number_is_never_given_again(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=PAST)
    make_draft(conn, "merge", [merged_a1_a2()])
    publish(conn, "merge", LATER, actor="a")
    withdraw(conn, 2, actor="a")
    # The date of the withdrawn edition binds nobody any more.
    assert publish(conn, "merge", SOON, actor="a").edition.number == 3
    assert areas_in(conn, 3)["cell"].codes.tolist() == sorted(merged_a1_a2().codes)
    assert get_draft(conn, "merge").edition == 3
    with pytest.raises(EditionError, match="edition 2 was withdrawn"):
        diff(conn, 1, 2)


def test_the_first_edition_can_be_withdrawn_too(conn: Connection) -> None:
    make_draft(conn, "first", two_streets().values())
    publish(conn, "first", SOON, actor="a")
    assert withdraw(conn, 1, actor="a").before is None
    assert newest_edition(conn) is None
    assert publish(conn, "first", SOON, actor="a").edition.number == 2


def test_what_is_in_force_cannot_be_withdrawn(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=PAST)
    with pytest.raises(EditionError, match="has been in force since 2020-01-01"):
        withdraw(conn, 1, actor="a")


def test_only_the_newest_can_be_withdrawn_and_only_once(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=SOON)
    make_edition(conn, two_streets(), effective_from=LATER, label="next")
    with pytest.raises(EditionError, match=r"not the newest: edition 2 \(next\)"):
        withdraw(conn, 1, actor="a")
    withdraw(conn, 2, actor="a")
    with pytest.raises(EditionError, match="withdrawn already"):
        withdraw(conn, 2, actor="a")


def test_an_edition_that_judged_cases_stays(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=SOON)
    insert_case(conn, "1", LATER)
    with pytest.raises(EditionError, match=r"has judged 1 stored case"):
        withdraw(conn, 1, actor="a")


def test_a_draft_made_on_a_withdrawn_edition_rests_on_the_one_before(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=PAST)
    more = two_streets()
    more["street"] = make_level(
        "street", {"A": square(0, 0), "B": square(1, 0), "C": square(2, 0)}
    )
    cells = {
        **dict(zip(more["cell"].codes, more["cell"].geoms, strict=True)),
        "C1": square(2, 0),
    }
    more["cell"] = make_level("cell", cells, parents={code: code[0] for code in cells})
    make_draft(conn, "wider", more.values())
    publish(conn, "wider", SOON, actor="a")
    # The next draft renames C1, which only the edition to be withdrawn has, and A1; drops C.
    make_draft(
        conn,
        "next",
        [
            renamed(renamed(more["cell"], "C1", "new"), "A1", "new"),
            make_level("street", {"A": square(0, 0), "B": square(1, 0)}),
        ],
    )
    assert withdraw(conn, 2, actor="a").moved == ("next",)
    draft = get_draft(conn, "next")
    assert (draft.base_edition, draft.status) == (1, DraftStatus.OPEN)
    changes = {(o.level, o.code): str(o.action) for o in list_changes(conn, draft.id)}
    assert changes == {("cell", "A1"): "alter", ("cell", "C1"): "add"}


def test_lineage_is_kept_for_every_edition_of_its_own(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=PAST)
    for day, share in enumerate((0.4, 0.3), start=1):
        make_draft(conn, f"{share}", [with_border_at(share)])
        publish(conn, f"{share}", PAST + timedelta(days=day), actor="a")
    first = {(o.descent.old_code, o.descent.new_code) for o in lineage_of(conn, 2)}
    assert first == {("A1", "A1"), ("A1", "A2"), ("A2", "A2")}
    shares = [one.descent.share for one in lineage_of(conn, 3)]
    assert np.allclose(shares, [0.75, 0.25, 1.0], atol=1e-5)

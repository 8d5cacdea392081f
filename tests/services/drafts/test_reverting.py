"""An earlier edition is brought back: to the byte, under its own codes, as any draft."""

from datetime import UTC, datetime

import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.review import Approval
from gridmgmt.errors import DraftError, EditionError, NotFoundError
from gridmgmt.geometry.coverage.changes import LevelChanges
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.services.drafts import drafts, reviews
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.drafts.reverting import revert
from gridmgmt.services.drafts.withdrawing import withdraw
from gridmgmt.services.workbench import editing
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.drafts import get_draft, read_changes
from gridmgmt.store.areas.lineage import lineage_of
from tests.factories import make_draft, make_edition, two_streets
from tests.services.drafts.test_publishing import merged_a1_a2, renamed
from tests.services.workbench.test_editing import CELLS, across, city_levels, numbered

State = dict[str, dict[str, tuple[object, object, bytes]]]


def month(number: int) -> datetime:
    return datetime(2027, number, 1, tzinfo=UTC)


def held(conn: Connection, number: int) -> State:
    """All areas of an edition, to the byte."""
    return {level: _rows(areas) for level, areas in areas_in(conn, number).items()}


def _rows(areas: LevelAreas) -> dict[str, tuple[object, object, bytes]]:
    return {
        str(code): (name, parent, shapely.to_wkb(geom))
        for code, name, parent, geom in zip(
            areas.codes, areas.names, areas.parent_codes, areas.geoms, strict=True
        )
    }


def edited(conn: Connection, label: str, *operations: ops.Operation) -> None:
    drafts.create(conn, label, actor="li")
    editing.edit(conn, label, operations, border_m=0.05, actor="li")


@pytest.fixture
def base(conn: Connection) -> Connection:
    """An edition of a drawn city; the second splits one cell and merges two others."""
    levels = [numbered(areas) for areas in city_levels()]
    make_edition(conn, {areas.level: areas for areas in levels}, effective_from=month(1))
    split, _, one, other = CELLS
    edited(
        conn,
        "second",
        ops.Split("cell", split, across(conn, split)),
        ops.Merge("cell", (one, other), one),
        ops.Rename("street", "330102000", "和平街道"),
    )
    publish(conn, "second", month(2), actor="li")
    return conn


def test_the_areas_are_those_of_the_edition_to_the_byte(base: Connection) -> None:
    assert held(base, 2) != held(base, 1)
    done = revert(base, 1, "back", actor="li")
    published = publish(base, "back", month(3), actor="li")
    assert published.edition.number == 3
    assert held(base, 3) == held(base, 1)
    assert (done.added, done.altered, done.dropped) == (
        published.added,
        published.altered,
        published.dropped,
    )
    # The merged cell is back under its own code, the new half of the split one is gone.
    gone = set(held(base, 2)["cell"]) - set(held(base, 1)["cell"])
    back = set(held(base, 1)["cell"]) - set(held(base, 2)["cell"])
    assert (len(gone), len(back)) == (1, 1)
    lines = lineage_of(base, 3)
    shares: dict[tuple[str, str], float] = {}
    for line in lines:
        key = line.level, line.descent.old_code
        shares[key] = shares.get(key, 0) + line.descent.share
    assert {line.descent.new_code for line in lines} >= back
    assert {code for _, code in shares} >= gone
    assert list(shares.values()) == pytest.approx([1.0] * len(shares))


def test_no_other_area_gets_a_code_that_was_brought_back_or_dropped(base: Connection) -> None:
    [second] = set(held(base, 2)["cell"]) - set(held(base, 1)["cell"])
    revert(base, 1, "back", actor="li")
    publish(base, "back", month(3), actor="li")
    code = sorted(held(base, 1)["cell"])[0]
    edited(base, "again", ops.Split("cell", code, across(base, code)))
    stated = set(read_changes(base, get_draft(base, "again").id)["cell"].codes)
    [new] = stated - set(held(base, 3)["cell"])
    assert new > second
    every = {one for number in (1, 2, 3) for one in held(base, number)["cell"]}
    assert new not in every


def test_it_is_one_entry_that_can_be_undone_and_redone(base: Connection) -> None:
    revert(base, 1, "back", actor="li")
    stated = {level: set(one.codes) for level, one in _changes(base).items()}
    [entry] = editing.history(base, "back")
    assert (entry.operation, entry.arguments) == ("revert", {"edition": 1})
    editing.undo(base, "back", actor="wang")
    assert _changes(base) == {}
    editing.redo(base, "back", actor="wang")
    assert {level: set(one.codes) for level, one in _changes(base).items()} == stated
    publish(base, "back", month(3), actor="li")
    assert held(base, 3) == held(base, 1)


def _changes(conn: Connection) -> dict[str, LevelChanges]:
    return read_changes(conn, get_draft(conn, "back").id)


def test_it_is_reviewed_like_any_draft(base: Connection) -> None:
    revert(base, 1, "back", actor="li")
    with pytest.raises(DraftError, match="once another account has approved it"):
        publish(base, "back", month(3), actor="li", approval=Approval.NEEDED)
    reviews.submit(base, "back", actor="wang")
    # Who brought it back has stated all of it.
    assert reviews.show(base, "back").authors == {"li", "wang"}
    reviews.approve(base, "back", actor="zhou")
    publish(base, "back", month(3), actor="li", approval=Approval.NEEDED)


def test_a_level_that_came_later_goes_again(conn: Connection) -> None:
    streets = two_streets()
    make_edition(conn, {"street": streets["street"]}, effective_from=month(1))
    make_edition(conn, streets, effective_from=month(2))
    done = revert(conn, 1, "back", actor="li")
    assert (done.added, done.altered, done.dropped) == (0, 0, 8)
    publish(conn, "back", month(3), actor="li")
    assert set(areas_in(conn, 3)) == {"street"}


def test_what_cannot_be_brought_back_is_told(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=month(1))
    with pytest.raises(EditionError, match="edition 1 has the same areas as edition 1"):
        revert(conn, 1, "back", actor="li")
    with pytest.raises(NotFoundError):
        revert(conn, 9, "back", actor="li")
    make_draft(conn, "d", [merged_a1_a2()])
    publish(conn, "d", datetime(2999, 1, 1, tzinfo=UTC), actor="li")
    withdraw(conn, 2, actor="li")
    with pytest.raises(EditionError, match="edition 2 was withdrawn"):
        revert(conn, 2, "back", actor="li")


def test_an_edition_that_was_changed_and_changed_back_needs_no_revert(conn: Connection) -> None:
    levels = two_streets()
    make_edition(conn, levels, effective_from=month(1))
    other = renamed(levels["cell"], "A1", "x")
    make_edition(conn, {**levels, "cell": other}, effective_from=month(2))
    make_edition(conn, levels, effective_from=month(3))
    with pytest.raises(EditionError, match="the same areas"):
        revert(conn, 1, "back", actor="li")

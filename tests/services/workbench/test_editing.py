"""Edits of a draft in the database: stored as changes, logged, undone and redone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.edit_log import stacks
from gridmgmt.errors import DraftError, InputError, NotFoundError
from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.services.drafts import changes, drafts
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.workbench import editing, open_drafts
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.drafts import get_draft, read_changes
from gridmgmt.store.areas.editions import get_edition
from gridmgmt.store.schema import area_changes
from tests.factories import make_edition, write_areas
from tests.geometry.editing.cities import city_levels
from tests.geometry.editing.test_edits import FOUR, corner

State = dict[str, dict[str, tuple[object, object, bytes]]]


@pytest.fixture
def base(conn: Connection) -> Connection:
    """An edition of a drawn city, and a draft on top of it."""
    levels = city_levels()
    for areas in levels:
        numbered(areas)
    make_edition(conn, {areas.level: areas for areas in levels})
    drafts.create(conn, "d", actor="a")
    return conn


def numbered(areas: LevelAreas) -> LevelAreas:
    """Give areas codes as bureaus do: that of the parent and three digits."""
    signs = str.maketrans({"S": "00", "C": "00", "N": "0"})
    areas.codes[:] = [f"330102{code.translate(signs)}" for code in areas.codes]
    areas.parent_codes[:] = [
        None if code is None else f"330102{code.translate(signs)}"
        for code in areas.parent_codes
    ]
    return areas


# The four cells that meet in the middle, with the codes of `numbered`.
CELLS = tuple(
    f"330102{code.translate(str.maketrans({'S': '00', 'C': '00', 'N': '0'}))}" for code in FOUR
)


def held(conn: Connection) -> State:
    """All areas as the draft would make them, to the byte."""
    draft = get_draft(conn, "d")
    state = drafts.state_of(conn, draft.base_edition, read_changes(conn, draft.id))
    return {
        level: {
            str(code): (name, parent, shapely.to_wkb(geom))
            for code, name, parent, geom in zip(
                areas.codes, areas.names, areas.parent_codes, areas.geoms, strict=True
            )
        }
        for level, areas in state.items()
    }


def middle(conn: Connection) -> ops.LonLat:
    levels = list(areas_in(conn, 1).values())
    return corner(EditState.of(levels), CELLS)


def edit(
    conn: Connection, *operations: ops.Operation, actor: str = "a"
) -> list[editing.DraftEdit]:
    return editing.edit(conn, "d", operations, border_m=0.05, actor=actor)


def moving(at: ops.LonLat, east: float = 1e-4) -> ops.MoveVertex:
    return ops.MoveVertex("cell", at, (at[0] + east, at[1]))


def across(conn: Connection, code: str) -> tuple[ops.LonLat, ops.LonLat]:
    cells = areas_in(conn, 1)["cell"]
    [area] = cells.geoms[cells.codes == code]
    west, south, east, north = area.bounds
    return (west - 1e-4, (south + north) / 2), (east + 1e-4, (south + north) / 2)


def test_an_edit_is_stored_as_changes_of_every_level(base: Connection) -> None:
    [done] = edit(base, moving(middle(base)))
    stated = read_changes(base, get_draft(base, "d").id)
    assert {level: len(found) for level, found in stated.items()} == {
        "street": 2,
        "community": 4,
        "cell": 4,
    }
    assert set(stated["cell"].codes) == set(CELLS)
    assert done.number == 1
    published = publish(
        base,
        "d",
        get_edition(base, 1).effective_from.replace(year=2027),
        actor="a",
        tolerance_m2=0,
    )
    assert (published.altered, published.warnings) == (10, ())


def test_everything_is_undone_and_redone_to_the_byte(base: Connection) -> None:
    at = middle(base)
    states = [held(base)]
    for operation in (
        moving(at),
        ops.Split("cell", CELLS[0], across(base, CELLS[0])),
        ops.Reassign("cell", (CELLS[1],), CELLS[3][:12]),
        ops.Merge("cell", (CELLS[2], CELLS[3]), CELLS[2]),
        ops.Rename("street", "330102000", "和平街道"),
        ops.Recode("community", "330102000000", "330102000009"),
    ):
        edit(base, operation, actor=operation.op)
        states.append(held(base))
    for state in reversed(states[:-1]):
        editing.undo(base, "d", actor="b")
        assert held(base) == state
    assert read_changes(base, get_draft(base, "d").id) == {}
    with pytest.raises(DraftError, match="nothing to undo"):
        editing.undo(base, "d", actor="b")
    for state in states[1:]:
        editing.redo(base, "d", actor="c")
        assert held(base) == state
    with pytest.raises(DraftError, match="nothing to redo"):
        editing.redo(base, "d", actor="c")
    log = editing.history(base, "d")
    assert [one.number for one in log] == list(range(1, 19))
    assert stacks(log).done == (1, 2, 3, 4, 5, 6)


def test_an_edit_after_an_undo_ends_what_could_be_redone(base: Connection) -> None:
    at = middle(base)
    edit(base, moving(at))
    editing.undo(base, "d", actor="a")
    edit(base, moving(at, 5e-5))
    with pytest.raises(DraftError, match="nothing to redo"):
        editing.redo(base, "d", actor="a")
    editing.undo(base, "d", actor="a")
    assert read_changes(base, get_draft(base, "d").id) == {}


def test_if_one_operation_is_impossible_none_is_done(base: Connection) -> None:
    before = held(base)
    with pytest.raises(EditError, match="no cell 7"), base.begin_nested():
        edit(base, moving(middle(base)), ops.Rename("cell", "7", "x"))
    assert held(base) == before
    assert editing.history(base, "d") == []


def test_an_import_and_what_is_taken_back_are_edits_too(
    base: Connection, tmp_path: Path
) -> None:
    edit(base, moving(middle(base)))
    edited = held(base)
    cells = areas_in(base, 1)["cell"]
    cells.names[:] = [f"格{code}" for code in cells.codes]
    path = write_areas(tmp_path / "cells.geojson", cells)
    file = AreaFile(path, code="code", name="name", parent="parent")
    drafts.import_areas(base, "d", "cell", file, actor="a")
    imported = held(base)
    editing.undo(base, "d", actor="a")
    assert held(base) == edited
    editing.redo(base, "d", actor="a")
    assert held(base) == imported
    changes.take_back(base, "d", "cell", seen=changes.revision(base, "d"), actor="a")
    editing.undo(base, "d", actor="a")
    assert held(base) == imported
    operations = [one.operation for one in editing.history(base, "d")]
    assert operations == ["move_vertex", "import", "undo", "redo", "take_back", "undo"]


def test_new_codes_count_on_and_never_come_back(base: Connection) -> None:
    line = across(base, CELLS[0])
    community = CELLS[0][:12]
    [done] = edit(base, ops.Split("cell", CELLS[0], line))
    [new] = [one.code for one in done.edited.areas if one.before is None]
    assert new == f"{community}012"
    edit(base, ops.Merge("cell", (CELLS[0], new), CELLS[0]))
    # Another open draft has taken the next one.
    drafts.create(base, "other", actor="b")
    editing.edit(base, "other", [ops.Split("cell", CELLS[0], line)], border_m=0.05, actor="b")
    [done] = edit(base, ops.Split("cell", CELLS[0], line))
    [again] = [one.code for one in done.edited.areas if one.before is None]
    assert again == f"{community}013"


def test_no_other_area_gets_the_code_of_a_retired_one(base: Connection) -> None:
    gone = CELLS[3]
    edit(base, ops.Merge("cell", (CELLS[2], gone), CELLS[2]))
    publish(base, "d", datetime(2027, 1, 1, tzinfo=UTC), actor="a")
    drafts.create(base, "e", actor="a")
    wanted: tuple[ops.Operation, ...] = (
        ops.Split("cell", CELLS[0], across(base, CELLS[0]), codes=(gone,)),
        ops.Recode("cell", CELLS[0], gone),
    )
    for operation in wanted:
        with pytest.raises(EditError, match=f"cell {gone} was an area of edition 1: no other"):
            editing.edit(base, "e", [operation], border_m=0.05, actor="a")
    # What the edition has is free again within the draft that took it away.
    kept = (
        ops.Recode("cell", CELLS[0], f"{CELLS[0][:-1]}9"),
        ops.Recode("cell", f"{CELLS[0][:-1]}9", CELLS[0]),
    )
    editing.edit(base, "e", kept, border_m=0.05, actor="a")


def test_a_published_draft_is_not_edited(base: Connection) -> None:
    edit(base, moving(middle(base)))
    publish(base, "d", get_edition(base, 1).effective_from.replace(year=2027), actor="a")
    for act in (
        lambda: edit(base, ops.Rename("cell", CELLS[0], "x")),
        lambda: editing.undo(base, "d", actor="a"),
        lambda: editing.redo(base, "d", actor="a"),
    ):
        with pytest.raises(DraftError, match="published already"):
            act()
    with pytest.raises(NotFoundError):
        editing.history(base, "e")


def test_a_deleted_draft_leaves_no_log(base: Connection) -> None:
    edit(base, moving(middle(base)))
    drafts.delete(base, "d", actor="a")
    for table in ("draft_edits", "draft_edit_areas"):
        assert base.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one() == 0


def test_codes_that_are_not_numbered_have_to_be_given(conn: Connection) -> None:
    levels = city_levels()
    make_edition(conn, {areas.level: areas for areas in levels})
    drafts.create(conn, "d", actor="a")
    line = across(conn, "S0C0N00")
    with pytest.raises(InputError, match="give the new codes"):
        edit(conn, ops.Split("cell", "S0C0N00", line))
    edit(conn, ops.Split("cell", "S0C0N00", line, codes=("S0C0N99",)))
    assert "S0C0N99" in held(conn)["cell"]


def test_what_the_log_does_not_know_is_not_overwritten(base: Connection) -> None:
    edit(base, ops.Rename("cell", CELLS[0], "一"))
    edit(base, moving(middle(base)))
    base.execute(
        area_changes.update()
        .where(area_changes.c.code == CELLS[0])
        .values(geom=sa.func.ST_Multi(sa.func.ST_MakeEnvelope(120, 30, 120.1, 30.1, 4326)))
    )
    open_drafts._drafts.clear()
    with pytest.raises(DraftError, match=f"cell {CELLS[0]} is not as it left it"):
        editing.undo(base, "d", actor="a")

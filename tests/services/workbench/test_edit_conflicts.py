"""An edit conflicts with what was drawn or named since its author looked, and only with it."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gridmgmt.errors import DraftError
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.edits import Edited, same_area
from gridmgmt.geometry.editing.operations import Operation
from gridmgmt.services.workbench import editing
from gridmgmt.services.workbench.edit_conflicts import EditConflictError
from gridmgmt.services.workbench.open_drafts import opened
from gridmgmt.store.areas.attributes import store_attributes
from gridmgmt.store.areas.drafts import get_draft
from tests.geometry.editing.cities import GRADE
from tests.geometry.merging.test_merging import any_operation
from tests.services.workbench.test_editing import CELLS, across, base, edit

__all__ = ["base"]

UNDO = "undo"


def state_of(conn: Connection) -> EditState:
    return opened(conn, get_draft(conn, "d")).state


def edges(area: DraftArea | None) -> set[tuple[int, ...]]:
    return set() if area is None else set(map(tuple, area.chain.ends.tolist()))


def said(area: DraftArea | None) -> tuple[object, ...] | None:
    return None if area is None else (area.name, area.parent_code, dict(area.attributes))


def is_met(since: Sequence[EditState], edited: Edited) -> bool:
    """Whether an edit takes away what one state has and the one before had not."""
    drawn, named = set(), set()
    for then, now in pairwise(since):
        for level in now.levels:
            for code in {*then.codes(level), *now.codes(level)}:
                before, after = then.get(level, code), now.get(level, code)
                if same_area(before, after):
                    continue
                drawn |= {(level, one) for one in edges(after) - edges(before)}
                if said(before) != said(after):
                    named.add((level, code))
    return any(
        not drawn.isdisjoint((one.level, e) for e in edges(one.before) - edges(one.after))
        or ((one.level, one.code) in named and said(one.before) != said(one.after))
        for one in edited.areas
    )


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_an_edit_meets_what_was_changed_since_its_author_looked(
    base: Connection, data: st.DataObject
) -> None:
    with base.begin_nested() as savepoint:
        states = [state_of(base)]
        # Few cells, so that edits meet.
        operation = any_operation(states[0], "m")
        for one in data.draw(st.lists(st.just(UNDO) | operation, min_size=1, max_size=4)):
            if done(base, one) is not None:
                states.append(state_of(base))
        wanted = data.draw(any_operation(states[0], "t"))
        with base.begin_nested() as tried:
            found = done(base, wanted)
            tried.rollback()
        seen = data.draw(st.integers(0, len(states) - 1))
        if found is not None:
            if is_met(states[seen:], found):
                with pytest.raises(EditConflictError):
                    edit_seen(base, wanted, seen)
            else:
                edit_seen(base, wanted, seen)
        savepoint.rollback()


def test_what_was_not_there_when_its_author_looked_is_not_named_unseen(
    base: Connection,
) -> None:
    new = f"{CELLS[3][:12]}099"
    edit(base, ops.Split("cell", CELLS[3], across(base, CELLS[3]), codes=(new,)))
    # Gone and back again.
    edit(base, ops.Merge("cell", (CELLS[0],), CELLS[1]))
    editing.undo(base, "d", actor="li")
    for code, seen in ((new, 1), (CELLS[0], 3)):
        with pytest.raises(EditConflictError, match=f"cell {code} was changed there meanwhile"):
            edit_seen(base, ops.Rename("cell", code, "三"), seen - 1)
        edit_seen(base, ops.Rename("cell", code, "三"), seen)


def done(conn: Connection, one: Operation | str) -> Edited | None:
    """Apply an operation, or undo the last; None if that is impossible."""
    try:
        with conn.begin_nested():
            if isinstance(one, Operation):
                return edit(conn, one)[0].edited
            editing.undo(conn, "d", actor="li")
            return Edited(state_of(conn), ())
    except (EditError, DraftError):
        return None


def edit_seen(conn: Connection, one: Operation, seen: int) -> None:
    editing.edit(conn, "d", [one], border_m=0.05, actor="b", seen=seen)


def test_values_and_names_that_others_gave_are_not_overwritten_unseen(base: Connection) -> None:
    edit(base, ops.Rename("cell", CELLS[0], "一"))
    edit(base, ops.Rename("cell", CELLS[1], "二"))
    edit_seen(base, ops.Rename("cell", CELLS[0], "三"), 1)
    with pytest.raises(EditConflictError, match=f"cell {CELLS[1]} was changed there meanwhile"):
        edit_seen(base, ops.Rename("cell", CELLS[1], "三"), 1)
    store_attributes(base, [GRADE])
    edit(base, ops.SetAttributes("cell", (CELLS[2],), {"grade": 1}))
    with pytest.raises(EditConflictError, match=f"cell {CELLS[2]} was changed there meanwhile"):
        edit_seen(base, ops.SetAttributes("cell", (CELLS[2],), {"grade": 2}), 3)
    edit_seen(base, ops.SetAttributes("cell", (CELLS[2],), {"grade": 2}), 4)

"""A kept state of a draft is that of its log, whoever wrote it and whatever was rolled back."""

import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.services.drafts import drafts
from gridmgmt.services.workbench import editing, open_drafts
from gridmgmt.services.workbench.open_drafts import opened
from gridmgmt.store.areas.drafts import get_draft
from gridmgmt.store.schema import drafts as drafts_table
from tests.factories import make_edition
from tests.geometry.editing.cities import city_levels

State = dict[tuple[str, str], tuple[object, object, bytes]]


@pytest.fixture
def base(conn: Connection) -> Connection:
    make_edition(conn, {areas.level: areas for areas in city_levels()})
    drafts.create(conn, "d", actor="a")
    return conn


def rename(conn: Connection, name: str, code: str = "S0C0N00") -> None:
    wanted = [ops.Rename("cell", code, name)]
    editing.edit(conn, "d", wanted, border_m=0.05, actor="a")


def held(state: EditState) -> State:
    found = {}
    for level in state.levels:
        for code in state.codes(level):
            area = state.area(level, code)
            found[level, code] = area.name, area.parent_code, shapely.to_wkb(area.shape)
    return found


def kept_and_read(conn: Connection) -> tuple[State, State]:
    """Return the state as it is kept, and as it is read anew."""
    draft = get_draft(conn, "d")
    kept = held(opened(conn, draft).state)
    open_drafts._drafts.clear()
    return kept, held(opened(conn, draft).state)


def test_entries_of_others_are_caught_up_with(
    base: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = get_draft(base, "d")
    [mine] = [opened(base, draft)]
    others = dict(open_drafts._drafts)
    rename(base, "一")
    rename(base, "二", "S0C0N01")
    editing.undo(base, "d", actor="b")
    rename(base, "三", "S0C0N10")
    # As a process that has seen none of it.
    open_drafts._drafts.clear()
    open_drafts._drafts.update(others)
    monkeypatch.setattr(open_drafts, "_read", None)
    state = opened(base, draft).state
    monkeypatch.undo()
    assert state.area("cell", "S0C0N00").name == "一"
    assert state.area("cell", "S0C0N01").name == "S0C0N01"
    assert state.area("cell", "S0C0N10").name == "三"
    assert mine.state.area("cell", "S0C0N00").name == "S0C0N00"
    kept, read = kept_and_read(base)
    assert kept == read


def test_what_was_rolled_back_is_forgotten(base: Connection) -> None:
    with base.begin_nested() as tried:
        rename(base, "试")
        opened(base, get_draft(base, "d"))
        tried.rollback()
    rename(base, "定", "S0C0N01")
    kept, read = kept_and_read(base)
    assert kept == read
    assert kept["cell", "S0C0N00"][0] == "S0C0N00"
    assert kept["cell", "S0C0N01"][0] == "定"


def test_a_draft_with_many_changes_is_read_anew(
    base: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_drafts, "_MOST_CHANGED", 1)
    rename(base, "一")
    rename(base, "二", "S0C0N01")
    assert len(opened(base, get_draft(base, "d")).state.changed) <= 1
    kept, read = kept_and_read(base)
    assert kept == read


def test_a_draft_put_on_another_edition_is_read_anew(base: Connection) -> None:
    make_edition(base, {areas.level: areas for areas in city_levels(7)})
    drafts.create(base, "e", actor="a")
    first, second = (opened(base, get_draft(base, label)).state for label in "de")
    assert held(first) != held(second)
    # As when the edition of a draft is withdrawn: the same draft, with the same log.
    base.execute(drafts_table.update().values(base_edition=2))
    assert held(opened(base, get_draft(base, "d")).state) == held(second)

"""Two drafts of one base: both are published where they do not change the same, else told."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import DraftStatus
from gridmgmt.errors import DraftConflictError, DraftError
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import apply
from gridmgmt.geometry.editing.operations import Operation
from gridmgmt.geometry.merging.divergence import Take
from gridmgmt.services.draft_records import operations as rows
from gridmgmt.services.drafts import drafts, rebasing, reviews
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.drafts.withdrawing import withdraw
from gridmgmt.services.responsibility.duties import list_duties
from gridmgmt.services.workbench import editing
from gridmgmt.services.workbench.operation_files import read_lines
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.drafts import (
    get_draft,
    list_changes,
    read_changes,
    replace_changes,
)
from gridmgmt.store.areas.editions import list_editions
from tests.factories import make_edition, make_responder
from tests.geometry.editing.cities import BORDER_M, RULES, city_levels
from tests.geometry.editing.real import real_levels
from tests.geometry.editing.test_edits import corner, vertices
from tests.geometry.merging.test_merging import any_operation, middle_of_side
from tests.services.workbench.test_editing import CELLS, State, numbered

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def base(conn: Connection) -> Connection:
    """A published city, and the drafts "one" and "two" on top of it."""
    levels = [numbered(areas) for areas in city_levels()]
    make_edition(conn, {areas.level: areas for areas in levels}, effective_from=START)
    for label in ("one", "two"):
        drafts.create(conn, label, actor="ada")
    return conn


def edit(conn: Connection, label: str, *operations: Operation) -> None:
    editing.edit(conn, label, operations, border_m=BORDER_M, actor=f"author of {label}")


def day(conn: Connection, n: int) -> datetime:
    return START + timedelta(days=n)


def held(conn: Connection, label: str) -> State:
    """All areas as a draft would make them, to the byte."""
    draft = get_draft(conn, label)
    state = drafts.state_of(conn, draft.base_edition, read_changes(conn, draft.id))
    return {name: contents(areas) for name, areas in state.items()}


def contents(areas: object) -> dict[str, tuple[object, object, bytes]]:
    rows = zip(areas.codes, areas.names, areas.parent_codes, areas.geoms, strict=True)
    return {
        str(code): (name, parent, shapely.to_wkb(geom)) for code, name, parent, geom in rows
    }


def city_of(conn: Connection, edition: int) -> dict[str, dict[str, tuple[object, ...]]]:
    """Names, parents and grounds of an edition, wherever rings begin."""
    return {
        level: {
            str(code): (name, parent, shapely.to_wkb(shapely.normalize(geom)))
            for code, name, parent, geom in zip(
                areas.codes, areas.names, areas.parent_codes, areas.geoms, strict=True
            )
        }
        for level, areas in areas_in(conn, edition).items()
    }


def middle(conn: Connection) -> ops.LonLat:
    return corner(EditState.of(list(areas_in(conn, 1).values())), CELLS)


def moved(conn: Connection, east: float) -> ops.MoveVertex:
    lon, lat = middle(conn)
    return ops.MoveVertex("cell", (lon, lat), (lon + east, lat))


def halved(conn: Connection, code: str) -> ops.Split:
    [shape] = [
        geom
        for one, geom in zip(
            areas_in(conn, 1)["cell"].codes, areas_in(conn, 1)["cell"].geoms, strict=True
        )
        if one == code
    ]
    west, south, east, north = shape.bounds
    lat = (south + north) / 2
    return ops.Split("cell", code, ((west - 1e-5, lat), (east + 1e-5, lat)))


def test_different_borders_names_and_parents_of_one_area_stand_together(
    base: Connection,
) -> None:
    edit(base, "one", moved(base, 2e-6))
    edit(base, "two", ops.Rename("cell", CELLS[0], "和平"), halved(base, CELLS[3]))
    publish(base, "one", day(base, 1), actor="ada")
    before = held(base, "two")
    done = publish(base, "two", day(base, 2), actor="ada")
    assert done.rebased_on == 2
    # What is published is what the draft was put together to, as one entry of its log.
    assert editing.history(base, "two")[-1].operation == "rebase"
    assert get_draft(base, "two").base_edition == 2
    assert held(base, "two") != before
    names = {code: one[0] for code, one in city_of(base, 3)["cell"].items()}
    assert names[CELLS[0]] == "和平"


def test_the_day_of_the_other_change_is_that_of_the_bureaus_clock(base: Connection) -> None:
    edit(base, "one", moved(base, 2e-6))
    edit(base, "two", moved(base, -3e-6))
    publish(base, "one", day(base, 1), actor="ada")
    at = max(one.published_at for one in list_editions(base))
    # At any time one of these clocks shows another day than UTC.
    for hours in (-12, 14):
        tz = timezone(timedelta(hours=hours))
        with pytest.raises(DraftConflictError) as caught:
            rebasing.rebase(base, "two", actor="ada", tz=tz)
        assert f"published by ada on {at.astimezone(tz):%Y-%m-%d}" in str(caught.value)


def test_one_border_redrawn_by_both_is_told_and_taken_as_said(base: Connection) -> None:
    edit(base, "one", moved(base, 2e-6))
    edit(base, "two", moved(base, -3e-6), ops.Rename("cell", CELLS[0], "和平"))
    publish(base, "one", day(base, 1), actor="ada")
    before = held(base, "two")
    with pytest.raises(DraftConflictError) as caught:
        publish(base, "two", day(base, 2), actor="ada")
    told = str(caught.value)
    names = areas_in(base, 1)["cell"]
    name_of = dict(zip(names.codes, names.names, strict=True))
    cells = ", ".join(f"{name_of[code]} {code}" for code in sorted(CELLS))
    assert f"cell {cells}: the border at " in told
    assert "edition 2 (one), published by ada on " in told
    cells = next(one for one in caught.value.details if one["level"] == "cell")
    lon, lat = middle(base)
    for side, east in (("base", 0.0), ("mine", -3e-6), ("theirs", 2e-6)):
        line = shapely.geometry.shape(cells[side])
        assert shapely.distance(line, shapely.Point(lon + east, lat)) < 1e-9
    assert cells["mine_m2"] > cells["theirs_m2"] > 0
    assert json.loads(json.dumps(caught.value.details)) == [*map(plain, caught.value.details)]
    # The remedy works when typed.
    assert "gridmgmt draft rebase two --take theirs --commit" in told
    assert held(base, "two") == before
    for take, place in ((Take.THEIRS, 2e-6), (Take.MINE, -3e-6)):
        with base.begin_nested() as savepoint:
            assert rebasing.rebase(base, "two", actor="ada", tz=UTC, take=take).onto == 2
            state = EditState.of(
                list(
                    drafts.state_of(
                        base, 2, read_changes(base, get_draft(base, "two").id)
                    ).values()
                )
            )
            assert corner(state, CELLS) == pytest.approx((lon + place, lat), abs=1e-9)
            assert state.area("cell", CELLS[0]).name == "和平"
            editing.undo(base, "two", actor="ada")
            assert held(base, "two") == before
            assert get_draft(base, "two").base_edition == 1
            editing.redo(base, "two", actor="ada")
            assert get_draft(base, "two").base_edition == 2
            publish(base, "two", day(base, 2), actor="ada")
            savepoint.rollback()


def plain(details: dict[str, object]) -> object:
    return json.loads(json.dumps(details))


def test_the_same_change_by_both_is_no_conflict(base: Connection) -> None:
    for label in ("one", "two"):
        edit(base, label, moved(base, 2e-6), ops.Rename("cell", CELLS[1], "同名"))
    edit(base, "two", ops.Rename("cell", CELLS[0], "和平"))
    publish(base, "one", day(base, 1), actor="ada")
    done = publish(base, "two", day(base, 2), actor="ada")
    assert (done.added, done.altered, done.dropped) == (0, 1, 0)


def test_nothing_is_published_of_what_was_published_already(base: Connection) -> None:
    for label in ("one", "two"):
        edit(base, label, moved(base, 2e-6))
    publish(base, "one", day(base, 1), actor="ada")
    with pytest.raises(DraftError, match="all that draft 'two' changes was published since"):
        publish(base, "two", day(base, 2), actor="ada")


def test_two_new_areas_of_one_code_and_the_next_code(base: Connection) -> None:
    # Numbers are looked up in all drafts; a code that was given by hand may be taken twice.
    taken = "330102000000099"
    for label, code in (("one", CELLS[0]), ("two", "330102000000000")):
        split = halved(base, code)
        edit(base, label, ops.Split("cell", split.code, split.line, codes=(taken,)))
    publish(base, "one", day(base, 1), actor="ada")
    with pytest.raises(DraftConflictError) as caught:
        publish(base, "two", day(base, 2), actor="ada")
    told = str(caught.value)
    assert f" {taken}: both gave this code to a new area" in told
    assert "the next free code is 330102000000100" in told
    typed = shlex.split(told.partition("echo ")[2].partition(" | ")[0])
    edit(base, "two", *read_lines(typed, "typed"))
    publish(base, "two", day(base, 2), actor="ada")
    assert {taken, "330102000000100"} <= set(city_of(base, 3)["cell"])


def test_duties_on_a_code_taken_twice_are_named(base: Connection) -> None:
    """The code is of the other draft's area: the duty would go to that without a word."""
    taken = "330102000000099"
    make_responder(base, "S1")
    for label, code in (("one", CELLS[0]), ("two", "330102000000000")):
        edit(base, label, ops.Split("cell", code, halved(base, code).line, codes=(taken,)))
    duty = rows.SetDuty("S1", "dispose", "area", taken, "*", level="cell")
    beat = rows.SetGroupMember("G1", taken, level="cell", kind="beat", name="一组")
    other = rows.SetGroupMember("G1", CELLS[0], level="cell", kind="beat", name="一组")
    editing.edit(base, "two", [duty, beat, other], border_m=BORDER_M, actor="ada")
    publish(base, "one", day(base, 1), actor="ada")
    with pytest.raises(DraftConflictError) as caught:
        publish(base, "two", day(base, 2), actor="ada")
    assert "take back what edit(s) 2, 3 of the draft state" in str(caught.value)
    free = "330102000000100"
    anew = replace(duty, target_code=free), replace(beat, area_code=free)
    given = [ops.Recode("cell", taken, free), *map(rows.TakeBackRecord, (2, 3)), *anew]
    editing.edit(base, "two", given, border_m=BORDER_M, actor="ada")
    publish(base, "two", day(base, 2), actor="ada")
    assert [one.target_code for one in list_duties(base)] == [free]


def test_what_was_put_together_is_named_to_the_area(base: Connection) -> None:
    """The border that a draft redraws becomes one of streets: they get it, too."""
    south, north = "330102000000010", "330102000001000"
    state = EditState.of(list(areas_in(base, 1).values()))
    lon, lat = middle_of_side(state, south, north)
    edit(base, "one", ops.Reassign("community", (north[:12],), "330102001"))
    edit(base, "two", ops.MoveVertex("cell", (lon, lat), (lon, lat + 2e-6)))
    publish(base, "one", day(base, 1), actor="ada")
    stated, before = keys(base, "two"), held(base, "two")
    found = rebasing.rebase(base, "two", actor="ada", tz=UTC).combined
    after = held(base, "two")
    other = {one for one in stated if before[one[0]].get(one[1]) != after[one[0]].get(one[1])}
    assert found == tuple(sorted(other | (keys(base, "two") - stated)))
    assert {("street", "330102000"), ("street", "330102001")} <= set(found)


def keys(conn: Connection, label: str) -> set[tuple[str, str]]:
    stated = list_changes(conn, get_draft(conn, label).id)
    return {(one.level, one.code) for one in stated}


def test_a_change_keeps_the_file_that_it_came_from(base: Connection) -> None:
    draft = get_draft(base, "two")
    edit(
        base, "two", ops.Rename("cell", CELLS[0], "和平"), ops.Rename("cell", CELLS[1], "东河")
    )
    stated = read_changes(base, draft.id)["cell"]
    replace_changes(base, draft.id, stated, ["a.shp", None], instead_of=None)
    edit(base, "one", moved(base, 2e-6))
    publish(base, "one", day(base, 1), actor="ada")
    rebasing.rebase(base, "two", actor="ada", tz=UTC)
    assert [one.source for one in list_changes(base, draft.id)] == ["a.shp", None]


def test_a_code_taken_twice_and_a_name_are_each_told_how_to_settle(base: Connection) -> None:
    taken = "330102000000099"
    for label, code in (("one", CELLS[0]), ("two", "330102000000000")):
        line = halved(base, code).line
        edit(base, label, ops.Split("cell", code, line, codes=(taken,)))
        edit(base, label, ops.Rename("cell", CELLS[1], label))
    publish(base, "one", day(base, 1), actor="ada")
    with pytest.raises(DraftConflictError) as caught:
        publish(base, "two", day(base, 2), actor="ada")
    assert "--take theirs --commit keeps what was published" in caught.value.remedy
    assert "gives the area of the draft the next code" in caught.value.remedy


def test_new_borders_that_cross_are_refused_and_nothing_is_lost(base: Connection) -> None:
    shape = areas_in(base, 1)["cell"].geoms[0]
    west, south, east, north = shape.bounds
    code = str(areas_in(base, 1)["cell"].codes[0])
    lat, lon = (south + north) / 2, (west + east) / 2
    edit(base, "one", ops.Split("cell", code, ((west - 1e-5, lat), (east + 1e-5, lat))))
    edit(base, "two", ops.Split("cell", code, ((lon, south - 1e-5), (lon, north + 1e-5))))
    publish(base, "one", day(base, 1), actor="ada")
    before = held(base, "two")
    with pytest.raises(DraftConflictError, match="was redrawn by both"):
        publish(base, "two", day(base, 2), actor="ada")
    assert held(base, "two") == before


def test_a_community_drawn_apart_by_a_hair_follows_the_cells_of_both(
    conn: Connection,
) -> None:
    levels = {areas.level: numbered(areas) for areas in city_levels()}
    communities = levels["community"]
    ring = list(communities.geoms[0].geoms[0].exterior.coords)
    geoms = communities.geoms.copy()
    geoms[0] = shapely.MultiPolygon([shapely.Polygon([ring[0], *ring[2:]])])
    levels["community"] = replace(communities, geoms=geoms)
    make_edition(conn, levels, effective_from=START)
    for label in ("one", "two"):
        drafts.create(conn, label, actor="ada")
    state = EditState.of(list(areas_in(conn, 1).values()))
    south, north = "330102000000000", "330102000000010"
    edit(conn, "one", ops.Reassign("cell", (north,), "330102000001"))
    lon, lat = middle_of_side(state, north, south)
    edit(conn, "two", ops.MoveVertex("cell", (lon, lat), (lon, lat + 2e-5)))
    publish(conn, "one", day(conn, 1), actor="ada", tolerance_m2=1e6)
    assert publish(conn, "two", day(conn, 2), actor="ada", tolerance_m2=1e6).rebased_on == 2
    found = areas_in(conn, 3)
    cells = found["cell"]
    for code, shape in zip(found["community"].codes, found["community"].geoms, strict=True):
        inside = shapely.union_all(cells.geoms[cells.parent_codes == code])
        was = geoms[list(communities.codes).index(code)]
        more = shapely.symmetric_difference(inside, shape).area
        then = shapely.union_all(levels["cell"].geoms[levels["cell"].parent_codes == code])
        assert more <= shapely.symmetric_difference(then, was).area + 1e-14


def test_an_area_that_both_empty_is_told_and_taken_as_said(base: Connection) -> None:
    # Each side puts half of the cells elsewhere: nothing would be left of the community.
    halves = ("330102000000000", "330102000000001"), ("330102000000010", "330102000000011")
    to = "330102001000", "330102000001"
    for label, cells, there in zip(("one", "two"), halves, to, strict=True):
        edit(base, label, ops.Reassign("cell", cells, there))
    edit(base, "two", ops.Rename("cell", CELLS[2], "别处"))
    mine = held(base, "two")
    publish(base, "one", day(base, 1), actor="ada")
    with pytest.raises(DraftConflictError, match="--take theirs --commit") as caught:
        publish(base, "two", day(base, 2), actor="ada")
    assert "community S0C0 330102000000: each side gives a part of it away" in str(caught.value)
    assert held(base, "two") == mine
    published_cells = city_of(base, 2)["cell"]
    for take, half, parent in (
        (Take.THEIRS, halves[0], to[0]),
        (Take.MINE, halves[1], to[1]),
    ):
        with base.begin_nested() as savepoint:
            rebasing.rebase(base, "two", actor="ada", tz=UTC, take=take)
            publish(base, "two", day(base, 2), actor="ada")
            city = city_of(base, 3)
            parents = {code: one[1] for code, one in city["cell"].items()}
            assert {code for code in parents if parents[code] == "330102000000"} == {
                *halves[0],
                *halves[1],
            } - {*half}
            assert {parents[code] for code in half} == {parent}
            assert {code: one[2] for code, one in city["cell"].items()} == {
                code: one[2] for code, one in published_cells.items()
            }
            assert city["cell"][CELLS[2]][0] == "别处"
            savepoint.rollback()


def test_a_merge_that_is_not_taken_leaves_what_it_merged_its_ground(base: Connection) -> None:
    edit(base, "one", moved(base, 2e-6))
    edit(base, "two", ops.Merge("community", ("330102001000", "330102000000"), "330102001000"))
    publish(base, "one", day(base, 1), actor="ada")
    with pytest.raises(DraftConflictError, match="330102000000: one side retired it"):
        publish(base, "two", day(base, 2), actor="ada")
    rebasing.rebase(base, "two", actor="ada", tz=UTC, take=Take.THEIRS)
    standing = {level: contents(areas) for level, areas in areas_in(base, 2).items()}
    assert {level: areas for level, areas in held(base, "two").items() if areas} == standing


def test_an_area_whose_parent_the_other_merged_away_is_taken_as_said(base: Connection) -> None:
    cell = "330102000000011"
    edit(base, "one", ops.Rename("cell", cell, "和平"))
    edit(
        base,
        "two",
        ops.Merge("community", ("330102001000", "330102000000"), "330102001000"),
        ops.Merge("cell", ("330102001000010", cell), "330102001000010"),
    )
    publish(base, "one", day(base, 1), actor="ada")
    for take, name, gone in ((Take.THEIRS, "和平", set()), (Take.MINE, None, {cell})):
        with base.begin_nested() as savepoint:
            rebasing.rebase(base, "two", actor="ada", tz=UTC, take=take)
            cells, communities = held(base, "two")["cell"], held(base, "two")["community"]
            assert {cell} - cells.keys() == gone
            assert cells.get(cell, (None,))[0] == name
            assert ("330102000000" in communities) == (take is Take.THEIRS)
            assert {parent for _, parent, _ in cells.values()} == communities.keys()
            savepoint.rollback()


def test_two_communities_that_each_side_merges_into_the_other(base: Connection) -> None:
    both = "330102000000", "330102000001"
    edit(base, "one", ops.Merge("community", both, both[0]))
    edit(base, "two", ops.Merge("community", both, both[1]))
    publish(base, "one", day(base, 1), actor="ada")
    mine = held(base, "two")["cell"]
    theirs = contents(areas_in(base, 2)["cell"])
    for take, cells in ((Take.THEIRS, theirs), (Take.MINE, mine)):
        with base.begin_nested() as savepoint:
            rebasing.rebase(base, "two", actor="ada", tz=UTC, take=take)
            assert held(base, "two")["cell"] == cells
            savepoint.rollback()


def test_an_approved_draft_is_published_as_it_was_approved_or_not_at_all(
    base: Connection,
) -> None:
    edit(base, "one", moved(base, 2e-6))
    edit(base, "two", ops.Rename("cell", CELLS[0], "和平"))
    reviews.submit(base, "two", actor="li")
    reviews.approve(base, "two", actor="zhou")
    publish(base, "one", day(base, 1), actor="ada")
    with pytest.raises(DraftError, match="have it approved again"):
        publish(base, "two", day(base, 2), actor="ada")
    reviews.approve(base, "two", actor="zhou")
    # The area has another border now: not what was looked at.
    with pytest.raises(DraftError, match="return the draft, put it on the newest edition"):
        publish(base, "two", day(base, 2), actor="ada")
    with pytest.raises(DraftError, match="cannot be changed"):
        rebasing.rebase(base, "two", actor="li", tz=UTC)
    reviews.give_back(base, "two", actor="li")
    assert rebasing.rebase(base, "two", actor="li", tz=UTC).combined == (("cell", CELLS[0]),)
    reviews.submit(base, "two", actor="li")
    reviews.approve(base, "two", actor="zhou")
    approved = held(base, "two")
    publish(base, "two", day(base, 2), actor="ada")
    assert {level: contents(areas) for level, areas in areas_in(base, 3).items()} == {
        level: areas for level, areas in approved.items() if areas
    }


def test_an_approved_draft_elsewhere_is_approved_again_and_published(base: Connection) -> None:
    edit(base, "one", moved(base, 2e-6))
    edit(base, "two", ops.Rename("cell", "330102000000000", "和平"))
    reviews.submit(base, "two", actor="li")
    reviews.approve(base, "two", actor="zhou")
    publish(base, "one", day(base, 1), actor="ada")
    reviews.approve(base, "two", actor="zhou")
    assert publish(base, "two", day(base, 2), actor="ada").rebased_on == 2


def test_a_withdrawn_edition_leaves_the_draft_that_was_put_on_it(base: Connection) -> None:
    edit(base, "one", moved(base, 2e-6))
    edit(base, "two", ops.Rename("cell", CELLS[0], "和平"))
    publish(base, "one", datetime(2099, 1, 1, tzinfo=UTC), actor="ada")
    rebasing.rebase(base, "two", actor="ada", tz=UTC)
    withdraw(base, 2, actor="ada")
    assert get_draft(base, "two").base_edition == 1
    with pytest.raises(DraftError, match="cannot be undone or redone"):
        editing.undo(base, "two", actor="ada")


def test_a_draft_is_not_put_on_a_withdrawn_edition_again(base: Connection) -> None:
    edit(base, "one", moved(base, 2e-6))
    edit(base, "two", ops.Rename("cell", CELLS[0], "和平"))
    publish(base, "one", datetime(2099, 1, 1, tzinfo=UTC), actor="ada")
    rebasing.rebase(base, "two", actor="ada", tz=UTC)
    editing.undo(base, "two", actor="ada")
    withdraw(base, 2, actor="ada")
    with pytest.raises(DraftError, match="an edition was withdrawn since"):
        editing.redo(base, "two", actor="ada")


@settings(
    deadline=None,
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_which_of_two_is_published_first_does_not_matter(
    base: Connection, data: st.DataObject
) -> None:
    state = EditState.of(list(areas_in(base, 1).values()))
    given_edits = {
        label: data.draw(st.lists(any_operation(state, label), min_size=1, max_size=3))
        for label in ("one", "two")
    }
    made = []
    for order in (("one", "two"), ("two", "one")):
        with base.begin_nested() as savepoint:
            for label in ("one", "two"):
                tried(base, label, given_edits[label])
            made.append(published(base, order))
            savepoint.rollback()
    assert (made[0] is None) == (made[1] is None)
    assert made[0] == made[1]
    if made[0] is not None:
        with base.begin_nested() as savepoint:
            done = [tried(base, "one", given_edits[one]) for one in ("one", "two")]
            city = published(base, ("one",))
            # What is refused on top of the other's edits may have been possible alone, and an
            # area that is cut twice keeps its code for another piece.
            every = [one for several in given_edits.values() for one in several]
            if sum(done) == len(every) and not any(isinstance(o, ops.Split) for o in every):
                assert city == made[0]
            savepoint.rollback()


def tried(conn: Connection, label: str, operations: Sequence[Operation]) -> int:
    """Apply what can be applied; return how many."""
    count = 0
    for one in operations:
        try:
            with conn.begin_nested():
                edit(conn, label, one)
        except EditError:
            continue
        count += 1
    return count


def published(conn: Connection, order: Sequence[str]) -> object:
    """Publish two drafts; return the city, None where the second conflicts."""
    done = 1
    for n, label in enumerate(order, start=1):
        if get_draft(conn, label).status is DraftStatus.PUBLISHED:
            continue
        try:
            done = publish(conn, label, day(conn, n), actor="ada").edition.number
        except DraftConflictError:
            return None
        except DraftError:
            # It changes nothing, or nothing any more.
            continue
    return city_of(conn, done)


def test_two_drafts_of_a_real_district_are_both_published(conn: Connection) -> None:
    levels = real_levels("hangzhou_xiacheng")
    make_edition(conn, {areas.level: areas for areas in levels}, effective_from=START)
    state = EditState.of(levels)
    sides = two_sides(state)
    for label in ("one", "two", "both"):
        drafts.create(conn, label, actor="ada")
    for label, side in (("one", sides[0]), ("two", sides[1]), ("both", sides[0])):
        edit(conn, label, side)
    edit(conn, "both", sides[1])
    together = held(conn, "both")
    # Faults of the real layers stay as they are; nothing of an edit adds to them.
    publish(conn, "one", day(conn, 1), actor="ada", tolerance_m2=1e9)
    assert publish(conn, "two", day(conn, 2), actor="ada", tolerance_m2=1e9).rebased_on == 2
    found = {level: contents(areas) for level, areas in areas_in(conn, 3).items()}
    assert {level: found[level].keys() for level in found} == {
        level: areas.keys() for level, areas in together.items() if areas
    }
    for level, areas in found.items():
        for code, (name, parent, wkb) in areas.items():
            other_name, other_parent, other = together[level][code]
            assert (name, parent) == (other_name, other_parent)
            if wkb != other:
                grounds = shapely.from_wkb([wkb, other])
                assert shapely.equals(*shapely.normalize(grounds)), (level, code)


def two_sides(state: EditState) -> tuple[Operation, Operation]:
    """Moves at two borders of one cell that it has with different neighbours."""
    for code in sorted(state.codes("cell")):
        cell = state.area("cell", code)
        moves = []
        for near in state.near("cell", cell.box):
            if near.code == code or len(moves) == 2:
                continue
            shared = vertices(state, code) & vertices(state, near.code)
            if len(shared) < 4:
                continue
            lon, lat = middle_of_side(state, code, near.code)
            move = ops.MoveVertex("cell", (lon, lat), (lon + 2e-7, lat + 2e-7))
            try:
                apply(state, move, RULES)
            except EditError:
                continue
            moves.append(move)
        if len(moves) == 2:
            return moves[0], moves[1]
    pytest.fail("no cell has two borders that can be moved")

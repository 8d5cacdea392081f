"""The sheet about a draft tells all that changes, and its ground adds up."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.errors import DraftError, NotFoundError
from gridmgmt.exchange.change_sheets.change_sheet import ChangeKind, ChangeSheet, SheetArea
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.coverage.lineage import DUST_M2, lineage
from gridmgmt.geometry.measure import area_m2
from gridmgmt.services.draft_records import operations as rows
from gridmgmt.services.drafts import drafts
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.workbench import editing
from gridmgmt.services.workbench.change_sheet import change_sheet
from tests.factories import make_draft, make_edition, make_level, square, two_streets
from tests.geometry.editing.cities import city_levels

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def sheet(conn: Connection, label: str = "d", **asked: object) -> ChangeSheet:
    return change_sheet(conn, label, now=NOW, tz=SHANGHAI, **asked)  # type: ignore[arg-type]


def areas_of(found: ChangeSheet, level: str = "cell") -> dict[str, SheetArea]:
    return {one.code: one for one in found.areas if one.level == level}


def merged_at_random(levels: list[LevelAreas], chance: random.Random) -> list[LevelAreas]:
    """The levels with two cells of one community made into one, and one under a new code."""
    streets, communities, cells = levels
    geoms = dict(zip(cells.codes, cells.geoms, strict=True))
    parents = dict(zip(cells.codes, cells.parent_codes, strict=True))
    one, other = chance.sample([c for c in geoms if parents[c] == parents[min(geoms)]], 2)
    geoms[one] = shapely.union(geoms[one], geoms.pop(other))
    recoded = max(geoms)
    geoms["NEW"], parents["NEW"] = geoms.pop(recoded), parents[recoded]
    parents = {code: parents[code] for code in geoms}
    return [streets, communities, make_level("cell", geoms, parents=parents)]


def drawn_anew(conn: Connection, seed: int) -> tuple[list[LevelAreas], list[LevelAreas]]:
    """An edition, and a draft in which every border runs elsewhere."""
    before = city_levels(0)
    make_edition(conn, {areas.level: areas for areas in before})
    after = merged_at_random(city_levels(seed), random.Random(seed))
    make_draft(conn, "d", after)
    return before, after


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_ground_that_is_given_is_that_of_the_whole_states(
    conn: Connection, seed: int
) -> None:
    before, after = drawn_anew(conn, seed)
    found = sheet(conn)
    for old, new in zip(before, after, strict=True):
        given = {
            (one.from_code, one.to_code): one.m2
            for one in found.given
            if one.level == old.level and one.from_code is not None
        }
        descents = {
            (one.old_code, one.new_code): one.overlap_m2
            for one in lineage(old.codes, old.geoms, new.codes, new.geoms)
            if one.old_code != one.new_code and one.overlap_m2 >= DUST_M2
        }
        assert given == pytest.approx(descents, abs=1e-3)
        assert given
    assert [one.number for one in found.given] == list(range(1, len(found.given) + 1))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_every_area_gets_and_gives_makes_up_its_change(
    conn: Connection, seed: int
) -> None:
    drawn_anew(conn, seed)
    found = sheet(conn)
    got: dict[tuple[str, str | None], float] = defaultdict(float)
    for one in found.given:
        got[one.level, one.to_code] += one.m2
        got[one.level, one.from_code] -= one.m2
    for area in found.areas:
        change = (area.after_m2 or 0) - (area.before_m2 or 0)
        # As many pieces may be left out as an area has neighbours.
        assert got[area.level, area.code] == pytest.approx(change, abs=10 * DUST_M2), area
    assert {one.level for one in found.areas} == {"street", "community", "cell"}


def test_every_area_that_is_other_is_told_with_its_square_metres(conn: Connection) -> None:
    before, after = drawn_anew(conn, 1)
    found = sheet(conn)
    for old, new in zip(before, after, strict=True):
        told = areas_of(found, old.level)
        assert set(told) == {*old.codes, *new.codes}
        for side, name in ((old, "before_m2"), (new, "after_m2")):
            m2 = {code: getattr(one, name) for code, one in told.items()}
            measured = dict(zip(side.codes, area_m2(side.geoms).tolist(), strict=True))
            assert {c: v for c, v in m2.items() if v is not None} == pytest.approx(measured)
    assert areas_of(found)["NEW"].kinds == (ChangeKind.NEW,)
    assert [one.code for one in found.areas if one.kinds == (ChangeKind.RETIRED,)] != []


def two(conn: Connection, **cells: shapely.Geometry) -> dict[str, LevelAreas]:
    """The two streets as an edition, and their levels with other cells."""
    levels = two_streets()
    make_edition(conn, levels)
    geoms = dict(zip(levels["cell"].codes, levels["cell"].geoms, strict=True)) | cells
    return levels | {"cell": cells_of(geoms)}


def cells_of(geoms: dict[str, shapely.Geometry], **parents: str) -> LevelAreas:
    above = {code: code[0] for code in geoms} | parents
    return make_level("cell", geoms, parents=above)


def test_a_cell_of_another_street_is_told_with_both_and_changes_the_streets(
    conn: Connection,
) -> None:
    levels = two(conn)
    cells = levels["cell"]
    geoms = dict(zip(cells.codes, cells.geoms, strict=True))
    streets = {"A": square(0, 0).difference(geoms["A2"]), "B": square(1, 0).union(geoms["A2"])}
    make_draft(conn, "d", [make_level("street", streets), cells_of(geoms, A2="B")])
    found = sheet(conn, in_force=date(2027, 1, 1), bureau="某局")
    assert areas_of(found)["A2"].kinds == (ChangeKind.MOVED,)
    assert (areas_of(found)["A2"].upper, areas_of(found)["A2"].old_upper) == (("B",), ("A",))
    [given] = found.given
    assert (given.level, given.from_code, given.to_code) == ("street", "A", "B")
    # The map of the cell shows what its streets give each other.
    [drawn] = found.maps
    assert (drawn.level, [*drawn.after.changed.codes], found.groups) == ("cell", ["A2"], 1)
    assert found.places == ("A", "B")
    assert (found.in_force, found.bureau, found.edits) == (date(2027, 1, 1), "某局", 0)


def test_an_upper_area_that_changes_by_itself_has_a_map_of_its_own(conn: Connection) -> None:
    levels = two(conn)
    wider = make_level("street", {"A": square(0, 0, 0.9), "B": square(0.9, 0, 1.1)})
    make_draft(conn, "d", [wider, levels["cell"]])
    [drawn] = sheet(conn).maps
    assert (drawn.level, sorted(drawn.before.changed.codes)) == ("street", ["A", "B"])


def test_areas_that_do_not_touch_have_a_map_each_and_maps_end_somewhere(
    conn: Connection,
) -> None:
    def cut(code: str, column: float, row: float) -> dict[str, shapely.Geometry]:
        return {
            code: square(column, row, 0.25, 0.5),
            f"{code}x": square(column + 0.25, row, 0.25, 0.5),
        }

    levels = two(conn, **cut("A1", 0, 0), **cut("B4", 1.5, 0.5))
    make_draft(conn, "d", [levels["cell"]])
    found = sheet(conn, most_maps=1)
    assert (found.groups, len(found.maps)) == (2, 1)
    assert sorted(areas_of(found)) == ["A1", "A1x", "B4", "B4x"]
    [drawn] = found.maps
    assert [*drawn.before.changed.codes] in (["A1"], ["B4"])
    around = {*drawn.before.around.codes}
    assert around.isdisjoint(drawn.before.changed.codes)
    assert {"A2", "A4"} & around
    maps = sheet(conn).maps
    assert sorted(str(one.after.changed.codes[1]) for one in maps) == ["A1x", "B4x"]


def test_other_areas_of_the_draft_are_around_a_group_as_they_were_and_will_be(
    conn: Connection,
) -> None:
    def halves(code: str, column: float, row: float) -> dict[str, shapely.Geometry]:
        width = 0.49 / 2
        return {
            code: square(column, row, width),
            f"{code}x": square(column + width, row, width),
        }

    # A lane between two cells keeps them apart, and each is in the window of the other.
    lane = {"LANE": square(0.49, 0, 0.02)}
    before = {"WEST": square(0, 0, 0.49), "EAST": square(0.51, 0, 0.49), **lane}
    after = {**halves("WEST", 0, 0), **halves("EAST", 0.51, 0), **lane}
    make_edition(conn, {"cell": make_level("cell", before)})
    make_draft(conn, "d", [make_level("cell", after)])
    maps = sheet(conn).maps
    assert len(maps) == 2
    for drawn in maps:
        mine = {*drawn.before.changed.codes, *drawn.after.changed.codes}
        box = shapely.box(*drawn.window)
        for side, state in ((drawn.before, before), (drawn.after, after)):
            near = {
                code: geom
                for code, geom in state.items()
                if code not in mine and shapely.intersects(geom, box)
            }
            around = dict(zip(side.around.codes, side.around.geoms, strict=True))
            assert set(around) == set(near)
            assert all(shapely.equals(around[code], near[code]) for code in near)
            assert len(near) > 1


def test_a_new_name_alone_needs_no_map(conn: Connection) -> None:
    levels = two_streets()
    make_edition(conn, levels)
    cells = levels["cell"]
    geoms = dict(zip(cells.codes, cells.geoms, strict=True))
    parents = {code: code[0] for code in geoms}
    renamed = make_level("cell", geoms, parents=parents, names={"A1": "新名"})
    make_draft(conn, "d", [renamed])
    found = sheet(conn)
    [area] = found.areas
    assert (area.kinds, area.name, area.old_name) == ((ChangeKind.RENAMED,), "新名", "A1")
    assert (found.maps, found.given, found.groups, found.places) == ((), (), 0, ("A",))


def test_a_vertex_that_moves_no_ground_is_no_change_of_its_area(conn: Connection) -> None:
    levels = two(conn)
    geoms = dict(zip(levels["cell"].codes, levels["cell"].geoms, strict=True))
    geoms["A1"] = shapely.segmentize(geoms["A1"], 0.004)
    geoms["A4"] = square(0.5, 0.5, 0.5, 0.4)
    make_draft(conn, "d", [cells_of(geoms)])
    [area] = sheet(conn).areas
    assert area.code == "A4"
    [given] = sheet(conn).given
    assert (given.from_code, given.to_code) == ("A4", None)


def test_a_first_edition_is_all_new(conn: Connection) -> None:
    make_draft(conn, "d", two_streets().values())
    found = sheet(conn)
    assert {one.kinds for one in found.areas} == {(ChangeKind.NEW,)}
    assert {one.before_m2 for one in found.areas} == {None}
    assert [len(one.before.changed.codes) for one in found.maps] == [0]


def test_a_published_draft_has_the_same_sheet_with_its_day(conn: Connection) -> None:
    drawn_anew(conn, 2)
    before = sheet(conn)
    publish(conn, "d", datetime(2027, 2, 28, 16, tzinfo=UTC), actor="a", tolerance_m2=1e6)
    after = sheet(conn)
    assert (after.areas, after.given) == (before.areas, before.given)
    assert (before.in_force, after.in_force) == (None, date(2027, 3, 1))
    assert sheet(conn, in_force=date(2027, 3, 1)).in_force == date(2027, 3, 1)
    with pytest.raises(DraftError, match="'d' is published: edition 2 is in force from 2027"):
        sheet(conn, in_force=date(2027, 3, 2))


def test_a_draft_that_changes_no_area_has_no_sheet(conn: Connection) -> None:
    make_edition(conn, two_streets())
    drafts.create(conn, "d", actor="a")
    with pytest.raises(DraftError, match="'d' changes no area, so there is nothing to put up"):
        sheet(conn)
    outline = shapely.geometry.mapping(square(0, 0))
    zone = rows.SetZone("Z", "示例拆迁区", "demolition", geometry=outline)
    editing.edit(conn, "d", [zone], border_m=0.05, actor="a")
    with pytest.raises(DraftError, match="changes no area"):
        sheet(conn)
    with pytest.raises(NotFoundError):
        sheet(conn, "x")

"""Borders of whole cities edited from a file, undone, redone, published; cases follow."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.arrays import objects
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.geometry.coverage.changes import as_multipolygons
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.services.drafts import drafts
from gridmgmt.settings import Settings
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.drafts import get_draft, read_changes
from gridmgmt.store.engine import make_engine
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.responsibility.responders import put_responders
from gridmgmt.store.schema import case_leaves, cases
from tests.cli.areas.edit_story import Story, places_in
from tests.cli.areas.test_draft import Bureau
from tests.cli.areas.test_draft_real_data import checked, set_levels
from tests.factories import make_edition, write_areas
from tests.geometry import coverages
from tests.geometry.editing.real import real_levels
from tests.services.case_city import case_file, row, take_in

pytestmark = pytest.mark.proof

Held = dict[str, dict[str, tuple[object, object, bytes]]]


@pytest.fixture
def bureau(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Bureau:
    return Bureau(settings, capsys)


@contextmanager
def connected(bureau: Bureau) -> Iterator[Connection]:
    assert bureau.settings.database_url is not None
    engine = make_engine(bureau.settings.database_url)
    with engine.begin() as conn:
        yield conn
    engine.dispose()


def drafted(bureau: Bureau) -> Held:
    """All areas as the draft would make them, to the byte."""
    with connected(bureau) as conn:
        draft = get_draft(conn, "d")
        return bytes_of(drafts.state_of(conn, draft.base_edition, read_changes(conn, draft.id)))


def bytes_of(levels: dict[str, LevelAreas]) -> Held:
    return {
        level: {
            str(code): (name, parent, shapely.to_wkb(geom))
            for code, name, parent, geom in zip(
                areas.codes, areas.names, areas.parent_codes, areas.geoms, strict=True
            )
        }
        for level, areas in levels.items()
        if len(areas.codes)
    }


def open_city(
    bureau: Bureau, tmp_path: Path, levels: list[LevelAreas], places: list[ops.LonLat]
) -> None:
    """Publish the areas, give each topmost one a squad, take in cases, open draft d."""
    top = levels[0]
    with connected(bureau) as conn:
        since = datetime(2018, 1, 1, tzinfo=UTC)
        make_edition(conn, {one.level: one for one in levels}, effective_from=since)
        squads = [
            Responder(f"Q{n}", ResponderKind.SQUAD, f"{n}队") for n in range(len(top.codes))
        ]
        put_responders(conn, squads)
        put_categories(conn, [Category("E1", "占道")])
        duty = DutyRole.DISPOSE, DutyTarget.AREA, top.level
        add_duties(
            conn, [Duty(0, f"Q{n}", *duty, str(code), None) for n, code in enumerate(top.codes)]
        )
        rows = [row(f"C{n}", place) for n, place in enumerate(places)]
        take_in(conn, case_file(tmp_path, [*rows, row("FAR", (0.0, 0.0))]))
    assert bureau("draft", "create", "d", "--commit") == 0


def tell(
    bureau: Bureau, tmp_path: Path, levels: list[LevelAreas], new_code: str | None
) -> set[str]:
    """Edit, undo and redo all, publish, reroute; everything is where it should be.

    Returns the codes of the lowest level that were not there before.
    """
    story = Story(levels, new_code=new_code)
    places = places_in(levels, story, others=60)
    open_city(bureau, tmp_path, levels, places)
    begun = drafted(bureau)
    file = tmp_path / "ops.jsonl"
    lines = [json.dumps({"op": one.op, **given(one)}) for one in story.operations]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert bureau("draft", "edit", "d", file, "--commit") == 0, bureau.err
    ended = drafted(bureau)
    assert ended != begun
    for _ in lines:
        assert bureau("draft", "undo", "d", "--commit") == 0
    assert drafted(bureau) == begun
    with connected(bureau) as conn:
        assert read_changes(conn, get_draft(conn, "d").id) == {}
    for _ in lines:
        assert bureau("draft", "redo", "d", "--commit") == 0
    assert drafted(bureau) == ended
    publish = ("draft", "publish", "d", "--effective-from", "2026-06-01", "--commit")
    assert bureau(*publish) == 0, bureau.err
    assert bureau("case", "reroute", "--edition", "2", "--commit") == 0
    assert_cases_follow(bureau, levels, places, ended)
    return {*ended[levels[-1].level]} - {*levels[-1].codes}


def given(operation: ops.Operation) -> dict[str, object]:
    """Return what a file says of an operation: nothing of what is left to its default."""
    return {name: value for name, value in asdict(operation).items() if value not in (None, ())}


def assert_cases_follow(
    bureau: Bureau,
    levels: list[LevelAreas],
    places: list[ops.LonLat],
    ended: Held,
) -> None:
    leaf_level = levels[-1].level
    squads = {str(code): f"Q{n}" for n, code in enumerate(levels[0].codes)}
    with connected(bureau) as conn:
        published = areas_in(conn, 2)
        assert bytes_of(published) == ended
        leaves = published[leaf_level]
        stored = sa.select(cases.c.case_no, cases.c.area_code, cases.c.responder_code)
        known = {no: (area, squad) for no, area, squad in conn.execute(stored)}
        moved = sa.select(case_leaves.c.case_no, case_leaves.c.area_code).where(
            case_leaves.c.edition == 2
        )
        other = conn.execute(moved).all()
    # One leaf for each case: that of its day, or one that is stored once.
    under = {no: area for no, (area, _) in known.items()}
    assert len({no for no, _ in other}) == len(other)
    under.update({one.case_no: one.area_code for one in other})
    points = shapely.points(places)
    case, area = shapely.STRtree(leaves.geoms).query(points, predicate="within")
    assert np.array_equal(np.sort(case), np.arange(len(places))), "a place in no or two leaves"
    assert under["FAR"] is None
    new_owners = 0
    before = {str(c): p for c, p in zip(levels[-1].codes, levels[-1].parent_codes, strict=True)}
    for n, at in zip(case, area, strict=True):
        code = str(leaves.codes[at])
        assert under[f"C{n}"] == code
        assert known[f"C{n}"][1] == squads[top_of(ended, leaf_level, code)], (n, code)
        new_owners += before.get(code, leaves.parent_codes[at]) != leaves.parent_codes[at]
    # Those of the cell that was put under another parent, among them.
    assert new_owners > 0


def top_of(held: Held, level: str, code: str) -> str:
    """Return the topmost area in which an area lies, by the parents that are published."""
    names = list(held)
    for one in names[names.index(level) : 0 : -1]:
        parent = held[one][code][1]
        assert isinstance(parent, str)
        code = parent
    return code


def test_borders_of_hangzhou(bureau: Bureau, tmp_path: Path) -> None:
    assert tell(bureau, tmp_path, real_levels("hangzhou_xiacheng"), "SQ-3-99") == {"SQ-3-99"}


def test_borders_of_four_levels_of_los_angeles(bureau: Bureau, tmp_path: Path) -> None:
    levels = real_levels("la311")
    set_levels(bureau, tmp_path, *(one.level for one in levels))
    assert tell(bureau, tmp_path, levels, "9999") == {"9999"}


def test_borders_of_ten_thousand_cells(bureau: Bureau, tmp_path: Path) -> None:
    levels = numbered_city(100)
    assert len(levels[-1].codes) == 10_000
    # Cells are numbered from 000 in each community of 25.
    assert [code[-3:] for code in tell(bureau, tmp_path, levels, None)] == ["025"]


def numbered_city(side: int) -> list[LevelAreas]:
    """Return wriggly cells, 25 in a community, 16 communities in a street, with codes."""
    drawn = coverages.wriggly(np.random.default_rng(3), side)
    x, y = np.arange(side * side) % side, np.arange(side * side) // side
    streets = [f"330102{n:03}" for n in x // 20 + side // 20 * (y // 20)]
    communities = [
        f"{street}{n:03}"
        for street, n in zip(streets, x % 20 // 5 + y % 20 // 5 * 4, strict=True)
    ]
    cells = [f"{one}{n:03}" for one, n in zip(communities, x % 5 + y % 5 * 5, strict=True)]
    whole = dict(zip(cells, drawn, strict=True))
    return [
        _level("street", _dissolved(whole, 9), 0),
        _level("community", _dissolved(whole, 12), 9),
        _level("cell", whole, 12),
    ]


def _dissolved(cells: dict[str, shapely.Polygon], digits: int) -> dict[str, shapely.Polygon]:
    found: dict[str, list[shapely.Polygon]] = {}
    for code, shape in cells.items():
        found.setdefault(code[:digits], []).append(shape)
    return {code: shapely.coverage_union_all(shapes) for code, shapes in found.items()}


def _level(name: str, areas: dict[str, shapely.Polygon], above: int) -> LevelAreas:
    codes = sorted(areas)
    return LevelAreas(
        name,
        objects(codes),
        objects(codes),
        objects(code[:above] or None for code in codes),
        as_multipolygons(objects(areas[code] for code in codes)),
    )


def test_councils_are_worked_off_until_the_check_blocks_nothing(
    bureau: Bureau, tmp_path: Path
) -> None:
    """Every overlap is trimmed for the larger council or else the smaller, one at a time.

    What is left is named: gaps, which the check of a level without parents tells as warnings;
    those of 25 to 1,000 m² are filled.
    """
    set_levels(bureau, tmp_path, "council")
    assert bureau("draft", "create", "d", "--commit") == 0
    file = write_areas(tmp_path / "councils.geojson", real_levels("councils")[0])
    fields = ("--level", "council", "--code", "code", "--name", "name", "--commit")
    assert bureau("draft", "import", "d", file, *fields) == 0, bureau.err
    code, found = checked(bureau)
    assert code == 4
    overlaps = [one for one in found if one["kind"] == "overlap"]
    assert sum(one["severity"] == "error" for one in overlaps) > 150
    left = [one["codes"] for one in overlaps if not trimmed(bureau, tmp_path, one["codes"])]
    assert left == []
    assert bureau("draft", "check", "d", "--json") == 0
    told = json.loads(bureau.out)["features"]
    gaps = [one for one in told if one["properties"]["kind"] in ("enclave", "pinhole")]
    wanted = [one for one in gaps if 25 <= one["properties"]["amount"] <= 1000]
    assert len(wanted) > 50
    lines = []
    for one in wanted:
        place = shapely.point_on_surface(shapely.from_geojson(json.dumps(one["geometry"])))
        lines.append({"op": "fill", "level": "council", "at": [place.x, place.y]})
    assert edit(bureau, tmp_path, *lines) == 0, bureau.err
    code, found = checked(bureau)
    assert code == 0
    assert [one["codes"] for one in found if one["kind"] == "overlap"] == []
    assert not [
        one
        for one in found
        if one["kind"] in ("enclave", "pinhole") and 25 <= one["amount"] <= 1000
    ]
    publish = ("draft", "publish", "d", "--effective-from", "2019-01-01", "--commit")
    assert bureau(*publish) == 0


def trimmed(bureau: Bureau, folder: Path, codes: list[str]) -> bool:
    for keep, give_up in (codes, codes[::-1]):
        line = {"op": "trim", "level": "council", "keep": keep, "give_up": give_up}
        if edit(bureau, folder, line) == 0 or "do not overlap" in bureau.err:
            return True
    return False


def edit(bureau: Bureau, folder: Path, *lines: dict[str, object]) -> int:
    file = folder / "ops.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return bureau("draft", "edit", "d", file, "--commit")

"""What the check finds is mended by a file of operations that an officer looks at first."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import shapely

from gridmgmt.arrays import objects
from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine, transaction
from tests.cli.areas.test_draft import Bureau
from tests.factories import make_edition
from tests.geometry.editing.cities import city, city_levels
from tests.geometry.editing.test_edits import FOUR, corner


@pytest.fixture
def bureau(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Bureau:
    """A city in which one cell lies over its neighbours, and another has a bite out of it."""
    lon, lat = corner(city(), FOUR)
    *upper, cells = city_levels()
    shapes = dict(zip(cells.codes, cells.geoms, strict=True))
    shapes["S0C0N11"] = shapely.union(shapes["S0C0N11"], shapely.Point(lon, lat).buffer(1e-4))
    bite = shapes["S1C1N11"].representative_point().buffer(1e-4)
    shapes["S1C1N11"] = shapely.difference(shapes["S1C1N11"], bite)
    drawn = objects(
        shapely.MultiPolygon(shapely.get_parts(shapes[code])) for code in cells.codes
    )
    levels = [*upper, replace(cells, geoms=drawn)]
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    with transaction(engine, commit=True) as conn:
        make_edition(conn, {areas.level: areas for areas in levels})
    engine.dispose()
    found = Bureau(settings, capsys)
    assert found("draft", "create", "d d", "--commit") == 0
    return found


def test_what_the_check_names_is_mended_by_what_repairs_proposes(
    bureau: Bureau, tmp_path: Path
) -> None:
    assert bureau("draft", "check", "d d") == 4
    assert "gridmgmt draft repairs 'd d' proposes operations" in bureau.err
    file = tmp_path / "mend.jsonl"
    before = bureau.held
    assert bureau("draft", "repairs", "d d", "-o", file) == 0
    assert "operation(s) would leave 0" in bureau.err
    assert bureau.held == before
    written = file.read_bytes()
    assert bureau("draft", "repairs", "d d", "-o", file) == 2
    assert "is there already; add --force to replace it" in bureau.err
    assert bureau("draft", "repairs", "d d", "-o", file, "--force") == 0
    assert file.read_bytes() == written
    given = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert {one["op"] for one in given} == {"trim", "fill"}
    # The bulge is cut off: its arc would be the longer border.
    assert [one["give_up"] for one in given if one["op"] == "trim"] == ["S0C0N11"] * 3
    assert bureau("draft", "edit", "d d", file, "--commit") == 0
    assert bureau("draft", "check", "d d") == 0
    assert "0 error(s), 0 warning(s)" in bureau.err
    assert bureau("draft", "repairs", "d d") == 0
    assert bureau.out == ""
    assert "0 problem(s); 0 operation(s) would leave 0" in bureau.err


def test_what_no_operation_mends_is_left_to_a_person(bureau: Bureau, tmp_path: Path) -> None:
    file = tmp_path / "mend.jsonl"
    assert bureau("draft", "repairs", "d d", "--tolerance-m2", "100000", "-o", file) == 0
    # All are warnings then, and mended but for what is smaller than the tolerance.
    assert len(file.read_text(encoding="utf-8").splitlines()) == 4
    assert "left: " in bureau.err
    assert "merge it into a neighbour unless it is meant" in bureau.err
    assert bureau("draft", "edit", "d d", file, "--commit") == 0
    assert bureau("draft", "check", "d d", "--tolerance-m2", "100000") == 0
    assert "draft repairs" not in bureau.err

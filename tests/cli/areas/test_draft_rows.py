"""Duties and zones in a draft from the command line: stated, shown, checked, published."""

import json
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import mapping

from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine
from tests.cli.areas.test_draft import Bureau
from tests.services.answering import make_city, table
from tests.streets import square

HEADER = "responder_code,role,target,level,target_code,categories,valid_from,valid_to\n"


@pytest.fixture
def bureau(settings: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Bureau:
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    with engine.begin() as conn:
        make_city(conn)
    engine.dispose()
    found = Bureau(settings, capsys)
    first = table(tmp_path, HEADER + "S1,dispose,area,cell,A1,*,2026-01-01,")
    assert found("duty", "import", first, "--commit") == 0
    assert found("draft", "create", "d", "--commit") == 0
    return found


def ops(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "ops.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


def number(bureau: Bureau) -> int:
    assert bureau("duty", "list", "--json") == 0
    return int(json.loads(bureau.out)[0]["id"])


ZONE = {
    "op": "set_zone",
    "code": "Z1",
    "kind": "vendor",
    "name": "早市",
    "geometry": mapping(square(0.2, 0.2, 0.5, 0.5)),
}
DUTY = {
    "op": "set_duty",
    "responder_code": "S2",
    "role": "dispose",
    "target": "zone",
    "target_code": "Z1",
    "categories": "*",
}


def test_from_a_file_of_operations_to_stored_duties(bureau: Bureau, tmp_path: Path) -> None:
    file = ops(tmp_path, ZONE, DUTY, {"op": "end_duty", "duty": number(bureau)})
    before = bureau.held
    assert bureau("draft", "edit", "d", file) == 0
    assert bureau.out.splitlines() == [
        "1 set_zone: zone Z1: new, valid_from publication",
        "2 set_duty: duty S2 dispose zone Z1 *: new, valid_from publication",
        "3 end_duty: duty S1 dispose area cell A1 * 2026-01-01: valid_to publication",
    ]
    assert bureau.held == before
    assert bureau("draft", "edit", "d", file, "--commit") == 0
    assert bureau("draft", "show", "d") == 0
    assert (
        "edit 3: duty S1 dispose area cell A1 * 2026-01-01: valid_to publication" in bureau.out
    )
    assert bureau("draft", "show", "d", "--json") == 0
    assert [one["kind"] for one in json.loads(bureau.out)["rows"]] == ["duty", "duty", "zone"]
    assert bureau("draft", "check", "d") == 0
    # A dry run is the preview.
    publish = ("draft", "publish", "d", "--effective-from", "2099-03-01")
    before = bureau.held
    assert bureau(*publish) == 0
    assert bureau.held == before
    assert "zone Z1: new, valid_from 2099-03-01" in bureau.err
    assert "A1 * 2026-01-01: valid_to – -> 2099-02-28" in bureau.err
    assert bureau(*publish, "--commit") == 0
    assert bureau("duty", "list", "--json") == 0
    held = {one["target_code"]: one for one in json.loads(bureau.out)}
    assert held["A1"]["valid_to"] == "2099-02-28"
    assert held["Z1"]["valid_from"] == "2099-03-01"
    assert bureau("draft", "create", "next", "--commit") == 0
    rename = ops(tmp_path, {"op": "rename", "level": "cell", "code": "A1", "name": "和平"})
    assert bureau("draft", "edit", "next", rename, "--commit") == 0
    later = ("draft", "publish", "next", "--effective-from", "2099-04-01", "--commit")
    assert bureau(*later) == 0
    assert bureau("edition", "revert", "1") == 0
    assert "note: duties, zones and the like stored with editions since: 3" in bureau.err
    assert bureau("edition", "revert", "2") == 0
    assert "note:" not in bureau.err
    assert bureau("edition", "withdraw", "3", "--commit") == 0
    # Not in force before that day, so it can be withdrawn with all of it.
    assert bureau("edition", "withdraw", "2", "--commit") == 0
    assert "duty S1 dispose area cell A1 * 2026-01-01 is again as it was before" in bureau.err
    assert bureau("duty", "list", "--json") == 0
    assert [one["valid_to"] for one in json.loads(bureau.out)] == [None]


def test_a_conflict_has_a_remedy_that_works_as_it_stands(
    bureau: Bureau, tmp_path: Path
) -> None:
    file = ops(tmp_path, {"op": "end_duty", "duty": number(bureau)})
    assert bureau("draft", "edit", "d", file, "--commit") == 0
    outside = table(tmp_path, HEADER + "S1,dispose,area,cell,A1,*,2026-01-01,2099-12-31")
    assert bureau("duty", "import", outside, "--commit") == 0
    publish = ("draft", "publish", "d", "--effective-from", "2099-03-01", "--commit")
    assert bureau(*publish) == 5
    assert "duty S1 dispose area cell A1 * 2026-01-01: changed by" in bureau.err
    assert (
        "the last day was –, is '2099-12-31' now, the draft states '2099-02-28'" in bureau.err
    )
    assert bureau("draft", "check", "d") == 4
    assert "changed by" in bureau.err
    told = '{"op": "keep_record", "edit": …}'
    assert told in bureau.err or bureau(*publish) == 5
    assert told in bureau.err
    remedy = tmp_path / "remedy.jsonl"
    remedy.write_text(told.replace("…", "1"), encoding="utf-8")
    assert bureau("draft", "edit", "d", remedy, "--commit") == 0
    assert bureau("draft", "check", "d") == 0
    assert bureau(*publish) == 0


def test_all_faults_are_told_and_nothing_is_kept(bureau: Bureau, tmp_path: Path) -> None:
    file = ops(
        tmp_path,
        {**DUTY, "responder_code": "S9", "categories": "E7"},
        {"op": "end_duty", "duty": 4711},
        ZONE,
    )
    before = bureau.held
    assert bureau("draft", "edit", "d", file, "--commit") == 5
    for told in (
        "operation 1 (set_duty): there is no category 'E7'",
        "operation 1 (set_duty): there is no responder 'S9'",
        "operation 1 (set_duty): there is no zone 'Z1'",
        "operation 2 (end_duty): there is no duty 4711",
    ):
        assert told in bureau.err
    assert bureau.held == before


def test_a_geometry_that_is_none_is_refused_by_its_line(bureau: Bureau, tmp_path: Path) -> None:
    bad = [
        {**ZONE, "geometry": {"type": "Point", "coordinates": [120, 30]}},
        {**ZONE, "geometry": {"type": "Polygon", "coordinates": [[[120, 300]]]}},
        {**ZONE, "geometry": "x"},
        {"op": "end_duty", "duty": "7"},
        {"op": "end_duty", "duty": True},
    ]
    assert bureau("draft", "edit", "d", ops(tmp_path, *bad)) == 3
    assert [one for one in range(1, 6) if f"line {one}:" not in bureau.err] == []

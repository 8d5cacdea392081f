"""Codes in layers, from the file to the export, by the commands a person types."""

import json
from pathlib import Path

import pytest

from gridmgmt.exchange.layers.vectors import read_layer, text_values
from gridmgmt.settings import Settings
from tests.cli.areas.test_draft import Bureau
from tests.shared import shared_data


@pytest.fixture
def bureau(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Bureau:
    return Bureau(settings, capsys)


@pytest.mark.parametrize(
    ("folder", "fields", "codes"),
    [
        (
            "04_long_codes/shp_n19",
            ("CODE", "NAME"),
            ["330103001001000101", "330103001001000201", "330103001001000301"],
        ),
        ("06_time_like_codes/times.geojson", ("code", "name"), ["08:01", "08:02", "08:03"]),
    ],
)
def test_codes_of_reported_files_go_in_and_come_out_as_they_are_written(
    bureau: Bureau,
    tmp_path: Path,
    folder: str,
    fields: tuple[str, str],
    codes: list[str],
) -> None:
    path = shared_data(f"reports/{folder}")
    code, name = fields
    asked = ("draft", "import", "d", path, "--level", "street", "--code", code, "--name", name)
    assert bureau("draft", "create", "d", "--commit") == 0
    assert bureau(*asked, "--commit") == 0
    assert "street: 3 added" in bureau.err
    publish = ("draft", "publish", "d", "--effective-from", "2026-01-01", "--commit")
    assert bureau(*publish) == 0
    out = tmp_path / "out.geojson"
    assert bureau("export", "areas", "--level", "street", "-o", out) == 0
    assert list(text_values(read_layer(out), "code")) == codes


def test_codes_that_only_look_right_are_all_named_and_nothing_is_stored(
    bureau: Bureau, tmp_path: Path
) -> None:
    document = json.loads(shared_data("reports/06_time_like_codes/times.geojson").read_text())
    odd = ["３３01", "33\u200b01", "3.30103E+17"]
    for feature, code in zip(document["features"], odd, strict=True):
        feature["properties"]["code"] = code
    path = tmp_path / "odd.geojson"
    path.write_text(json.dumps(document), "utf-8")
    assert bureau("draft", "create", "d", "--commit") == 0
    before = bureau.held
    asked = ("draft", "import", "d", path, "--level", "street", "--code", "code")
    assert bureau(*asked, "--name", "name", "--commit") == 3
    told = bureau.err
    assert "feature 1, field 'code': '３３01': character 1 only looks like another" in told
    assert "write '3301'" in told
    assert "feature 2, field 'code': '33\\u200b01': character 3 cannot be seen" in told
    assert "feature 3, field 'code': '3.30103E+17' is a number in short form" in told
    assert bureau.held == before

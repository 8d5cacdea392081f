"""Real broken layers: each ends in a clear report, and nothing half-loaded."""

import json
import zipfile
from pathlib import Path

import pytest

from gridmgmt.settings import Settings
from tests.cli.areas.test_draft import Bureau
from tests.factories import make_level, square, write_areas
from tests.shared import shared_data

DISSOLVE = ("--on-duplicate", "dissolve")


@pytest.fixture
def bureau(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Bureau:
    made = Bureau(settings, capsys)
    assert made("draft", "create", "d", "--commit") == 0
    return made


def import_file(bureau: Bureau, file: Path, code: str, name: str, *more: str) -> int:
    given = ("draft", "import", "d", file, "--level", "street")
    return bureau(*given, "--code", code, "--name", name, *more, "--commit")


@pytest.mark.parametrize(
    ("file", "fields", "told"),
    [
        (
            "03_chicago_wards_2003_duplicate_codes.geojson",
            ("ward", "ward"),
            ["code OUT stands in 3 features: 5, 21, 50", "--on-duplicate dissolve", "--where"],
        ),
        (
            "04_la_nc_2020_3d_z.geojson",
            ("nc_id", "Name"),
            [
                "feature 99 has no code in field 'nc_id'",
                "feature 100 has no code in field 'nc_id'",
                "code 0 stands in 2 features: 1, 2",
                "code 63 stands in 2 features: 53, 54",
            ],
        ),
        (
            "05_la_nc_2019_overlaps.geojson",
            ("nc_id", "name"),
            ["code 0 stands in 2 features: 30, 99"],
        ),
        (
            "06_hangzhou_grids_raw_slivers.geojson",
            ("网格编号", "所属组织"),
            [
                "24 problem(s)",
                "the outline of feature 233 (SQ-1-6) is not valid: Ring Self-intersection",
                "code DX-1-2 stands in 2 features: 126, 127",
            ],
        ),
        (
            "07_shanghai_gbk_dbf_no_cpg",
            ("ADMINCODE", "NAME", "--encoding", "utf-8"),
            ["区县界_area.shp", "feature 1 is not UTF-8", "--encoding gb18030"],
        ),
        (
            "09_shenzhen_districts_no_prj",
            ("qh", "qh"),
            ["sz.shp: has no .prj", "say it with --crs", "EPSG:4490"],
        ),
        (
            "11_renshou_towns_split_key.geojson",
            ("FID", "name"),
            ["feature 2 (1) has no name in field 'name'", "may stand in the field 'na me'"],
        ),
        (
            "13_baltimore_parcels_null_geometry",
            ("address", "nghbrhd"),
            [
                f"feature {n} (NA (DESCRIPTIVE ADDRESS) NA) has no geometry"
                for n in range(1848, 1851)
            ],
        ),
    ],
)
def test_a_layer_that_cannot_be_used_says_file_feature_and_remedy(
    bureau: Bureau, file: str, fields: tuple[str, ...], told: list[str]
) -> None:
    before = bureau.held
    assert import_file(bureau, shared_data(f"bad_inputs/{file}"), *fields) == 3
    assert file in bureau.err
    assert "what to do:" in bureau.err
    assert [words for words in told if words not in bureau.err] == []
    assert bureau.held == before


@pytest.mark.parametrize(
    ("file", "fields", "told"),
    [
        (
            "04_la_nc_2020_3d_z.geojson",
            ("OBJECTID", "Name", *DISSOLVE),
            ["height or measure dropped from 100 feature(s)"],
        ),
        (
            "07_shanghai_gbk_dbf_no_cpg",
            ("ADMINCODE", "NAME"),
            ["text read as GB18030, as its .dbf says", "it may hold GCJ-02 in China"],
        ),
        (
            "09_shenzhen_districts_no_prj",
            ("qh", "qh", "--crs", "EPSG:4490"),
            ["coordinates taken as EPSG:4490, as --crs says"],
        ),
        (
            "13_baltimore_parcels_null_geometry",
            ("address", "nghbrhd", "--where", "address NOT LIKE 'NA (%'"),
            ["street: 1847 added"],
        ),
    ],
)
def test_a_layer_that_can_be_used_says_what_was_taken_for_granted(
    bureau: Bureau, file: str, fields: tuple[str, ...], told: list[str]
) -> None:
    assert import_file(bureau, shared_data(f"bad_inputs/{file}"), *fields) == 0
    assert [words for words in told if words not in bureau.err] == []


def test_chinese_names_of_a_gbk_file_arrive_whole(bureau: Bureau) -> None:
    file = shared_data("bad_inputs/07_shanghai_gbk_dbf_no_cpg")
    assert import_file(bureau, file, "ADMINCODE", "NAME") == 0
    assert bureau("draft", "show", "d", "--json") == 0
    names = {one["name"] for one in json.loads(bureau.out)["changes"]}
    assert {"静安区", "徐汇区", "崇明县"} <= names


@pytest.mark.proof
@pytest.mark.parametrize(
    ("file", "fields", "told"),
    [
        (
            "05_la_nc_2019_overlaps.geojson",
            ("objectid", "name"),
            "street 59, 60: both claim the same ground (8,111,8",
        ),
        (
            "06_hangzhou_grids_raw_slivers.geojson",
            ("网格编号", "所属组织", *DISSOLVE),
            "street SQ-1-6: Ring Self-intersection",
        ),
    ],
)
def test_a_layer_that_does_not_tile_is_refused_by_the_check_with_the_place(
    bureau: Bureau, file: str, fields: tuple[str, ...], told: str
) -> None:
    assert import_file(bureau, shared_data(f"bad_inputs/{file}"), *fields) == 0
    assert bureau("draft", "check", "d") == 4
    [line] = [line for line in bureau.out.splitlines() if told in line]
    assert line.startswith("  error: ")
    assert line.endswith("]")
    before = bureau.held
    publish = ("draft", "publish", "d", "--effective-from", "2026-01-01", "--commit")
    assert bureau(*publish) == 4
    assert told in bureau.err
    assert bureau.held == before


def written(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_a_file_that_is_no_layer_at_all_is_refused(bureau: Bureau, tmp_path: Path) -> None:
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr("../outside.shp", b"x")
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.geojson", b"0" * 300_000_000)
    files = [
        written(tmp_path, "empty.geojson", b""),
        written(tmp_path, "text.shp", b"just some words\n"),
        written(tmp_path, "no.gpkg", b"\x00" * 100),
        evil,
        bomb,
        tmp_path / "nowhere.geojson",
    ]
    before = bureau.held
    for file in files:
        assert import_file(bureau, file, "code", "name") == 3, file
        assert file.name in bureau.err
    assert bureau.held == before
    assert not (tmp_path.parent / "outside.shp").exists()


@pytest.mark.parametrize(
    ("shift", "told"),
    [((0.0, 61.0), "off the Earth"), ((500_000.0, 3_000_000.0), "look projected")],
)
def test_positions_that_cannot_be_degrees_are_refused(
    bureau: Bureau, tmp_path: Path, shift: tuple[float, float], told: str
) -> None:
    file = write_areas(tmp_path / "streets.geojson", make_level("street", {"A": square(0, 0)}))
    content = json.loads(file.read_text("utf-8"))
    for ring in content["features"][0]["geometry"]["coordinates"]:
        ring[:] = [[x + shift[0], y + shift[1]] for x, y in ring]
    file.write_text(json.dumps(content), encoding="utf-8")
    before = bureau.held
    assert import_file(bureau, file, "code", "name") == 3
    assert told in bureau.err
    assert bureau.held == before

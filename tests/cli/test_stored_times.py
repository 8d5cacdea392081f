"""A cell that a spreadsheet made a date or time of is refused by every import of codes."""

from datetime import date, time
from pathlib import Path

import openpyxl
import pyarrow
import pyogrio.raw
import pytest
import shapely

from gridmgmt.cli import run
from gridmgmt.settings import Settings
from gridmgmt.store.cases.cases import cases_by_no
from gridmgmt.store.engine import make_engine
from tests.factories import square
from tests.services.answering import bureau
from tests.services.case_city import A1

Capture = pytest.CaptureFixture[str]
Row = dict[str, object]

# A good row of each table, all of whose columns hold what people type.
TABLES: dict[str, Row] = {
    "responder": {
        "code": "S9",
        "kind": "squad",
        "name": "九中队",
        "phone": "0571-1",
        "superior_code": "H",
        "area_level": "street",
        "area_code": "A",
    },
    "category": {
        "code": "0901",
        "name": "店外经营",
        "code_set": "2026",
        "category_class": "component",
        "major_class": "街面",
        "minor_class": "经营",
        "time_limit": "2h",
        "class_code": "0101",
        "major_code": "01",
        "minor_code": "02",
    },
    "group": {
        "group_code": "B1",
        "kind": "beat",
        "name": "b",
        "level": "cell",
        "area_code": "A1",
    },
    "duty": {
        "responder_code": "S1",
        "role": "dispose",
        "target": "area",
        "level": "cell",
        "target_code": "A1",
        "categories": "E1",
        "hours": "08:00-12:00",
        "letter_no": "8-1",
    },
    "component": {
        "code": "3301030101000001",
        "lon": 120.151,
        "lat": 30.251,
        "class_code": "0101",
        "name": "井盖",
        "owner_code": "S1",
        "owner_name": "一",
        "maintainer_code": "S1",
        "maintainer_name": "一",
        "manager_code": "S1",
        "manager_name": "一",
        "state": "intact",
    },
    "demolition": {
        "code": "D1",
        "lon": 120.151,
        "lat": 30.251,
        "name": "棚",
        "mode": "self",
        "claimed_m2": 12.5,
        "cases_count": 1,
        "sites_count": 1,
        "households_count": 1,
    },
}
LAYERS: dict[str, Row] = {
    "zone": {"code": "Z1", "kind": "vendor", "name": "夜市", "categories": "E1"},
    "road-segment": {"code": "R1", "name": "文一路", "tolerance_m": 10.0},
    "demolition": {"code": "D1", "name": "棚", "mode": "self"},
    "component": {"code": "3301030101000001", "class_code": "0101", "owner_code": "S1"},
}
GEOMS = {
    "zone": square(0, 0),
    "road-segment": shapely.LineString([(120.15, 30.255), (120.16, 30.255)]),
    "demolition": square(0, 0),
    "component": shapely.Point(120.151, 30.251),
}


def workbook(path: Path, *rows: Row) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
    book.save(path)
    return path


def layer(path: Path, noun: str, row: Row) -> Path:
    columns = {name: [value] for name, value in row.items()}
    geom = GEOMS[noun]
    pyogrio.raw.write_arrow(
        pyarrow.table({**columns, "g": [shapely.to_wkb(geom)]}),
        path,
        driver="GPKG",
        geometry_name="g",
        geometry_type=geom.geom_type,
        crs="EPSG:4326",
    )
    return path


def city_with_classes(settings: Settings, folder: Path) -> Settings:
    """Return the small city with a category for the components of these tests."""
    city = bureau(settings)
    path = workbook(folder / "categories.xlsx", TABLES["category"])
    assert run(["category", "import", str(path), "--commit"], city) == 0
    return city


@pytest.mark.parametrize("noun", TABLES)
def test_every_column_of_a_table_that_people_type(
    settings: Settings,
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    noun: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    city, good = city_with_classes(settings, tmp_path), TABLES[noun]
    fine = workbook(tmp_path / "fine.xlsx", good)
    assert run([noun, "import", str(fine)], city) == 0, capsys.readouterr().err
    # A number for each column, so that none repeats the row of another.
    rows = [{**good, name: date(2026, 8, 1)} for name in good]
    rows += [{**good, name: time(9, 5)} for name in good]
    capsys.readouterr()
    assert run([noun, "import", str(workbook(tmp_path / "a.xlsx", *rows))], city) == 3
    # Of more than 20 some are printed, and a table has all.
    tables = [path.read_text("utf-8-sig") for path in tmp_path.glob("*-problems.csv")]
    told = "".join([capsys.readouterr().err, *tables])
    for number, name in enumerate([*good, *good], start=2):
        made = "2026-08-01" if number < 2 + len(good) else "09:05:00"
        assert (
            f"row {number}: {name}: '{made}' is stored as a date or time, not as it was typed; "
            "make the column text and type it anew"
        ) in told


@pytest.mark.parametrize("noun", LAYERS)
def test_every_field_of_a_layer_that_people_type(
    settings: Settings, tmp_path: Path, capsys: Capture, noun: str
) -> None:
    city, good = city_with_classes(settings, tmp_path), LAYERS[noun]
    fine = layer(tmp_path / "fine.gpkg", noun, good)
    assert run([noun, "import", str(fine)], city) == 0, capsys.readouterr().err
    for name in good:
        path = layer(tmp_path / f"{name}.gpkg", noun, {**good, name: date(2026, 8, 1)})
        assert run([noun, "import", str(path)], city) == 3
        words = f"feature 1: {name}: '2026-08-01' is stored as a date or time"
        assert words in capsys.readouterr().err


def test_rows_of_cases_are_rejected_and_free_text_is_kept(
    settings: Settings, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    city = bureau(settings)
    good: Row = {
        "case_no": "8-1",
        "category": "E1",
        "reported_at": date(2026, 3, 2),
        "lon": A1[0],
        "lat": A1[1],
        "channel": "12345",
        "description": date(2026, 8, 1),
        "address": time(9, 5),
        "accuracy_m": 5,
    }
    codes = ("case_no", "category", "channel", "lon", "lat", "accuracy_m")
    rows = [good, *({**good, "case_no": f"N{k}", k: date(2026, 8, 1)} for k in codes)]
    path = workbook(tmp_path / "cases.xlsx", *rows)
    assert run(["case", "import", str(path), "--commit"], city) == 0
    assert "new 1, " in capsys.readouterr().err
    rejects = (tmp_path / "cases-rejects.csv").read_text("utf-8-sig")
    for name in codes:
        assert f"{name}: '2026-08-01' is stored as a date or time" in rejects
    # Sent again as it is, the table of rejected rows brings no such code either.
    again = (tmp_path / "cases-rejects.csv").rename(tmp_path / "again.csv")
    assert run(["case", "import", str(again), "--commit"], city) in (0, 3)
    engine = make_engine(str(city.database_url))
    with engine.connect() as conn:
        stored = cases_by_no(conn, ["2026-08-01", *(f"N{name}" for name in codes)])
    engine.dispose()
    kept = [
        (one.given.category, one.given.channel, one.given.accuracy_m) for one in stored.values()
    ]
    assert all("2026-08-01" not in map(str, values) for values in kept)
    assert "2026-08-01" not in stored


def test_levels(settings: Settings, tmp_path: Path, capsys: Capture) -> None:
    good: Row = {
        "level": "cell",
        "name_zh": "网格",
        "name_en": "Cell",
        "code_pattern": "[0-9]+",
    }
    path = tmp_path / "levels.xlsx"
    assert run(["level", "set", str(workbook(path, good))], settings) == 0
    for name in good:
        rows = {**good, name: date(2026, 8, 1)}
        capsys.readouterr()
        assert run(["level", "set", str(workbook(path, rows))], settings) == 3
        words = f"row 2: {name}: '2026-08-01' is stored as a date or time"
        assert words in capsys.readouterr().err

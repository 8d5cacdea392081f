import json
import zipfile
from pathlib import Path

import pytest
import shapefile
from sqlalchemy import select
from sqlalchemy.engine import Connection, Engine

from gridmgmt.cli import run
from gridmgmt.domain.areas.surroundings import Zone, ZoneKind
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.exchange.layers.vectors import read_layer
from gridmgmt.services.record_imports.shaped_records import multipolygon
from gridmgmt.settings import Settings
from gridmgmt.store.responsibility.responders import put_responders
from gridmgmt.store.responsibility.zones import put_zones
from gridmgmt.store.schema import audit_log
from tests.factories import make_edition, make_level, square
from tests.services.answering import bureau, objects, stored


@pytest.fixture
def city(engine: Engine, settings: Settings) -> Settings:
    """Settings of a bureau with one edition of two streets."""
    names = {"A": "𠀀㐀街道", "B": "网" * 100}
    streets = make_level("street", {"A": square(0, 0), "B": square(1, 0)}, names=names)
    with engine.begin() as conn:
        make_edition(conn, {"street": streets})
    return settings


def export(settings: Settings, path: Path, *options: str) -> int:
    args = ["export", "areas", "--level", "street", "-o", str(path), *options]
    return run(args, settings)


def test_a_shapefile_opens_elsewhere_and_its_losses_are_printed(
    city: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "streets.zip"
    assert export(city, path, "--format", "shp", "--crs", "4549") == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert "2 areas, level street, edition 1, effective" in told.err
    assert "lost: B name: cut at 254 bytes, 16 characters lost" in told.err
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "out")
    with shapefile.Reader(str(tmp_path / "out" / "street_edition1.shp")) as reader:
        assert [record["name"] for record in reader.records()] == ["𠀀㐀街道", "网" * 84]
        assert 400_000 < reader.bbox[0] < 600_000
    assert read_layer(path).datum.label == "EPSG:4549"


def test_json_holds_what_a_machine_needs(
    city: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "streets.zip"
    assert export(city, path, "--format", "shp", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["edition"], told["crs"]) == (2, "1", "EPSG:4326")
    assert told["losses"] == [
        {"row": "B", "field": "name", "what": "cut at 254 bytes, 16 characters lost"}
    ]


def test_the_deployments_own_names_for_coordinate_systems_count(
    city: Settings, tmp_path: Path
) -> None:
    table = tmp_path / "crs.csv"
    table.write_text("name,definition\n杭州独立,EPSG:4549\n", "utf-8")
    own = Settings(home=city.home, database_url=city.database_url, crs_table=table)
    assert export(own, tmp_path / "a.gpkg", "--format", "gpkg", "--crs", "杭州独立") == 0
    assert read_layer(tmp_path / "a.gpkg").datum.label == "EPSG:4549"


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--format", "geojson", "--crs", "4549"], 2, "use --format gpkg or shp"),
        (["--format", "gpkg", "--crs", "nowhere"], 2, "give one of: EPSG:n"),
        (["--format", "gpkg", "--encoding", "gb18030"], 2, "always UTF-8"),
        (["--format", "gpkg", "--edition", "9"], 6, "no edition 9"),
        (["--format", "gpkg", "--level", "ward"], 6, "no level 'ward'"),
        (["--format", "dxf"], 2, "is not one of"),
        (["--format", "csv", "--encoding", "gb18030"], 2, "always UTF-8"),
    ],
)
def test_refusals_have_an_exit_code_and_a_remedy(
    city: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    code: int,
    said: str,
) -> None:
    path = tmp_path / f"a.{options[1]}"
    assert export(city, path, *options) == code
    assert said in capsys.readouterr().err
    assert not path.exists()


def test_gcj02_is_said_loudly(
    city: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(city, tmp_path / "a.gpkg", "--format", "gpkg", "--crs", "gcj02") == 0
    assert "ATTENTION: the coordinates are gcj02" in capsys.readouterr().err


def test_the_suffix_tells_the_format_where_nobody_does(
    city: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(city, tmp_path / "a.gpkg") == 0
    assert len(read_layer(tmp_path / "a.gpkg")) == 2
    assert export(city, tmp_path / "a.dat") == 2
    assert "tells no format; add --format shp|gpkg|geojson|csv|xlsx" in capsys.readouterr().err


@pytest.fixture
def answering(settings: Settings) -> Settings:
    """Settings of a bureau with responders, categories, and a zone."""
    zone = Zone("Z1", ZoneKind.VENDOR, "早市")

    def fill(conn: Connection) -> None:
        put_zones(conn, [zone], objects(multipolygon(square(0, 0))))
        put_responders(conn, [Responder("P", ResponderKind.COMPANY, "=养护", "13900000000")])
        conn.commit()

    stored(bureau(settings), fill)
    return settings


@pytest.mark.parametrize(
    ("noun", "name", "rows"),
    [
        ("zones", "z.zip", 1),
        ("zones", "z.xlsx", 1),
        ("responders", "r.csv", 6),
        ("categories", "c.xlsx", 2),
        ("levels", "l.csv", 5),
    ],
)
def test_every_noun_leaves_and_says_how_many(
    answering: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    noun: str,
    name: str,
    rows: int,
) -> None:
    path = tmp_path / name
    assert run(["export", noun, "-o", str(path), "--json"], answering) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["rows"] == rows
    assert f"{rows} {noun}" in told.err
    assert path.exists()
    assert run(["export", noun, "-o", str(path)], answering) == 2
    assert "add --force" in capsys.readouterr().err


def test_phones_leave_only_when_asked_and_that_is_noted_for_good(
    answering: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r.csv"
    assert run(["export", "responders", "-o", str(path)], answering) == 0
    assert "139" not in path.read_text("utf-8-sig")
    told = capsys.readouterr().err
    assert "lost: phone: personal, left out" in told
    # What a spreadsheet would run is put in quotes, and that is told.
    assert "lost: P name: begins with '='" in told
    assert "'=养护" in path.read_text("utf-8-sig")
    assert stored(answering, _readings) == 0
    asked = ["export", "responders", "--personal", "-o", str(path), "--force"]
    assert run(asked, answering) == 0
    assert "13900000000" in path.read_text("utf-8-sig")
    assert stored(answering, _readings) == 1


def _readings(conn: Connection) -> int:
    entries = select(audit_log).where(audit_log.c.action == "read_personal")
    return len(conn.execute(entries).all())


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["road-segments", "-o", "a.gpkg"], 2, "there are no road segments to export"),
        (["duties", "-o", "a.gpkg"], 2, "tells no format; add --format csv|xlsx"),
        (["duties", "--format", "shp", "-o", "a.zip"], 2, "is not one of"),
    ],
)
def test_what_cannot_leave_is_told(
    answering: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    args: list[str],
    code: int,
    said: str,
) -> None:
    args = ["export", *args[:-1], str(tmp_path / args[-1])]
    assert run(args, answering) == code
    assert said in capsys.readouterr().err
    assert list(tmp_path.glob("a.*")) == []

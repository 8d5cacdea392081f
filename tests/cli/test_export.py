import json
import zipfile
from pathlib import Path

import pytest
import shapefile
from sqlalchemy.engine import Engine

from gridmgmt.cli import run
from gridmgmt.exchange.vectors import read_layer
from gridmgmt.settings import Settings
from tests.factories import make_edition, make_level, square


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
    assert "2 areas of level street, edition 1" in told.err
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
    assert (told["areas"], told["edition"], told["crs"]) == (2, 1, "EPSG:4326")
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

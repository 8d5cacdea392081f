import json
from collections.abc import Iterator
from pathlib import Path

import geopandas
import pytest

from gridmgmt.cli import run
from gridmgmt.domain.case_choice import CHOSEN
from gridmgmt.settings import Settings
from tests.databases import Databases
from tests.services.map_city import make_map_city

PERIOD = ("--from", "2026-01-01", "--to", "2026-03-31", "--edition", "2")


@pytest.fixture(scope="module")
def city(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Settings of a bureau with the small city; nothing here changes it."""
    with databases.engine(template) as engine:
        with engine.begin() as conn:
            make_map_city(conn, tmp_path_factory.mktemp("map"))
        url = engine.url.render_as_string(hide_password=False)
        yield Settings(home=tmp_path_factory.mktemp("home"), database_url=url)


def export(settings: Settings, noun: str, path: Path, *options: str) -> int:
    return run(["export", noun, "-o", str(path), *PERIOD, *options], settings)


def test_figures_leave_and_what_is_beside_them_is_said(
    city: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cells.gpkg"
    assert export(city, "figures", path, "--level", "cell", "--json") == 0
    told = capsys.readouterr()
    facts = json.loads(told.out)
    found = geopandas.read_file(path)
    assert (facts["rows"], facts["from"], facts["to"]) == (9, "2026-01-01", "2026-03-31")
    beside = ("unlocated", "unlocated_here", "elsewhere", "at_default")
    assert int(facts["cases_in_rows"]) == found["cases"].sum()
    assert sum(int(facts[key]) for key in ("cases_in_rows", *beside)) == 240
    assert f"unlocated {facts['unlocated']}" in told.err


@pytest.mark.parametrize("name", ["cells.zip", "cells.parquet", "cells.geojson", "cells.csv"])
def test_the_suffix_is_the_format(city: Settings, tmp_path: Path, name: str) -> None:
    assert export(city, "figures", tmp_path / name, "--level", "cell") == 0
    assert export(city, "case-points", tmp_path / f"points-{name}") == 0
    if name != "cells.csv":
        read = geopandas.read_parquet if name.endswith("parquet") else geopandas.read_file
        assert len(read(tmp_path / name)) == 9
        assert len(read(tmp_path / f"points-{name}")) > 200


def test_clipped_to_a_street(city: Settings, tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    assert export(city, "figures", path, "--level", "cell", "--area", "street:A") == 0
    assert geopandas.read_file(path)["code"].str.startswith("A").all()


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--level", "cell", "--area", "street:Z"], 6, "no street 'Z'"),
        (["--level", "street", "--area", "cell:A1"], 2, "choose one of: cell"),
        (["--level", "ward"], 6, "no level 'ward'"),
        (["--level", "cell", "--from", "2026-04-01"], 2, "put the earlier day first"),
        (["--level", "cell", "--crs", "gcj02,yx"], 2, "leave"),
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
    assert export(city, "figures", tmp_path / "a.gpkg", *options) == code
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_days_it_has_the_thirty_up_to_the_newest_case(
    city: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.gpkg"
    args = ["export", "case-points", "-o", str(path), "--edition", "2", "--json"]
    assert run(args, city) == 0
    facts = json.loads(capsys.readouterr().out)
    newest = geopandas.read_file(path)["reported"].max().tz_convert("Asia/Shanghai")
    assert (facts["days"], facts["to"]) == ("30", f"{newest:%Y-%m-%d}")


def test_every_filter_of_cases_narrows_it_and_is_said(
    city: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = {
        "category": "E1",
        "class": "event",
        "major_class": "街面秩序",
        "responder": "S1",
        "channel": "热线",
        "weekday": "6,7",
        "hour": "8,9",
        "open": "1",
        "overdue": "1",
    }
    assert tuple(sorted(chosen)) == tuple(sorted(CHOSEN))
    for name, value in chosen.items():
        option = f"--{name.replace('_', '-')}"
        given = [option] if value == "1" else [option, value]
        path = tmp_path / f"{name}.gpkg"
        assert export(city, "figures", path, "--level", "cell", *given, "--json") == 0
        facts = json.loads(capsys.readouterr().out)
        assert facts[name] == value
        assert int(facts["cases_in_all"]) < 240

import html
import io
import re
from pathlib import Path
from urllib.parse import parse_qsl

import geopandas
import openpyxl
import pytest
import rasterio
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.services.map_exports.wanted import MapLayer
from tests.web.conftest import Login, csrf_of
from tests.web.views.responsibility.test_duties import text_of
from web.pages.map_exports import NEEDS

PERIOD = {"from": "2026-01-01", "to": "2026-12-31"}


@pytest.fixture
def planner(city: Engine, login: Login) -> FlaskClient:
    return login("planner")


def make(client: FlaskClient, **asked: str) -> TestResponse:
    token = csrf_of(client.get("/exports/map").text)
    return client.post("/exports/map", data={"csrf_token": token, **PERIOD, **asked})


def taken(client: FlaskClient, path: Path, **asked: str) -> str:
    """Make a file, write it to ``path``, and return the words of the page about it."""
    made = make(client, **asked)
    assert made.status_code == 303, made.text
    page = client.get(f"{made.location}?lang=en")
    assert page.status_code == 200, (made.location, page.text)
    (address,) = re.findall(r'href="(/exports/[0-9a-f]{32}/file)"', page.text)
    sent = client.get(address, buffered=True)
    path.write_bytes(sent.data)
    return text_of(page.text)


def test_figures_leave_with_what_is_beside_them(planner: FlaskClient, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    said = taken(planner, path, take="figures", level="cell", format="parquet")
    found = geopandas.read_parquet(path)
    assert f"Cases in the rows {found['cases'].sum()}" in said
    assert "Unlocated cases" in said
    shown = planner.get("/map/figures.json", query_string={**PERIOD, "level": "cell"}).json
    assert found["cases"].tolist() == shown["columns"]["cases"]
    assert found["late"].tolist() == shown["columns"]["late"]
    chinese = text_of(planner.get("/exports/map?lang=zh").text)
    assert "下载图层数据" in chinese


def test_points_and_density_leave_too(planner: FlaskClient, tmp_path: Path) -> None:
    taken(planner, tmp_path / "p.gpkg", take="case_points", format="gpkg")
    points = geopandas.read_file(tmp_path / "p.gpkg")
    assert points["leaf_code"].notna().any()
    assert {"description", "address"}.isdisjoint(points.columns)
    said = taken(planner, tmp_path / "d.tif", take="density", format="tif", bandwidth_m="150")
    with rasterio.open(tmp_path / "d.tif") as raster:
        assert raster.tags()["BANDWIDTH_M"] == "150 m"
    assert "pixels" in said
    taken(planner, tmp_path / "b.zip", take="contours", format="shp", bands="1")
    assert len(geopandas.read_file(tmp_path / "b.zip")) > 0


def test_the_form_begins_with_what_the_map_shows(planner: FlaskClient) -> None:
    query = {
        **PERIOD,
        "layer": "density",
        "level": "street",
        "category": "E1",
        "channel": "热线",
        "area": "street:A",
        "bandwidth": "300",
    }
    page = planner.get("/exports/map", query_string=query).text
    assert re.search(r'value="density" checked', page)
    assert 'value="2026-12-31"' in page
    assert '<option value="street" selected>' in page
    assert '<option value="E1" selected>' in page
    assert '<option value="street:A" selected>' in page
    assert '<input type="hidden" name="channel" value="热线">' in page
    assert re.search(r'name="bandwidth_m"[^>]* value="300"', page)
    assert re.search(r'value="figures" checked', planner.get("/exports/map?layer=hot").text)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"from": "2027-01-01"}, "put the earlier day first"),
        ({"level": "ward"}, "no level"),
        ({"area": "street:Z"}, "no street"),
        ({"area": "street"}, "write level:code"),
        ({"format": "tif"}, "choose one of: shp, gpkg, parquet, geojson, csv, xlsx"),
        ({"crs": "/etc/passwd"}, "EPSG:n"),
        ({"weekday": "9"}, "is not a number from 1 to 7"),
        ({"bandwidth_m": "1", "take": "density", "format": "tif"}, "metres between"),
    ],
)
def test_what_cannot_be_made_is_said_and_the_choices_stay(
    planner: FlaskClient, asked: dict[str, str], said: str
) -> None:
    planner.get("/exports/map?lang=en")
    given = {"take": "figures", "level": "street", "format": "gpkg", **asked}
    answer = make(planner, **given)
    assert answer.status_code == 303
    page = planner.get(answer.location)
    assert page.status_code == 200
    assert said in text_of(page.text)
    assert f'value="{given["take"]}" checked' in page.text


def test_each_layer_is_for_who_may_export_its_noun(
    city: Engine, login: Login, tmp_path: Path
) -> None:
    assert set(NEEDS) == set(MapLayer)
    assert NEEDS[MapLayer.CASE_POINTS] is Permission.EXPORT_CASES
    chief = login("duty_chief")
    taken(chief, tmp_path / "p.geojson", take="case_points", format="geojson")
    for take in ("figures", "density", "contours"):
        assert make(chief, take=take, level="cell").status_code == 403
    officer = login("gis_officer")
    assert make(officer, take="case_points").status_code == 403
    assert make(officer, take="figures", level="cell").status_code == 303
    assert login("dispatcher").get("/exports/map").status_code == 403


def test_an_account_of_a_street_takes_only_its_own(
    city: Engine, login: Login, tmp_path: Path
) -> None:
    own = login("planner", "of-a", area=("street", "A"))
    taken(own, tmp_path / "c.geojson", take="figures", level="cell", format="geojson")
    assert geopandas.read_file(tmp_path / "c.geojson")["code"].str.startswith("A").all()
    taken(own, tmp_path / "p.geojson", take="case_points", format="geojson")
    assert geopandas.read_file(tmp_path / "p.geojson")["leaf_code"].str.startswith("A").all()
    answer = make(own, take="figures", level="cell", format="gpkg", area="street:B")
    assert "/exports/map" in answer.location


def test_the_map_leads_there_whoever_may(city: Engine, login: Login) -> None:
    assert 'id="map-download"' in login("planner").get("/map").text
    assert 'id="map-download"' not in login("dispatcher").get("/map").text


def test_every_layer_of_the_map_stands_among_what_can_be_taken_away(
    city: Engine, login: Login
) -> None:
    page = login("planner").get("/exports").text
    for layer in MapLayer:
        assert f'href="/exports/map?take={layer.value}"' in page
    assert "take=case_points" not in login("gis_officer").get("/exports").text
    chief = login("duty_chief").get("/exports").text
    assert 'href="/exports/map?take=case_points"' in chief
    assert "take=figures" not in chief


def test_the_next_file_begins_with_everything_that_was_asked(planner: FlaskClient) -> None:
    asked = {
        "take": "figures",
        "level": "street",
        "category": "E1",
        "channel": "热线",
        "format": "xlsx",
        "headings": "machine",
        "crs": "EPSG:4490",
        "area": "street:A",
    }
    made = make(planner, **asked)
    (again,) = re.findall(r'href="(/exports/map\?[^"]+)"', planner.get(made.location).text)
    _address, _, query = html.unescape(again).partition("?")
    assert dict(parse_qsl(query)) == {**PERIOD, **asked}
    form = planner.get(html.unescape(again)).text
    for chosen in ('"2026-01-01"', '"2026-12-31"'):
        assert f"value={chosen}" in form
    for chosen in ("street", "xlsx", "machine", "street:A", "E1"):
        assert f'<option value="{chosen}" selected>' in form
    assert '<input type="hidden" name="channel" value="热线">' in form


def test_files_of_other_levels_and_days_have_other_names(planner: FlaskClient) -> None:
    names = set()
    for asked in (
        {"take": "figures", "level": "street"},
        {"take": "figures", "level": "cell"},
        {"take": "figures", "level": "cell", "to": "2026-06-30"},
        {"take": "contours"},
        {"take": "contours", "to": "2026-06-30"},
    ):
        made = make(planner, **asked)
        sent = planner.get(f"{made.location}/file", buffered=True)
        names.add(sent.headers["Content-Disposition"].partition("filename=")[2])
    assert len(names) == 5
    assert "figures_cell_20260101-20260630.zip" in names


@pytest.mark.parametrize(
    ("lang", "sheet"), [("zh", "区域指标"), ("en", "Areas with their figures")]
)
def test_a_workbook_of_figures_is_in_the_language_of_its_reader(
    planner: FlaskClient, tmp_path: Path, lang: str, sheet: str
) -> None:
    planner.get(f"/exports/map?lang={lang}")
    made = make(planner, take="figures", level="cell", format="xlsx")
    sent = planner.get(f"{made.location}/file", buffered=True)
    book = openpyxl.load_workbook(io.BytesIO(sent.data))
    assert book.sheetnames == [sheet]
    head, *rows = book.active.iter_rows(values_only=True)
    code = head.index("上级编码" if lang == "zh" else "Parent code")
    assert head[code + 1] == ("上级名称" if lang == "zh" else "Parent name")
    assert {row[code : code + 2] for row in rows} == {("A", "A"), ("B", "B")}


def test_files_city_are_found_when_cases_are_forgotten(planner: FlaskClient) -> None:
    made = make(planner, take="case_points", format="gpkg")
    sent = planner.get(f"{made.location}/file", buffered=True)
    assert "filename=cases_points_" in sent.headers["Content-Disposition"]
    assert io.BytesIO(sent.data).read(6) == b"SQLite"

import csv
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.domain.areas.surroundings import Zone, ZoneKind
from gridmgmt.exchange.layers.vectors import read_layer
from gridmgmt.services.record_imports.shaped_records import multipolygon
from gridmgmt.store.responsibility.zones import put_zones
from gridmgmt.store.schema import audit_log, responders
from tests.factories import square
from tests.services.answering import objects
from tests.web.conftest import Login, csrf_of
from tests.web.views.responsibility.test_duties import text_of


@pytest.fixture
def planner(city: Engine, login: Login) -> FlaskClient:
    return login("planner")


def make(client: FlaskClient, **asked: str) -> TestResponse:
    token = csrf_of(client.get("/exports").text)
    return client.post("/exports", data={"csrf_token": token, **asked})


def taken(client: FlaskClient, **asked: str) -> tuple[str, bytes, str]:
    """Make a file: the page about it, its content, and what it is called."""
    made = make(client, **asked)
    assert made.status_code == 303, made.text
    page = client.get(f"{made.location}?lang=en")
    assert page.status_code == 200, page.text
    (address,) = re.findall(r'href="(/exports/[0-9a-f]{32}/file)"', page.text)
    sent = client.get(address, buffered=True)
    assert sent.status_code == 200
    return page.text, sent.data, sent.headers["Content-Disposition"]


def test_a_layer_leaves_in_any_crs_and_opens_elsewhere(
    planner: FlaskClient, tmp_path: Path
) -> None:
    page, content, name = taken(
        planner, noun="areas", level="cell", format="shp", crs="4549", encoding="gb18030"
    )
    said = text_of(page)
    assert "8 rows" in said
    assert "EPSG:4549" in said
    assert "GB18030" in said
    assert "Nothing is lost." in said
    assert "areas_cell_" in name
    path = tmp_path / "cells.zip"
    path.write_bytes(content)
    assert "cell_edition1_dictionary.csv" in zipfile.ZipFile(path).namelist()
    layer = read_layer(path)
    assert (len(layer), layer.datum.label) == (8, "EPSG:4549")


def test_what_a_file_lacks_is_said_before_it_is_taken(planner: FlaskClient) -> None:
    page, _, _ = taken(planner, noun="areas", level="street", format="csv", crs="gcj02")
    said = text_of(page)
    assert "ATTENTION: the coordinates are gcj02" in said
    assert "a table carries no shapes" in said


def test_tables_leave_as_csv_and_xlsx_without_formulas(city: Engine, login: Login) -> None:
    with city.begin() as conn:
        conn.execute(
            responders.update()
            .where(responders.c.code == "S1")
            .values(name="=1+1", phone="139")
        )
    planner = login("planner")
    page, content, _ = taken(planner, noun="responders", format="csv")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert {row["名称"] for row in rows} >= {"'=1+1", "二中队"}
    assert "phone" not in rows[0]
    assert "begins with" in text_of(page)
    assert "personal, left out" in text_of(page)
    _, content, _ = taken(planner, noun="responders", format="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    (cell,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert cell.data_type == "s"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"noun": "duties", "format": "gpkg"}, "have no shapes; choose csv or xlsx"),
        ({"noun": "zones", "format": "gpkg"}, "there are no zones to export"),
        ({"noun": "areas", "level": "ward", "format": "gpkg"}, "no level"),
        ({"noun": "areas", "level": "cell", "format": "gpkg", "edition": "9"}, "no edition 9"),
        ({"noun": "areas", "level": "cell", "format": "gpkg", "crs": "/etc/passwd"}, "EPSG:n"),
        ({"noun": "areas", "level": "cell", "format": "gpkg", "crs": "x.prj"}, "EPSG:n"),
        ({"noun": "areas", "level": "cell", "format": "geojson", "crs": "4549"}, "WGS 84"),
    ],
)
def test_what_cannot_be_made_is_told_and_the_choices_stay(
    planner: FlaskClient, asked: dict[str, str], said: str
) -> None:
    planner.get("/exports?lang=en")
    answer = make(planner, **asked)
    assert answer.status_code in (303, 404)
    if answer.status_code == 303:
        page = planner.get(answer.location).text
        assert said in text_of(page)
        assert f'value="{asked["noun"]}" data-shapes' in page
    else:
        assert said in text_of(answer.text)


def test_a_file_is_for_who_made_it_only(planner: FlaskClient, login: Login) -> None:
    address = make(planner, noun="levels", format="csv").location
    assert planner.get(f"{address}/file", buffered=True).status_code == 200
    other = login("gis_officer")
    assert other.get(address).status_code == 404
    assert other.get(f"{address}/file").status_code == 404
    assert planner.get("/exports/../etc/file").status_code == 404
    assert planner.get(f"/exports/{'0' * 32}/file").status_code == 404


def test_nobody_takes_phones_away_by_asking_for_them(city: Engine, login: Login) -> None:
    with city.begin() as conn:
        conn.execute(responders.update().values(phone="13900000000"))
    _, content, _ = taken(login("planner"), noun="responders", format="csv", personal="1")
    assert b"139" not in content
    with city.connect() as conn:
        query = select(audit_log).where(audit_log.c.action == "read_personal")
        assert conn.execute(query).all() == []


def test_an_account_of_a_street_takes_only_what_belongs_to_it(
    city: Engine, login: Login, tmp_path: Path
) -> None:
    with city.begin() as conn:
        zones = [Zone("ZA", ZoneKind.VENDOR, "早市"), Zone("ZB", ZoneKind.VENDOR, "夜市")]
        put_zones(conn, zones, objects(*(multipolygon(square(x, 0)) for x in (0, 1))))
    client = login("planner", "of-a", area=("street", "A"))
    assert "only what belongs to it leaves" in client.get("/exports?lang=en").text
    path = tmp_path / "given.geojson"
    for asked, codes in (
        ({"noun": "areas", "level": "cell"}, {"A1", "A2", "A3", "A4"}),
        ({"noun": "zones"}, {"ZA"}),
    ):
        path.write_bytes(taken(client, format="geojson", **asked)[1])
        assert set(read_layer(path).fields["code"]) == codes


def test_who_may_take_cases_only_is_led_to_their_list(city: Engine, login: Login) -> None:
    client = login("duty_chief")
    page = client.get("/exports").text
    assert 'href="/cases"' in page
    assert "export-form" not in page
    data = {"csrf_token": csrf_of(client.get("/exports").text), "noun": "levels"}
    assert client.post("/exports", data=data).status_code == 403
    assert login("dispatcher").get("/exports").status_code == 403


def test_many_losses_are_shown_by_kind_and_whole_in_a_table(
    planner: FlaskClient, city: Engine
) -> None:
    zones = [Zone(f"Z{n:02}", ZoneKind.VENDOR, "网" * (90 + n)) for n in range(30)]
    with city.begin() as conn:
        put_zones(conn, zones, objects(*(multipolygon(square(0, 0)) for _ in zones)))
    made = make(planner, noun="zones", format="shp")
    page = planner.get(f"{made.location}?lang=en").text
    assert page.count("cut at 254 bytes") == 3
    assert "… and 27 more" in page
    with planner.get(f"{made.location}/losses.csv") as answer:
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 1 + 30
    few = make(planner, noun="zones", format="gpkg")
    page = planner.get(f"{few.location}?lang=en").text
    assert "Nothing is lost." in page
    assert "losses.csv" not in page


def test_the_next_table_begins_with_everything_that_was_asked(planner: FlaskClient) -> None:
    made = make(planner, noun="duties", format="xlsx", headings="machine")
    (again,) = re.findall(r'href="(/exports\?[^"]+)"', planner.get(made.location).text)
    form = planner.get(again.replace("&amp;", "&")).text
    assert re.search(r'value="duties"[^>]* checked', form)
    for chosen in ("xlsx", "machine"):
        assert f'<option value="{chosen}" selected>' in form
    sent = planner.get(f"{made.location}/file", buffered=True)
    assert openpyxl.load_workbook(io.BytesIO(sent.data)).sheetnames == ["table"]


@pytest.mark.parametrize(
    ("noun", "sheet"), [("duties", "责任分工"), ("responders", "责任主体"), ("areas", "区域")]
)
def test_the_sheet_of_a_workbook_is_called_by_what_it_holds(
    planner: FlaskClient, noun: str, sheet: str
) -> None:
    made = make(planner, noun=noun, level="cell", format="xlsx", lang="zh")
    sent = planner.get(f"{made.location}/file", buffered=True)
    assert openpyxl.load_workbook(io.BytesIO(sent.data)).sheetnames == [sheet]

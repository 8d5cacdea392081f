"""Ticks, fields and buttons of imports and editions, pressed on the pages that have them."""

import io
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely
from flask.testing import FlaskClient
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.domain.cases.case import CaseMark
from gridmgmt.geometry.measure import on_grid
from gridmgmt.settings import Settings
from gridmgmt.store.areas.drafts import get_draft, read_changes
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import get_case, list_cases
from gridmgmt.store.cases.default_positions import list_default_positions
from gridmgmt.store.responsibility.zones import list_zones
from tests.factories import square
from tests.geometry.coverage.test_grid_breaks import NOTCHED, STEP
from tests.services.answering import make_city
from tests.services.case_city import A1, case_file, row, take_in
from tests.web.conftest import Login
from tests.web.pressing import press
from tests.web.views.cases.test_case_imports import work

READ_AGAIN = "Read again"
TRY = "Try it out"


@pytest.fixture
def officer(city: Engine, login: Login) -> FlaskClient:
    client = login("gis_officer")
    client.get("/?lang=en")
    return client


@pytest.fixture
def acceptor(city: Engine, login: Login) -> FlaskClient:
    client = login("acceptor")
    client.get("/?lang=en")
    return client


def layer_file(folder: Path, *geoms: BaseGeometry, **fields: Any) -> tuple[io.BytesIO, str]:
    """A GeoPackage as a browser sends it; every value of ``fields`` is one for each shape."""
    path = folder / "layer.gpkg"
    geopandas.GeoDataFrame(fields, geometry=list(geoms), crs=4326).to_file(path, driver="GPKG")
    return io.BytesIO(path.read_bytes()), path.name


def is_stored_valid(shape: BaseGeometry) -> bool:
    """Return whether a shape is NOTCHED, valid and on the storage grid."""
    near = shapely.hausdorff_distance(shape, NOTCHED) < 2 * STEP
    return bool(shape.is_valid and near and shapely.equals_exact(on_grid([shape])[0], shape))


def open_draft(officer: FlaskClient) -> tuple[str, TestResponse]:
    page = press(officer, officer.get("/drafts"), "Open a draft", label="d")
    return page.request.path, officer.get(f"{page.request.path}/import")


def stored_shapes(engine: Engine) -> dict[str, BaseGeometry]:
    with engine.connect() as conn:
        changes = read_changes(conn, get_draft(conn, "d").id)["street"]
    return dict(zip(changes.codes, changes.geoms, strict=True))


def test_without_the_tick_the_outline_goes_into_the_draft_as_the_grid_breaks_it(
    city: Engine, officer: FlaskClient, tmp_path: Path
) -> None:
    _, page = open_draft(officer)
    file = layer_file(tmp_path, NOTCHED, code=["A"], name=["a"])
    page = press(officer, page, "Look at it", file=file)
    tried = press(officer, page, "See what it would do", level="street", code="code")
    assert "“Mend outlines that only the storage grid breaks”" in tried.text
    press(officer, tried, "Save into the draft")
    assert not stored_shapes(city)["A"].is_valid


@pytest.mark.parametrize("ticked_at", ["sending", "looking again", "trying out"])
def test_the_tick_mends_the_outline_of_a_draft_wherever_it_is_set(
    city: Engine, officer: FlaskClient, tmp_path: Path, ticked_at: str
) -> None:
    _, page = open_draft(officer)
    file = layer_file(tmp_path, NOTCHED, code=["A"], name=["a"])
    sent = {"mend": True} if ticked_at == "sending" else {}
    page = press(officer, page, "Look at it", file=file, **sent)
    if ticked_at == "looking again":
        page = press(officer, page, "Look again", mend=True)
    tried = press(
        officer,
        page,
        "See what it would do",
        level="street",
        code="code",
        **({"mend": True} if ticked_at == "trying out" else {}),
    )
    assert "1 outline(s) that the storage grid breaks were mended there" in tried.text
    press(officer, tried, "Save into the draft")
    assert is_stored_valid(stored_shapes(city)["A"])


def test_a_tick_that_is_taken_away_mends_nothing(
    city: Engine, officer: FlaskClient, tmp_path: Path
) -> None:
    _, page = open_draft(officer)
    file = layer_file(tmp_path, NOTCHED, code=["A"], name=["a"])
    page = press(officer, page, "Look at it", file=file, mend=True)
    tried = press(
        officer, page, "See what it would do", level="street", code="code", mend=False
    )
    press(officer, tried, "Save into the draft")
    assert not stored_shapes(city)["A"].is_valid


@pytest.mark.parametrize("at_once", [True, False])
def test_the_tick_mends_the_outline_of_a_zone(
    city: Engine, officer: FlaskClient, tmp_path: Path, at_once: bool
) -> None:
    file = layer_file(tmp_path, NOTCHED, code=["Z1"], kind=["vendor"], name=["z"])
    page = officer.get("/layer-imports/zones")
    page = press(officer, page, "Send", file=file, mend=at_once)
    if not at_once:
        refused = press(officer, page, TRY)
        assert "the polygon is not valid" in refused.text
        page = press(officer, refused, READ_AGAIN, mend=True)
    press(officer, press(officer, page, TRY), "Apply")
    with city.connect() as conn:
        (shape,) = list_zones(conn)[1]
    assert is_stored_valid(shape)


def test_a_condition_typed_on_the_page_chooses_features(
    city: Engine, officer: FlaskClient, tmp_path: Path
) -> None:
    both = (square(0, 0), square(1, 0))
    file = layer_file(tmp_path, *both, code=["Z1", "Z2"], kind=["vendor"] * 2, name=["z"] * 2)
    page = press(officer, officer.get("/layer-imports/zones"), "Send", file=file)
    page = press(officer, page, READ_AGAIN, where="code = 'Z2'")
    press(officer, press(officer, page, TRY), "Apply")
    with city.connect() as conn:
        assert [one.code for one in list_zones(conn)[0]] == ["Z2"]

    _, page = open_draft(officer)
    file = layer_file(tmp_path, *both, code=["A", "C"], name=["a", "c"])
    page = press(officer, page, "Look at it", file=file)
    streets = {"level": "street", "code": "code", "extent": "level", "where": "code <> 'A'"}
    tried = press(officer, page, "See what it would do", **streets)
    press(officer, tried, "Save into the draft", drop="2")
    assert set(stored_shapes(city)) == {"A", "B", "C"}
    assert [code for code, shape in stored_shapes(city).items() if shape is not None] == ["C"]


def test_a_format_typed_on_the_page_reads_the_days_of_a_layer(
    city: Engine, officer: FlaskClient, tmp_path: Path
) -> None:
    days = ["03/04/2026"]
    file = layer_file(
        tmp_path, square(0, 0), code=["Z1"], kind=["vendor"], name=["z"], valid_from=days
    )
    page = press(officer, officer.get("/layer-imports/zones"), "Send", file=file)
    refused = press(officer, page, TRY)
    assert "is no date until its format is stated" in refused.text
    press(officer, press(officer, refused, TRY, date_format="DD/MM/YYYY"), "Apply")
    with city.connect() as conn:
        assert [str(one.valid_from) for one in list_zones(conn)[0]] == ["2026-04-03"]


def test_a_default_position_is_accepted_and_withdrawn_by_its_buttons(
    acceptor: FlaskClient, city: Engine, settings: Settings, tmp_path: Path
) -> None:
    rows = [row(f"H{n}", A1, address=f"某路{n}号") for n in range(100)]
    file = (io.BytesIO(case_file(tmp_path, rows, "heap.csv").read_bytes()), "heap.csv")
    page = press(acceptor, acceptor.get("/case-imports"), "Send", file=file)
    report = press(acceptor, page, TRY)
    work(city, settings)
    report = acceptor.get(report.request.path)
    report = press(acceptor, report, "Accept as default coordinate")
    press(acceptor, report, "Apply")
    work(city, settings)
    marked = CaseFilter(mark=CaseMark.DEFAULT_POSITION)
    with city.connect() as conn:
        assert [(one.lon, one.lat) for one in list_default_positions(conn)] == [A1]
        # Those that were there before lie at the same position.
        assert {f"H{n}" for n in range(100)} <= {
            case.given.case_no for case in list_cases(conn, marked, limit=200)
        }
    page = press(acceptor, acceptor.get("/case-imports"), "No default coordinate any more")
    with city.connect() as conn:
        assert list_default_positions(conn) == []
        assert list_cases(conn, marked, limit=200) == []


def test_the_first_edition_begins_earlier_when_it_is_tried_and_then_applied(
    engine: Engine, login: Login, settings: Settings, tmp_path: Path
) -> None:
    with engine.begin() as conn:
        make_city(conn)
        take_in(conn, case_file(tmp_path, [row("OLD", A1, reported_at="2020-05-01")]))
    client = login("gis_officer")

    def first_day() -> str:
        with engine.connect() as conn:
            (edition,) = list_editions(conn)
        return edition.effective_from.astimezone(settings.tz).date().isoformat()

    before = first_day()
    page = client.get("/editions/1/extend?lang=en")
    job = press(client, page, "See which cases would be located", **{"from": "2020-04-30"})
    work(engine, settings)
    tried = client.get(job.request.path.replace("/jobs/", "/editions/extensions/"))
    assert first_day() == before
    press(client, tried, "Apply it")
    work(engine, settings)
    assert first_day() == "2020-04-30"
    with engine.connect() as conn:
        assert get_case(conn, "OLD").location.area_code == "A1"

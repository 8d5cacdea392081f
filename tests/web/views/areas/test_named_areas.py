"""Names stand beside the codes of areas on every page that names some."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.arrays import objects
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing.operations import Merge
from gridmgmt.services.drafts import changes, publishing
from gridmgmt.services.workbench import editing
from gridmgmt.store.areas.drafts import get_draft
from tests.factories import make_draft, make_edition, square, two_streets
from tests.services import answering, reroute_city
from tests.streets import cells_with
from tests.web.conftest import Login, csrf_of
from tests.web.views.responsibility.test_duties import text_of
from web.app.transaction import connection
from web.pages.area_names import draft_names

STREETS = {"A": "东街道", "B": "西街道"}
MOVED = "东街道 (A) → 西街道 (B)"


def named(areas: LevelAreas) -> LevelAreas:
    names = [STREETS.get(code, f"{code}号格") for code in areas.codes]
    return replace(areas, names=objects(names))


def split() -> LevelAreas:
    """Cells of which A1 gave its eastern half to a new A5."""
    halves = {"A1": square(0, 0, 0.25, 0.5), "A5": square(0.25, 0, 0.25, 0.5)}
    return named(cells_with(halves))


def moved(cells: LevelAreas) -> LevelAreas:
    """The cells, of which A2 goes to the other street."""
    parents = ["B" if code == "A2" else code[0] for code in cells.codes]
    return replace(cells, parent_codes=objects(parents))


@pytest.fixture
def client(login: Login) -> FlaskClient:
    client = login("gis_officer")
    client.get("/?lang=en")
    return client


@pytest.fixture
def levels(engine: Engine) -> dict[str, LevelAreas]:
    found = {level: named(areas) for level, areas in two_streets().items()}
    with engine.begin() as conn:
        make_edition(conn, found)
    return found


def shown(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(text_of(answer.text.partition("<main")[2]).split())


def test_on_pages_of_editions_and_areas(
    levels: dict[str, LevelAreas], client: FlaskClient, engine: Engine
) -> None:
    with engine.begin() as conn:
        make_draft(conn, "split", [split()])
        publishing.publish(conn, "split", datetime(2026, 6, 1, tzinfo=UTC), actor="a test")
        make_edition(conn, {**levels, "cell": moved(split())})
    assert "A1号格 A1 50.00 %" in shown(client, "/editions/2?level=cell")
    assert "A5号格 A5 50.00 %" in shown(client, "/editions/1/diff/2?level=cell")
    assert f"lies in: {MOVED}" in shown(client, "/editions/2/diff/3?level=cell")
    assert "A5号格 (A5) : 50.00 %" in shown(client, "/areas/cell/A1?edition=2")
    assert "Moved from 东街道 (A) to 西街道 (B)" in shown(client, "/areas/cell/A2?edition=3")


def test_on_pages_of_a_draft(
    levels: dict[str, LevelAreas], client: FlaskClient, engine: Engine
) -> None:
    with engine.begin() as conn:
        make_draft(conn, "d", [moved(split())])
        merged = [Merge("cell", ("B1", "B2"), "B1")]
        editing.edit(conn, "d", merged, border_m=0.05, actor="li")
        draft = get_draft(conn, "d").id
    page = shown(client, f"/drafts/{draft}?level=cell")
    assert "A1号格 A1 东街道 A" in page
    assert f"A2号格 A2 西街道 B altered lies in: {MOVED}" in page
    assert "B2号格 B2 – dropped" in page
    # Where one area alone is listed, too.
    assert MOVED in shown(client, f"/drafts/{draft}?level=cell&q=A2")
    assert "东街道 A added" in shown(client, f"/drafts/{draft}?level=cell&action=add")


def test_in_an_impact(
    client: FlaskClient, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {level: named(areas) for level, areas in two_streets().items()}
    for one in (reroute_city, answering):
        monkeypatch.setattr(one, "two_streets", lambda: known)
    with engine.begin() as conn:
        reroute_city.fill(conn, tmp_path)
        draft = get_draft(conn, reroute_city.draft_a2_to_b(conn, "A2")).id
    assert "A街道办 OA 二中队 S2 A2号格 A2" in shown(client, f"/drafts/{draft}/impact")
    given = {
        "csrf_token": csrf_of(client.get(f"/drafts/{draft}").text),
        "effective_from": "2026-06-01",
        "tolerance_m2": "1",
    }
    tried = client.post(f"/drafts/{draft}/publish", data=given).text
    assert "A1号格 A1 , A2号格 A2" in " ".join(text_of(tried).split())


def test_what_an_impact_says_of_duties_is_named(
    levels: dict[str, LevelAreas], engine: Engine, app: Flask
) -> None:
    told = {
        "left_duties": [{"level": "street", "code": "A", "heirs": [{"code": "B"}]}],
        "bare_areas": [{"level": "cell", "from_code": "A3"}],
        "cases": [{"from_area": "A1", "to_area": "A5"}],
    }
    with engine.begin() as conn:
        make_draft(conn, "d", [split()])
        draft = get_draft(conn, "d")
    with app.test_request_context("/"):
        counts = changes.counts(connection(), draft)
        names = draft_names(draft, counts, impact=told)
    known = {("street", "A"): "东街道", ("street", "B"): "西街道"}
    cells = {("cell", code): f"{code}号格" for code in ("A1", "A3", "A5")}
    assert names.names == known | cells
    assert names.text("street", "A") == "东街道 (A)"
    assert names.text("street", None) == "–"

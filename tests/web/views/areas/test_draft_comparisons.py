"""The comparison of a draft with its base: what differs, who changed it and why, comments."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.domain.areas.review import ReviewRule
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.services.drafts import drafts, reviews
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.workbench import editing
from gridmgmt.settings import Settings
from gridmgmt.store.areas.draft_reviews import changes_digest
from gridmgmt.store.areas.drafts import get_draft
from tests.factories import make_draft, make_edition, make_level, square, two_streets
from tests.streets import SOUTH, STEP, WEST
from tests.web.conftest import Login, csrf_of
from tests.web.views.areas.test_workbench import at
from tests.web.views.responsibility.test_duties import text_of
from web.views.areas import draft_comparisons

PAGE = "/drafts/1/compare"
ROW = r'<li class="compare-row" data-area="{}".*?</li>\n    (?=<li class="compare-row"|</ol>)'


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, review=ReviewRule.ALWAYS)


@pytest.fixture
def drafted(engine: Engine) -> Engine:
    """A draft: a vertex of four cells moved by li, a cell renamed and two merged by wang."""
    with engine.begin() as conn:
        make_edition(conn, two_streets(), effective_from=datetime(2026, 1, 1, tzinfo=UTC))
        drafts.create(conn, "d", actor="li")
    edit(engine, ops.MoveVertex("cell", at(0.5, 0.5), at(0.55, 0.45)), reason="along the river")
    edit(engine, ops.Rename("cell", "B4", "New village"), by="wang")
    edit(engine, ops.Merge("cell", ("B1", "B2"), "B1"), by="wang", reason="few people")
    return engine


@pytest.fixture
def submitted(drafted: Engine) -> Engine:
    with drafted.begin() as conn:
        reviews.submit(conn, "d", actor="li")
    return drafted


@pytest.fixture
def zhou(login: Login, engine: Engine) -> FlaskClient:
    """A commander, who reviews drafts and does not edit them."""
    client = login("commander", username="zhou")
    client.get("/?lang=en")
    return client


def edit(
    engine: Engine, *operations: editing.AnyOperation, by: str = "li", reason: str = ""
) -> None:
    with engine.begin() as conn:
        editing.edit(conn, "d", operations, border_m=0.5, actor=by, reason=reason or None)


def page_of(client: FlaskClient, **asked: str) -> str:
    answer = client.get(PAGE, query_string=asked)
    assert answer.status_code == 200, answer.text
    return answer.text


def row_of(page: str, code: str) -> str:
    found = re.search(ROW.format(code), page, re.DOTALL)
    assert found, code
    return found[0]


def said_of(page: str, code: str) -> str:
    return text_of(row_of(page, code))


def press(client: FlaskClient, page: str, action: str, **typed: str) -> TestResponse:
    """Send the form of a page, or of a row, with what it carries."""
    form = re.search(rf'<form[^>]*action="([^"]*/{action}\b[^"]*)".*?</form>', page, re.DOTALL)
    assert form, f"no form to {action}"
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    return client.post(form[1].replace("&amp;", "&"), data={**hidden, **typed})


def test_a_row_says_what_differs_who_changed_it_and_why(
    submitted: Engine, zhou: FlaskClient
) -> None:
    page = page_of(zhou)
    assert re.findall(r'data-area="(\w+)"', page) == ["A1", "A2", "A3", "A4", "B1", "B2", "B4"]
    moved = said_of(page, "A1")
    assert "redrawn" in moved
    assert "gained" in moved
    assert re.search(r"li · [-0-9: ]+ · moved a vertex Reason along the river", moved), moved
    m2 = [float(one.replace(",", "")) for one in re.findall(r"([\d,]+) m²", moved)]
    assert m2[1] - m2[0] == pytest.approx(m2[2] - m2[3], abs=2)
    renamed = said_of(page, "B4")
    assert "name: B4 → New village" in renamed
    assert re.search(r"wang · [-0-9: ]+ · renamed an area Reason none given", renamed), renamed
    assert "gained" not in renamed
    gone = said_of(page, "B2")
    assert "dropped" in gone
    assert re.search(r"m² → – Last changed wang .* merged areas Reason few people", gone), gone


def test_an_edit_that_was_undone_changed_nothing(drafted: Engine, zhou: FlaskClient) -> None:
    edit(drafted, ops.Rename("cell", "A1", "Once"), by="chen", reason="a mistake")
    assert "chen" in said_of(page_of(zhou), "A1")
    with drafted.begin() as conn:
        editing.undo(conn, "d", actor="wang")
    assert "along the river" in said_of(page_of(zhou), "A1")
    with drafted.begin() as conn:
        editing.redo(conn, "d", actor="wang")
    # Who made the edit is told, not who did it again.
    assert "chen" in said_of(page_of(zhou), "A1")


def test_the_map_has_both_states_the_ground_between_them_and_what_lies_around(
    submitted: Engine, zhou: FlaskClient
) -> None:
    answer = zhou.get(f"{PAGE}/areas.json?level=cell")
    assert answer.status_code == 200
    told = answer.get_json()

    def grounds(name: str) -> dict[str, shapely.Geometry]:
        return {
            one["properties"]["code"]: shapely.from_geojson(json.dumps(one["geometry"]))
            for one in told[name]
        }

    before, after = grounds("before"), grounds("after")
    assert [*before] == ["A1", "A2", "A3", "A4", "B1", "B2", "B4"]
    assert [*after] == ["A1", "A2", "A3", "A4", "B1", "B4"]
    assert [*grounds("around")] == ["B3"]
    assert after["A1"].intersects(shapely.Point(at(0.55, 0.45)))
    # Vertex for vertex.
    assert at(0.55, 0.45) in [[*one] for one in shapely.get_coordinates(after["A1"]).tolist()]
    moved = shapely.union_all([*grounds("moved").values()])
    both = shapely.union_all([before[code].symmetric_difference(after[code]) for code in after])
    assert moved.symmetric_difference(both).area == pytest.approx(0, abs=1e-12)


def test_outlines_are_simplified_only_where_they_are_too_many(
    engine: Engine, zhou: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A border that swings by millimetres: nothing that a screen would show.
    swinging = [(WEST + n * 1e-5, SOUTH + (n % 2) * 2e-8) for n in range(400)]
    top = [(WEST + 399e-5, SOUTH + STEP), (WEST, SOUTH + STEP)]
    with engine.begin() as conn:
        outline = shapely.Polygon([*swinging, *top])
        make_draft(conn, "d", [make_level("cell", {"A1": outline})])

    def vertices() -> int:
        told = zhou.get(f"{PAGE}/areas.json?level=cell").get_json()
        drawn = shapely.from_geojson(json.dumps(told["after"][0]["geometry"]))
        assert drawn.symmetric_difference(outline).area < outline.area * 1e-4
        return int(shapely.get_num_coordinates(drawn))

    assert vertices() == len(swinging) + len(top) + 1
    monkeypatch.setattr(draft_comparisons, "_MOST_VERTICES", 300)
    assert vertices() < 100


def test_comments_are_pinned_to_areas_and_lead_back_to_the_list(
    submitted: Engine, zhou: FlaskClient
) -> None:
    page = page_of(zhou, level="cell", way="swipe", q="A")
    answer = press(zhou, row_of(page, "A2"), "comment", text="Keep the old line")
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert location.startswith(f"{PAGE}?"), location
    assert {"level=cell", "way=swipe", "q=A"} <= {*re.split(r"[?&#]", location)}
    page = zhou.get(location).text
    assert "Keep the old line" in said_of(page, "A2")
    assert "Keep the old line" not in said_of(page, "A1")
    assert f'href="{PAGE}?level=cell&amp;q=A2"' in page
    # What is wrong is said, and nothing is kept.
    headers = {"Accept": "application/json"}
    form = re.search(r'action="([^"]*/comment[^"]*)"', row_of(page, "A1"))
    assert form
    wrong = zhou.post(
        form[1].replace("&amp;", "&"),
        data={"csrf_token": csrf_of(page), "area": "cell:A1", "text": " "},
        headers=headers,
    )
    assert wrong.status_code == 400
    assert "write 1 to 2,000 characters" in wrong.get_json()["message"]


def test_what_is_shown_is_approved_or_returned(submitted: Engine, zhou: FlaskClient) -> None:
    page = page_of(zhou, way="side")
    with submitted.begin() as conn:
        digest = changes_digest(conn, get_draft(conn, "d").id)
    assert f'name="digest" value="{digest}"' in page
    answer = press(zhou, page, "return", text="Not yet")
    assert answer.headers["Location"].startswith(f"{PAGE}?")
    # Submitted anew with something else: what was looked at is not what would be approved.
    edit(submitted, ops.Rename("cell", "A3", "Unseen"))
    with submitted.begin() as conn:
        reviews.submit(conn, "d", actor="li")
    assert press(zhou, page, "approve").status_code == 409
    assert press(zhou, page_of(zhou), "approve").status_code == 303
    assert "It can be published as it is" in text_of(page_of(zhou))


def test_only_reviewers_comment_and_only_on_what_is_submitted(
    drafted: Engine, login: Login, zhou: FlaskClient
) -> None:
    page = page_of(zhou)
    assert "data-comment>" not in page
    assert "not submitted for review yet" in text_of(page)
    with drafted.begin() as conn:
        reviews.submit(conn, "d", actor="li")
        conn.exec_driver_sql(
            "DELETE FROM role_permissions"
            " WHERE role = 'gis_officer' AND permission = 'review_drafts'"
        )
    assert page_of(zhou).count("data-comment>") == 7
    officer = page_of(login("gis_officer"))
    assert "data-comment>" not in officer
    assert "/approve" not in officer
    assert login("duty_chief").get(PAGE).status_code == 403


def test_a_draft_without_changes_says_what_to_do(
    engine: Engine, login: Login, zhou: FlaskClient
) -> None:
    with engine.begin() as conn:
        make_edition(conn, two_streets())
        drafts.create(conn, "d", actor="li")
    page = page_of(zhou)
    assert "This draft changes nothing yet" in text_of(page)
    assert "/drafts/1/import" not in page
    assert "/drafts/1/import" in page_of(login("gis_officer"))


def test_a_published_draft_leads_to_the_comparison_of_editions(
    submitted: Engine, zhou: FlaskClient
) -> None:
    with submitted.begin() as conn:
        reviews.approve(conn, "d", actor="zhou")
        publish(conn, "d", datetime(2026, 12, 1, tzinfo=UTC), actor="li")
    page = page_of(zhou)
    assert "This draft is published" in text_of(page)
    assert "/editions/1/diff/2" in page
    assert "compare-row" not in page


def test_a_first_edition_is_all_new(engine: Engine, zhou: FlaskClient) -> None:
    with engine.begin() as conn:
        make_draft(conn, "d", two_streets().values())
    page = page_of(zhou)
    assert "– → " in said_of(page, "A1")
    # Stated before there was a log.
    assert "Last changed –" in said_of(page, "A1")
    told = zhou.get(f"{PAGE}/areas.json?level=cell").get_json()
    assert (told["before"], told["around"]) == ([], [])
    assert len(told["after"]) == len(told["moved"]) == 8


def test_a_large_draft_comes_in_pages(engine: Engine, zhou: FlaskClient) -> None:
    codes = [f"C{n:03}" for n in range(60)]
    with engine.begin() as conn:
        make_draft(
            conn, "d", [make_level("cell", {c: square(n, 0) for n, c in enumerate(codes)})]
        )
    first = page_of(zhou, way="side")
    assert re.findall(r'data-area="(\w+)"', first) == codes[:50]
    further = re.search(r'href="([^"]*)" rel="next"', first)
    assert further
    assert "way=side" in further[1]
    address = further[1].replace("&amp;", "&")
    second = zhou.get(address).text
    assert re.findall(r'data-area="(\w+)"', second) == codes[50:]
    shapes = re.search(r'"areas": "([^"]*)"', second)
    assert shapes
    told = zhou.get(shapes[1].replace("\\u0026", "&")).get_json()
    assert [one["properties"]["code"] for one in told["after"]] == codes[50:]


def test_a_filter_that_finds_nothing_says_so(drafted: Engine, zhou: FlaskClient) -> None:
    assert "No change matches" in text_of(page_of(zhou, level="cell", q="nowhere"))
    assert zhou.get(f"{PAGE}/areas.json").get_json()["after"] == []
    assert zhou.get("/drafts/9/compare").status_code == 404

"""Editions on pages: listed, shown, compared, taken back."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gridmgmt.services.drafts import publishing
from gridmgmt.store.areas.editions import get_edition
from tests.factories import make_draft, make_edition, make_level, square, two_streets
from tests.web.conftest import Login, csrf_of


def split_a1(conn: Connection, effective_from: datetime) -> None:
    """Publish a second edition in which A1 gave its eastern half to a new A5."""
    cells = two_streets()["cell"]
    geoms = dict(zip(cells.codes, cells.geoms, strict=True))
    geoms["A1"], geoms["A5"] = square(0, 0, 0.25, 0.5), square(0.25, 0, 0.25, 0.5)
    parents = {code: code[0] for code in geoms}
    make_draft(conn, "split", [make_level("cell", geoms, parents=parents)])
    publishing.publish(conn, "split", effective_from, actor="a test")


@pytest.fixture
def two_editions(engine: Engine) -> Engine:
    with engine.begin() as conn:
        make_edition(conn, two_streets())
        split_a1(conn, datetime(2026, 6, 1, tzinfo=UTC))
    return engine


def withdraw(client: FlaskClient, number: int) -> str:
    token = csrf_of(client.get("/editions").text)
    answer = client.post(
        f"/editions/{number}/withdraw", data={"csrf_token": token}, follow_redirects=True
    )
    return answer.text


def test_editions_are_listed_and_shown_with_what_they_changed(
    two_editions: Engine, login: Login
) -> None:
    client = login("commander")
    assert 'href="/editions/2"' in client.get("/editions").text
    page = client.get("/editions/2?lang=en").text
    assert "What it changed against edition 1" in page
    assert "/editions/1/diff/2?level=cell&amp;action=add" in page
    # Half of A1 stayed, half went to A5.
    assert page.count("50.00 %") == 2
    assert client.get("/editions/9").status_code == 404


def test_two_editions_are_compared_in_words_and_on_a_map(
    two_editions: Engine, login: Login
) -> None:
    client = login("planner")
    found = client.get("/editions/compare?first=1&second=2")
    assert found.location == "/editions/1/diff/2"
    page = client.get("/editions/1/diff/2?lang=en").text
    assert "/areas/cell/A5" in page
    assert "50.00 %" in page
    before = client.get("/editions/1/diff/2/before.json?level=cell").get_json()
    after = client.get("/editions/1/diff/2/after.json?level=cell").get_json()
    assert [one["id"] for one in before["features"]] == ["A1"]
    assert [one["id"] for one in after["features"]] == ["A1", "A5"]
    only = client.get("/editions/1/diff/2?level=cell&action=add").text
    assert "/areas/cell/A5" in only
    assert "/areas/cell/A1?" not in only
    back = client.get("/editions/2/diff/1?lang=en").text
    assert "dropped" in back


def test_an_account_limited_to_a_street_sees_differences_of_that_street_only(
    two_editions: Engine, login: Login
) -> None:
    client = login("street_chief", area=("street", "B"))
    page = client.get("/editions/1/diff/2?lang=en").text
    assert "The two editions do not differ" in page
    assert "/areas/cell/A1" not in client.get("/editions/2").text
    shapes = client.get("/editions/1/diff/2/after.json?level=cell").get_json()
    assert shapes["features"] == []


def test_an_edition_in_force_is_not_withdrawn_and_the_page_says_why(
    two_editions: Engine, login: Login
) -> None:
    client = login("gis_officer")
    assert "has been in force since" in withdraw(client, 2) or "生效" in withdraw(client, 2)
    with two_editions.connect() as conn:
        assert get_edition(conn, 2).withdrawn_at is None


def test_an_edition_not_yet_in_force_is_withdrawn_and_its_draft_open_again(
    two_editions: Engine, login: Login
) -> None:
    with two_editions.begin() as conn:
        make_draft(
            conn,
            "far",
            [make_level("street", {"A": square(0, 0), "B": square(1, 0)}, names={"A": "甲"})],
        )
        later = datetime.now(UTC) + timedelta(days=30)
        publishing.publish(conn, "far", later, actor="a test")
    client = login("gis_officer")
    client.get("/editions?lang=en")
    assert "Withdraw" in client.get("/editions/3").text
    page = withdraw(client, 3)
    assert "Edition 3 is withdrawn." in page
    assert "draft far" in page
    assert "never in force" in client.get("/editions/3").text
    assert client.get("/editions/1/diff/3").status_code == 409


def test_only_who_may_publish_may_withdraw(two_editions: Engine, login: Login) -> None:
    client = login("commander")
    token = csrf_of(client.get("/editions").text)
    answer = client.post("/editions/2/withdraw", data={"csrf_token": token})
    assert answer.status_code == 403


def test_errors_of_the_map_are_json(two_editions: Engine, login: Login) -> None:
    answer = login("planner").get(
        "/editions/1/diff/9/after.json?level=cell", headers={"Accept": "application/json"}
    )
    assert answer.status_code == 404
    assert json.loads(answer.text)["status"] == 404

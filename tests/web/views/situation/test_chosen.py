"""Under every choice of cases, each number of a page leads to as many cases."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import sqlalchemy as sa
from flask import get_template_attribute
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from tests.web.conftest import Login

MARCH = {"from": "2026-03-01", "to": "2026-03-10", "lang": "en"}
CHOICES = [
    {},
    {"open": "1"},
    {"overdue": "1"},
    {"category": "E1"},
    {"class": "event"},
    {"major_class": "街面秩序"},
    {"responder": "S1"},
    {"channel": "热线"},
    {"channel": '热线,"a,b"'},
    {"weekday": "1"},
    {"weekday": "6,7"},
    {"hour": "8,9"},
    {"open": "1", "weekday": "1,2", "hour": "9", "responder": "S1"},
]


@pytest.fixture
def chief(city: Engine, login: Login) -> FlaskClient:
    with city.begin() as conn:
        conn.execute(sa.text("UPDATE cases SET channel = '热线' WHERE case_no IN ('C1', 'C4')"))
        conn.execute(sa.text("UPDATE cases SET channel = 'a,b' WHERE case_no = 'C3'"))
        conn.execute(
            sa.text("UPDATE categories SET category_class = 'event', major_class = '街面秩序'")
        )
    return login("duty_chief")


def listed(client: FlaskClient, address: str) -> str:
    page = client.get(address.replace("&amp;", "&").replace("&#34;", '"')).text
    if "No case matches" in page or "没有符合" in page:
        return "0"
    counted = re.search(r'class="case-count"[^>]*>[^\d<]*([\d,]+)', page)
    assert counted, address
    return counted[1]


def links(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<a href="(/cases\?[^"]+)">([\d,]+)</a>', page)


def test_every_number_of_the_overview_leads_to_its_cases(chief: FlaskClient) -> None:
    for choice in CHOICES:
        found = links(chief.get("/", query_string={**MARCH, **choice}).text)
        assert found or choice.get("weekday") == "6,7"
        for address, said in found:
            assert listed(chief, address) == said, address
            asked = parse_qs(urlsplit(address.replace("&amp;", "&")).query)
            assert set(choice) <= set(asked), address


@pytest.mark.proof
@pytest.mark.parametrize("area", ["cell/A1", "street/B"])
def test_every_number_of_a_panel_leads_to_its_cases(chief: FlaskClient, area: str) -> None:
    for choice in CHOICES:
        page = chief.get(f"/map/areas/{area}", query_string={**MARCH, **choice}).text
        for address, said in links(page):
            assert listed(chief, address) == said, address


@pytest.mark.proof
def test_the_map_counts_what_the_lists_have(chief: FlaskClient) -> None:
    for choice in CHOICES:
        query = {**MARCH, **choice, "level": "street"}
        figures = chief.get("/map/figures.json", query_string=query).get_json()
        judged = {"as_of": figures["as_of"]}
        lists = {
            "cases": {},
            "open": {"open": "1", **judged},
            "overdue": {"overdue": "1", **judged},
            "on_time": {"deadline": "on_time", **judged},
        }
        for n, code in enumerate(("A", "B")):
            for column, more in lists.items():
                query = {**MARCH, **choice, "area": f"street:{code}", **more}
                told = listed(chief, f"/cases?{urlencode(query)}")
                assert told == str(figures["columns"][column][n]), (choice, code, column)


@pytest.mark.parametrize("page", ["/", "/cases"])
def test_each_filter_is_a_chip_that_takes_it_back(chief: FlaskClient, page: str) -> None:
    for choice in CHOICES[1:]:
        text = chief.get(page, query_string={**MARCH, **choice}).text
        chips = re.findall(r'<a class="badge state state-info case-chip" href="([^"]+)">', text)
        assert sorted(position(chip, choice) for chip in chips) == [*range(len(choice))]


def position(address: str, choice: dict[str, str]) -> int:
    """Which of the filters this address leaves out."""
    left = parse_qs(urlsplit(address.replace("&amp;", "&")).query)
    (gone,) = [n for n, name in enumerate(choice) if name not in left]
    return gone


def test_boxes_of_one_name_are_ticked_beside_each_other(chief: FlaskClient) -> None:
    one, other = ({**MARCH, "weekday": days} for days in ("1,2", ["1", "2"]))
    pages = [chief.get("/cases", query_string=query) for query in (one, other)]
    assert {re.search(r'class="case-count"[^>]*>([^<]+)', page.text)[1] for page in pages}  # type: ignore[index]
    assert pages[0].text.count(" checked") == pages[1].text.count(" checked") == 2


def test_a_filter_that_is_none_is_said_to_be_so(chief: FlaskClient) -> None:
    unfit = ["weekday=8", "hour=24", "hour=now", "class=thing", 'channel="a', "open=perhaps"]
    for page in ("/", "/cases", "/map/figures.json", "/map/areas/cell/A1"):
        for query in unfit:
            answer = chief.get(f"{page}?{query}&level=street")
            assert answer.status_code == 400, (page, query)


def test_earlier_periods_without_data_are_said_to_have_none(chief: FlaskClient) -> None:
    page = chief.get("/", query_string=MARCH).text
    assert page.count("no data") >= 10
    panel = chief.get("/map/areas/cell/A1", query_string=MARCH).text
    assert panel.count("no data") == 2


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (41, 20, "20 ▲ +21 · +105.0 %"),
        (10, 20, "20 ▼ −10 · −50.0 %"),
        (20, 20, "20 ="),
        (4076, 19, "19 ▲ +4,057"),
        (3, 0, "0 ▲ +3"),
    ],
)
def test_only_of_twenty_or_more_a_difference_is_told_in_percent(
    chief: FlaskClient, now: int, before: int, told: str
) -> None:
    with chief.application.test_request_context():
        change = get_template_attribute("overview/_parts.html", "change")
        text = re.sub(r"<[^>]+>", " ", str(change(now, before)))
    assert " ".join(text.split()) == told


def test_differences_stand_with_their_sign_and_both_counts(
    chief: FlaskClient, city: Engine
) -> None:
    with city.begin() as conn:
        conn.execute(
            sa.text("UPDATE cases SET reported_at = '2026-02-20 01:00Z' WHERE case_no = 'C1'")
        )
        conn.execute(
            sa.text("UPDATE cases SET reported_at = '2026-02-10 01:00Z' WHERE case_no = 'C5'")
        )
    text = " ".join(re.sub(r"<[^>]+>", " ", chief.get("/", query_string=MARCH).text).split())
    assert re.search(r"Cases reported 3 1 ▲ \+2 (?!·)", text)
    assert "vs before ▲ +1 (1)" in text
    panel = chief.get("/map/areas/cell/A1", query_string=MARCH).text
    told = " ".join(re.sub(r"<[^>]+>", " ", panel).split())
    assert "Period before 2026-02-19 to 2026-02-28 1 =" in told

"""The overview as each role meets it."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.domain.cases.case import UnroutedReason
from gridmgmt.services.accounts.roles import StatedRole, put_role
from tests.delivered_roles import ROLES
from tests.web.conftest import Login

MARCH = "/?from=2026-03-01&to=2026-03-10&lang=en"


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_commander_begins_with_the_period_up_to_the_newest_case(
    city: Engine, login: Login
) -> None:
    page = login("commander").get("/?lang=en")
    assert page.status_code == 200
    assert "Data up to 2026-03-02." in text_of(page.text)
    assert 'name="from" value="2026-02-01"' in page.text
    assert 'name="to" value="2026-03-02"' in page.text


def test_a_rate_stands_with_its_two_counts(city: Engine, login: Login) -> None:
    said = text_of(login("commander").get(MARCH).text)
    assert "On-time rate" in said
    assert "33.33 % (1/3)" in said


def test_a_rate_of_nothing_is_a_dash(city: Engine, login: Login) -> None:
    said = text_of(login("commander").get("/?from=2026-04-01&to=2026-04-02&lang=en").text)
    assert "– (0/0)" in said
    assert "100.00 %" not in said


def test_a_day_that_is_not_over_is_not_compared_with_one_that_is(
    city: Engine, login: Login
) -> None:
    commander = login("commander")
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    over = today - timedelta(days=1)
    for last, is_over in ((today, False), (over, True)):
        period = f"from={last - timedelta(days=5)}&to={last}&lang=en"
        page = commander.get(f"/?{period}").text
        todays = page.split('class="table align-middle overview-figures"')[2]
        assert ('class="change"' in todays) is is_over
        assert (f"{last} is not over" in page) is not is_over
        (disposed,) = re.findall(r'<polyline class="chart-line" points="([^"]+)"', page)
        assert len(disposed.split()) == (6 if is_over else 5)


def test_sentences_of_one_paragraph_stand_apart(city: Engine, login: Login) -> None:
    commander = login("commander")
    for address in ("/?lang=en", MARCH, "/?lang=en&from=2027-04-01&to=2027-04-10"):
        said = text_of(commander.get(address).text)
        assert not re.findall(r"\w+\.[A-Z]\w+", said)


def test_small_numbers_are_marked_and_have_no_place(city: Engine, login: Login) -> None:
    page = login("commander").get(MARCH).text
    assert page.count("small number</span>") == 2


def test_a_period_that_is_none_is_said_to_be_so(city: Engine, login: Login) -> None:
    commander = login("commander")
    for period in (
        "from=2026-03-10&to=2026-03-01",
        "from=tomorrow",
        "from=0001-01-01&to=0001-01-02",
        "from=1900-01-01&to=2026-01-01",
        "from=9999-12-31&to=9999-12-31",
        "sort=luck",
    ):
        assert commander.get(f"/?{period}").status_code == 400, period
    assert commander.get("/?level=galaxy").status_code == 404


@pytest.mark.parametrize("reason", UnroutedReason)
def test_whatever_cases_wait_for_is_told_and_leads_to_them(
    city: Engine, login: Login, reason: UnroutedReason
) -> None:
    waits = "UPDATE cases SET unrouted_reason = :reason WHERE case_no = 'C5'"
    with city.begin() as conn:
        conn.execute(sa.text(waits), {"reason": reason.value})
    told = f'href="/cases?status=triage&amp;reason={reason.value}">1<'
    assert told in login("duty_chief").get("/").text


# What each card asks for; the last one asks to look.
CARDS = {
    "Unlocated": "place_cases",
    "No owner": "assign_cases",
    "Two owners": "assign_cases",
    "Uncertain position": "assign_cases",
    "Bounced": "assign_cases",
    "Cases overdue": "see_cases",
}


@pytest.mark.parametrize(
    "role", [name for name, one in ROLES.items() if "see_overview" in one.permissions.split()]
)
def test_what_waits_is_shown_to_who_can_do_something_about_it(
    city: Engine, login: Login, role: str
) -> None:
    page = login(role).get("/overview?lang=en").text
    _, found, section = page.partition('aria-labelledby="waiting"')
    cards = re.findall(r'figure-label">([^<]+)<', section.split("</section>")[0])
    permissions = ROLES[role].permissions.split()
    assert cards == [card for card, needs in CARDS.items() if needs in permissions]
    assert bool(found) is ("see_cases" in permissions)


@pytest.mark.parametrize(
    ("role", "limits", "page"),
    [
        ("responder", {"responder_code": "S1"}, "/cases?status=open&sort=due_at"),
        ("street_chief", {"area": ("street", "A")}, "/supervision"),
        ("collector", {}, "/cases/new"),
        ("dispatcher", {}, "/cases?status=triage&sort=due_at"),
        ("acceptor", {}, "/cases?status=triage&sort=reported_at"),
        ("gis_officer", {}, "/drafts"),
        # Limited to an area, it has no drafts: then the first page of its menu.
        ("gis_officer", {"area": ("street", "A")}, "/overview"),
        ("planner", {}, "/map"),
        ("administrator", {}, "/accounts"),
        ("commander", {}, "/overview"),
        ("duty_chief", {}, "/overview"),
    ],
)
def test_each_role_begins_where_its_work_is(
    role: str, limits: dict[str, Any], page: str, city: Engine, login: Login
) -> None:
    client = login(role, **limits)
    assert client.get("/login").headers["Location"] == page
    assert client.get(page).status_code == 200
    answer = client.get("/")
    if page == "/overview":
        assert answer.text.count("<h1") == 1
    else:
        assert (answer.status_code, answer.headers["Location"]) == (303, page)


@pytest.mark.parametrize(
    ("permissions", "page"),
    [
        ("see_map see_cases report_cases", "/cases/new"),
        (
            "see_cases assign_cases report_cases see_overview",
            "/cases?status=triage&sort=due_at",
        ),
        ("see_overview see_cases close_cases assign_cases", "/overview"),
        # Without the overview, who closes cases begins with those to assign.
        ("see_cases close_cases assign_cases", "/cases?status=triage&sort=due_at"),
        ("see_areas edit_drafts", "/drafts"),
        ("see_cases supervise_cases", "/supervision"),
        ("manage_accounts see_overview close_cases", "/accounts"),
        ("see_duties", "/duties"),
        # A permission that opens no page of the menu leaves the page of one's account.
        ("use_api", "/account"),
    ],
)
def test_a_role_of_the_bureaus_own_begins_where_its_work_is(
    permissions: str, page: str, city: Engine, login: Login
) -> None:
    stated = StatedRole("own", "本局角色", "", frozenset(permissions.split()), is_new=True)
    with city.begin() as conn:
        put_role(conn, stated, actor="a test")
    client = login("own", "li")
    assert client.get("/login").headers["Location"] == page
    assert client.get(page).status_code == 200


def test_nobody_is_sent_to_log_in(client: FlaskClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"][:6]) == (303, "/login")


def test_a_street_sees_its_own_figures(city: Engine, login: Login) -> None:
    chief = login("street_chief", area=("street", "B"))
    said = text_of(chief.get(MARCH).text)
    assert "Only B." in said
    assert "0.00 % (0/1)" in said


def test_an_empty_bureau_is_told_what_to_do(login: Login) -> None:
    page = login("duty_chief").get("/?lang=en")
    assert page.status_code == 200
    assert "There are no cases yet." in text_of(page.text)


def test_the_languages_say_the_same(city: Engine, login: Login) -> None:
    commander = login("commander")
    chinese, english = (
        commander.get(MARCH.replace("=en", "=zh")).text,
        commander.get(MARCH).text,
    )
    assert "按期处置率" in chinese
    assert sorted(re.findall(r"\d+\.\d+ %", chinese)) == sorted(
        re.findall(r"\d+\.\d+ %", english)
    )


def test_every_number_that_leads_somewhere_leads_to_as_many_cases(
    city: Engine, login: Login
) -> None:
    chief = login("duty_chief")
    page = chief.get(MARCH).text
    links = re.findall(r'<a href="(/cases\?[^"]+)">([\d,]+)</a>', page)
    assert len(links) > 8
    for address, said in links:
        answer = chief.get(address.replace("&amp;", "&")).text
        counted = re.search(r'class="case-count"[^>]*>[^\d<]*([\d,]+)', answer)
        assert counted, address
        assert counted[1] == said, address


def test_what_was_disposed_of_and_closed_leads_to_its_cases(city: Engine, login: Login) -> None:
    page = login("duty_chief").get(MARCH).text
    assert re.search(r'<a href="/cases\?[^"]*day_of=disposed[^"]*">1</a>', page)


def test_what_nobody_disposed_of_has_no_day_of_disposal(city: Engine, login: Login) -> None:
    page = login("duty_chief").get("/cases?day_of=disposed&from=2026-03-01").text
    assert "/cases/C2" in page
    assert "/cases/C1" not in page


def ranked(page: str) -> list[str]:
    table = page.split('id="ranking"')[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    return re.findall(r'<a href="/areas/street/(\w+)\?edition=\d+">', table)


@pytest.mark.parametrize("sort", ["name", "cases", "rate", "missed"])
def test_a_ranking_turns_round_and_back(city: Engine, login: Login, sort: str) -> None:
    commander = login("commander")
    page = commander.get(f"{MARCH}&sort={sort}").text
    (turn,) = re.findall(rf'href="(/overview\?[^"#]*sort={sort}[^"#]*)#ranking"', page)
    turned = commander.get(turn.replace("&amp;", "&")).text
    assert ranked(page)[::-1] == ranked(turned) != ranked(page)
    assert turned.count('aria-sort="descending"') == (sort == "name")
    (back,) = re.findall(rf'href="(/overview\?[^"#]*sort={sort}[^"#]*)#ranking"', turned)
    assert ranked(commander.get(back.replace("&amp;", "&")).text) == ranked(page)
    area = re.findall(r'<a href="(/areas/street/[^"]+)">', page)[0]
    assert commander.get(area).status_code == 200

"""Every choice of a first and a last day offers the same periods by their names."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from gridmgmt.domain.period import NamedPeriod, named_period
from tests.services.case_city import SHANGHAI
from tests.web.conftest import Login

TEMPLATES = Path(__file__).parents[3] / "web" / "templates"
OPTION = re.compile(
    r'<option[^>]*data-first="([\d-]*)" data-last="([\d-]*)"( selected)?>([^<]+)</option>'
)
NAMES = ["今日", "昨日", "本周", "上周", "本月", "上月", "近 7 天", "近 30 天", "近 90 天"]
PAGES = {
    "/overview": "commander",
    "/map": "commander",
    "/cases": "commander",
    "/exports/map": "planner",
    "/duties/bounces": "dispatcher",
    "/audit": "administrator",
}


@pytest.mark.parametrize("address", PAGES)
def test_each_page_offers_the_named_periods_of_today(
    city: Engine, login: Login, address: str
) -> None:
    page = login(PAGES[address]).get(address).text
    today = datetime.now(SHANGHAI).date()
    offered = {label: (first, last) for first, last, _, label in OPTION.findall(page)}
    assert [name for name in offered if name != "不限"] == NAMES
    for name, label in zip(NamedPeriod, NAMES, strict=False):
        found = named_period(name, today, SHANGHAI)
        assert offered[label] == (found.first.isoformat(), found.last.isoformat())


def test_the_last_days_end_with_the_newest_case_where_cases_are_counted(
    city: Engine, login: Login
) -> None:
    for address in ("/overview", "/map", "/exports/map"):
        page = login(PAGES[address]).get(address).text
        offered = {label: (first, last) for first, last, _, label in OPTION.findall(page)}
        assert offered["近 7 天"] == ("2026-02-24", "2026-03-02"), address


def test_the_period_that_is_shown_is_the_chosen_one(city: Engine, login: Login) -> None:
    today = datetime.now(SHANGHAI).date()
    week = named_period(NamedPeriod.LAST_WEEK, today, SHANGHAI)
    chosen = r"<option[^>]*selected>([^<]+)</option>"
    for address in PAGES.keys() - {"/map"}:
        client = login(PAGES[address])
        for first, last, label in (
            (week.first, week.last, "上周"),
            (week.first, week.last - timedelta(days=1), "自选日期"),
        ):
            page = client.get(f"{address}?from={first}&to={last}").text
            select = page.split('id="period"')[1].split("</select>")[0]
            assert re.findall(chosen, select) == [label], address
    page = login("commander").get("/cases").text
    assert re.findall(chosen, page.split('id="period"')[1].split("</select>")[0]) == ["不限"]


def test_no_page_asks_for_two_days_without_the_names() -> None:
    asks = {
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if 'type="date"' in path.read_text("utf-8") and 'name="to"' in path.read_text("utf-8")
    }
    assert asks == {"_macros.html"}

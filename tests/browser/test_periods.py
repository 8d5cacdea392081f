"""Periods are chosen by their names, in one step."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, Site
from tests.browser.using import open_map, ready
from tests.browser.walking import go
from tests.browser.watching import settle

pytestmark = pytest.mark.proof


def chosen(page: Page, field: str) -> str:
    label: str = page.locator(field).evaluate("one => one.selectedOptions[0].text")
    return label


def asked(page: Page) -> tuple[str, str]:
    days: list[str] = page.evaluate(
        "[new URLSearchParams(location.search)].map(q => [q.get('from'), q.get('to')])[0]"
    )
    return days[0], days[1]


def test_last_week_is_shown_at_once_and_days_of_ones_own_are_called_so(
    sample: Site, open_page: Open
) -> None:
    page = open_page(sample, "commander")
    go(page, "/overview")
    assert chosen(page, "#period") == "近 30 天"
    page.select_option("#period", label="上周")
    settle(page)
    first, last = map(date.fromisoformat, asked(page))
    assert (first.isoweekday(), last - first) == (1, timedelta(days=6))
    assert chosen(page, "#period") == "上周"
    assert page.input_value("#from") == first.isoformat()
    before = page.url
    page.fill("#from", "2026-10-01")
    assert chosen(page, "#period") == "自选日期"
    assert page.url == before, "days that are typed are sent by the button"


def test_a_list_takes_its_period_back(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander")
    go(page, "/cases")
    assert chosen(page, "#period") == "不限"
    page.select_option("#status", label="结案")
    page.select_option("#period", label="近 90 天")
    settle(page)
    assert "status=closed" in page.url, "what else was chosen is sent with it"
    first, last = map(date.fromisoformat, asked(page))
    assert (last - first).days == 89
    page.select_option("#period", label="不限")
    settle(page)
    assert asked(page) == ("", "")


def test_an_export_takes_the_days_and_waits_for_the_rest(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "planner")
    go(page, "/exports/map")
    before = page.url
    page.select_option("#period", label="上月")
    assert page.input_value("#from").endswith("-01")
    assert page.url == before


def test_the_map_has_its_periods_beside_the_time(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander")
    page.set_viewport_size({"width": 1366, "height": 768})
    open_map(page)
    expect(page.locator("#map-filters")).to_be_hidden()
    assert chosen(page, "#map-days") == "近 30 天"
    page.select_option("#map-days", label="近 7 天")
    ready(page)
    first = date.fromisoformat(asked(page)[0])
    assert date.fromisoformat(page.input_value("#map-to")) - first == timedelta(days=6)
    page.go_back()
    ready(page)
    assert chosen(page, "#map-days") == "近 30 天"

"""The same pages on real places: a district of Hangzhou, and Chicago under two editions."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, Site
from tests.browser.using import (
    MAP,
    PANEL,
    choose_layer,
    colours,
    count_of_list,
    number,
    open_map,
    ready,
    search,
    unfold,
)
from tests.browser.walking import Map, go, walk
from tests.browser.watching import overflow, settle
from web import create_app

# Whole cities take minutes to build and to walk through; `make test` has the sample city.
pytestmark = pytest.mark.proof

ROLES = ("duty_chief", "gis_officer", "commander")
# The months around the day on which the new wards take effect here.
AROUND_THE_CHANGE = "from=2013-12-01&to=2014-02-28"


def walked(site: Site, open_page: Open, role: str) -> list[str]:
    """Walk through a city in a role; return what is wrong with its pages on a phone."""
    page = open_page(site, role)
    go(page, "/")
    app = create_app(site.city.settings)
    faults = []
    for _ in walk(page, Map(app, site.origin)):
        assert page.locator("h1").count() == 1, page.url
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(60)
        faults += [found for found in (overflow(page),) if found]
        page.set_viewport_size({"width": 1280, "height": 800})
    app.extensions["gridmgmt"].engine.dispose()
    return faults


@pytest.mark.parametrize("role", ROLES)
def test_a_role_walks_through_hangzhou(hangzhou: Site, open_page: Open, role: str) -> None:
    assert walked(hangzhou, open_page, role) == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_walks_through_chicago(chicago: Site, open_page: Open, role: str) -> None:
    assert walked(chicago, open_page, role) == []


@pytest.fixture(params=["hangzhou", "chicago"])
def site(request: pytest.FixtureRequest) -> Site:
    found: Site = request.getfixturevalue(request.param)
    return found


def test_the_map_shows_its_layers_and_leads_to_the_cases(site: Site, open_page: Open) -> None:
    page = open_page(site, "commander")
    open_map(page)
    for layer in ("density", "rate", "cases"):
        choose_layer(page, layer)
        assert colours(page) > 2, layer
    unfold(page, "table")
    numbers = page.locator("#map-ranking tbody a[href*='/cases?']")
    address, said = numbers.first.evaluate("one => [one.href, one.textContent]")
    go(page, address)
    assert count_of_list(page) == number(said) > 0


def test_a_year_of_hangzhou_is_counted_in_its_cells(hangzhou: Site, open_page: Open) -> None:
    page = open_page(hangzhou, "commander")
    open_map(page, "?from=2018-01-01&to=2018-12-31&layer=cases")
    unfold(page, "table")
    counted = number(page.locator("#map-ranking tfoot").inner_text())
    go(page, "/cases?from=2018-01-01&to=2018-12-31&unlocated=1")
    unlocated = count_of_list(page)
    go(page, "/cases?from=2018-01-01&to=2018-12-31")
    assert count_of_list(page) == counted + unlocated


def test_both_editions_of_chicago_are_on_the_map(chicago: Site, open_page: Open) -> None:
    page = open_page(chicago, "commander")
    open_map(page, f"?{AROUND_THE_CHANGE}&layer=cases")
    unfold(page, "filters")
    unfold(page, "table")
    editions = page.locator("#map-edition option")
    assert editions.count() == 2
    counted = {}
    for edition in ("1", "2"):
        page.select_option("#map-edition", edition)
        ready(page)
        beside = page.locator("#map-elsewhere li").all_inner_texts()
        shown = number(page.locator("#map-ranking tfoot").inner_text())
        assert shown > 0
        counted[edition] = shown + sum(number(text) for text in beside)
    # Whichever borders are shown, the wards and what stands beside them are all cases.
    go(page, f"/cases?{AROUND_THE_CHANGE}")
    assert set(counted.values()) == {count_of_list(page)}


def test_what_the_editions_differ_in_is_shown(chicago: Site, open_page: Open) -> None:
    page = open_page(chicago, "gis_officer")
    go(page, "/editions/1/diff/2")
    expect(page.locator(".leaflet-container").first).to_be_visible()
    settle(page)
    assert page.locator("main table tbody tr").count() > 5


def test_a_ward_is_found_by_its_code_and_opens_its_panel(
    chicago: Site, open_page: Open
) -> None:
    page = open_page(chicago, "duty_chief")
    open_map(page)
    search(page, "42")
    expect(page.locator(PANEL)).to_be_visible()
    expect(page.locator(f"{PANEL} h2")).to_contain_text("42")
    expect(page.locator(MAP)).to_have_attribute("data-state", "ready")

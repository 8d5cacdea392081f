"""A dispatcher places a case on its own page: find the road, tap, read who gets it, save."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from gridmgmt.services.cases.actions import assign
from tests.browser.cities import committed
from tests.browser.conftest import Open, Site
from tests.browser.using import closely, press
from tests.browser.walking import go
from tests.browser.watching import overflow, settle
from tests.services.bounce_city import act
from tests.services.case_city import A1, case_file, row, take_in

pytestmark = pytest.mark.proof

MAP = ".position-map .leaflet-container"


def arrive(
    site: Site, folder: Path, number: str, at: tuple[float, float] | None = None
) -> None:
    """Take in a case without a position, or with one outside the city."""
    with committed(site.city.settings) as conn:
        assert take_in(conn, case_file(folder, [row(number, at)])).new == 1


@pytest.fixture
def desk(small: Site) -> Iterator[Site]:
    yield small
    # The city is shared: other tests count what waits there.
    waiting = "case_no LIKE 'PLACE-%' AND responder_code IS NULL"
    for (number,) in small.city.all(f"SELECT case_no FROM cases WHERE {waiting}"):
        with committed(small.city.settings) as conn:
            assign(conn, act(conn, number), responder_code="H", reason="急办")


def drawn(page: Page) -> None:
    expect(page.locator(MAP)).to_have_attribute("data-ground", "ready")
    settle(page)


def test_a_case_is_placed_with_the_disposer_in_view_and_the_list_comes_back(
    desk: Site, open_page: Open, tmp_path: Path
) -> None:
    arrive(desk, tmp_path, "PLACE-1")
    page = open_page(desk, "dispatcher", lang="zh")
    go(page, "/cases?q=PLACE-1")
    page.locator("a.code", has_text="PLACE-1").click()
    drawn(page)
    expect(page.locator("#position-place")).to_contain_text("请在地图上点选位置")
    page.fill("#map-search", "A1")
    page.press("#map-search", "Enter")
    drawn(page)
    page.locator(MAP).click()
    expect(page.locator(".position-area")).to_have_text("属：A / A1")
    expect(page.locator(".position-who")).to_have_text("由一中队主办：依据17号")
    area = "SELECT area_code FROM cases WHERE case_no = 'PLACE-1'"
    assert desk.city.ask(area)[0] is None, "nothing is stored before it is saved"
    closely(page)
    press(page, "确定位置")
    assert page.url.endswith("/cases?q=PLACE-1#top")
    expect(page.locator("main [role=status]").first).to_contain_text("PLACE-1：案件已定位。")
    expect(page.locator("tr[data-case=PLACE-1]")).to_contain_text("一中队")
    assert desk.city.ask(area)[0] == "A1"


def test_a_tap_on_the_map_of_a_placed_case_opens_the_form_that_takes_it(
    desk: Site, open_page: Open, tmp_path: Path
) -> None:
    arrive(desk, tmp_path, "PLACE-2")
    page = open_page(desk, "dispatcher", width=390, lang="zh")
    go(page, "/cases/STAYS-1")
    drawn(page)
    expect(page.locator("#place")).not_to_have_attribute("open", "")
    page.locator(MAP).click()
    expect(page.locator("#place")).to_have_attribute("open", "")
    expect(page.locator(".position-who")).to_be_visible()
    assert overflow(page) is None
    # What is to be placed comes first on a phone, with its map.
    go(page, "/cases/PLACE-2")
    drawn(page)
    tops = [
        page.locator(one).first.bounding_box()["y"]  # type: ignore[index]
        for one in (MAP, ".case-actions", ".case-facts")
    ]
    assert tops == sorted(tops)
    assert overflow(page) is None


def test_who_places_a_case_from_far_outside_begins_at_the_city(
    desk: Site, open_page: Open, tmp_path: Path
) -> None:
    arrive(desk, tmp_path, "PLACE-3", (A1[0] + 0.5, A1[1] + 0.5))
    page = open_page(desk, "dispatcher", lang="zh")
    go(page, "/cases/PLACE-3")
    drawn(page)
    page.locator(MAP).click()
    expect(page.locator(".position-who")).to_be_visible()
    press(page, "确定位置")
    expect(page.locator("main [role=status]").first).to_contain_text("案件已定位。")

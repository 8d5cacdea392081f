"""The density of the city: one for everybody, in classes that stay, with single cases near."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, Site
from tests.browser.using import (
    MAP,
    choose_layer,
    click_middle_of,
    closely,
    colours,
    open_map,
    ready,
)
from tests.browser.walking import go

pytestmark = pytest.mark.proof

LEGEND = ".map-legend"


def fetched(page: Page, address: str) -> Any:
    return page.evaluate("async (address) => (await fetch(address)).json()", address)


def densest(page: Page) -> tuple[float, float]:
    """Return longitude and latitude of the densest place that the account sees."""
    found = fetched(page, "/map/density.json")
    at = max(range(len(found["values"])), key=found["values"].__getitem__)
    row, col = divmod(at, found["cols"])
    width = (found["east"] - found["west"]) / found["cols"]
    height = (found["north"] - found["south"]) / found["rows"]
    return found["west"] + (col + 0.5) * width, found["north"] - (row + 0.5) * height


def said_at(page: Page, lon: float, lat: float) -> str:
    """Return what the pointer says of the density at a place."""
    open_map(page, f"?at={lat:.5f},{lon:.5f},15.5")
    box = page.locator(MAP).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    wanted = re.compile("每平方公里 ([0-9.,]+) 件")
    tip = page.locator(".map-tip")
    expect(tip).to_have_text(wanted)
    (said,) = wanted.findall(tip.inner_text())
    return str(said)


def test_commander_and_street_chief_read_the_same_density_at_one_place(
    sample: Site, open_page: Open
) -> None:
    chief, commander = (open_page(sample, role) for role in ("street_chief", "commander"))
    open_map(chief)
    lon, lat = densest(chief)
    assert said_at(chief, lon, lat) == said_at(commander, lon, lat)
    expect(chief.locator(LEGEND)).to_contain_text("仅显示您的辖区")
    expect(chief.locator(LEGEND)).not_to_contain_text("已定位案件")
    # The chief's own area may be shown so near that single cases appear.
    rows = ".map-legend-rows:not(.map-legend-dots) li"
    for page in (chief, commander):
        open_map(page)
    texts = [one.locator(rows).all_inner_texts() for one in (chief, commander)]
    assert texts[0] == texts[1]


def test_a_reader_changes_only_the_own_view_and_the_legend_says_so(
    sample: Site, open_page: Open
) -> None:
    page = open_page(sample, "commander")
    open_map(page)
    legend = page.locator(LEGEND)
    expect(legend).to_contain_text("固定分级")
    classes = legend.locator(".map-legend-rows").inner_text()
    page.focus("#map-bandwidth")
    page.select_option("#map-bandwidth", "100")
    ready(page)
    expect(legend).to_contain_text("平滑半径由您自行调整，仅影响本视图；全市设定为 50 米。")
    expect(page.locator("#map-bandwidth")).to_be_focused()
    assert legend.locator(".map-legend-rows").inner_text() == classes
    closely(page)
    page.check("#map-fit")
    ready(page)
    expect(legend).to_contain_text("按本视图分级，颜色不能与其他视图比较。")
    assert legend.locator(".map-legend-rows").inner_text() != classes
    assert {"fit=1", "bandwidth=100"} <= {*page.url.partition("?")[2].split("&")}
    # The link shows the same to somebody else; without it everybody sees the city's.
    other = open_page(sample, "planner")
    go(other, page.url)
    ready(other)
    expect(other.locator("#map-fit")).to_be_checked()
    expect(other.locator("#map-bandwidth")).to_have_value("100")
    open_map(other)
    expect(other.locator(LEGEND)).to_contain_text("平滑半径 50 米")
    expect(other.locator("#map-fit")).not_to_be_checked()


def test_who_answers_its_own_cases_is_told_why_it_sees_no_density(
    sample: Site, open_page: Open
) -> None:
    page = open_page(sample, "responder")
    open_map(page)
    expect(page.locator("#map-layer-cases")).to_be_checked()
    assert colours(page) > 3
    choose_layer(page, "density")
    expect(page.locator(LEGEND)).to_contain_text("密度按全市全部案件计算")
    closely(page)


@pytest.mark.parametrize("role", ["commander", "responder"])
def test_near_the_ground_single_cases_lead_to_their_pages(
    sample: Site, open_page: Open, role: str
) -> None:
    page = open_page(sample, role)
    open_map(page, "?layer=cases")
    box = "west=112.8&south=30.38&east=112.9&north=30.46"
    found = fetched(page, f"/map/cases.json?{box}")
    assert found["total"] == len(found["numbers"]) > 10
    number, lon, lat = found["numbers"][0], found["lon"][0], found["lat"][0]
    open_map(page, f"?layer=cases&at={lat:.6f},{lon:.6f},15")
    expect(page.locator(LEGEND)).not_to_contain_text("单个案件")
    open_map(page, f"?layer=cases&at={lat:.6f},{lon:.6f},17")
    expect(page.locator(LEGEND)).to_contain_text("单个案件")
    click_middle_of(page, MAP)
    link = page.locator(".map-dots a", has_text=number)
    expect(link).to_be_visible()
    closely(page)
    link.click()
    expect(page).to_have_url(re.compile(f"/cases/{re.escape(number)}$"))


def test_who_sees_no_case_sees_no_dot(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "gis_officer")
    open_map(page)
    lon, lat = densest(page)
    open_map(page, f"?at={lat:.5f},{lon:.5f},17")
    expect(page.locator(LEGEND)).not_to_contain_text("单个案件")
    assert colours(page) > 2

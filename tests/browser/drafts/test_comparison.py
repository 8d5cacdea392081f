"""A reviewer compares a draft with its base: three ways, the divider, areas and comments."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.access.keyboard import keyboard_faults
from tests.browser.cities import committed
from tests.browser.conftest import Open, Site
from tests.browser.drafts.drafted import Drafted, draft_to_review
from tests.browser.walking import go
from tests.browser.watching import axe_faults, forgive_refusals, settle

pytestmark = pytest.mark.proof

DIVIDER = "[role=slider]"
FIRST = ".compare-maps > .map-box .map-frame"
SECOND = ".compare-second .map-frame"
# Where a position in degrees is on the screen, on the first map.
ON_SCREEN = """([lon, lat]) => {
  const map = Object.values(window).find((one) => one instanceof L.Map);
  const { left, top } = map.getContainer().getBoundingClientRect();
  const { x, y } = map.latLngToContainerPoint([lat, lon]);
  return [left + x, top + y];
}"""
# Which states of an area are seen at a place, cut as they are.
SEEN = """([x, y]) => document.elementsFromPoint(x, y)
  .map((one) => one.closest(".leaflet-pane[class*=compare]"))
  .map((pane) => pane && /compare-(before|after)-pane/.exec(pane.className))
  .filter(Boolean).map(([, side]) => side).sort()"""
# Where the outlines around stand on a map, from its corner.
OUTLINES = """(map) => {
  const { left, top } = map.getBoundingClientRect();
  const paths = [...map.querySelectorAll(".leaflet-compare-around-pane path")];
  return paths.map((path) => path.getBoundingClientRect())
    .map((box) => [box.left - left, box.top - top, box.width].map(Math.round));
}"""
INSIDE = """SELECT ST_X(p), ST_Y(p) FROM (
  SELECT ST_PointOnSurface(geom) AS p FROM areas
  WHERE level = 'cell' AND code = :code AND until IS NULL) AS one"""

Place = tuple[float, float]


@pytest.fixture(scope="module")
def drafted(sample: Site) -> Drafted:
    with committed(sample.city.settings) as conn:
        return draft_to_review(conn, "to review", by="gis_officer")


@pytest.fixture
def address(drafted: Drafted) -> str:
    return f"/drafts/{drafted.id}/compare"


def opened(page: Page, address: str) -> Page:
    assert go(page, address)
    expect(page.locator(FIRST)).to_have_attribute("data-state", "ready")
    return page


def choose(page: Page, way: str) -> None:
    page.click(f"[data-way-link={way}]")
    expect(page.locator(f"[data-way-link={way}]")).to_have_attribute("aria-current", "true")
    assert f"way={way}" in page.url


def place_in(sample: Site, page: Page, code: str) -> Place:
    at: Place = page.evaluate(ON_SCREEN, [*sample.city.ask(INSIDE, code=code)])
    return at


def seen_in(sample: Site, page: Page, code: str) -> list[str]:
    """Return which states are seen inside an area, wherever the page has scrolled to."""
    found: list[str] = page.evaluate(SEEN, place_in(sample, page, code))
    return found


def box_of(page: Page, selector: str) -> dict[str, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return {**box}


def test_a_reviewer_swipes_and_comments_on_an_area(
    sample: Site, open_page: Open, drafted: Drafted, address: str
) -> None:
    page = opened(open_page(sample, "commander", width=1366, lang="zh"), address)
    page.evaluate("window.stays = true")
    assert seen_in(sample, page, drafted.renamed) == ["after", "before"]

    choose(page, "swipe")
    divider = page.locator(DIVIDER)
    divider.focus()
    page.keyboard.press("End")
    expect(divider).to_have_attribute("aria-valuenow", "100")
    assert seen_in(sample, page, drafted.renamed) == ["before"]
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(divider).to_have_attribute("aria-valuetext", "变更前 1%，草案 99%")
    assert seen_in(sample, page, drafted.renamed) == ["after"]
    line, frame = box_of(page, DIVIDER), box_of(page, FIRST)
    page.mouse.move(line["x"] + line["width"] / 2 + 2, line["y"] + line["height"] / 2)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.9, line["y"] + 40, steps=4)
    page.mouse.up()
    expect(divider).to_have_attribute("aria-valuenow", "90")
    assert seen_in(sample, page, drafted.renamed) == ["before"]
    assert keyboard_faults(page) == []

    # The map tells of an area, and its row takes the comment while the map stays.
    page.mouse.click(*place_in(sample, page, drafted.renamed))
    row = page.locator(f"[data-area='{drafted.renamed}']")
    expect(row).to_have_attribute("aria-current", "true")
    expect(row).to_be_focused()
    names = page.locator(".compare-name-after", has_text="滨江花园网格")
    expect(names).to_be_visible()
    row.locator("textarea").fill("名称请与民政局核对")
    row.locator("form button").click()
    expect(row.locator("[data-comments]")).to_contain_text("名称请与民政局核对")
    expect(row.locator("[data-saved]")).to_have_text("意见已保存。")
    expect(row.locator("textarea")).to_have_value("")
    expect(page.locator("#review-comments")).to_contain_text("名称请与民政局核对")
    said = sample.city.ask(
        "SELECT level, code, made_by FROM draft_comments WHERE draft_id = :id", id=drafted.id
    )
    assert tuple(said) == ("cell", drafted.renamed, "commander")
    assert page.evaluate("window.stays")
    expect(divider).to_have_attribute("aria-valuenow", "90")


def test_two_maps_move_together_and_the_way_stays_in_the_address(
    sample: Site, open_page: Open, drafted: Drafted, address: str
) -> None:
    page = opened(open_page(sample, "commander", width=1366, lang="zh"), address)
    choose(page, "side")
    expect(page.locator(SECOND)).to_be_visible()

    def together() -> list[list[int]]:
        first, second = (page.eval_on_selector(one, OUTLINES) for one in (FIRST, SECOND))
        # One frame may begin in the middle of a pixel and the other not.
        assert np.abs(np.subtract(first, second)).max() <= 1
        return list(first)

    began = together()
    for moved in (SECOND, FIRST):
        frame = box_of(page, moved)
        x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] * 0.2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 30, y - 40, steps=3)
        page.mouse.up()
        page.wait_for_timeout(300)
        assert together() != began
        began = together()
    page.locator(f"[data-area='{drafted.kept}'] [data-show]").click()
    assert together() != began
    assert axe_faults(page) == []
    # Before on the first map, after on the second; the filter keeps the way.
    assert seen_in(sample, page, drafted.gone) == ["before"]
    page.locator("form.filters button").click()
    page.wait_for_load_state()
    settle(page)
    assert re.search(r"way=side", page.url)
    expect(page.locator(SECOND)).to_be_visible()


def test_a_finger_drags_the_divider(sample: Site, open_page: Open, address: str) -> None:
    page = open_page(sample, "commander", width=390, lang="zh", device={"has_touch": True})
    opened(page, f"{address}?way=swipe")
    page.locator(DIVIDER).scroll_into_view_if_needed()
    line, frame = box_of(page, DIVIDER), box_of(page, FIRST)
    y = line["y"] + line["height"] / 2
    touch = page.context.new_cdp_session(page)
    for kind, x in (
        ("touchStart", line["x"] + line["width"] / 2),
        ("touchMove", frame["x"] + frame["width"] * 0.4),
        ("touchMove", frame["x"] + frame["width"] * 0.25),
    ):
        given = {"type": kind, "touchPoints": [{"x": x, "y": y}]}
        touch.send("Input.dispatchTouchEvent", given)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator(DIVIDER)).to_have_attribute("aria-valuenow", "25")


def test_a_comment_that_is_refused_says_why(
    sample: Site, open_page: Open, drafted: Drafted, address: str
) -> None:
    page = opened(open_page(sample, "commander", width=1366, lang="zh"), address)
    row = page.locator(f"[data-area='{drafted.gone}']")
    row.locator("summary").click()
    row.locator("textarea").fill("   ")
    row.locator("form button").click()
    expect(row.locator("[data-saved].text-danger")).to_contain_text("2,000")
    expect(row.locator("textarea")).to_have_value("   ")
    forgive_refusals(page)

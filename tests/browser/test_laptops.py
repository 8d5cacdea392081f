"""The map on small screens: it has the window, parts float and fold, states are entries."""

import re
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from shapely import affinity
from sqlalchemy.engine import Connection

from gridmgmt.geometry.measure import on_grid
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.drafts import get_draft
from tests.browser.cities import committed
from tests.browser.conftest import Open, Site
from tests.browser.using import (
    MAP,
    PANEL,
    choose_layer,
    click_middle_of_map,
    open_map,
    ready,
    unfold,
)
from tests.browser.walking import go
from tests.browser.watching import axe_faults, overflow, settle
from tests.factories import make_draft

pytestmark = pytest.mark.proof

COMMUNITY = "community:990101001001"
LAPTOPS = [(1280, 720), (1366, 768)]
SCREENS = [(390, 844), *LAPTOPS, (1920, 1080), (3840, 2160)]
# Where the topmost thing is the map, on a grid of eight pixels: what floats over it is not it.
SHARE = """() => {
  let [map, all] = [0, 0];
  for (let x = 4; x < innerWidth; x += 8) for (let y = 4; y < innerHeight; y += 8) {
    const top = document.elementFromPoint(x, y);
    all += 1;
    if (top && top.closest(".leaflet-container")) map += 1;
  }
  return map / all;
}"""
FLOATS = "#map-stage > .map-float, #map-panel.show"


def sized(page: Page, size: tuple[int, int]) -> Page:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    return page


def boxes(page: Page) -> list[dict[str, Any]]:
    """Return what floats over the map and is seen: its name and its four sides."""
    found: list[dict[str, Any]] = page.eval_on_selector_all(
        FLOATS,
        """all => all.map(one => [one, one.getBoundingClientRect()])
          .filter(([one, box]) => box.width && box.height)
          .map(([one, { left, top, right, bottom }]) =>
            ({ name: one.className, left, top, right, bottom }))""",
    )
    return found


def overlaps(page: Page) -> list[tuple[str, str]]:
    return [
        (one["name"], other["name"])
        for one, other in combinations(boxes(page), 2)
        if one["left"] < other["right"] - 0.5
        and other["left"] < one["right"] - 0.5
        and one["top"] < other["bottom"] - 0.5
        and other["top"] < one["bottom"] - 0.5
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_map_has_most_of_a_laptop(sample: Site, open_page: Open, lang: str) -> None:
    page = open_page(sample, "commander", lang=lang)
    for size in LAPTOPS:
        open_map(sized(page, size))
        for layer in ("density", "rate", "cases", "hot"):
            choose_layer(page, layer)
            assert page.evaluate(SHARE) >= 0.6, (size, layer)


# The sides of the city on the screen, from those of its ground.
CITY = """([west, south, east, north]) => {
  const map = Object.values(window).find((one) => one instanceof L.Map);
  const box = map.getContainer().getBoundingClientRect();
  const [a, b] = [[south, west], [north, east]].map((at) => map.latLngToContainerPoint(at));
  return { name: "city", left: a.x + box.left, bottom: a.y + box.top,
    right: b.x + box.left, top: b.y + box.top };
}"""
EXTENT = """
SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)
FROM (SELECT ST_Extent(geom) AS e FROM areas) AS ground
"""


def covering(page: Page, ground: list[float]) -> list[str]:
    """Return what lies over the city: floating parts and the buttons to zoom."""
    city = page.evaluate(CITY, ground)
    zoom = page.locator(f"{MAP} .leaflet-control-zoom").bounding_box()
    assert zoom is not None
    buttons = {
        "name": "zoom",
        "left": zoom["x"],
        "right": zoom["x"] + zoom["width"],
        "top": zoom["y"],
        "bottom": zoom["y"] + zoom["height"],
    }
    return [
        one["name"]
        for one in (*boxes(page), buttons)
        if one["left"] < city["right"] - 0.5
        and city["left"] < one["right"] - 0.5
        and one["top"] < city["bottom"] - 0.5
        and city["top"] < one["bottom"] - 0.5
    ]


@pytest.mark.parametrize("layer", ["density", "hot"])
@pytest.mark.parametrize("size", [*LAPTOPS, (1366, 1024)])
def test_nothing_covers_the_city_while_a_panel_is_open(
    sample: Site, open_page: Open, size: tuple[int, int], layer: str
) -> None:
    ground = [float(one) for one in sample.city.ask(EXTENT)]
    page = sized(open_page(sample, "commander"), size)
    open_map(page, f"?layer={layer}&level=street")
    assert covering(page, ground) == []
    click_middle_of_map(page)
    expect(page.locator(PANEL)).to_be_visible()
    ready(page)
    assert covering(page, ground) == []
    if size[0] >= 1366:
        # What stands in the bar keeps to one line.
        bar = page.locator(".map-bar").bounding_box()
        assert bar is not None
        assert bar["height"] < 60


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_covers_the_search_or_something_else_that_floats(
    sample: Site, open_page: Open, lang: str
) -> None:
    page = open_page(sample, "commander", lang=lang)
    for size in SCREENS:
        open_map(sized(page, size), "?layer=hot")
        unfold(page, "filters")
        unfold(page, "table")
        assert overlaps(page) == [], size
        assert overflow(page) is None, size
        open_map(page, f"?layer=rate&area={COMMUNITY}")
        expect(page.locator(PANEL)).to_be_visible()
        assert overflow(page) is None, size
        # The next size begins as a browser that nobody folded or unfolded anything in.
        page.evaluate("localStorage.clear()")
        if size[0] < 992:
            continue  # the panel is the whole phone
        assert overlaps(page) == [], size
        page.click("#map-search", trial=True)
        assert page.locator(f"{PANEL} .offcanvas-body").evaluate(
            "one => one.scrollWidth <= one.clientWidth"
        ), (size, "no column of the panel is cut")


def test_what_is_folded_stays_folded_in_this_browser(sample: Site, open_page: Open) -> None:
    page = sized(open_page(sample, "duty_chief"), (1366, 768))
    open_map(page)
    for part in ("filters", "figures"):
        expect(page.locator(f"#map-{part}")).to_be_hidden()
    unfold(page, "filters")
    unfold(page, "table")
    page.click(".map-legend summary")
    # What is folded is told to the script, which keeps it, a moment later.
    expect(page.locator(".map-legend-rows")).to_be_hidden()
    settle(page)
    page.reload()
    ready(page)
    for part in ("filters", "figures"):
        expect(page.locator(f"#map-{part}")).to_be_visible()
    expect(page.locator(".map-legend-rows")).to_be_hidden()
    assert "table" not in page.url
    # An address that says it goes before what this browser remembers.
    open_map(page, "?table=0")
    expect(page.locator("#map-figures")).to_be_hidden()


def test_the_menu_folds_to_icons_on_all_pages(sample: Site, open_page: Open) -> None:
    page = sized(open_page(sample, "duty_chief", lang="en"), (1366, 768))
    go(page, "/cases")
    menu, button = page.locator("#menu"), page.locator("#menu-fold")
    assert menu.evaluate("one => one.clientWidth") > 180
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "false")
    go(page, "/areas")
    assert menu.evaluate("one => one.clientWidth") < 64
    # The icons keep their names.
    page.get_by_role("link", name="Overview", exact=True).click()
    settle(page)
    expect(button).to_have_attribute("aria-expanded", "false")
    assert axe_faults(page) == []
    button.click()
    open_map(page)
    assert menu.evaluate("one => one.clientWidth") > 180


def test_full_screen_by_a_key_but_not_while_typing(sample: Site, open_page: Open) -> None:
    page = sized(open_page(sample, "commander"), (1366, 768))
    open_map(page)
    is_full = "document.fullscreenElement !== null"
    page.focus("#map-search")
    page.keyboard.type("f")
    assert not page.evaluate(is_full)
    assert page.input_value("#map-search") == "f"
    # Elsewhere on the page a letter does nothing (WCAG 2.1.4).
    page.focus("#menu a >> nth=0")
    page.keyboard.press("f")
    page.wait_for_timeout(200)
    assert not page.evaluate(is_full)
    page.focus(MAP)
    page.keyboard.press("Control+Shift+f")
    assert not page.evaluate(is_full)
    page.keyboard.press("f")
    page.wait_for_function(is_full)
    expect(page.locator("#map-full")).to_have_attribute("aria-pressed", "true")
    top = "document.elementFromPoint(innerWidth / 2, 4).closest('#content') !== null"
    assert page.evaluate(top), "neither the menu nor the bar of the site is left"
    click_middle_of_map(page)
    page.keyboard.press("Escape")
    expect(page.locator(PANEL)).to_be_hidden()
    page.click("#map-full")
    page.wait_for_function(f"!({is_full})")
    expect(page.locator("#map-full")).to_have_attribute("aria-pressed", "false")


def query(page: Page) -> dict[str, str]:
    return dict(one.split("=", 1) for one in page.url.partition("?")[2].split("&") if one)


def test_back_and_forward_go_through_states_of_the_map(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander")
    open_map(page)
    page.evaluate("window.isTheSamePage = true")
    unfold(page, "filters")
    steps = [
        lambda: choose_layer(page, "hot"),
        lambda: page.click(".map-square [data-only='2-']"),
        lambda: page.select_option("#map-level", "community"),
        lambda: page.fill("#map-from", "2026-10-20"),
        lambda: page.select_option("#map-category", index=1),
        lambda: (
            page.click("#map-filters [data-bs-target='#more-filters']"),
            page.click("label[for='chosen-weekday-1']"),
            # What is unfolded lies over the middle of the map.
            page.click("#map-filters [data-bs-target='#more-filters']"),
            expect(page.locator("#more-filters")).to_be_hidden(),
        ),
        lambda: click_middle_of_map(page),
    ]
    seen = [query(page)]
    for step in steps:
        step()
        ready(page)
        seen.append(query(page))
    assert [one.get("only") for one in seen[1:3]] == [None, "2-"]
    assert "area" in seen[-1]

    def shows(wanted: dict[str, str]) -> None:
        ready(page)
        said = query(page)
        assert {name: said.get(name) for name in STATES} == {
            name: wanted.get(name) for name in STATES
        }
        assert page.is_checked(f"#map-layer-{wanted.get('layer', 'density')}")
        assert page.input_value("#map-level") == wanted.get("level", "cell")
        assert page.input_value("#map-from") == wanted.get("from", "2026-10-02")
        assert page.input_value("#map-category") == wanted.get("category", "")
        assert page.is_checked("#chosen-weekday-1") == ("weekday" in wanted)
        expect(page.locator(PANEL)).to_be_visible(visible="area" in wanted)

    for wanted in reversed(seen[:-1]):
        page.go_back()
        shows(wanted)
    for wanted in seen[1:]:
        page.go_forward()
        shows(wanted)
    assert page.evaluate("window.isTheSamePage"), "nothing was loaded anew"


STATES = ("layer", "only", "level", "from", "category", "weekday", "area")


def test_moving_the_map_makes_no_entries(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander")
    open_map(page)
    choose_layer(page, "cases")
    entries = page.evaluate("history.length")
    page.focus(MAP)
    for key in ("ArrowLeft", "+", "ArrowUp"):
        page.keyboard.press(key)
        page.wait_for_timeout(400)
    ready(page)
    moved = query(page)["at"]
    assert page.evaluate("history.length") == entries
    choose_layer(page, "rate")
    page.keyboard.press("-")
    page.go_back()
    ready(page)
    # The entry comes back with the view it had last.
    assert query(page)["at"] == moved
    page.go_back()
    ready(page)
    expect(page.locator("#map-layer-density")).to_be_checked()


def test_escape_closes_the_panel_from_anywhere_and_gives_the_keyboard_back(
    sample: Site, open_page: Open
) -> None:
    page = open_page(sample, "commander")
    open_map(page)
    unfold(page, "table")
    row = page.locator(".map-row").first
    row.focus()
    page.keyboard.press("Enter")
    expect(page.locator(PANEL)).to_be_focused()
    # The search takes the first Escape while its list is open.
    page.fill("#map-search", "青桥")
    expect(page.locator("#map-search-results")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#map-search-results")).to_be_hidden()
    expect(page.locator(PANEL)).to_be_visible()
    # A change of what is shown draws the row anew.
    choose_layer(page, "cases")
    page.keyboard.press("Escape")
    expect(page.locator(PANEL)).to_be_hidden()
    expect(row).to_be_focused()
    assert "area" not in query(page)
    open_map(page, "?table=0")
    click_middle_of_map(page)
    page.keyboard.press("Escape")
    expect(page.locator(PANEL)).to_be_hidden()
    expect(page.locator(MAP)).to_be_focused()
    page.go_back()
    expect(page.locator(PANEL)).to_be_visible()


def test_playing_keeps_the_length_of_the_period(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander")
    open_map(page, "?from=2026-03-03&to=2026-03-25")
    entries = page.evaluate("history.length")
    page.click("#map-play")
    spans = set()
    for _ in range(3):
        before = page.url
        page.wait_for_function("before => location.href !== before", arg=before)
        days = page.evaluate(
            """() => { const asked = new URLSearchParams(location.search);
              return gridmgmtMaps.daysBetween(asked.get("from"), asked.get("to")); }"""
        )
        spans.add(days)
    page.click("#map-play")
    ready(page)
    assert spans == {23}
    assert page.evaluate("history.length") == entries + 1, "one entry for one playing"
    page.go_back()
    ready(page)
    assert query(page)["from"] == "2026-03-03"


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles"])
def test_the_time_has_an_axis_of_the_bureaus_days(
    sample: Site, open_page: Open, zone: str
) -> None:
    page = open_page(sample, "commander", zone=zone)
    open_map(page)
    ticks = page.locator(".map-tick")
    starts = page.evaluate(
        "fetch('/map/timeline.json?step=week').then(one => one.json()).then(one => one.starts)"
    )
    bars = page.locator("#map-bars").bounding_box()
    assert bars is not None
    assert ticks.count() >= 4
    for tick in ticks.all():
        box = tick.bounding_box()
        assert box is not None
        if not tick.inner_text():
            continue
        assert box["x"] + box["width"] <= bars["x"] + bars["width"] + 1, "a label cut in half"
        at = round((box["x"] - bars["x"]) / bars["width"] * len(starts))
        assert starts[at].startswith(tick.inner_text())
        assert not starts[at - 1].startswith(tick.inner_text()), "the first week of the month"
    expect(page.locator("#map-axis-most")).to_have_text(re.compile(r"^\d+ 件$"))


def draft_with_problems(conn: Connection, label: str) -> int:
    """Open a draft of cells that overlap, leave gaps and lie in the wrong community."""
    cells = areas_in(conn, 1, "cell")["cell"]
    geoms = cells.geoms.copy()
    for at in range(0, 40, 2):
        geoms[at] = on_grid([affinity.scale(geoms[at], 1 + at / 100, 1.1)])[0]
    parents = cells.parent_codes.copy()
    parents[50:60] = parents[-1]
    make_draft(conn, label, [replace(cells, geoms=geoms, parent_codes=parents)])
    return get_draft(conn, label).id


@pytest.fixture(scope="module")
def broken(sample: Site) -> str:
    with committed(sample.city.settings) as conn:
        return f"/drafts/{draft_with_problems(conn, 'laptops')}"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_tables_of_drafts_show_all_their_columns(
    sample: Site, open_page: Open, broken: str, lang: str
) -> None:
    page = open_page(sample, "gis_officer", lang=lang)
    for size, page_of in product(LAPTOPS, ("", "/check")):
        go(sized(page, size), f"{broken}{page_of}")
        shows_all_columns(page)


def shows_all_columns(page: Page) -> None:
    table = page.locator(".two-columns .table-responsive")
    assert page.locator(".two-columns tbody tr").count() > 5
    assert table.evaluate("one => one.scrollWidth <= one.clientWidth"), "no column is cut"
    assert overflow(page) is None
    edge = table.evaluate("one => one.getBoundingClientRect().right")
    for cell in page.locator(".two-columns tbody tr").first.locator("td").all():
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= edge + 1
    map_box = page.locator(".sticky-map .leaflet-container").bounding_box()
    assert map_box is not None
    assert map_box["width"] > 240

"""Hot and late on one legend: its colours, its classes, its square, its lines and circles."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from playwright.sync_api import Browser, Page, expect

from gridmgmt.geometry.drawing.compact import CompactShapes, decode, encode
from tests.browser.colour_vision import EYES, ciede2000, least_distance
from tests.browser.conftest import Open, Site
from tests.browser.test_map_scripts import answer
from tests.browser.using import (
    MAP,
    PANEL,
    choose_layer,
    click_middle_of,
    number,
    open_map,
    ready,
    unfold,
)
from tests.browser.walking import go
from tests.browser.watching import axe_faults, overflow, settle

pytestmark = pytest.mark.proof

STATIC = Path(__file__).parents[2] / "web" / "static"
SCRIPTS = ("frame", "state", "shapes", "classes", "canvas", "footprints", "circles", "square")
NOTHING = "#e4e8ec"
SQUARE = ".map-square"
PRESSED = f"{SQUARE} button[aria-pressed=true]"


@pytest.fixture(scope="module")
def scripts(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 600, "height": 600})
    page.set_content('<div id="map" style="width: 600px; height: 600px"></div>')
    page.add_style_tag(path=STATIC / "vendor" / "leaflet" / "leaflet.css")
    page.add_script_tag(path=STATIC / "vendor" / "leaflet" / "leaflet.js")
    for name in SCRIPTS:
        page.add_script_tag(path=STATIC / "js" / "map" / f"{name}.js")
    yield page
    page.close()


def figures(
    per_km2: list[float],
    shares: list[float | None],
    *,
    uncertain: list[int] | None = None,
    breaks: tuple[float, ...] = (10, 100),
) -> dict[str, Any]:
    due = [0 if share is None else 10 for share in shares]
    return {
        "columns": {
            "cases": [1] * len(shares),
            "cases_per_km2": per_km2,
            "shrunk_rate": shares,
            "is_uncertain": uncertain or [0] * len(shares),
            "on_time": [round(10 * (share or 0)) for share in shares],
            "late": [
                n - round(10 * (share or 0)) for n, share in zip(due, shares, strict=True)
            ],
            "overdue": [0] * len(shares),
        },
        "breaks": {
            "cases_per_km2": {"fixed": breaks, "fitted": [2, 50]},
            "on_time": [0.9, 0.95],
        },
    }


# ---- the nine colours


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        # Pairs 1, 7, 14 and 24 of the table of Sharma, Wu and Dalal.
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, -0.001, 2.49), (50, 0.0011, -2.49), 4.7461),
        ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_distances_are_those_of_the_published_table(
    one: tuple[float, ...], other: tuple[float, ...], distance: float
) -> None:
    found = ciede2000(np.array([one]), np.array([other]))[0]
    assert found == pytest.approx(distance, abs=1e-4)


@pytest.mark.parametrize("eyes", EYES)
def test_nine_colours_and_the_grey_are_told_apart_by_all_eyes(scripts: Page, eyes: str) -> None:
    square = scripts.evaluate("gridmgmtMaps.SQUARE.flat()")
    assert len(set(square)) == 9
    # About 2 is just seen side by side; 10 is another colour across a map.
    assert least_distance([*square, NOTHING], eyes) > 10
    assert least_distance(square, eyes) > 12
    # As the map draws them over paper, and over pictures of the ground.
    assert least_distance(square, eyes, opacity=0.85) > 10
    assert least_distance(square, eyes, opacity=0.65) > 8


def test_more_cases_and_lower_rates_are_darker(scripts: Page) -> None:
    dark = scripts.evaluate(
        """gridmgmtMaps.SQUARE.map((row) => row.map((one) =>
          [1, 3, 5].map((at) => parseInt(one.slice(at, at + 2), 16))))"""
    )
    light = np.array(dark) @ [0.299, 0.587, 0.114]
    assert (np.diff(light, axis=0) < 0).all(), "more cases"
    assert (np.diff(light, axis=1) > 0).all(), "a higher rate"


# ---- classes


def classes(
    scripts: Page, told: dict[str, Any], only: str = "", *, fit: bool = False
) -> dict[str, Any]:
    found: dict[str, Any] = scripts.evaluate(
        """([told, only, fit]) => {
          const one = gridmgmtMaps.squareClasses(told, only, fit);
          return { ...one, classes: [...one.classes], hatched: [...one.hatched] };
        }""",
        [told, only, fit],
    )
    return found


CELLS = figures(
    [1, 10, 99, 100, 500, 3, 0],
    [0.5, 0.9, 0.95, 0.9499, 0.2, 1.0, None],
    uncertain=[1, 0, 0, 0, 0, 1, 1],
)


def test_each_area_has_a_class_of_both(scripts: Page) -> None:
    found = classes(scripts, CELLS)
    assert found["classes"] == [0, 4, 5, 7, 6, 2, 9]
    assert sum(found["sizes"]) == 7
    assert found["palette"][9] == NOTHING
    # Only what has a colour is hatched.
    assert found["hatched"] == [1, 0, 0, 0, 0, 1, 0]
    assert found["uncertain"] == 2


def test_classes_fit_the_view_where_a_reader_wants_them_to(scripts: Page) -> None:
    dense = [one // 3 for one in classes(scripts, CELLS, fit=True)["classes"][:6]]
    assert dense == [0, 1, 2, 2, 2, 1]


@pytest.mark.parametrize(
    ("only", "left"),
    [
        ("2-0", [4]),
        ("2-", [3, 4]),
        ("-0", [0, 4]),
        ("-2", [2, 5]),
        ("1-0", []),
    ],
)
def test_what_is_isolated_alone_is_coloured(scripts: Page, only: str, left: list[int]) -> None:
    whole, found = classes(scripts, CELLS), classes(scripts, CELLS, only)
    assert [at for at, one in enumerate(found["classes"]) if one >= 0] == left
    assert all(found["classes"][at] == whole["classes"][at] for at in left)
    # The counts in the square stay: they say what there is to be isolated.
    assert found["sizes"] == whole["sizes"]


@pytest.mark.parametrize(("breaks", "rows"), [((), [1]), ((5,), [0, 2]), ((5, 9), [0, 1, 2])])
def test_areas_that_are_all_alike_have_fewer_classes(
    scripts: Page, breaks: tuple[float, ...], rows: list[int]
) -> None:
    told = figures([1, 5, 9], [1.0, 1.0, 1.0], breaks=breaks)
    found = classes(scripts, told)["classes"]
    assert sorted({one // 3 for one in found}) == rows


def test_an_address_says_what_is_isolated(scripts: Page) -> None:
    for good in ("0-0", "2-", "-1"):
        assert scripts.evaluate("gridmgmtMaps.isPick", good)
    for bad in ("", "-", "3-0", "0-3", "hot", "0-0-0", "-2-"):
        assert not scripts.evaluate("gridmgmtMaps.isPick", bad)


# ---- what is drawn

DRAW = """
async ([told, fill, zoom]) => {
  if (window.drawnMap) window.drawnMap.remove();
  const map = L.map("map", { zoomAnimation: false, zoomSnap: 0 });
  window.drawnMap = map;
  const shapes = new gridmgmtMaps.Shapes(told, L.CRS.EPSG3857);
  map.setView([30.415, 112.86], zoom, { animate: false });
  const canvas = new gridmgmtMaps.MapCanvas();
  canvas.addTo(map);
  canvas.show({ fill: { ...fill, shapes, opacity: 1 } });
  const picture = document.querySelector("#map canvas");
  const { data } = picture.getContext("2d").getImageData(0, 0, picture.width, picture.height);
  const seen = shapes.codes.map(() => [0, 0]);
  const wanted = fill.palette.map((one) => parseInt(one.slice(1), 16));
  const top = canvas._topLeft;
  for (let y = 0; y < picture.height; y += 1) {
    for (let x = 0; x < picture.width; x += 1) {
      const at = (y * picture.width + x) * 4;
      if (data[at + 3] < 255) continue;
      const where = map.layerPointToLatLng([x + top.x + 0.5, y + top.y + 0.5]);
      const area = shapes.find(where.lng, where.lat);
      if (area < 0) continue;
      const rgb = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
      seen[area][0] += 1;
      if (rgb !== wanted[fill.classes[area]]) seen[area][1] += 1;
    }
  }
  return seen.map(([all, other]) => (all ? other / all : null));
}
"""


@pytest.mark.parametrize("zoom", [11, 13, 15, 17, 19])
@pytest.mark.parametrize("colour", ["#4a1522", "#fbf3da"])
def test_uncertain_areas_are_hatched_at_every_zoom(
    scripts: Page, zoom: int, colour: str
) -> None:
    cells = [
        shapely.box(112.85, 30.41, 112.86, 30.42),
        shapely.box(112.86, 30.41, 112.87, 30.42),
    ]
    fill = {"classes": [0, 0], "hatched": [1, 0], "palette": [colour]}
    lined, plain = scripts.evaluate(DRAW, [answer(encode(cells, 1e-6)), fill, zoom])
    # Lines leave most of the colour as it is, and are not so few that they are overlooked.
    assert 0.15 < lined < 0.6, lined
    assert plain < 0.15, plain


def test_circles_are_as_large_as_their_square_metres(scripts: Page) -> None:
    told = {
        **answer(encode([shapely.box(112.85, 30.41, 112.8501, 30.4101)] * 4, 1e-6)),
        "points": [None] * 4,
        "standing": [False, False, True, False],
        "modes": [None] * 4,
        "days": ["2026-01-01", "2026-01-01", None, "2026-01-01"],
        "claimed_m2": [900.0, 5.0, 225.0, None],
        "measured_m2": [None, 400.0, None, None],
    }
    found = scripts.evaluate(
        """(told) => {
          const footprints = gridmgmtMaps.readFootprints(told, L.CRS.EPSG3857);
          const circles = gridmgmtMaps.circles(footprints, { x: 900, y: 700 });
          const { m2, order, examples } = circles;
          return { m2, order, examples, radii: m2.map((one) => circles.radius(one)) };
        }""",
        told,
    )
    # What was measured goes before what was claimed.
    assert found["m2"] == [900, 400, 225, None]
    areas = np.square(found["radii"][:3])
    np.testing.assert_allclose(areas / areas[0], [1, 400 / 900, 225 / 900])
    assert found["order"] == [0, 1, 2, 3], "the smallest on top"
    assert found["examples"] == [500, 100]
    assert 0 < found["radii"][3] < found["radii"][2]


# ---- the sample city


def shown_figures(page: Page, site: Site) -> dict[str, Any]:
    asked = "/map/figures.json?level=cell&from=2026-10-02&to=2026-10-31"
    told: dict[str, Any] = page.context.request.get(f"{site.origin}{asked}").json()
    return told


def test_few_cells_are_grey_where_most_were(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander")
    open_map(page, "?layer=rate")
    columns = shown_figures(page, sample)["columns"]
    kinds = zip(columns["on_time"], columns["late"], columns["overdue"], strict=True)
    due = np.array([sum(one) for one in kinds])
    grey = np.array([one is None for one in columns["shrunk_rate"]])
    assert (grey == (due == 0)).all(), "only what has no rate at all"
    before = (due < 5).mean()
    assert before > 0.9, before
    assert grey.mean() < 0.6 * before, grey.mean()
    rows = page.locator(".map-legend li")
    counts = [number(row.inner_text().split("\n")[-1]) for row in rows.all()]
    assert counts[5] == grey.sum()
    assert counts[6] == (np.array(columns["is_uncertain"]) & ~grey).sum() > 0


def painted(page: Page) -> set[str]:
    """Return which of the nine colours the map shows, where nothing lies over the fill."""
    found: list[str] = page.evaluate(
        """() => {
          const square = gridmgmtMaps.SQUARE.flat();
          const channels = (one) => [1, 3, 5].map((at) => parseInt(one.slice(at, at + 2), 16));
          const wanted = square.map(channels);
          const tally = square.map(() => 0);
          const { width, height } = document.querySelector(".map-box canvas.map-canvas");
          const pen = document.querySelector(".map-box canvas.map-canvas").getContext("2d");
          const { data } = pen.getImageData(0, 0, width, height);
          for (let at = 0; at < data.length; at += 4) {
            // The fill alone has its opacity of 0.85; lines over it have more.
            if (Math.abs(data[at + 3] - 217) > 2) continue;
            const near = (one) => one.every((value, n) => Math.abs(value - data[at + n]) < 3);
            const which = wanted.findIndex(near);
            if (which >= 0) tally[which] += 1;
          }
          return square.filter((one, at) => tally[at] > 30);
        }"""
    )
    return set(found)


def test_a_press_on_the_square_isolates_a_class(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander")
    open_map(page)
    choose_layer(page, "hot")
    palette = page.evaluate("gridmgmtMaps.SQUARE")
    assert len(painted(page)) >= 6
    page.click(f"{SQUARE} [data-only='-0']")
    ready(page)
    assert painted(page) <= {row[0] for row in palette}
    assert "only=-0" in page.url
    expect(page.locator(PRESSED)).to_have_count(1)
    page.click(f"{SQUARE} [data-only='2-']")
    ready(page)
    assert painted(page) <= set(palette[2])
    assert len(painted(page)) >= 2
    page.click(f"{SQUARE} [data-only='2-0']")
    ready(page)
    assert painted(page) == {palette[2][0]}
    # The address brings the same back, a second press everything.
    address = page.url.partition("/map")[2]
    open_map(page, address)
    assert painted(page) == {palette[2][0]}
    page.click(PRESSED)
    ready(page)
    assert len(painted(page)) >= 6
    assert "only" not in page.url


def test_the_square_is_used_by_keyboard(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander")
    open_map(page, "?layer=hot")
    focused = "document.activeElement.dataset.only"
    expect(page.locator(f"{SQUARE} button[tabindex='0']")).to_have_count(1)
    page.focus(f"{SQUARE} button[tabindex='0']")
    assert page.evaluate(focused) == "2-0", "the worst corner first"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == "1-1"
    page.keyboard.press("Enter")
    ready(page)
    assert "only=1-1" in page.url
    assert page.evaluate(focused) == "1-1", "the keyboard stays where it was"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == "-1"
    page.keyboard.press("Space")
    ready(page)
    assert "only=-1" in page.url
    assert axe_faults(page) == []


@pytest.mark.parametrize(
    ("lang", "dense", "kept"),
    [
        ("zh", ("案件疏", "案件中等", "案件密"), "按期率"),
        ("en", ("Few", "middling", "Many"), "rate"),
    ],
)
def test_the_panel_says_it_in_a_sentence(
    sample: Site, open_page: Open, lang: str, dense: tuple[str, ...], kept: str
) -> None:
    page = open_page(sample, "commander", lang=lang)
    columns = shown_figures(page, sample)["columns"]
    at = int(np.argmax(columns["cases_per_km2"]))
    codes = page.context.request.get(f"{sample.origin}/map/shapes/1/cell/far.json").json()
    open_map(page, f"?layer=hot&area=cell:{codes['codes'][at]}")
    said = page.locator(f"{PANEL} .map-panel-sentence")
    expect(said).to_contain_text(dense[2])
    expect(said).to_contain_text(kept)
    # The printed numbers stay the area's own.
    expect(said).to_contain_text(str(columns["on_time"][at]))
    choose_layer(page, "rate")
    page.reload()
    ready(page)
    expect(page.locator(PANEL)).to_be_visible()
    expect(said).to_have_count(0)


def test_the_counts_of_a_rate_lead_to_exactly_their_cases(
    sample: Site, open_page: Open
) -> None:
    page = open_page(sample, "commander")
    open_map(page, "?layer=rate")
    unfold(page, "table")
    links = page.locator("#map-ranking tbody tr").first.locator(".map-n a")
    found = links.evaluate_all("all => all.map(one => [one.href, one.textContent])")
    assert [address.partition("deadline=")[2].partition("&")[0] for address, _ in found] == [
        "on_time",
        "due",
    ]
    for address, said in found:
        go(page, address)
        settle(page)
        assert number(page.locator(".case-count").inner_text()) == number(said)


def test_circles_stand_above_hot_and_late(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander")
    open_map(page, "?layer=hot")
    expect(page.locator("#map-demolitions")).to_be_checked()
    expect(page.locator("#map-demolitions")).to_be_disabled()
    expect(page.locator(".map-legend .map-ring-standing")).to_have_count(1)
    asked = "/map/demolitions.json?from=2026-10-02&to=2026-10-31"
    told = page.context.request.get(f"{sample.origin}{asked}").json()
    shapes = decode(CompactShapes(told["origin"], told["unit"], told["polygons"]))
    west, south, east, north = shapely.bounds(shapes[0])
    open_map(page, f"?layer=hot&at={(south + north) / 2},{(west + east) / 2},18")
    click_middle_of(page, MAP)
    # The circle answers, not the cell under it.
    expect(page.locator(".leaflet-popup")).to_contain_text(told["codes"][0])
    expect(page.locator(PANEL)).to_be_hidden()


def test_the_square_fits_on_a_phone(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander", width=390)
    open_map(page, "?layer=hot")
    expect(page.locator(SQUARE)).to_be_visible()
    assert overflow(page) is None
    box, legend = (page.locator(one).bounding_box() for one in (SQUARE, ".map-legend"))
    assert box is not None
    assert legend is not None
    assert box["x"] + box["width"] <= legend["x"] + legend["width"]


def test_a_street_chief_sees_the_same_colours_of_his_street(
    sample: Site, open_page: Open
) -> None:
    page = open_page(sample, "street_chief")
    open_map(page, "?layer=hot")
    mine = shown_figures(page, sample)
    whole = shown_figures(open_page(sample, "commander"), sample)
    # The limits between classes are those of all cases of the city.
    fixed = mine["breaks"]["cases_per_km2"]["fixed"]
    assert fixed == whole["breaks"]["cases_per_km2"]["fixed"] is not None
    kept = {
        name: [one for one in mine["columns"][name] if one]
        for name in ("shrunk_rate", "cases_per_km2")
    }
    for name, values in kept.items():
        assert values
        assert set(values) <= set(whole["columns"][name]), name
    fields = page.locator(f"{SQUARE} .map-square-field").all_inner_texts()
    shares = mine["columns"]["shrunk_rate"]
    assert sum(map(number, fields)) == sum(one is not None for one in shares)


def test_the_legend_is_printed_with_its_colours(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander")
    open_map(page, "?layer=hot&only=2-")
    page.emulate_media(media="print")
    expect(page.locator(SQUARE)).to_be_visible()
    expect(page.locator(".map-legend .map-swatch-hatch")).to_be_visible()
    expect(page.locator(".map-square-all")).to_be_hidden()
    field = page.locator(f"{SQUARE} [data-only='2-0']")
    expect(field).to_have_css("print-color-adjust", "exact")
    # As the map draws #4a1522 over its ground.
    expect(field).to_have_css("background-color", "rgb(99, 54, 66)")

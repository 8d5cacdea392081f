"""One hue has one meaning on every layer, and the legend has the colours of the map."""

import base64
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.colour_vision import EYES, ciede2000, lab_of, least_distance
from tests.browser.conftest import Open, Site
from tests.browser.using import choose_layer, open_map

pytestmark = pytest.mark.proof

STATIC = Path(__file__).parents[2] / "web" / "static"
# As the map draws over paper.
OPACITY = 0.85
NOTHING = "#e4e8ec"


@pytest.fixture(scope="module")
def scripts(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    for name in ("frame", "classes", "square"):
        page.add_script_tag(path=STATIC / "js" / "map" / f"{name}.js")
    yield page
    page.close()


def closest(some: list[str], others: list[str], eyes: str) -> float:
    one, other = (lab_of(colours, EYES[eyes], opacity=OPACITY) for colours in (some, others))
    first, second = np.indices((len(some), len(others))).reshape(2, -1)
    return float(ciede2000(one[first], other[second]).min())


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("classes", [2, 3, 4, 5, 6])
def test_more_is_darker_and_each_class_is_told_from_the_next(
    scripts: Page, eyes: str, classes: int
) -> None:
    palette = scripts.evaluate(
        "count => gridmgmtMaps.surfacePalette(Array(count).fill(0))", classes
    )
    assert (np.diff(lab_of(palette, EYES[eyes])[:, 0]) < 0).all()
    assert min(closest([one], [other], eyes) for one, other in pairwise(palette)) > 7
    assert closest(palette, [NOTHING], eyes) > 7


def test_areas_and_the_surface_have_the_same_colours_for_as_many(scripts: Page) -> None:
    areas, surface = scripts.evaluate(
        """() => [
          gridmgmtMaps.areaClasses({ cases: [], cases_per_km2: [] }, [1, 2, 3, 4]).palette,
          gridmgmtMaps.surfacePalette([0, 1, 2, 3, 4])]"""
    )
    assert areas == [*surface, NOTHING]


# Who misses blue sees rose and orange alike; that is one person in ten thousand, and the
# classes of one layer are told apart even so.
@pytest.mark.parametrize("eyes", [one for one in EYES if one != "tritanopia"])
def test_how_many_is_no_colour_of_late_or_in_time(scripts: Page, eyes: str) -> None:
    amounts, rates = scripts.evaluate("[gridmgmtMaps.AMOUNTS, gridmgmtMaps.RATES]")
    assert closest(amounts[1:], rates, eyes) > 9
    # The palest has little of any hue.
    assert closest(amounts[:1], rates, eyes) > 6


@pytest.mark.parametrize("eyes", EYES)
def test_rates_are_told_apart(scripts: Page, eyes: str) -> None:
    rates = scripts.evaluate("gridmgmtMaps.RATES")
    assert least_distance([*rates, NOTHING], eyes, opacity=OPACITY) > 10


def test_late_is_orange_and_in_time_is_blue_wherever_both_are_shown(scripts: Page) -> None:
    rates, square = scripts.evaluate("[gridmgmtMaps.RATES, gridmgmtMaps.SQUARE]")
    late = [*rates[:2], *(row[0] for row in square)]
    in_time = [*rates[3:], *(row[2] for row in square[1:])]
    # CIELAB's b: yellow above zero, blue below.
    assert (lab_of(late, EYES["all cones"])[:, 2] > 3).all()
    assert (lab_of(in_time, EYES["all cones"])[:, 2] < -5).all()


@pytest.mark.parametrize("layer", ["density", "rate", "cases", "hot"])
def test_a_swatch_has_the_colour_of_the_map(sample: Site, open_page: Open, layer: str) -> None:
    page = open_page(sample, "commander")
    open_map(page, "?level=community")
    choose_layer(page, layer)
    found = page.evaluate(
        """() => {
          const lines = ".map-legend-rows:not(.map-legend-dots) > li";
          const rows = [...document.querySelectorAll(lines)]
            .filter((row) => row.querySelector(".map-swatch:not(.map-swatch-hatch)"))
            .filter((row) => !row.querySelector(".map-legend-count") ||
              row.querySelector(".map-legend-count").textContent !== "0")
            .map((row) => row.querySelector(".map-swatch"));
          const fields = [...document.querySelectorAll(".map-square-field")]
            .filter((field) => field.textContent !== "0");
          return [...rows, ...fields].map((one) => getComputedStyle(one).backgroundColor);
        }"""
    )
    solid = [one for one in found if "rgba" not in one]
    assert len(solid) >= 2
    missing = [one for one in solid if pixels_like(page, one) < 40]
    assert missing == []


def pixels_like(page: Page, colour: str) -> int:
    """Count the pixels of the map, as a person sees it, that have a colour."""
    box = page.locator(".map-box").bounding_box()
    assert box is not None
    # The legend is put away: its own colours are not the map's.
    page.eval_on_selector_all(
        ".map-float", "all => all.forEach(one => { one.style.visibility = 'hidden'; })"
    )
    picture = base64.b64encode(page.screenshot(clip=box)).decode()  # type: ignore[arg-type]
    count: int = page.evaluate(
        """async ([picture, colour]) => {
          const image = new Image();
          image.src = `data:image/png;base64,${picture}`;
          await image.decode();
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [image.width, image.height];
          const pen = canvas.getContext("2d");
          pen.drawImage(image, 0, 0);
          const { data } = pen.getImageData(0, 0, image.width, image.height);
          const wanted = colour.match(/[0-9]+/g).map(Number);
          let count = 0;
          for (let at = 0; at < data.length; at += 4) {
            if (wanted.every((one, n) => Math.abs(one - data[at + n]) <= 2)) count += 1;
          }
          return count;
        }""",
        [picture, colour],
    )
    return count

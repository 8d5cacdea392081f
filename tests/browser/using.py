"""What people do on pages, and what they read there."""

import re

from playwright.sync_api import Page, expect

from tests.browser.walking import go
from tests.browser.watching import axe_faults, overflow, settle

MAP = ".map-box .leaflet-container"
PANEL = "#map-panel"
READY_MAP = ".leaflet-container[data-state=ready]"
# A job is fetched, done and told of within this time, on a slow machine too.
JOB_MS = 60_000


def closely(page: Page) -> None:
    """A step on somebody's way is a page like any other: look at it, and on a phone."""
    settle(page)
    assert axe_faults(page) == []
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(100)
    assert overflow(page) is None
    page.set_viewport_size(size)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    settle(page)


def number(text: str) -> int:
    """Read a whole number as pages write it."""
    found = re.search(r"[\d,]+", text)
    assert found, text
    return int(found[0].replace(",", ""))


def count_of_list(page: Page) -> int:
    """Read how many cases a list of cases has; none says so in other words."""
    settle(page)
    said = page.locator(".case-count")
    if said.count() == 0:
        expect(page.locator(".empty-state")).to_be_visible()
        return 0
    return number(said.inner_text())


def open_map(page: Page, query: str = "") -> None:
    assert go(page, f"/map{query}")
    ready(page)


def ready(page: Page) -> None:
    """Wait until the map shows what the fields ask for."""
    settle(page)
    expect(page.locator(MAP)).to_have_attribute("data-state", "ready")


def unfold(page: Page, part: str) -> None:
    """Open the filters or the table of the map, which small windows fold at first."""
    button = page.locator(f"#map-{part}-toggle")
    if button.get_attribute("aria-expanded") == "false":
        button.click()
        ready(page)


def choose_layer(page: Page, layer: str) -> None:
    # The radio buttons are drawn as a row of buttons: their labels are what people press.
    page.click(f"label[for=map-layer-{layer}]")
    ready(page)


def colours(page: Page) -> int:
    """Count the colours on the map's canvases, to tell a drawn map from an empty one."""
    found: int = page.evaluate(
        """() => {
          const seen = new Set();
          for (const canvas of document.querySelectorAll(".map-box canvas")) {
            const {width, height} = canvas;
            if (!width || !height) continue;
            const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
            for (let at = 0; at < data.length; at += 4 * 37) {
              if (data[at + 3]) seen.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
            }
          }
          return seen.size;
        }"""
    )
    return found


def is_drawn(page: Page, style: str) -> bool:
    """Tell whether a map's canvases show the line of a style."""
    found: bool = page.evaluate(
        """(style) => {
          const wanted = parseInt(gridmgmtMaps.styleOf(style).color.slice(1), 16);
          for (const canvas of document.querySelectorAll(".map-box canvas")) {
            const {width, height} = canvas;
            if (!width || !height) continue;
            const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
            for (let at = 0; at < data.length; at += 4) {
              const rgb = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
              if (data[at + 3] === 255 && rgb === wanted) return true;
            }
          }
          return false;
        }""",
        style,
    )
    return found


def search(page: Page, words: str) -> None:
    """Find something by the map's field and take the first that is found."""
    page.fill("#map-search", words)
    page.press("#map-search", "Enter")
    ready(page)


def close_panel(page: Page) -> None:
    page.click(f"{PANEL} .btn-close")
    expect(page.locator(PANEL)).to_be_hidden()


def click_middle_of(page: Page, selector: str) -> None:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def middle_beside_panel(page: Page) -> tuple[float, float]:
    """Return the middle of the map between what floats over it: there lies what was opened."""
    x, y = page.evaluate(
        """() => {
          const box = (one) => document.querySelector(one).getBoundingClientRect();
          const right = Math.min(box("#map-panel").left, box("#map-key").left);
          const [top, bottom] = [box(".map-bar").bottom, box("#map-time").top];
          return [(box(".map-box").left + right) / 2, (top + bottom) / 2];
        }"""
    )
    return float(x), float(y)


def click_middle_of_map(page: Page) -> None:
    click_middle_of(page, MAP)
    expect(page.locator(PANEL)).to_be_visible()
    settle(page)

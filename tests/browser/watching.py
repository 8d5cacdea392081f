"""What a browser complains of, and what it may not do: every fault fails the test."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import Error, Page

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
# WCAG 2.2 at the levels A and AA, and what axe holds to be good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Nothing under way for so long means that a page has got what it asked for.
QUIET_MS = 60
_of_pages: "WeakKeyDictionary[Page, Watch]" = WeakKeyDictionary()


class Watch:
    """Collects what goes wrong on a page, from the console to requests that leave the machine.

    A request that the browser itself gives up because somebody goes elsewhere is none.
    """

    def __init__(self, page: Page, origin: str) -> None:
        self.faults: list[str] = []
        self._under_way: set[Any] = set()
        self._is_leaving = False
        self._inside = (f"{origin}/", "data:", "blob:", "about:")
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._note(f"script: {error}"))
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.on("response", self._response)
        page.on("requestfinished", self._finished)
        page.on("framenavigated", self._navigated)
        self._page = page
        _of_pages[page] = self

    @property
    def is_quiet(self) -> bool:
        return not self._under_way

    def forget(self) -> None:
        """Wait no longer for what is under way."""
        self._under_way.clear()

    @property
    def under_way(self) -> list[str]:
        return [one.url for one in self._under_way]

    def forgive_refusals(self) -> None:
        """Forget what was answered with 4xx: a form was meant to be refused."""
        self.faults = [one for one in self.faults if not re.search(r"(answered|of) 4\d\d", one)]

    def check(self) -> None:
        assert self.faults == [], "\n".join(self.faults)

    def forgive(self, pattern: str) -> None:
        """Take out the faults that a test brings about itself; there must be some."""
        wanted = [fault for fault in self.faults if re.search(pattern, fault)]
        assert wanted, f"nothing like {pattern} in {self.faults}"
        self.faults = [fault for fault in self.faults if fault not in wanted]

    def _note(self, what: str) -> None:
        self.faults.append(f"{self._page.url}: {what}")

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self._note(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        if request.is_navigation_request():
            self._under_way.clear()
            self._is_leaving = True
        self._under_way.add(request)
        if not request.url.startswith(self._inside):
            self._note(f"leaves the machine: {request.url}")

    def _navigated(self, frame: Any) -> None:
        # What the page that was left asked for meanwhile may never be told of again. An address
        # that a script changes is no other page.
        if frame == self._page.main_frame and self._is_leaving:
            self._is_leaving = False
            self._under_way = {one for one in self._under_way if one.is_navigation_request()}

    def _finished(self, request: Any) -> None:
        self._under_way.discard(request)

    def _failed(self, request: Any) -> None:
        self._under_way.discard(request)
        if "ERR_ABORTED" not in (request.failure or ""):
            self._note(f"failed: {request.url} ({request.failure})")

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self._note(f"answered {response.status}: {response.url}")


def forgive_refusals(page: Page) -> None:
    """Forget, for a page, that a form was refused: it was meant to be."""
    _of_pages[page].forgive_refusals()


def forgive(page: Page, pattern: str) -> None:
    """Take out the faults of a page that a test brings about itself."""
    _of_pages[page].forgive(pattern)


def small_targets(page: Page, within: str, least_px: float = 44) -> list[str]:
    """Name what can be pressed and is smaller than a thumb needs, with its size."""
    found: list[str] = page.evaluate(
        """([within, least]) => {
          const small = [];
          const pressed = "button, input:not([type=hidden]), select, textarea, summary"
            + ", a.btn, a[href^='tel:']";
          for (const one of document.querySelectorAll(within)) {
            for (const target of one.querySelectorAll(pressed)) {
              if (target.closest("[aria-hidden=true]")) continue;
              // A small box has its label to press.
              const label = target.matches("[type=checkbox], [type=radio]") && target.labels[0];
              const box = (label || target).getBoundingClientRect();
              if (box.height && box.height < least - 0.5) {
                small.push(`${box.height}: ${target.outerHTML.slice(0, 120)}`);
              }
            }
          }
          return small;
        }""",
        [within, least_px],
    )
    return found


def settle(page: Page, most_ms: int = 15_000) -> None:
    """Wait until a page has got everything it asked for and asks for nothing more."""
    watch = _of_pages[page]
    # A slow machine may not have come to what was pressed last: then nothing is asked for yet.
    with suppress(Error):  # A page that is being left answers no more.
        page.evaluate("new Promise((done) => setTimeout(() => setTimeout(done)))")
    quiet_ms = 0
    for _ in range(most_ms // 20):
        page.wait_for_timeout(20)
        quiet_ms = quiet_ms + 20 if watch.is_quiet else 0
        if quiet_ms >= QUIET_MS:
            # The last bytes have come; they may not have been read yet.
            page.wait_for_load_state()
            return
    # The end of what a page asked for while it was left is not always told: what is old by now
    # and not of a page that still loads is such, and the next look at the page decides.
    try:
        page.wait_for_load_state(timeout=1000)
    except Error as error:
        message = f"{page.url} still asks for {watch.under_way} after {most_ms} ms"
        raise AssertionError(message) from error
    watch.forget()


def axe_faults(page: Page) -> list[str]:
    """Ask axe-core; return all that it finds, each with the parts at fault."""
    # Evaluated in the page's own world by the debugger, where the content policy does not
    # reach, so the pages need no exception for it.
    page.evaluate(AXE.read_text("utf-8"))
    # What lies under the bar of the site just now would seem too small to press.
    page.evaluate("window.scrollTo(0, 0)")
    found = page.evaluate(
        "async (rules) => (await axe.run(document,"
        " {runOnly: rules, resultTypes: ['violations']})).violations",
        RULES,
    )
    return [
        f"{page.url}: {fault['id']}: {node['html'][:160]} {node['target']}"
        for fault in found
        for node in fault["nodes"]
    ]


def open_all(page: Page) -> None:
    """Open everything that a page folds in its content: details, further fields, menus.

    The menu of the account stays shut: it would lie over the rest.
    """
    page.evaluate(
        """() => {
          for (const one of document.querySelectorAll("main details")) one.open = true;
          const folded = ["collapse", "dropdown"].map((kind) =>
            `main [data-bs-toggle=${kind}][aria-expanded=false]`);
          for (const one of document.querySelectorAll(folded.join())) {
            if (one.checkVisibility()) one.click();
          }
        }"""
    )
    # A collapse takes its time even where motion is reduced.
    page.wait_for_timeout(400)
    settle(page)


def commands(page: Page) -> list[str]:
    """Return the commands and options of the command line that a page names to people."""
    return re.findall(r"gridmgmt [a-z]+|(?<![\w-])--[a-z][a-z-]*", page.inner_text("body"))


def overflow(page: Page) -> str | None:
    """Name the widest thing that makes a page scroll sideways, None where nothing does."""
    found: dict[str, Any] | None = page.evaluate(
        """() => {
          const room = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= room) return null;
          let widest = null;
          for (const one of document.body.querySelectorAll("*")) {
            // What lies in a map or a scrolling table is cut off there.
            if (one.closest(".leaflet-container, .table-responsive") !== null
                && !one.matches(".leaflet-container, .table-responsive")) continue;
            const right = one.getBoundingClientRect().right;
            if (right > room && (!widest || right > widest.right)) {
              widest = {right, html: one.outerHTML.slice(0, 160)};
            }
          }
          return {wide: document.documentElement.scrollWidth, room, widest};
        }"""
    )
    return None if found is None else f"{page.url}: {found}"

"""The workbench at the size of a city, in a browser that draws without a graphics card."""

import json
import statistics
import time
from collections.abc import Iterable
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from gridmgmt.services.accounts import accounts, passwords
from gridmgmt.services.drafts import drafts
from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine, transaction
from tests.benchmarks import pages
from tests.benchmarks.big_city import lent_big_city
from tests.benchmarks.measuring import PAIRS, line, shown, table

CELLS, CASES = 10_000, 200_000
ROUNDS, STEPS, FRAME_MS = 5, 60, 20
# The vertex nearest to the middle of the map in which three areas or more meet.
NODE = """() => {
  const { borders, map } = gridmgmtWorkbench.here;
  const size = map.getSize();
  const far = (at) => Math.hypot(at.x - size.x / 2, at.y - size.y / 2);
  const found = [...borders.vertices.values()]
    .filter((one) => borders.areasOf(one.edges).length >= 3)
    .map((one) => map.latLngToContainerPoint([one.y / 1e8, one.x / 1e8]))
    .sort((one, other) => far(one) - far(other))[0];
  const box = map.getContainer().getBoundingClientRect();
  return [found.x + box.left, found.y + box.top];
}"""
HEAD = "gridmgmtWorkbench.here.levels.head"
READY = ".workbench .leaflet-container[data-state=ready]"
# What the main thread of a browser does for a movement of the mouse; what one of them does
# within another counts once.
WORK = {
    "EventDispatch",
    "FireAnimationFrame",
    "UpdateLayoutTree",
    "Layout",
    "PrePaint",
    "Paint",
    "Layerize",
    "Commit",
}


class Fetched:
    """The bytes that a page fetched, packed as they came, by the last part of the address."""

    def __init__(self, page: Page) -> None:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        self._url: dict[str, str] = {}
        self.kb: dict[str, list[float]] = {}
        session.on("Network.responseReceived", self._named)
        session.on("Network.loadingFinished", self._came)

    def _named(self, event: Any) -> None:
        self._url[event["requestId"]] = event["response"]["url"].split("?")[0]

    def _came(self, event: Any) -> None:
        url = self._url.get(event["requestId"], "")
        for kind in ("overview", "exact"):
            if f"/{kind}/" in url:
                self.kb.setdefault(f"{kind} {url.split('/')[-1]}", []).append(
                    event["encodedDataLength"] / 1000
                )


def open_workbench(page: Page, address: str) -> float:
    """Open the page of a draft; return the seconds until its areas are drawn."""
    begun = time.perf_counter()
    page.goto(address)
    page.wait_for_selector(READY, timeout=60_000)
    return time.perf_counter() - begun


def go_near(page: Page) -> None:
    """Go to where borders can be dragged, in the middle of the city."""
    page.evaluate(
        "() => { const { map } = gridmgmtWorkbench.here;"
        " map.setView(map.getCenter(), 17.5, { animate: false }); }"
    )
    page.wait_for_timeout(300)
    page.wait_for_selector(READY, timeout=60_000)
    page.wait_for_timeout(2000)


def drag(browser: Browser, page: Page, away: float) -> tuple[list[float], float]:
    """Drag a vertex; return the milliseconds of each movement, and those until it is kept."""
    x, y = page.evaluate(NODE)
    head = page.evaluate(HEAD)
    page.mouse.move(x, y)
    page.mouse.down()
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    for step in range(1, STEPS + 1):
        page.mouse.move(x + away * step / STEPS, y + away * step / STEPS)
        page.wait_for_timeout(FRAME_MS)
    traced = browser.stop_tracing()
    begun = time.perf_counter()
    page.mouse.up()
    page.wait_for_function(f"(head) => {HEAD} > head", arg=head, timeout=60_000)
    kept_ms = (time.perf_counter() - begun) * 1000
    page.wait_for_timeout(1500)
    return movements(json.loads(traced)["traceEvents"]), kept_ms


def movements(events: Iterable[dict[str, Any]]) -> list[float]:
    """Return the milliseconds of work that followed each movement of the mouse in a trace."""
    done = [one for one in events if one.get("ph") == "X" and one["name"] in WORK]
    moves = [one for one in done if _is_move(one)]
    thread = (moves[0]["pid"], moves[0]["tid"])
    mine = sorted(
        (one for one in done if (one["pid"], one["tid"]) == thread), key=lambda one: one["ts"]
    )
    # Leaflet and the tool both hear one movement.
    begins = [
        one["ts"]
        for before, one in zip([None, *moves], moves, strict=False)
        if before is None or one["ts"] - before["ts"] > 1000 * FRAME_MS / 2
    ]
    found, until = [0.0] * len(begins), 0.0
    for one in mine:
        which = sum(begin <= one["ts"] for begin in begins) - 1
        if which < 0 or one["ts"] < until:
            continue
        until = one["ts"] + one["dur"]
        found[which] += one["dur"] / 1000
    return found


def _is_move(event: dict[str, Any]) -> bool:
    kind = event.get("args", {}).get("data", {}).get("type")
    return event["name"] == "EventDispatch" and kind in ("mousemove", "pointermove")


def in_browser(origin: str, password: str, draft: int) -> str:
    """Open the workbench with an empty cache, and drag where three cells meet."""
    address = f"{origin}/drafts/{draft}/workbench"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=pages.CHROMIUM, args=pages.CHROMIUM_FLAGS
        )
        cookies = pages.log_in(browser, origin, password)
        first = []
        for _ in range(PAIRS + 1):
            with pages.fresh(browser, origin, cookies) as context:
                taken_s = open_workbench(context.new_page(), address)
            first.append((taken_s, pages.open_login(browser, origin)))
        with pages.fresh(browser, origin, cookies) as context:
            page = context.new_page()
            fetched = Fetched(page)
            open_workbench(page, address)
            go_near(page)
            drags = [drag(browser, page, 6 * (-1) ** n) for n in range(ROUNDS)]
        browser.close()
    # The first round fills the server's caches and is not counted.
    lines = [line("the workbench, drawn, empty cache", "the login page, loaded", first[1:])]
    moved = sorted(ms for each, _ in drags for ms in each)
    kept_ms = statistics.median(ms for _, ms in drags)
    sizes = "\n".join(
        f"| {name} | {len(kb)} | {max(kb):,.0f} kB |" for name, kb in sorted(fetched.kb.items())
    )
    return f"""{table(lines)}

Before any process had read the draft, the page was drawn after {shown(first[0][0])}.

A vertex of three cells, dragged over {STEPS} places: scripting, layout and painting on the main
thread (Chromium's trace, drawn by software) take {statistics.median(moved):.1f} ms at the
median and {moved[int(len(moved) * 0.95)]:.1f} ms at p95 a movement. From letting go until the
checked answer is drawn: {kept_ms:,.0f} ms (median of {ROUNDS}).

| fetched | times | the largest, packed |
|---|---|---|
{sizes}"""


def measure(cells: int = CELLS, cases: int = CASES) -> str:
    """Make the big city, serve it, and edit a draft of it in Chromium."""
    with lent_big_city(cells=cells, cases=cases) as (url, home):
        password = passwords.new_password()
        engine = make_engine(url)
        with transaction(engine, commit=True) as conn:
            accounts.create(
                conn, pages.USERNAME, "gis_officer", password, must_change=False, actor="bench"
            )
            draft = drafts.create(conn, "d", actor="bench").id
        engine.dispose()
        settings = Settings(home=home / "home", database_url=url)
        with pages.serving(settings, home) as port:
            told = in_browser(f"http://127.0.0.1:{port}", password, draft)
    return f"""On a made-up city of {cells:,} cells of about 190 vertices and {cases:,} cases,
served by two processes on the machine that also runs the browser and the database.

{told}"""

"""The pages at the size of a city: 10,000 cells, 1,000,000 cases, a real browser, real load.

The map is opened in Chromium with an empty cache; fifty clients then ask a server of two
processes for data of the map for a minute.
"""

import http.client
import random
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from gridmgmt.services.accounts import accounts, passwords
from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine, transaction
from tests.benchmarks.big_city import CATEGORIES, UNTIL, lent_big_city
from tests.benchmarks.load import SEED, Load, ask, load_of
from tests.benchmarks.measuring import PAIRS, Line, in_turn, line, table

CELLS, CASES = 10_000, 1_000_000
CLIENTS, LOAD_S, THINK_S = 50, 60, 1.0
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
USERNAME = "commander"


@contextmanager
def serving(settings: Settings, folder: Path) -> Iterator[int]:
    """Serve the pages with two processes and give the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    program = str(Path(sys.executable).parent / "gridmgmt")
    command = [program, "serve", "--port", str(port), "--workers", "2"]
    environ = {
        "GRIDMGMT_DATABASE_URL": str(settings.database_url),
        "GRIDMGMT_HOME": str(settings.home),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    }
    written = folder / "serve.log"
    with written.open("w") as log:
        server = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
        try:
            _wait(port, written)
            yield port
        finally:
            server.terminate()
            server.wait(30)


def _wait(port: int, written: Path) -> None:
    for _ in range(300):
        try:
            conn = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            conn.request("GET", "/healthz")
            if conn.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    message = f"the server does not answer: {written.read_text()}"
    raise RuntimeError(message)


def log_in(browser: Browser, origin: str, password: str) -> dict[str, str]:
    """Log in once and return the cookies."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{origin}/login")
    page.fill("input[name=username]", USERNAME)
    page.fill("input[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_url(re.compile(r"^(?!.*/login)"))
    cookies = {one["name"]: one["value"] for one in context.cookies()}
    context.close()
    return cookies


@contextmanager
def fresh(browser: Browser, origin: str, cookies: dict[str, str]) -> Iterator[BrowserContext]:
    """A browser that has never been here, but is logged in."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    context.add_cookies(
        [{"name": name, "value": value, "url": origin} for name, value in cookies.items()]
    )
    yield context
    context.close()


def open_map(page: Page, origin: str) -> tuple[float, int]:
    """Open the map and return the seconds until it means something and the bytes fetched."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    fetched: list[float] = []
    session.on(
        "Network.loadingFinished", lambda event: fetched.append(event["encodedDataLength"])
    )
    page.goto(f"{origin}/map")
    mark = "performance.getEntriesByName('map-meaningful')[0]?.startTime"
    page.wait_for_function(f"() => {mark} !== undefined", timeout=60_000)
    taken_ms = float(page.evaluate(mark))
    # Counted at that moment; what the map fetches afterwards (closer shapes) is not part of it.
    return taken_ms / 1000, int(sum(fetched))


def open_login(browser: Browser, origin: str) -> float:
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.goto(f"{origin}/login")
    taken_ms = page.evaluate(
        "performance.timing.loadEventEnd - performance.timing.navigationStart"
    )
    context.close()
    return float(taken_ms) / 1000


def load(
    port: int,
    cookies: dict[str, str],
    paths: list[str],
    *,
    clients: int,
    think_s: float,
) -> Load:
    """Let people ask for a minute, each a question drawn at random."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return load_of(port, [(cookie, paths)] * clients, think_s=think_s, lasts_s=LOAD_S)


# What a commander changes on the map; each is one filter, set by the control on the page.
CHANGES: dict[str, tuple[str, str]] = {
    "density, another category": ("#map-category", "index:3"),
    "density, all categories again": ("#map-category", "index:0"),
    "on-time rate of every cell": ("label[for=map-layer-rate]", "click"),
    "on-time rate, another category": ("#map-category", "index:4"),
    "on-time rate, all categories again": ("#map-category", "index:0"),
    "on-time rate of half a year": ("#map-from", "days:-182"),
    "on-time rate of a year": ("#map-from", "days:-364"),
    "density of a year": ("label[for=map-layer-density]", "click"),
}


def change_filters(page: Page) -> dict[str, float]:
    """Change the filters one after the other; the seconds until each was drawn."""
    page.wait_for_selector("[data-state=ready]")
    last = date.fromisoformat(page.input_value("#map-to"))
    taken_s = {}
    for what, (control, value) in CHANGES.items():
        before = page.evaluate("performance.getEntriesByName('filter').length")
        how, _, amount = value.partition(":")
        if how == "index":
            page.select_option(control, index=int(amount))
        elif how == "days":
            page.fill(control, (last + timedelta(days=int(amount))).isoformat())
            page.dispatch_event(control, "change")
        else:
            page.click(control)
        page.wait_for_function(
            f"() => performance.getEntriesByName('filter').length > {before}", timeout=60_000
        )
        page.wait_for_selector("[data-state=ready]")
        drawn_ms = page.evaluate("performance.getEntriesByName('filter').at(-1).duration")
        taken_s[what] = drawn_ms / 1000
    return taken_s


def in_browser(origin: str, password: str) -> tuple[list[Line], float, dict[str, str]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        cookies = log_in(browser, origin, password)
        first, sizes, changes = [], [], []
        # The first round fills the server's caches and is not counted.
        for number in range(PAIRS + 1):
            with fresh(browser, origin, cookies) as context:
                page = context.new_page()
                taken_s, size = open_map(page, origin)
                changed_s = change_filters(page)
            base_s = open_login(browser, origin)
            if number:
                first.append((taken_s, base_s))
                sizes.append(size)
                changes.append((changed_s, base_s))
        browser.close()
    baseline = "the login page, loaded"
    lines = [line("first meaningful map, empty cache", baseline, first)]
    for what in CHANGES:
        pairs = [(changed_s[what], base_s) for changed_s, base_s in changes]
        lines.append(line(f"the map after a change of filter: {what}", baseline, pairs))
    return lines, statistics.median(sizes) / 1000, cookies


QUESTIONS, REPEATED = 200, 0.4


def paths_of(draw: random.Random) -> list[str]:
    """What the clients ask for: data of the map for 200 questions, 40 % of which repeat."""
    last = UNTIL.date()

    def question() -> str:
        days = draw.choice([7, 30, 30, 90, 365])
        to = last - timedelta(days=draw.randrange(366 - days))
        asked = {"edition": "2", "from": str(to - timedelta(days=days - 1)), "to": str(to)}
        if draw.random() < 0.5:
            asked["category"] = f"E{draw.randrange(CATEGORIES):04}"
        kind = draw.choice(["figures", "figures", "density"])
        if kind == "figures":
            asked["level"] = draw.choice(["cell", "cell", "community", "street"])
        return f"/map/{kind}.json?{urlencode(asked)}"

    new = [question() for _ in range(round(QUESTIONS * (1 - REPEATED)))]
    return new + draw.choices(new, k=QUESTIONS - len(new))


def overview_of_a_year(port: int, cookies: dict[str, str]) -> Line:
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    to = UNTIL.date()
    period = {"from": str(to - timedelta(days=364)), "to": str(to)}

    def answered(path: str) -> None:
        status, _ = ask(port, cookie, path, conn)
        assert status == 200, path

    return in_turn(
        "the overview of a year, answered",
        "the own account, answered",
        lambda: answered(f"/?{urlencode(period)}"),
        lambda: answered("/account"),
        pairs=4 * PAIRS,
    )


def said(met: Load, fresh: Load, alone: Load) -> str:
    rows = [
        alone.row("one client that never waits"),
        met.row(f"{CLIENTS} clients, {QUESTIONS} questions, {REPEATED:.0%} of them repeated"),
        fresh.row(f"{CLIENTS} clients, hardly a question asked twice"),
    ]
    table = "\n".join(rows)
    errors = len(met.errors) + len(fresh.errors)
    return f"""Data of the map (figures by cell, community or street; density) for a week to a
year, all categories or one. Each client waits {THINK_S:.0f} s between an answer and its next
request, for {LOAD_S} s; CPU is that of server and database. {errors} errors.

| clients | answers | median | p95 | CPU a request |
|---|---|---|---|---|
{table}"""


def measure() -> str:
    """Make the big city in a cluster of its own, serve it and measure its pages."""
    with lent_big_city(cells=CELLS, cases=CASES) as (url, home):
        password = passwords.new_password()
        engine = make_engine(url)
        with transaction(engine, commit=True) as conn:
            accounts.create(
                conn, USERNAME, "commander", password, must_change=False, actor="bench"
            )
        engine.dispose()
        settings = Settings(home=home / "home", database_url=url)
        with serving(settings, home) as port:
            lines, first_map_kb, cookies = in_browser(f"http://127.0.0.1:{port}", password)
            lines.append(overview_of_a_year(port, cookies))
            draw = random.Random(SEED)
            many = [path for _ in range(30) for path in paths_of(draw)]
            alone = load(port, cookies, many, clients=1, think_s=0.0)
            met = load(port, cookies, paths_of(draw), clients=CLIENTS, think_s=THINK_S)
            asked_once = load(port, cookies, many, clients=CLIENTS, think_s=THINK_S)
    for error in (met.errors + asked_once.errors)[:20]:
        sys.stderr.write(f"{error}\n")
    return f"""On a made-up city of {CELLS:,} cells and {CASES:,} cases, served by two processes
on the machine that also runs the browser and the database.

{table(lines)}

The first map comes with {first_map_kb:,.0f} kB, everything counted that the browser
fetched with an empty cache: page, styles, scripts, icons, shapes and figures. Changes of
filters are the same in each round, so the server knows their answers; new questions are those
of the load.

{said(met, asked_once, alone)}"""

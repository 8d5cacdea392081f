"""Every time that people see is the bureau's, in its form, whatever clock the browser has.

The bureau is in Shanghai, the browser in Los Angeles, and the city ends now.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from gridmgmt.cli import run
from gridmgmt.settings import Settings
from tests.browser.cities import City, living_city
from tests.browser.conftest import Open, Site
from tests.browser.walking import Map, go, walk
from tests.browser.watching import settle
from web import create_app

pytestmark = pytest.mark.proof

LOS_ANGELES = ZoneInfo("America/Los_Angeles")

# Everything a person can read, also what opens or stands in a hint; not what scripts read, and
# not the values that a browser shows in its own form (dates to pick).
READABLE = """
() => {
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    // What an entry of the audit log says as it is stored is folded, and says so.
    if (!element.closest("script, style, template, details > .as-stored"))
      texts.push(walker.currentNode.data);
  }
  for (const element of document.querySelectorAll("*")) {
    for (const name of ["title", "aria-label", "alt", "placeholder", "data-bs-title"])
      if (element.hasAttribute(name)) texts.push(element.getAttribute(name));
    if (element.matches("input[type=text], textarea")) texts.push(element.value);
    // A field for days drops what is no day, and with it what the person asked for.
    if (element.matches("input[type=date]") && !element.value)
      texts.push(element.getAttribute("value") ?? "");
  }
  return texts.map(text => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}
"""

# A time as programs write it: an hour behind a T, an offset or a zone behind it, parts of a
# second.
OF_PROGRAMS = re.compile(
    r"\d{4}-\d\d-\d\dT\d"
    # Not the hours of a duty, 22:00-06:00.
    r"|\d\d:\d\d(?::\d\d)?(?:[.,]\d+)? ?(?:Z\b|UTC|GMT|\+\d\d:?\d\d)"
    r"|\d\d:\d\d:\d\d[.,]\d"
    r"|\b(?:UTC|GMT|CST|datetime)\b"
)
MOMENT = re.compile(r"\b(\d{4}-\d\d-\d\d \d\d:\d\d)\b")

CRS = ("--crs", "EPSG:4326")
WORKING = ("administrator", "duty_chief", "gis_officer", "planner", "responder", "commander")


@pytest.fixture(scope="module")
def living(
    serve: Callable[[Callable[[Settings], City]], Site],
    tmp_path_factory: pytest.TempPathFactory,
) -> Site:
    """A city that ends now, in which something of every kind has happened."""
    site = serve(living_city)
    settings = replace(site.city.settings, actor="duty_chief")
    folder = tmp_path_factory.mktemp("more")
    assert settings.tz.key == "Asia/Shanghai"
    changed = _changed_file(settings.home / "demo" / "synthetic_desk.csv", folder)
    for args in (
        ["case", "import", str(changed), "--on-existing", "update", *CRS, "--commit"],
        ["edition", "extend", "1", "--from", "2020-01-01", "--commit"],
    ):
        assert run(args, settings) == 0, args
    return site


def _changed_file(path: Path, folder: Path) -> Path:
    """Write a file in which the first case has been disposed of."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))[:1]
    rows[0]["disposed_at"] = rows[0]["reported_at"][:-2] + "59"
    changed = folder / "changed.csv"
    with changed.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return changed


@pytest.fixture(scope="module")
def pages(living: Site) -> Iterator[Map]:
    app = create_app(Settings(living.city.settings.home, living.city.settings.database_url))
    yield Map(app, living.origin)
    app.extensions["gridmgmt"].engine.dispose()


# A walk takes half a minute: everybody in Chinese, and who sees most in English too.
@pytest.mark.parametrize(
    ("role", "lang"),
    [*((role, "zh") for role in WORKING), ("administrator", "en"), ("duty_chief", "en")],
)
def test_no_page_shows_a_time_of_programs(
    living: Site, pages: Map, open_page: Open, role: str, lang: str
) -> None:
    page = open_page(living, role, lang=lang, zone="America/Los_Angeles")
    go(page, "/")
    faults = []
    for _ in walk(page, pages):
        faults += of_programs(page)
    for address in further(living, role):
        if go(page, address):
            faults += of_programs(page)
    assert faults == [], "\n".join(dict.fromkeys(faults))


def of_programs(page: Page) -> list[str]:
    settle(page)
    return [
        f"{page.url}: {text[:200]}"
        for text in page.evaluate(READABLE)
        if OF_PROGRAMS.search(text)
    ]


def further(site: Site, role: str) -> Iterator[str]:
    """Pages that a walk need not meet: a case with each kind of event, filters, mistakes."""
    if role in ("duty_chief", "responder"):
        yield from (f"/cases/{case_no}" for (case_no,) in _one_of_each_kind(site, role))
        at = quote(datetime.now(UTC).isoformat())
        yield f"/duties/bounces?from={at}&to={at}" if role == "duty_chief" else "/cases"
        yield f"/cases?deadline=overdue&as_of={at}&from={at}&to={at}&day_of=disposed"
    if role in ("duty_chief", "commander"):
        at = quote((datetime.now(UTC) - timedelta(days=3)).isoformat())
        yield f"/?from={at}"
        yield f"/map?from={at}&as_of={at}"
    if role == "administrator":
        yield f"/audit?from={quote(datetime.now(UTC).isoformat())}"


def _one_of_each_kind(site: Site, role: str) -> Sequence[sa.Row[tuple[object, ...]]]:
    return site.city.all(
        """
        SELECT min(case_no) FROM case_events JOIN cases USING (case_no)
        WHERE CAST(:mine AS text) IS NULL OR responder_code = :mine
        GROUP BY kind
        """,
        mine=site.city.limits[role].get("responder_code"),
    )


def test_what_was_done_just_now_is_shown_with_the_time_of_the_bureau(
    living: Site, open_page: Open
) -> None:
    page = open_page(living, "administrator", zone="America/Los_Angeles")
    wrong = [datetime.now(UTC), datetime.now(LOS_ANGELES)]
    shown = []
    for address in ("/audit", "/account", "/account?lang=en"):
        go(page, address)
        texts = page.evaluate(READABLE)
        shown += [datetime.fromisoformat(at) for one in texts for at in MOMENT.findall(one)]
    here = datetime.now(living.city.settings.tz)
    assert sum(is_near(at, here) for at in shown) > 3
    assert [at for at in shown if any(is_near(at, clock) for clock in wrong)] == []


def is_near(shown: datetime, clock: datetime) -> bool:
    return abs(clock.replace(tzinfo=None) - shown) < timedelta(minutes=20)

"""The story of a publication: before and after it, all pages say the same numbers.

Cells of one street go to another, and the other streets stay as they were.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from gridmgmt.settings import Settings
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.engine import make_engine
from tests.browser import cities
from tests.browser.cities import City
from tests.browser.conftest import Open, Site
from tests.browser.using import PANEL, count_of_list, number, open_map
from tests.browser.walking import go
from tests.factories import make_edition

pytestmark = pytest.mark.proof

STREETS = 3
RANKING = "section[aria-labelledby=ranking] tbody tr"


@pytest.fixture
def city(serve: Callable[[Callable[[Settings], City]], Site]) -> Site:
    """A sample city of its own, since it gets another edition."""
    return serve(cities.sample_city)


def publish(city: City) -> tuple[set[str], int]:
    """Move a border between two streets; return both, and the edition."""
    assert city.settings.database_url is not None
    engine = make_engine(city.settings.database_url)
    with engine.begin() as conn:
        levels = areas_in(conn, list_editions(conn)[-1].number)
        cells, communities = levels["cell"], levels["community"]
        street_of = dict(zip(communities.codes, communities.parent_codes, strict=True))
        first = cells.parent_codes[0]
        other = next(one for one in street_of if street_of[one] != street_of[first])
        moved = [n for n, one in enumerate(cells.parent_codes) if one == first][:4]
        cells.parent_codes[moved] = other
        begins = datetime.now(UTC) - timedelta(hours=1)
        edition = make_edition(conn, levels, effective_from=begins, label="调整")
    engine.dispose()
    return {str(street_of[first]), str(street_of[other])}, edition


# The number of all cases of an area, not of those that are late, open or on time.
ALL_CASES = "a[href*='/cases?']:not([href*=deadline]):not([href*=overdue]):not([href*=open])"


def counted(page: Page, rows: str) -> dict[str, tuple[int, str]]:
    """Read a table of areas: the cases of each, and the list behind the number."""
    found = {}
    for row in page.locator(rows).all():
        link = row.locator(ALL_CASES).first
        if link.count():
            name = row.locator("th").inner_text().split()[-1]
            found[name] = number(link.inner_text()), link.get_attribute("href") or ""
    return found


def on_map(page: Page, query: str) -> dict[str, int]:
    open_map(page, query)
    table = counted(page, "#map-ranking tbody tr")
    return {name: cases for name, (cases, _) in table.items()}


def check_screen(page: Page, edition: int) -> dict[str, int]:
    """Find one number for each street: in the ranking, its list, on the map, in its panel."""
    go(page, "/")
    overview = counted(page, RANKING)
    assert len(overview) == STREETS
    assert on_map(page, f"?edition={edition}&layer=cases&level=street") == {
        name: cases for name, (cases, _) in overview.items()
    }
    for name, (cases, href) in overview.items():
        go(page, href)
        assert count_of_list(page) == cases, name
        code = page.evaluate("new URLSearchParams(location.search).get('area')")
        open_map(page, f"?edition={edition}&level=street&area={code}")
        panel = page.locator(f"{PANEL} .map-panel-value").first
        expect(panel).to_be_visible()
        assert number(panel.inner_text()) == cases, name
    return {name: cases for name, (cases, _) in overview.items()}


def test_before_and_after_a_publication_all_pages_say_the_same(
    city: Site, open_page: Open
) -> None:
    page = open_page(city, "commander", width=1920)
    before = check_screen(page, 1)
    names = {row.code: row.name for row in city.city.all("SELECT code, name FROM areas")}
    touched, edition = publish(city.city)
    after = check_screen(page, edition)
    stayed = {name for name in before if name not in {names[code] for code in touched}}
    assert stayed
    assert {name: after[name] for name in stayed} == {name: before[name] for name in stayed}
    assert after != before
    # Under the edition before, the map still says what it said.
    assert on_map(page, "?edition=1&layer=cases&level=street") == before

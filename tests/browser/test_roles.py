"""Every role logs in and walks through all its pages of the sample city."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from gridmgmt.settings import Settings
from tests.browser.access.keyboard import keyboard_faults
from tests.browser.conftest import Open, Site
from tests.browser.walking import Map, go, walk
from tests.browser.watching import axe_faults, commands, open_all, overflow
from web import create_app

pytestmark = pytest.mark.proof

ROLES = (
    "duty_chief",
    "gis_officer",
    "administrator",
    "planner",
    "acceptor",
    "dispatcher",
    "commander",
    "street_chief",
    "collector",
    "responder",
)
# Steps on the way of a file, which test_work.py goes; what needs a second edition, which
# Chicago has; a part of the map; the link of a wall screen; and the pages of those who have
# not logged in, or have to change a password first.
ELSEWHERE = {
    "workbench.index",
    "account.first_password",
    "bounces.cases",
    "case_imports.columns",
    "case_imports.report",
    "cases.exported",
    "displays.open_link",
    "draft_imports.layer",
    "draft_impacts.report",
    "draft_publications.report",
    "editions.compare",
    "editions.diff",
    "exports.detail",
    "jobs.detail",
    "layer_imports.columns",
    "login.login",
    "map.area",
    "second_factor.code",
    "second_factor.enrol",
    "second_factor.first",
    "reroutes.report",
    "edition_extensions.report",
}


class Looked:
    """Which pages were looked at closely already, whoever opened them."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.roles: set[str] = set()


@pytest.fixture(scope="module")
def looked() -> Looked:
    return Looked()


@pytest.fixture(scope="module")
def pages(sample: Site) -> Iterator[Map]:
    app = create_app(Settings(sample.city.settings.home, sample.city.settings.database_url))
    yield Map(app, sample.origin)
    app.extensions["gridmgmt"].engine.dispose()


@pytest.mark.parametrize("role", ROLES)
def test_a_role_walks_through_all_its_pages(
    sample: Site, pages: Map, looked: Looked, open_page: Open, role: str
) -> None:
    faults = walked(sample, pages, looked, open_page, role)
    assert faults == [], "\n".join(faults)


# All roles together are a long walk: `make test` goes with one who handles cases.
def test_a_responder_walks_through_all_its_pages(
    sample: Site, pages: Map, open_page: Open
) -> None:
    faults = walked(sample, pages, Looked(), open_page, "responder")
    assert faults == [], "\n".join(faults)


def walked(sample: Site, pages: Map, looked: Looked, open_page: Open, role: str) -> list[str]:
    """Walk as a role, and tell what is wrong with its pages; each kind is looked at once."""
    page = open_page(sample, role, width=1366)
    go(page, "/")
    faults: list[str] = []
    for kind in walk(page, pages):
        if page.locator("h1").count() != 1:
            faults.append(f"{page.url}: not one heading of the first level")
        if page.get_attribute("html", "lang") != "zh-CN":
            faults.append(f"{page.url}: not in Chinese")
        faults += [f"{page.url}: names the command {one}" for one in commands(page)]
        if kind not in looked.kinds:
            looked.kinds.add(kind)
            faults += closely(page)
    looked.roles.add(role)
    return faults


def closely(page: Page) -> list[str]:
    """Look at a page as assistive technology does, and on a phone; then with all of it open."""
    faults = keyboard_faults(page) + axe_faults(page)
    open_all(page)
    faults += axe_faults(page)
    wide = page.viewport_size
    assert wide is not None
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(150)
    faults += axe_faults(page)
    faults += [found for found in (overflow(page),) if found]
    page.set_viewport_size(wide)
    return faults


def test_no_page_was_left_out(looked: Looked, pages: Map) -> None:
    if looked.roles != set(ROLES):
        pytest.skip("not every role has walked")
    left_out = sorted(pages.pages - looked.kinds - ELSEWHERE)
    assert left_out == [], left_out

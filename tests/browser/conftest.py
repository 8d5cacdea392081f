"""One browser, one server for each city; every page is watched until its test ends."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from gridmgmt.domain.areas.review import ReviewRule
from gridmgmt.settings import Settings
from tests.browser import cities
from tests.browser.cities import PASSWORD, City
from tests.browser.serving import served
from tests.browser.watching import Watch
from tests.databases import Databases

CHROMIUM = "/usr/bin/chromium"
# Debian's Chromium as root, and without what it would ask of the network by itself.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HEIGHTS = {390: 844, 1280: 800, 1920: 1080}
TIMEOUT_MS = 15_000


@dataclass
class Site:
    """A city that is being served, and who is logged in there already."""

    city: City
    origin: str
    states: dict[str, StorageState] = field(default_factory=dict)


# Opens a page: the site, the role (None: nobody), the width, the language, the zone of the
# browser's clock, and what else the device can do.
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        made.close()


@pytest.fixture(scope="session")
def serve(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Callable[[Settings], City]], Site]]:
    """Build a city in a database of its own and serve it until all tests are over."""
    with ExitStack() as stack:

        def start(build: Callable[[Settings], City]) -> Site:
            home = tmp_path_factory.mktemp(build.__name__)
            url = stack.enter_context(databases.lent(template))
            # One person presses every button: nobody else would approve a draft.
            never = ReviewRule.NEVER
            city = build(Settings(home=home, database_url=url, review=never))
            return Site(city, stack.enter_context(served(city.settings)))

        yield start


@pytest.fixture(scope="session")
def sample(serve: Callable[[Callable[[Settings], City]], Site]) -> Site:
    return serve(cities.sample_city)


@pytest.fixture(scope="session")
def small(serve: Callable[[Callable[[Settings], City]], Site]) -> Site:
    return serve(cities.small_city)


@pytest.fixture(scope="session")
def hangzhou(serve: Callable[[Callable[[Settings], City]], Site]) -> Site:
    return serve(cities.hangzhou)


@pytest.fixture(scope="session")
def chicago(serve: Callable[[Callable[[Settings], City]], Site]) -> Site:
    return serve(cities.chicago)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Open pages that are watched; what went wrong on any of them fails the test."""
    with ExitStack() as contexts:
        watches: list[Watch] = []

        def opened(
            site: Site,
            role: str | None = None,
            *,
            width: int = 1280,
            lang: str | None = None,
            zone: str | None = None,
            device: Mapping[str, Any] | None = None,
        ) -> Page:
            context = browser.new_context(
                viewport={"width": width, "height": HEIGHTS.get(width, 800)},
                storage_state=site.states.get(role or ""),
                base_url=site.origin,
                reduced_motion="reduce",
                timezone_id=zone,
                **(device or {}),
            )
            contexts.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(TIMEOUT_MS)
            watches.append(Watch(page, site.origin))
            if role is not None and role not in site.states:
                log_in(page, role)
                site.states[role] = context.storage_state()
            if lang is not None:
                # The browser keeps the answer's cookie; nothing has to be drawn for that.
                context.request.get(f"/login?lang={lang}", max_redirects=0)
            return page

        yield opened
        for watch in watches:
            watch.check()


def log_in(page: Page, role: str) -> None:
    """Log in as a person does."""
    page.goto("/login")
    page.fill("input[name=username]", role)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_selector("h1")
    assert "/login" not in page.url

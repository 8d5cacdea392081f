"""Every page at three widths, to be looked at: python -m tests.browser.screenshots FOLDER.

The pages are those of the small sample city, in a database of its own: on the server that
GRIDMGMT_TEST_DATABASE_URL names, else in a cluster made for the time being.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from gridmgmt.settings import Settings
from gridmgmt.store.upkeep import migrations
from tests.browser.cities import sample_city
from tests.browser.conftest import CHROMIUM, FLAGS, HEIGHTS, log_in
from tests.browser.serving import served
from tests.browser.walking import Map, go, walk
from tests.browser.watching import Watch, settle
from tests.databases import Databases, server_of_tests
from tests.folders import passable_folder
from web import create_app

ROLES = ("duty_chief", "gis_officer", "planner", "administrator", "responder", "collector")
# Pages whose English is looked at too, at the width in the middle.
IN_ENGLISH = {
    "overview.index",
    "map.index",
    "cases.index",
    "cases.detail",
    "duties.matrix",
    "bounces.index",
    "components.index",
    "components.detail",
    "reroutes.index",
}
EXTRAS = {
    "map-panel": "/map?layer=rate&area=community:990101001001",
    "map-demolitions": "/map?layer=cases&demolitions=1",
    "cases-none": "/cases?q=no-such-case",
    "not-found": "/no/such/page",
    "bad-request": "/cases?from=soon",
}


@contextmanager
def sample_site() -> Iterator[tuple[str, Settings]]:
    with ExitStack() as stack:
        folder = stack.enter_context(passable_folder())
        databases = stack.enter_context(Databases.on(stack.enter_context(server_of_tests())))
        database_url = stack.enter_context(databases.lent())
        settings = Settings(home=folder / "pages", database_url=database_url)
        settings.home.mkdir()
        migrations.upgrade(str(settings.database_url))
        sample_city(settings)
        yield stack.enter_context(served(settings)), settings


def shoot(page: Page, folder: Path, name: str, lang: str = "zh") -> None:
    """Take a page as it is now at every width, whole."""
    for width, height in HEIGHTS.items():
        if lang != "zh" and width != 1280:
            continue
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(250)
        settle(page)
        page.screenshot(path=folder / f"{name}-{lang}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": HEIGHTS[1280]})


def shoot_role(browser: Browser, origin: str, pages: Map, folder: Path, role: str) -> None:
    page = browser.new_page(base_url=origin, reduced_motion="reduce")
    watch = Watch(page, origin)
    log_in(page, role)
    for kind in walk(page, pages):
        name = f"{role}-{kind}"
        if not list(folder.glob(f"*-{kind}-zh-*.png")):
            shoot(page, folder, name)
            if kind in IN_ENGLISH:
                address = page.url
                go(page, f"{address}{'&' if '?' in address else '?'}lang=en")
                shoot(page, folder, name, "en")
                go(page, f"{origin}/login?lang=zh")
    if role == ROLES[0]:
        for name, address in EXTRAS.items():
            go(page, f"{origin}{address}")
            shoot(page, folder, name)
    for fault in watch.faults:
        sys.stdout.write(f"{fault}\n")
    page.close()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sample_site() as (origin, settings), sync_playwright() as playwright:
        app = create_app(settings)
        pages = Map(app, origin)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        nobody = browser.new_page(base_url=origin)
        Watch(nobody, origin)
        go(nobody, f"{origin}/login")
        shoot(nobody, folder, "nobody-login.login")
        for role in ROLES:
            shoot_role(browser, origin, pages, folder, role)
        browser.close()
        app.extensions["gridmgmt"].engine.dispose()
    sys.stdout.write(f"{len(list(folder.glob('*.png')))} pictures in {folder}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

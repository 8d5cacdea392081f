"""A wall screen opens its link and shows figures; a person ends sessions from another one."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cities import PASSWORD
from tests.browser.conftest import Open, Site, log_in
from tests.browser.using import READY_MAP, click_middle_of, closely, open_map, press
from tests.browser.walking import go
from tests.browser.watching import settle

pytestmark = pytest.mark.proof


def test_a_wall_screen_shows_overview_and_map_until_it_is_revoked(
    small: Site, open_page: Open
) -> None:
    admin, screen = open_page(small, "administrator", lang="en"), open_page(small, lang="en")
    link = make_screen(admin)
    go(screen, link)
    expect(screen).to_have_url(f"{small.origin}/overview")
    expect(screen.locator("header")).to_contain_text("command hall")
    assert screen.evaluate("document.referrer") == ""
    closely(screen)
    screen.click("#menu a[href='/map']")
    settle(screen)
    open_map(screen, "?layer=rate&demolitions=1")
    click_middle_of(screen, READY_MAP)
    settle(screen)
    expect(screen.locator("#map-panel")).not_to_be_visible()
    closely(screen)
    open_map(screen, "?layer=hot")
    # Whose house it was is not for a wall: hot and late without its circles.
    expect(screen.locator(".map-legend .map-ring")).to_have_count(0)
    screen.click(".map-square [data-only='-0']")
    expect(screen).to_have_url(re.compile("only=-0"))
    closely(screen)
    go(admin, "/displays")
    admin.once("dialog", lambda dialog: dialog.accept())
    press(admin, "Revoke the wall screen command hall")
    expect(admin.locator("main")).to_contain_text("revoked")
    go(screen, "/map")
    expect(screen).to_have_url(re.compile("/login"))


def make_screen(page: Page) -> str:
    go(page, "/displays")
    closely(page)
    page.fill("#name", "command hall")
    press(page, "Make the wall screen")
    closely(page)
    return page.locator("main code").inner_text()


def test_a_person_ends_the_other_sessions(small: Site, open_page: Open) -> None:
    here, there = open_page(small, lang="en"), open_page(small)
    # Nobody else is logged in here as this one: sessions of an account are kept for all tests.
    for page in (there, here):
        log_in(page, "planner")
    go(here, "/account")
    expect(here.locator("#sessions ~ form li")).to_have_count(2)
    expect(here.locator("li", has_text="this one")).to_contain_text("127.0.0.1")
    # Enter alone ends nothing: the buttons of the form end different things.
    here.fill("#session_password", PASSWORD)
    here.press("#session_password", "Enter")
    expect(here.locator("#sessions ~ form li")).to_have_count(2)
    press(here, "End all others")
    expect(here.locator("main")).to_contain_text("You are logged in nowhere else.")
    go(there, "/account")
    expect(there).to_have_url(re.compile("/login"))

"""A hole and a double of the duties are mended by keyboard, from the matrix and the audit."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, Site
from tests.browser.using import closely, number
from tests.browser.walking import go
from tests.browser.watching import settle

pytestmark = pytest.mark.proof


@pytest.fixture
def page(sample: Site, open_page: Open) -> Page:
    return open_page(sample, "gis_officer", lang="en")


def enter(page: Page, selector: str) -> None:
    """Press Enter on the first such link or button, as somebody without a mouse does."""
    page.locator(selector).first.focus()
    page.keyboard.press("Enter")
    settle(page)


def pairs(page: Page, label: str) -> int:
    """The number of faults of a kind, as the audit says it."""
    go(page, "/duties/audit")
    box = page.locator(".figure", has_text=label).first
    return number(box.locator(".figure-value").inner_text())


def closed(page: Page) -> int:
    """How many pairs the preview says are closed; none is opened."""
    note = page.locator(".figure-note", has_text="closed").first.inner_text()
    found = re.fullmatch(r"([\d,]+) closed, 0 opened", note)
    assert found, note
    return number(found[1])


def test_a_hole_of_the_matrix_is_mended_without_a_mouse(page: Page) -> None:
    before = pairs(page, "No owner")
    go(page, "/duties/matrix")
    enter(page, "a.fault-hole")
    closely(page)
    if page.locator("form.duty-change").count() == 0:
        enter(page, "a[href*='finding=']")
        closely(page)
    # Everything but the responder is filled in.
    assert page.locator("[name=place]:checked").count() > 0
    page.locator("#responder").focus()
    page.keyboard.type("SO01")
    enter(page, "form.duty-change button[type=submit]")
    closely(page)
    mended = closed(page)
    assert mended > 0
    enter(page, "text=Confirm and store")
    expect(page.get_by_text("Stored: 0 duties end").first).to_be_visible()
    assert pairs(page, "No owner") == before - mended


def test_of_a_double_one_duty_ends(page: Page) -> None:
    before = pairs(page, "Two owners")
    enter(page, "section[aria-labelledby=double] a[href*='mend']")
    closely(page)
    page.locator("[name=end]").first.focus()
    page.keyboard.press("Space")
    enter(page, "form.duty-change button[type=submit]")
    mended = closed(page)
    enter(page, "text=Confirm and store")
    expect(page.get_by_text("Stored: ").first).to_be_visible()
    assert pairs(page, "Two owners") == before - mended

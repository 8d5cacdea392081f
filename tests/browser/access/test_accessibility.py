"""What a walk through the pages does not open for assistive technology: faults, menus, a panel.

The walk of each role (``test_roles``) looks at every page with the same rules.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.access.keyboard import keyboard_faults
from tests.browser.cities import PASSWORD
from tests.browser.conftest import Open, Site
from tests.browser.using import MAP, PANEL, open_map, ready, unfold
from tests.browser.walking import go
from tests.browser.watching import axe_faults, forgive_refusals, settle

pytestmark = pytest.mark.proof

WIDTHS = (1366, 390)


def _at_both_widths(page: Page) -> list[str]:
    faults = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(150)
        faults += axe_faults(page)
    return faults


def _send(page: Page, form: str) -> None:
    """Send a form as it stands; what the browser itself would ask for is left to the server."""
    page.eval_on_selector(form, "form => { form.noValidate = true; form.requestSubmit(); }")
    page.wait_for_load_state()
    settle(page)


# A page with a form, what is typed wrongly there, and the form: who may send it is the key.
WRONG = {
    # Without a category; its script says so.
    "report": ("duty_chief", "/cases/new", {}, "#report-form"),
    "account": ("administrator", "/accounts", {"#username": "two words"}, "main form"),
    "own password": ("planner", "/account", {"#old": "not mine"}, "form:has(#old)"),
    "draft": ("gis_officer", "/drafts", {}, "main form"),
    "duty": ("gis_officer", "/duties/new", {"#hours": "by night"}, "form.duty-change"),
    "file of duties": ("gis_officer", "/layer-imports/duties", {}, "main form"),
    "file of cases": ("duty_chief", "/case-imports", {}, "main form"),
    "token": ("planner", "/account", {}, "form[action$='/tokens']"),
    "wall screen": ("administrator", "/displays", {}, "main form"),
}


@pytest.mark.parametrize("form", WRONG)
def test_a_form_that_is_wrong_says_so_to_everybody(
    sample: Site, open_page: Open, form: str
) -> None:
    role, path, typed, sent = WRONG[form]
    page = open_page(sample, role, width=1366)
    assert go(page, path)
    for field, text in typed.items():
        page.fill(field, text)
    _send(page, sent)
    wrong = page.locator("main .is-invalid, main [role=alert], main .alert-danger")
    expect(wrong.first).to_be_visible()
    forgive_refusals(page)
    assert _at_both_widths(page) == []
    assert keyboard_faults(page) == []


def test_the_login_is_for_everybody_with_a_fault_too(sample: Site, open_page: Open) -> None:
    page = open_page(sample)
    go(page, "/login")
    assert _at_both_widths(page) == []
    page.fill("#username", "nobody")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    settle(page)
    expect(page.locator("main [role=alert]")).to_be_visible()
    assert _at_both_widths(page) == []
    assert keyboard_faults(page) == []


def test_the_menus_are_for_everybody(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "duty_chief", width=390)
    go(page, "/areas")
    page.click("header .dropdown-toggle")
    expect(page.locator("header .dropdown-menu")).to_be_visible()
    assert axe_faults(page) == []
    page.keyboard.press("Escape")
    page.click("header button[aria-controls=menu]")
    expect(page.locator("#menu")).to_be_focused()
    assert axe_faults(page) == []


def _with_panel(page: Page) -> None:
    unfold(page, "table")
    area = page.locator("#map-ranking tbody button").first.get_attribute("data-area")
    open_map(page, f"?area={area}")
    expect(page.locator(PANEL)).to_be_visible()


def _with_filters(page: Page) -> None:
    page.click("#map-filters-toggle")
    page.click("#map-filters [data-bs-toggle=collapse]")
    page.wait_for_timeout(400)
    ready(page)


def _with_findings(page: Page) -> None:
    page.fill("#map-search", "99")
    expect(page.locator("#map-search-results [role=option]").first).to_be_visible()


def _hot_and_late(page: Page) -> None:
    page.click("label[for=map-layer-hot]")
    ready(page)


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(_with_panel, id="panel"),
        pytest.param(_with_filters, id="filters", marks=pytest.mark.proof),
        pytest.param(_with_findings, id="findings", marks=pytest.mark.proof),
        pytest.param(_hot_and_late, id="hot", marks=pytest.mark.proof),
    ],
)
def test_the_map_is_for_everybody_whatever_is_open(
    sample: Site, open_page: Open, state: Callable[[Page], None]
) -> None:
    page = open_page(sample, "commander", width=1366)
    open_map(page)
    state(page)
    expect(page.locator(MAP)).to_have_attribute("data-state", "ready")
    assert _at_both_widths(page) == []
    page.set_viewport_size({"width": 1366, "height": 800})
    assert keyboard_faults(page) == []

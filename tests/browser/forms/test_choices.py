"""An area and a responder are picked while somebody types: by mouse and by keyboard."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, Site
from tests.browser.using import closely
from tests.browser.walking import go
from tests.browser.watching import settle

pytestmark = pytest.mark.proof


@pytest.fixture
def page(sample: Site, open_page: Open) -> Page:
    return open_page(sample, "administrator", lang="zh")


def options(page: Page, field: str) -> Locator:
    return page.locator(f"#{field}-choices [role=option]")


def made(page: Page) -> None:
    page.locator("form[action$='/accounts'] button[type=submit]").click()
    settle(page)
    expect(page.locator("main code.user-select-all")).to_be_visible()


def test_a_street_is_picked_by_the_mouse_and_stands_in_the_account(page: Page) -> None:
    go(page, "/accounts")
    page.fill("#username", "picked-by-mouse")
    page.select_option("#role", "street_chief")
    page.locator("#area").press_sequentially("街道")
    first = options(page, "area").first
    expect(first).to_be_visible()
    closely(page)
    name = first.locator(".choice-name").inner_text()
    first.click()
    expect(page.locator("#area-choices")).to_be_hidden()
    assert page.input_value("#area").startswith(name)
    made(page)
    go(page, "/accounts/picked-by-mouse")
    assert page.input_value("#area").startswith(name)


def test_a_cell_and_a_responder_are_picked_by_the_keyboard(page: Page) -> None:
    go(page, "/accounts")
    page.fill("#username", "picked-by-keys")
    page.select_option("#role", "responder")
    page.locator("#area").press_sequentially("9901010010010")
    expect(options(page, "area").nth(1)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = options(page, "area").nth(1)
    expect(second).to_have_attribute("aria-selected", "true")
    assert page.get_attribute("#area", "aria-activedescendant") == second.get_attribute("id")
    note = second.locator(".choice-note").inner_text()
    # Enter takes what is marked and sends nothing.
    page.keyboard.press("Enter")
    assert page.url.endswith("/accounts")
    assert page.input_value("#area").endswith(note)
    page.locator("#responder").press_sequentially("sq0")
    expect(options(page, "responder").first).to_be_visible()
    page.keyboard.press("ArrowUp")
    last = options(page, "responder").last
    expect(last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("#responder").endswith(" · SQ01")
    made(page)
    go(page, "/accounts/picked-by-keys")
    assert page.input_value("#area").endswith(note)
    assert page.input_value("#responder").endswith(" · SQ01")


def test_escape_closes_the_list_and_keeps_what_is_typed(page: Page) -> None:
    go(page, "/accounts")
    page.locator("#area").press_sequentially("街道")
    expect(options(page, "area").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#area-choices")).to_be_hidden()
    assert page.input_value("#area") == "街道"
    page.keyboard.press("ArrowDown")
    expect(options(page, "area").first).to_be_visible()
    page.locator("#username").click()
    expect(page.locator("#area-choices")).to_be_hidden()


def test_what_means_nothing_says_so_and_a_wrong_code_keeps_what_was_typed(page: Page) -> None:
    go(page, "/accounts")
    page.fill("#username", "wrong-code")
    page.fill("#name", "某人")
    page.select_option("#role", "planner")
    page.locator("#area").press_sequentially("no-such-place")
    expect(page.locator("#area-choices .choice-none")).to_be_visible()
    page.locator("#username").click()
    page.locator("form[action$='/accounts'] button[type=submit]").click()
    settle(page)
    expect(page.locator("#area-help")).to_contain_text("no-such-place")
    told = [page.input_value(f"#{name}") for name in ("username", "name", "role", "area")]
    assert told == ["wrong-code", "某人", "planner", "no-such-place"]


def test_without_scripts_a_code_is_typed(sample: Site, page: Page) -> None:
    browser = page.context.browser
    assert browser is not None
    state = sample.states["administrator"]
    context = browser.new_context(
        base_url=sample.origin, storage_state=state, java_script_enabled=False
    )
    try:
        bare = context.new_page()
        bare.goto("/accounts")
        bare.fill("#username", "typed-code")
        bare.select_option("#role", "planner")
        bare.fill("#area", "990101001")
        bare.locator("form[action$='/accounts'] button[type=submit]").click()
        expect(bare.locator("main code.user-select-all")).to_be_visible()
    finally:
        context.close()


def test_on_a_phone_the_list_fits_and_is_pressed(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "administrator", width=390, lang="zh")
    go(page, "/accounts")
    page.locator("#area").press_sequentially("街道")
    first = options(page, "area").first
    expect(first).to_be_visible()
    box = first.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["height"] >= 44
    closely(page)
    first.click()
    expect(page.locator("#area-choices")).to_be_hidden()
    assert page.input_value("#area")

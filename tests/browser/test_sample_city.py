"""People at work in the sample city: the map, its numbers, the keyboard, the languages."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, Site
from tests.browser.using import (
    MAP,
    PANEL,
    READY_MAP,
    choose_layer,
    close_panel,
    colours,
    count_of_list,
    is_drawn,
    middle_beside_panel,
    number,
    open_map,
    ready,
    search,
    unfold,
)
from tests.browser.walking import go
from tests.browser.watching import axe_faults, overflow, settle

pytestmark = pytest.mark.proof

# The component with the most cases.
BUSY_COMPONENT = """
SELECT c.code, c.name, c.class_code, count(*)
FROM components c
JOIN cases ON coalesce(trace #> '{rerouted,decision}', trace -> 'decision')
  ->> 'component' = c.code
GROUP BY c.code
ORDER BY count(*) DESC, c.code
LIMIT 1
"""
# A street with a chief, one of its cells with cases, and that chief.
CELL_WITH_CHIEF = """
SELECT c.area_code, r.name, r.phone
FROM cases c
JOIN areas cell ON cell.level = 'cell' AND cell.code = c.area_code
JOIN areas community ON community.level = 'community' AND community.code = cell.parent_code
JOIN duties d ON d.role = 'oversee' AND d.level = 'street'
  AND d.target_code = community.parent_code
JOIN responders r ON r.code = d.responder_code AND r.kind = 'street_chief'
WHERE r.phone IS NOT NULL
GROUP BY c.area_code, r.name, r.phone
ORDER BY count(DISTINCT c.case_no) DESC, c.area_code, r.name
LIMIT 1
"""


def test_each_layer_of_the_map_is_drawn_and_explained(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander")
    open_map(page)
    legends = []
    for layer in ("density", "rate", "cases"):
        choose_layer(page, layer)
        assert colours(page) > 3, layer
        legends.append(page.locator(".map-legend").inner_text())
        assert f"layer={layer}" in page.url or layer == "density"
    assert len(set(legends)) == 3
    assert "平滑半径 50 米" in legends[0]
    assert "固定分级" in legends[0], "the density says where its classes come from"
    unfold(page, "filters")
    page.check("#map-demolitions")
    ready(page)
    assert "demolitions=1" in page.url


def test_filters_narrow_what_the_map_counts(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander")
    open_map(page)
    unfold(page, "filters")
    unfold(page, "table")
    whole = number(page.locator("#map-ranking tfoot").inner_text())
    category = page.locator("#map-category option[value]:not([value=''])").first
    page.select_option("#map-category", category.get_attribute("value"))
    ready(page)
    narrowed = number(page.locator("#map-ranking tfoot").inner_text())
    assert narrowed < whole
    page.fill("#map-from", "2026-10-30")
    page.press("#map-from", "Tab")
    ready(page)
    assert number(page.locator("#map-ranking tfoot").inner_text()) <= narrowed
    address = page.url
    again = open_page(sample, "commander")
    open_map(again, address.partition("/map")[2])
    unfold(again, "table")
    assert again.input_value("#map-from") == "2026-10-30"
    assert again.locator("#map-ranking tfoot").inner_text() == (
        page.locator("#map-ranking tfoot").inner_text()
    )


def test_the_slider_goes_through_time(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander")
    open_map(page)
    page.select_option("#map-step", "month")
    ready(page)
    page.focus("#map-slider")
    periods = set()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
        ready(page)
        periods.add((page.input_value("#map-from"), page.input_value("#map-to")))
    assert len(periods) == 3
    assert all(first.endswith("-01") for first, _ in periods)


def test_a_click_on_a_cell_shows_its_chief(sample: Site, open_page: Open) -> None:
    cell, chief, phone = sample.city.ask(CELL_WITH_CHIEF)
    page = open_page(sample, "duty_chief")
    open_map(page, "?layer=cases&level=cell")
    search(page, str(cell))
    place = middle_beside_panel(page)
    close_panel(page)
    page.mouse.click(*place)
    panel = page.locator(PANEL)
    expect(panel).to_contain_text(str(cell))
    expect(panel).to_contain_text(str(chief))
    expect(panel).to_contain_text(str(phone))
    assert axe_faults(page) == []


def test_a_phone_is_not_shown_to_everybody(sample: Site, open_page: Open) -> None:
    cell, chief, phone = sample.city.ask(CELL_WITH_CHIEF)
    page = open_page(sample, "commander")
    open_map(page, f"?area=cell:{cell}")
    expect(page.locator(PANEL)).to_contain_text(str(chief))
    expect(page.locator(PANEL)).not_to_contain_text(str(phone))


def test_numbers_beside_the_map_lead_to_as_many_cases(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander")
    open_map(page)
    unfold(page, "table")
    links = page.locator("#map-ranking tbody tr").first.locator("a[href*='/cases?']")
    assert links.count() >= 2
    follow(page, links.evaluate_all("all => all.map(one => [one.href, one.textContent])"))


def test_numbers_of_the_overview_lead_to_as_many_cases(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander")
    go(page, "/")
    links = page.locator("main a[href*='/cases?']")
    found = links.evaluate_all("all => all.map(one => [one.href, one.textContent])")
    assert len(found) > 8
    follow(page, found)


def test_a_component_is_found_in_the_list_and_seen_with_its_cases(
    sample: Site, open_page: Open
) -> None:
    code, name, kind, cases = sample.city.ask(BUSY_COMPONENT)
    page = open_page(sample, "duty_chief")
    go(page, "/")
    page.click("#menu a[href='/components']")
    page.select_option("#class", str(kind))
    page.fill("#q", str(name))
    page.press("#q", "Enter")
    settle(page)
    page.get_by_role("link", name=str(code)).click()
    settle(page)
    expect(page.locator("h1")).to_contain_text(str(name))
    expect(page.locator(READY_MAP)).to_be_visible()
    assert is_drawn(page, "component")
    page.locator("main a[href^='/cases?component=']").click()
    assert count_of_list(page) == cases
    page.locator(".case-table tbody th a").first.click()
    settle(page)
    expect(page.locator(f"main a[href='/components/{code}']")).to_be_visible()


def follow(page: Page, links: list[list[str]]) -> None:
    for address, said in links:
        go(page, address)
        assert count_of_list(page) == number(said), address


def test_a_responder_sees_only_its_own_cases(sample: Site, open_page: Open) -> None:
    mine = sample.city.limits["responder"]["responder_code"]
    own = sample.city.ask("SELECT count(*) FROM cases WHERE responder_code = :mine", mine=mine)[
        0
    ]
    other = sample.city.ask(
        "SELECT min(case_no) FROM cases WHERE responder_code IS DISTINCT FROM :mine",
        mine=mine,
    )[0]
    page = open_page(sample, "responder")
    go(page, "/cases")
    assert count_of_list(page) == own
    answer = page.context.request.get(f"{sample.origin}/cases/{other}")
    assert answer.status == 404


@pytest.mark.parametrize("path", ["/", "/map", "/cases", "/areas", "/duties"])
def test_the_language_is_switched_and_stays_until_it_is_switched_back(
    sample: Site, open_page: Open, path: str
) -> None:
    page = open_page(sample, "duty_chief")
    go(page, path)
    heading = page.inner_text("h1")
    page.click("a[hreflang=en]")
    settle(page)
    assert page.get_attribute("html", "lang") == "en"
    assert page.inner_text("h1").isascii()
    assert page.inner_text("h1") != heading
    go(page, "/cases")
    assert page.get_attribute("html", "lang") == "en"
    page.click("a[hreflang=zh]")
    settle(page)
    assert page.get_attribute("html", "lang") == "zh-CN"


def test_the_keyboard_reaches_everything_on_the_map(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "duty_chief")
    open_map(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('skip-link')")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "map-search":
            break
    assert page.evaluate("document.activeElement.id") == "map-search"
    cell = str(sample.city.ask(CELL_WITH_CHIEF)[0])
    page.keyboard.type(cell)
    expect(page.locator("#map-search-results [role=option]").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(PANEL)).to_be_visible()
    expect(page.locator(PANEL)).to_contain_text(cell)
    page.keyboard.press("Escape")
    expect(page.locator(PANEL)).to_be_hidden()


def test_the_menu_opens_by_keyboard_on_a_phone(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "duty_chief", width=390)
    go(page, "/")
    expect(page.locator("#menu")).to_be_hidden()
    page.focus("header button[aria-controls=menu]")
    page.keyboard.press("Enter")
    expect(page.locator("#menu")).to_be_visible()
    assert overflow(page) is None
    # Only when it has slid in does the menu have the keyboard.
    expect(page.locator("#menu")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_hidden()


def test_the_map_can_be_used_on_a_phone(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "commander", width=390)
    open_map(page)
    box = page.locator(MAP).bounding_box()
    assert box is not None
    assert box["width"] > 300
    assert box["height"] > 250
    assert overflow(page) is None


def test_nobody_stays_logged_in_after_logging_out(sample: Site, open_page: Open) -> None:
    page = open_page(sample, None)
    page.goto("/login")
    page.fill("input[name=username]", "planner")
    page.fill("input[name=password]", "a password for tests")
    page.click("main button[type=submit]")
    page.wait_for_selector("#menu")
    page.click("header .dropdown-toggle")
    page.click("header form button[type=submit]")
    page.wait_for_url("**/login*")
    page.goto("/cases")
    assert "/login" in page.url

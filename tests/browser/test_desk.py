"""The desk: a list that brings itself up to date, and several cases given to one responder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from gridmgmt.services.cases.actions import assign
from tests.browser.cities import committed
from tests.browser.conftest import Open, Site
from tests.browser.using import closely, count_of_list, number, press
from tests.browser.walking import go
from tests.services.bounce_city import act
from tests.services.case_city import B1, case_file, row, take_in

pytestmark = pytest.mark.proof

# The list asks for news every fifteen seconds.
LATER_MS = 16_000


# Another cell of street B, so far away that a case there is no duplicate of one in B1.
FAR_FROM_B1 = (120.1675, 30.2525)


def arrive(
    site: Site, folder: Path, *numbers: str, at: tuple[float, float] = B1, **other: str
) -> None:
    """Take in cases for which nobody answers: they wait for a person."""
    rows = [row(one, at, category="E2", **other) for one in numbers]
    with committed(site.city.settings) as conn:
        assert take_in(conn, case_file(folder, rows)).new == len(numbers)


def give_away(site: Site, number: str, to: str) -> None:
    with committed(site.city.settings) as conn:
        assign(conn, act(conn, number, "somebody else"), responder_code=to, reason="急办")


@pytest.fixture
def desk(small: Site, tmp_path: Path) -> Iterator[Site]:
    yield small
    # The city is shared: other tests count what waits there.
    for (case_no,) in small.city.all(
        "SELECT case_no FROM cases WHERE case_no LIKE 'DESK%' AND responder_code IS NULL"
    ):
        give_away(small, case_no, "H")


def row_of(page: Page, number: str) -> str:
    return f"tr[data-case='{number}']"


def queue(page: Page, name: str) -> int:
    return number(page.locator(f"[data-queue={name}] .queue-count").inner_text())


def test_a_list_brings_itself_up_to_date_and_leaves_what_somebody_types(
    desk: Site, open_page: Open, tmp_path: Path
) -> None:
    arrive(desk, tmp_path, "DESK-A1", "DESK-A2", address="甲路1号")
    page = open_page(desk, "dispatcher", lang="en")
    page.clock.install()
    go(page, "/cases?q=DESK-A")
    assert count_of_list(page) == 2
    waiting = queue(page, "assign")
    page.check(f"{row_of(page, 'DESK-A1')} input[name=chosen]")
    page.check(f"{row_of(page, 'DESK-A2')} input[name=chosen]")
    page.fill("input[name=q]", "half a wor")
    page.evaluate("document.querySelector(\"tr[data-case='DESK-A1']\").dataset.same = 'yes'")

    arrive(desk, tmp_path, "DESK-A3", "DESK-A4", at=FAR_FROM_B1)
    give_away(desk, "DESK-A2", "H")
    page.clock.run_for(LATER_MS)

    expect(page.locator(row_of(page, "DESK-A3"))).to_be_visible()
    expect(page.locator(row_of(page, "DESK-A2"))).to_contain_text("总街长")
    expect(page.locator("#list-news")).to_have_text("New in the list: 2 · Changed: 1")
    assert count_of_list(page) == 4
    assert queue(page, "assign") == waiting + 1
    # What was being done goes on: the word, the cursor, the ticks, the row that did not change.
    expect(page.locator("input[name=q]")).to_have_value("half a wor")
    expect(page.locator("input[name=q]")).to_be_focused()
    page.keyboard.type("d")
    expect(page.locator("input[name=q]")).to_have_value("half a word")
    expect(page.locator("[data-chosen-count]")).to_have_text("(2)")
    expect(page.locator(f"{row_of(page, 'DESK-A1')}[data-same=yes]")).to_have_count(1)


def test_a_list_that_was_empty_fills_itself(
    desk: Site, open_page: Open, tmp_path: Path
) -> None:
    page = open_page(desk, "dispatcher", lang="en")
    page.clock.install()
    go(page, "/cases?q=DESK-B")
    expect(page.locator(".empty-state")).to_be_visible()
    arrive(desk, tmp_path, "DESK-B1")
    page.clock.run_for(LATER_MS)
    expect(page.locator(row_of(page, "DESK-B1"))).to_be_visible()
    expect(page.locator(".empty-state")).to_have_count(0)
    closely(page)


def test_what_somebody_else_gave_away_meanwhile_is_not_given_again(
    desk: Site, open_page: Open, tmp_path: Path
) -> None:
    arrive(desk, tmp_path, "DESK-C1", "DESK-C2", "DESK-C3")
    page = open_page(desk, "dispatcher", lang="en")
    go(page, "/cases?q=DESK-C")
    page.check("[data-choose-all]")
    expect(page.locator("[data-chosen-count]")).to_have_text("(3)")
    page.get_by_role("button", name="Give the ticked cases").click()
    page.fill("#responder", "H")
    page.fill("#text", "the whole row of houses")
    closely(page)
    press(page, "See what would come of it")
    expect(page.locator("main [role=status]")).to_contain_text("nothing is changed yet")
    assert has(desk, "DESK-C1") is None
    give_away(desk, "DESK-C2", "S1")
    closely(page)
    press(page, "Give 3 cases to 总街长")
    expect(page.locator("section[aria-labelledby=refused]")).to_contain_text("DESK-C2")
    expect(page.locator("main [role=status]")).to_contain_text("2 cases are given")
    closely(page)
    assert [has(desk, f"DESK-C{n}") for n in (1, 2, 3)] == ["H", "S1", "H"]


def has(site: Site, number: str) -> object:
    return site.city.ask("SELECT responder_code FROM cases WHERE case_no = :no", no=number)[0]

"""What the router decided is put right: cases are bounced, and follow a new edition."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, Site
from tests.browser.using import JOB_MS, READY_MAP, closely, number, press
from tests.browser.walking import go
from tests.browser.watching import settle


def test_what_is_bounced_leads_to_the_border_to_look_at(small: Site, open_page: Open) -> None:
    bounce_a_case(open_page(small, "responder", lang="en"))
    chief = open_page(small, "duty_chief", lang="en")
    give_it_to_who_was_suggested(chief)
    chief.click("#menu a[href='/duties/bounces']")
    settle(chief)
    border = chief.locator("section[aria-labelledby=borders] tr", has_text="A1 | A2")
    expect(border).to_contain_text(
        "3 of 3 cases bounced at this border ended with who answers on the other side"
    )
    closely(chief)
    border.get_by_role("link", name="3", exact=True).click()
    settle(chief)
    rows = chief.locator("main tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="EDGE-3")).to_contain_text("一中队")
    closely(chief)
    chief.get_by_role("link", name="cell A2").click()
    settle(chief)
    expect(chief.locator("h1")).to_contain_text("A2")
    expect(chief.locator(READY_MAP)).to_be_visible()


def bounce_a_case(page: Page) -> None:
    """A responder returns a case; not without saying why, and then it is no longer its."""
    go(page, "/cases/EDGE-3")
    page.click("#bounce summary")
    page.fill("#suggested", "OA")
    press(page, "Return the case")
    expect(page.locator("#bounce-text:invalid")).to_be_focused()
    page.fill("#bounce-text", "beyond the fence")
    press(page, "Return the case")
    expect(page.locator("h1")).to_have_text("Cases")
    expect(page.locator("main")).not_to_contain_text("EDGE-3")


def give_it_to_who_was_suggested(page: Page) -> None:
    go(page, "/cases/EDGE-3")
    expect(page.locator("main")).to_contain_text("returned by 一中队")
    expect(page.locator("main")).to_contain_text("beyond the fence")
    page.click("#assign summary")
    expect(page.locator(".candidates label").first).to_contain_text(
        "suggested by who bounced it"
    )
    page.locator(".candidates input").first.check()
    page.fill("#assign-text", "the office has that side")
    press(page, "Assign the case")


def test_open_cases_follow_an_edition_once_it_is_published(
    small: Site, open_page: Open
) -> None:
    publish(open_page(small, "gis_officer", lang="en"))
    page = open_page(small, "duty_chief", lang="en")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    go(page, "/editions/2")
    page.get_by_role("link", name="Reroute open cases").click()
    press(page, "See who would lose and gain")
    see_what_came_of_it(page)
    expect(page.locator("main [role=status]").first).to_contain_text("nothing is changed yet")
    # Before, lost, gained, after.
    assert row_of(page, "balances", "A街道办")[1:3] == ["3", "–"]
    before, lost, gained, after = row_of(page, "balances", "二中队")
    assert (lost, gained, number(after)) == ("–", "2", number(before) + 2)
    assert row_of(page, "balances", "Nobody yet")[1:3] == ["–", "1"]
    closely(page)
    assert who_has(open_page(small, "duty_chief"), "MOVES-1") == "A街道办 OA"
    press(page, "Apply it")
    assert [number(question) for question in asked] == [3]
    see_what_came_of_it(page)
    expect(page.locator("main [role=status]").first).to_contain_text("now follow edition 2")
    move = page.locator("section[aria-labelledby=moves] tr", has_text="二中队")
    move.locator("summary").click()
    move.get_by_role("link", name="MOVES-1").click()
    settle(page)
    expect(page.locator("main")).to_contain_text("Open cases followed edition 2")
    assert who_has(page, "MOVES-1") == "二中队 S2"
    go(page, "/editions/2/reroute")
    press(page, "See who would lose and gain")
    see_what_came_of_it(page)
    expect(page.locator("main")).to_contain_text("Nobody loses or gains a case")
    closely(page)


def publish(page: Page) -> None:
    """The officer publishes the draft, in force for some months already."""
    page.on("dialog", lambda dialog: dialog.accept())
    go(page, "/drafts")
    page.get_by_role("link", name="2026-05").first.click()
    settle(page)
    go(page, f"{page.url}/publish")
    page.fill("#effective_from", "2026-05-01")
    press(page, "See what publishing would do")
    press(page, "Publish as edition 2")
    expect(page.locator("h1")).to_contain_text("Edition 2")


def see_what_came_of_it(page: Page) -> None:
    """Wait on a job's page, which loads itself anew when the job is done, and go on."""
    done = page.get_by_role("link", name="See what came of it")
    expect(done).to_be_visible(timeout=JOB_MS)
    done.click()
    settle(page)


def row_of(page: Page, table: str, name: str) -> list[str]:
    row = page.locator(f"section[aria-labelledby={table}] tbody tr", has_text=name)
    return row.locator("td").all_inner_texts()


def who_has(page: Page, case_no: str) -> str:
    go(page, f"/cases/{case_no}")
    return page.locator("section[aria-labelledby=people-heading] dd").first.inner_text()

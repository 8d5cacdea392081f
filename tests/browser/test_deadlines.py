"""The form of a case fills the deadline in from the time limit of the category."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from gridmgmt.domain.responsibility.category import Category
from gridmgmt.store.engine import make_engine
from gridmgmt.store.responsibility.categories import put_categories
from tests.browser.conftest import Open, Site
from tests.browser.using import closely, open_map, press
from tests.browser.walking import go

pytestmark = pytest.mark.proof

LIMITS = {
    "L-ONE": "2紧急工作时",
    "L-SEVERAL": "1紧急工作时制止|3天",
    "L-WORDS": "及时",
    "L-NONE": None,
}
AT = "2026-03-05T08:30"


@pytest.fixture
def city(small: Site) -> Site:
    engine = make_engine(str(small.city.settings.database_url))
    with engine.begin() as conn:
        put_categories(conn, [Category(c, f"类 {c}", time_limit=t) for c, t in LIMITS.items()])
    engine.dispose()
    return small


@pytest.fixture
def form(city: Site, open_page: Open) -> Page:
    page = open_page(city, "acceptor", lang="zh")
    assert go(page, "/cases/new")
    page.locator("#report-more > summary").click()
    page.fill("#reported_at", AT)
    return page


def test_the_only_limit_fills_the_deadline_in_and_follows_the_report(form: Page) -> None:
    due, help_ = form.locator("#due_at"), form.locator("#due_at-help")
    expect(form.locator("#due_limit")).to_be_hidden()
    form.select_option("#category", "L-ONE")
    expect(due).to_have_value("2026-03-05T10:30")
    expect(form.locator("#due_limit")).to_have_value("2紧急工作时")
    expect(help_).to_contain_text("暂定时限")
    closely(form)
    form.fill("#reported_at", "2026-03-05T09:00")
    form.locator("#reported_at").dispatch_event("change")
    expect(due).to_have_value("2026-03-05T11:00")
    press(form, "上报")
    expect(form.locator("dl.facts").first).to_contain_text("2026-03-05 11:00")
    expect(form.locator("dl.facts").first).to_contain_text("暂定时限")


def test_several_limits_are_offered_and_none_is_chosen(form: Page) -> None:
    form.select_option("#category", "L-SEVERAL")
    choice, due = form.locator("#due_limit"), form.locator("#due_at")
    expect(choice).to_be_visible()
    expect(choice).to_have_value("")
    expect(due).to_have_value("")
    texts = choice.locator("option").all_inner_texts()
    assert texts[1:3] == ["1紧急工作时制止", "3天"]
    expect(form.locator("#due_at-help")).to_contain_text("多个处置时限")
    closely(form)
    assert choice.evaluate("one => one.matches(':invalid')")
    due.fill("2026-03-09T08:30")
    expect(choice).to_have_value("by-hand")
    assert choice.evaluate("one => one.matches(':valid')")
    due.fill("")
    choice.select_option("3天")
    expect(due).to_have_value("2026-03-08T08:30")
    choice.select_option("1紧急工作时制止")
    expect(due).to_have_value("2026-03-05T09:30")


def test_what_somebody_types_stays_and_is_not_provisional(form: Page) -> None:
    form.select_option("#category", "L-ONE")
    due, help_ = form.locator("#due_at"), form.locator("#due_at-help")
    expect(due).to_have_value("2026-03-05T10:30")
    due.fill("2026-03-06T12:00")
    expect(help_).to_contain_text("不再是暂定时限")
    form.select_option("#category", "L-SEVERAL")
    expect(form.locator("#due_limit option")).to_have_count(4)
    expect(due).to_have_value("2026-03-06T12:00")
    press(form, "上报")
    expect(form.locator("dl.facts").first).to_contain_text("2026-03-06 12:00")
    expect(form.get_by_text("暂定时限")).to_have_count(0)


def test_a_deadline_can_be_left_out_on_purpose(form: Page) -> None:
    form.select_option("#category", "L-ONE")
    due = form.locator("#due_at")
    expect(due).to_have_value("2026-03-05T10:30")
    due.fill("")
    expect(form.locator("#due_at-help")).to_contain_text("不计入")
    press(form, "上报")
    assert form.locator("dl.facts dt:has-text('处置截止') + dd").first.inner_text() == "–"


def test_a_limit_without_a_length_says_so(form: Page) -> None:
    form.select_option("#category", "L-WORDS")
    expect(form.locator("#due_at-help")).to_contain_text("“及时”未写明时间长度")
    expect(form.locator("#due_at")).to_have_value("")
    form.select_option("#category", "L-NONE")
    expect(form.locator("#due_limit")).to_be_hidden()


@pytest.fixture
def provisional(small: Site) -> Iterator[Site]:
    """The small city with one provisional deadline."""
    engine = make_engine(str(small.city.settings.database_url))
    here = "WHERE case_no = 'STAYS-1'"
    due = "due_at = reported_at + interval '1 day', due_limit = '1天', due_provisional = true"
    with engine.begin() as conn:
        conn.execute(sa.text(f"UPDATE cases SET {due} {here}"))
    yield small
    none = "due_at = NULL, due_limit = NULL, due_provisional = false"
    with engine.begin() as conn:
        conn.execute(sa.text(f"UPDATE cases SET {none} {here}"))
    engine.dispose()


@pytest.mark.parametrize("layer", ["rate", "hot"])
def test_the_legend_of_rates_says_how_many_are_provisional(
    provisional: Site, open_page: Open, layer: str
) -> None:
    page = open_page(provisional, "commander", lang="zh")
    open_map(page, f"?layer={layer}&from=2026-03-01&to=2026-03-10")
    expect(page.locator(".map-legend")).to_contain_text("1 件为暂定时限")
    open_map(page, "?layer=cases&from=2026-03-01&to=2026-03-10")
    expect(page.locator(".map-legend")).not_to_contain_text("暂定")

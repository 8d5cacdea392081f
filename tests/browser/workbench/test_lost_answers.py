"""Answers that never come: what the server kept is found, done once, and told as one's own."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Open, Site
from tests.browser.watching import forgive, settle
from tests.browser.workbench.test_editing import TOLD, Bench

SAVED = ".workbench-saved"


def lose(route: Route) -> None:
    """Let the server do it, and nobody hear of it."""
    route.fetch()
    route.abort()


@pytest.fixture
def bench(sample: Site, open_page: Open) -> Bench:
    return Bench(sample, open_page(sample, "gis_officer", width=1366))


def entries(bench: Bench) -> int:
    (count,) = bench.site.city.ask(
        "SELECT count(*) FROM draft_edits WHERE draft_id = :draft", draft=bench.draft
    )
    return int(count)


@pytest.mark.parametrize("repeat", [True, False])
def test_what_got_no_answer_is_done_once_and_is_ones_own(bench: Bench, repeat: bool) -> None:
    before = entries(bench)
    old, codes = bench.vertex(3)
    once(bench, "edits", lambda: bench.drag(old, 14, 10), repeat=repeat)
    changed = bench.changed()
    assert sorted(changed) == codes
    assert {code: bench.drawn(code) for code in codes} == changed
    # Undone twice because nothing was heard of the first time: it would take back more.
    once(bench, "undo", lambda: bench.keys("Control+z"), repeat=repeat)
    assert bench.changed() == {}
    assert all(old in bench.drawn(code) for code in codes)
    assert entries(bench) == before + 2


def once(bench: Bench, url: str, act: Callable[[], None], *, repeat: bool) -> None:
    """Do something whose answer is lost, once more at once, or wait until it is found."""
    page = bench.page
    page.route(f"**/workbench/{url}", lose, times=1)
    act()
    expect(page.locator(TOLD)).to_contain_text("服务器未响应")
    forgive(page, "ERR_FAILED")
    if repeat:
        act()
    expect(page.locator(SAVED)).to_contain_text("保存")
    settle(page)
    expect(page.locator(TOLD)).to_be_hidden()


def test_what_was_not_kept_is_said_when_the_server_answers_again(bench: Bench) -> None:
    page = bench.page
    before = entries(bench)
    old, _ = bench.vertex(3)
    page.route("**/workbench/edits", lambda route: route.abort(), times=1)
    bench.drag(old, 14, 10)
    forgive(page, "ERR_FAILED")
    expect(page.locator(TOLD)).to_contain_text("上一步操作未能保存")
    assert (entries(bench), bench.changed()) == (before, {})
    assert bench.vertex(3)[0] == old

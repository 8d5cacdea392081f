"""The filters of cases on the map: in its address, in its table, and in the lists behind it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, Site
from tests.browser.using import READY_MAP, unfold
from tests.browser.walking import go
from tests.browser.watching import settle

pytestmark = pytest.mark.proof


def test_what_the_map_is_filtered_by_goes_with_every_number(
    sample: Site, open_page: Open
) -> None:
    page = open_page(sample, "duty_chief", lang="en")
    go(page, "/map?layer=cases&from=2026-01-01&to=2026-10-31")
    expect(page.locator(READY_MAP)).to_be_visible()
    unfold(page, "filters")
    unfold(page, "table")
    cases = page.locator("#map-ranking tfoot td").first
    everything = int(cases.inner_text().replace(",", ""))
    page.click("#map-filters [data-bs-target='#more-filters']")
    page.click("label[for='chosen-weekday-1']")
    page.click("label[for='chosen-weekday-2']")
    settle(page)
    chip = page.locator("#map-chosen button")
    expect(chip).to_have_text(re.compile("Mon, Tue"))
    assert "weekday=1,2" in page.url
    some = int(cases.inner_text().replace(",", ""))
    assert 0 < some < everything
    link = page.locator("#map-ranking tbody a").first
    said = link.inner_text()
    address = link.get_attribute("href")
    assert address is not None
    assert "weekday=1%2C2" in address
    # A page opened by the same address shows the same.
    go(page, page.url)
    expect(page.locator("#map-chosen button")).to_have_text(re.compile("Mon, Tue"))
    expect(cases).to_have_text(f"{some:,}")
    page.click("#map-chosen button")
    settle(page)
    expect(page.locator("#map-chosen")).to_be_hidden()
    expect(cases).to_have_text(f"{everything:,}")
    go(page, address)
    expect(page.locator(".case-count")).to_contain_text(said)

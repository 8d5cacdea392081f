"""People change things: files come in and leave, cases are answered, editions are made."""

import csv
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from playwright.sync_api import Page, expect

from gridmgmt.sample import files
from tests.browser.conftest import Open, Site
from tests.browser.using import (
    JOB_MS,
    READY_MAP,
    click_middle_of,
    closely,
    count_of_list,
    number,
    press,
)
from tests.browser.walking import go
from tests.browser.watching import settle

pytestmark = pytest.mark.proof


@pytest.fixture
def city(sample: Site) -> Site:
    return sample


def upload(page: Page, path: Path, button: str) -> None:
    page.set_input_files("#file", path)
    press(page, button)


def case_file(city: Site, path: Path) -> Path:
    """Three rows: one with a place, one without, one that cannot be used."""
    lon, lat = city.city.ask(
        "SELECT ST_X(geom), ST_Y(geom) FROM cases WHERE area_code IS NOT NULL LIMIT 1"
    )
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["case_no", "category", "reported_at", "lon", "lat", "description"])
        rows.writerow(["WORK-1", "E0101-1", "2026-10-30 09:00", lon, lat, "<b>a mean text</b>"])
        rows.writerow(["WORK-2", "E0101-1", "2026-10-30 10:00", "", "", ""])
        rows.writerow(["WORK-3", "", "not a day", lon, lat, ""])
    return path


def test_a_file_of_cases_is_looked_at_then_taken_in_then_answered(
    city: Site, open_page: Open, tmp_path: Path
) -> None:
    page = open_page(city, "duty_chief", lang="en")
    go(page, "/case-imports")
    upload(page, case_file(city, tmp_path / "cases.csv"), "Send")
    closely(page)
    press(page, "Try it out")
    apply = page.get_by_role("button", name="Apply", exact=True)
    expect(apply).to_be_visible(timeout=JOB_MS)
    closely(page)
    assert figures(page)["Rejected rows"] == 1
    assert figures(page)["New cases"] == 2
    assert figures(page)["Rows in the file"] == 3
    go(page, "/cases?q=WORK-")
    assert count_of_list(page) == 0, "a preview stores nothing"
    page.go_back()
    apply.click()
    expect(page.get_by_role("link", name="To the cases")).to_be_visible(timeout=JOB_MS)
    go(page, "/cases?q=WORK-")
    assert count_of_list(page) == 2
    place_a_case(page)
    answer_a_case(page)


def figures(page: Page) -> dict[str, int]:
    said = page.locator(".figure").evaluate_all(
        "all => all.map(one => [one.querySelector('.figure-label').textContent,"
        " one.querySelector('.figure-value').textContent])"
    )
    return {label: number(value) for label, value in said}


def place_a_case(page: Page) -> None:
    """An unlocated case is put on the map by a click, and goes to whoever answers there."""
    go(page, "/cases/WORK-2")
    page.locator(READY_MAP).scroll_into_view_if_needed()
    click_middle_of(page, READY_MAP)
    assert page.input_value("#lon").startswith("112.")
    press(page, "Put it there")
    expect(page.locator("[role=status]").first).to_be_visible()
    go(page, "/cases/WORK-2")
    expect(page.locator("main")).not_to_contain_text("Unlocated")


def answer_a_case(page: Page) -> None:
    """A case is given to somebody else with a reason, disposed of and closed."""
    go(page, "/cases/WORK-1")
    expect(page.locator("main")).to_contain_text("<b>a mean text</b>")
    page.click("#assign summary")
    page.fill("#responder", "SQ01")
    page.fill("#assign-text", "they are nearer")
    press(page, "Assign the case")
    page.click("#dispose summary")
    page.fill("#dispose-text", "removed")
    press(page, "Disposed")
    page.click("#close summary")
    press(page, "Close the case")
    history = page.locator("main")
    for words in ("they are nearer", "removed"):
        expect(history).to_contain_text(words)
    closely(page)


def test_a_table_is_tried_before_it_is_applied(
    city: Site, open_page: Open, tmp_path: Path
) -> None:
    path = tmp_path / "responders.csv"
    path.write_text("code,kind,name,superior_code\nNEW-1,squad,新中队,SQ01\n", "utf-8")
    page = open_page(city, "gis_officer", lang="en")
    go(page, "/layer-imports/responders")
    upload(page, path, "Send")
    closely(page)
    press(page, "Try it out")
    assert figures(page)["New"] == 1
    closely(page)
    press(page, "Apply")
    go(page, "/responders?q=NEW-1")
    expect(page.locator("main")).to_contain_text("新中队")


def test_a_layer_leaves_as_a_file_that_opens(
    city: Site, open_page: Open, tmp_path: Path
) -> None:
    page = open_page(city, "planner", lang="en")
    go(page, "/exports")
    page.select_option("#level", "street")
    page.select_option("#format", "gpkg")
    press(page, "Make the file")
    closely(page)
    with page.expect_download() as download:
        page.locator("main a[href$='/file']").first.click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert len(pyogrio.read_dataframe(path)) == 3


def review(officer: Page, commander: Page, draft: str) -> None:
    """The draft is submitted, returned with a comment at an area, submitted anew, approved."""
    go(officer, draft)
    press(officer, "Submit for review")
    closely(officer)
    go(commander, draft)
    closely(commander)
    commander.locator("main").get_by_role("link", name="Comment on 新名街道").click()
    settle(commander)
    commander.fill("#comment", "Write the name as it was decided")
    press(commander, "Save the comment")
    closely(commander)
    press(commander, "Return the draft")
    go(officer, draft)
    expect(officer.locator("#review")).to_contain_text("Write the name as it was decided")
    closely(officer)
    press(officer, "Submit for review")
    go(commander, draft)
    press(commander, "Approve")
    expect(commander.locator("#review")).to_contain_text("It can be published as it is")
    closely(commander)


def test_a_boundary_layer_becomes_an_edition(
    city: Site, open_page: Open, tmp_path: Path
) -> None:
    streets = gpd.read_file(
        city.city.settings.home / "demo" / files.AREAS, layer=files.LAYERS["street"]
    )
    streets.loc[0, "name"] = "新名街道"
    path = tmp_path / "streets.geojson"
    streets.to_file(path, driver="GeoJSON")
    page = open_page(city, "gis_officer", lang="en")
    page.on("dialog", lambda dialog: dialog.accept())
    go(page, "/drafts")
    page.locator("main a[href^='/drafts/']", has_text="2027-01").first.click()
    settle(page)
    draft = page.url
    go(page, f"{draft}/import")
    upload(page, path, "Look at it")
    expect(page.locator(READY_MAP)).to_be_visible()
    page.select_option("#level", "street")
    press(page, "See what it would do")
    closely(page)
    press(page, "Save into the draft")
    go(page, f"{draft}/check")
    closely(page)
    review(page, open_page(city, "commander", lang="en"), draft)
    go(page, f"{draft}/publish")
    page.fill("#effective_from", "2027-01-01")
    press(page, "See what publishing would do")
    closely(page)
    press(page, "Publish as edition 2")
    go(page, "/editions/1/diff/2")
    expect(page.locator("main")).to_contain_text("新名街道")
    closely(page)

"""Beside the map: problems and repairs, who gains cases, what was done, who else is there."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from gridmgmt.geometry.editing.operations import Reassign
from gridmgmt.services.drafts import checks, drafts
from gridmgmt.services.workbench import editing
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.drafts import get_draft
from gridmgmt.store.engine import make_engine
from tests.browser.conftest import Open, Site
from tests.browser.walking import go
from tests.browser.watching import axe_faults, settle
from tests.factories import make_draft

pytestmark = pytest.mark.proof

COUNT = "#workbench-{}-count"
REPAIR = ".workbench-repair"


@pytest.fixture
def engine(sample: Site) -> Iterator[Engine]:
    """The database of the sample city, in which the draft "wide" goes again."""
    assert sample.city.settings.database_url is not None
    made = make_engine(sample.city.settings.database_url)
    yield made
    with made.begin() as conn:
        drafts.delete(conn, "wide", actor="a test")
    made.dispose()


def workbench(page: Page, engine: Engine) -> Page:
    with engine.connect() as conn:
        number = get_draft(conn, "wide").id
    assert go(page, f"/drafts/{number}/workbench")
    expect(page.locator(".workbench .leaflet-container")).to_have_attribute(
        "data-state", "ready"
    )
    return page


def choose(page: Page, tab: str) -> None:
    page.click(f"#workbench-tab-{tab}")
    settle(page)


def test_a_problem_is_mended_by_the_repair_that_was_looked_at(
    sample: Site, engine: Engine, open_page: Open
) -> None:
    with engine.begin() as conn:
        cells = areas_in(conn, 1, "cell")["cell"]
        # It reaches into its neighbours by a few metres.
        cells.geoms[0] = cells.geoms[0].buffer(0.00003, join_style="mitre")
        make_draft(conn, "wide", [cells])
        many = len(checks.check(conn, "wide").problems)
    assert many
    page = workbench(open_page(sample, "gis_officer", width=1366), engine)
    expect(page.locator(COUNT.format("problems"))).to_have_text(str(many))
    choose(page, "problems")
    assert axe_faults(page) == []
    page.locator("[data-problem-repair]").first.click()
    expect(page.locator(REPAIR)).to_contain_text("m²")
    settle(page)
    assert axe_faults(page) == []
    page.locator(REPAIR).get_by_role("button", name="采纳此方案").click()
    expect(page.locator(COUNT.format("problems"))).not_to_have_text(str(many))
    with engine.connect() as conn:
        left = checks.check(conn, "wide").problems
    expect(page.locator(COUNT.format("problems"))).to_have_text(str(len(left)))
    choose(page, "log")
    expect(page.locator("#workbench-log")).to_contain_text("消除重叠")


def test_who_is_there_sees_what_others_did_and_who_gains_cases(
    sample: Site, engine: Engine, open_page: Open
) -> None:
    with engine.begin() as conn:
        drafts.create(conn, "wide", actor="a test")
    officer = workbench(open_page(sample, "gis_officer", width=1366), engine)
    reviewer = workbench(open_page(sample, "commander", width=1366), engine)
    expect(officer.locator("#workbench-others")).to_contain_text("commander")
    cells = [
        str(code)
        for (code,) in sample.city.all(
            "SELECT area_code FROM cases WHERE closed_at IS NULL AND disposed_at IS NULL"
            " AND responder_code = 'SQ01' AND level = 'cell' AND area_code LIKE '990101001%'"
            " GROUP BY 1 ORDER BY 1 LIMIT 5"
        )
    ]
    moved = Reassign("cell", tuple(cells), "990101002001")
    with engine.begin() as conn:
        editing.edit(conn, "wide", [moved], border_m=0.05, actor="a colleague")
    for page in (officer, reviewer):
        expect(page.locator(".workbench-told")).to_contain_text("a colleague")
        expect(page.locator(COUNT.format("impact"))).not_to_be_empty()
        choose(page, "impact")
        expect(page.locator("#workbench-impact")).to_contain_text("→")
        assert axe_faults(page) == []
        marks = page.evaluate(
            "gridmgmtWorkbench.here.panels.panels[1].layer.getLayers().length"
        )
        # Single cases for who may see them, else a mark for each area.
        count = int(page.inner_text(COUNT.format("impact")))
        assert marks == (len(cells) if page is officer else count)

"""Borders of a draft moved on the map: what the mouse and the keys do, the database has."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, Site
from tests.browser.walking import go
from tests.browser.watching import axe_faults, forgive_refusals, settle
from tests.browser.workbench.conftest import LABEL

pytestmark = pytest.mark.proof

MAP = ".workbench .leaflet-container"
TOLD = ".workbench-told"
Place = tuple[float, float]

# The vertex next to the middle of the map where so many areas meet, and their codes.
NEAREST = """(count) => {
  const here = gridmgmtWorkbench.here;
  const { lng, lat } = here.map.getCenter();
  const far = (one) => Math.hypot(one.x / 1e8 - lng, one.y / 1e8 - lat);
  const found = [...here.borders.vertices.values()]
    .filter((one) => here.borders.areasOf(one.edges).length === count)
    .sort((one, other) => far(one) - far(other))[0];
  const codes = here.borders.areasOf(found.edges).map(({ code }) => code);
  return [found.x / 1e8, found.y / 1e8, codes];
}"""


class Bench:
    """Somebody at the workbench of the draft that each test has."""

    def __init__(self, site: Site, page: Page) -> None:
        self.site = site
        self.page = page
        (self.draft,) = site.city.ask("SELECT id FROM drafts WHERE label = :label", label=LABEL)
        assert go(page, f"/drafts/{self.draft}/workbench")
        self.ready()

    def ready(self) -> None:
        settle(self.page)
        expect(self.page.locator(MAP)).to_have_attribute("data-state", "ready")

    def near(self, lon: float, lat: float, zoom: float = 18) -> None:
        self.page.evaluate(
            "([lon, lat, zoom]) =>"
            " gridmgmtWorkbench.here.map.setView([lat, lon], zoom, { animate: false })",
            [lon, lat, zoom],
        )
        self.ready()

    def vertex(self, areas: int) -> tuple[Place, list[str]]:
        """Go to the vertex in the middle that so many areas share."""
        lon, lat, codes = self.page.evaluate(NEAREST, areas)
        self.near(lon, lat)
        return (lon, lat), sorted(codes)

    def on_screen(self, place: Place) -> tuple[float, float]:
        x, y = self.page.evaluate(
            """([lon, lat]) => {
              const { map } = gridmgmtWorkbench.here;
              const at = map.latLngToContainerPoint([lat, lon]);
              const box = map.getContainer().getBoundingClientRect();
              return [at.x + box.left, at.y + box.top];
            }""",
            place,
        )
        return float(x), float(y)

    def drag(self, place: Place, right: float, down: float) -> None:
        x, y = self.on_screen(place)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + right / 2, y + down / 2, steps=3)
        self.page.mouse.move(x + right, y + down)
        self.page.mouse.up()
        self.ready()

    def click(self, place: Place) -> None:
        # Slowly, as people do: two clicks at once would be a double click.
        self.page.mouse.move(*self.on_screen(place))
        self.page.wait_for_timeout(60)
        self.page.mouse.click(*self.on_screen(place))
        self.page.wait_for_timeout(320)

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        self.ready()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).last.click()
        self.ready()

    @property
    def selected(self) -> list[str]:
        return sorted(self.page.evaluate("gridmgmtWorkbench.here.selection.list"))

    def changed(self) -> dict[str, Any]:
        """Return what the draft changes of cells in the database: their vertices, or None."""
        rows = self.site.city.all(
            "SELECT code, action, ST_AsGeoJSON(geom, 9) FROM area_changes"
            " WHERE draft_id = :draft AND level = 'cell'",
            draft=self.draft,
        )
        return {
            str(code): None if action == "drop" else vertices(str(geom))
            for code, action, geom in rows
        }

    def drawn(self, code: str) -> set[Place]:
        """Return the vertices of an area as the map draws them."""
        found = self.page.evaluate(
            """(code) => gridmgmtWorkbench.here.borders.areas.get(code).polygons.flat()
              .flatMap((ring) => ring.vertices.map(({ x, y }) => [x / 1e8, y / 1e8]))""",
            code,
        )
        return {(round(lon, 8), round(lat, 8)) for lon, lat in found}

    def rank(self, one: str, other: str) -> int:
        """Return how thick the border of two areas is drawn, 0 within one parent."""
        found: int = self.page.evaluate(
            """(codes) => {
              const here = gridmgmtWorkbench.here;
              const between = [...here.borders.edges.values()].find(({ areas }) =>
                areas.length === 2 && areas.every(({ code }) => codes.includes(code)));
              return here.levels.rank(here.level, between);
            }""",
            [one, other],
        )
        return found

    def across(self, code: str) -> tuple[Place, Place, Place]:
        """Return places left of an area, in it, and right of it, at half its height."""
        x, y, width = self.page.evaluate(
            """(code) => {
              const { x, y, width } = gridmgmtWorkbench.here.borders.areas.get(code).label;
              return [x / 1e8, y / 1e8, width / 1e8];
            }""",
            code,
        )
        return (x - 0.55 * width, y), (x, y), (x + 0.55 * width, y)


def vertices(geojson: str) -> set[Place]:
    return {
        (round(lon, 8), round(lat, 8))
        for part in json.loads(geojson)["coordinates"]
        for ring in part
        for lon, lat in ring
    }


@pytest.fixture
def bench(sample: Site, open_page: Open) -> Bench:
    return Bench(sample, open_page(sample, "gis_officer", width=1366))


def test_a_vertex_that_three_cells_share_is_dragged_for_all_and_taken_back(
    bench: Bench,
) -> None:
    assert bench.changed() == {}
    old, codes = bench.vertex(3)
    bench.drag(old, 26, 18)
    expect(bench.page.locator(".workbench-saved")).to_contain_text("保存")
    changed = bench.changed()
    assert sorted(changed) == codes
    # All three have the one new vertex in place of the old one.
    assert all(old not in changed[code] for code in codes)
    (new,) = set.intersection(*changed.values())
    x, y = bench.on_screen(new)
    middle = bench.on_screen(old)
    assert (x - middle[0], y - middle[1]) == pytest.approx((26, 18), abs=1)
    # What is drawn is what is stored, and measures as much as the server measured.
    assert {code: bench.drawn(code) for code in codes} == changed
    told = bench.page.evaluate(
        "(codes) => codes.map((code) => gridmgmtWorkbench.here.borders.areas.get(code).m2)",
        codes,
    )
    drawn = bench.page.evaluate(
        "(codes) => codes.map((code) => gridmgmtWorkbench.areaM2("
        "gridmgmtWorkbench.here.borders.areas.get(code)))",
        codes,
    )
    assert drawn == pytest.approx(told, abs=0.05)
    assert axe_faults(bench.page) == []
    bench.press("还原：移动边界点")
    assert bench.changed() == {}
    assert all(old in bench.drawn(code) for code in codes)
    bench.press("重做：移动边界点")
    assert bench.changed() == changed
    assert {code: bench.drawn(code) for code in codes} == changed


def test_a_new_vertex_of_a_border_is_moved_and_deleted_by_keys(bench: Bench) -> None:
    one, other, codes = bench.page.evaluate(
        """() => {
          const here = gridmgmtWorkbench.here;
          const { lng, lat } = here.map.getCenter();
          const half = (one, other) => (one + other) / 2e8;
          const far = ({ a, b }) => Math.hypot(half(a.x, b.x) - lng, half(a.y, b.y) - lat);
          const long = ({ a, b }) => Math.hypot(a.x - b.x, a.y - b.y) > 15000;
          const { a, b, areas } = [...here.borders.edges.values()]
            .filter((edge) => edge.areas.length === 2 && long(edge))
            .sort((one, other) => far(one) - far(other))[0];
          const place = (vertex) => [vertex.x / 1e8, vertex.y / 1e8];
          return [place(a), place(b), areas.map(({ code }) => code)];
        }"""
    )
    middle = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
    bench.near(*middle, zoom=19)
    bench.drag(middle, 15, 15)
    changed = bench.changed()
    assert sorted(changed) == sorted(codes)
    (new,) = (
        place
        for place in set.intersection(*changed.values())
        if bench.on_screen(place)
        == pytest.approx(tuple(one + 15 for one in bench.on_screen(middle)), abs=1.5)
    )
    # The crosshair stands where the vertex is: Enter chooses it, once more takes it, and puts
    # it down where the map was moved to.
    bench.near(*new, zoom=19)
    bench.page.focus(MAP)
    bench.keys("Enter")
    expect(bench.page.locator(".workbench-help")).to_contain_text("已选中边界点")
    bench.keys(
        "Enter", "Control+ArrowRight", "Control+ArrowRight", "Control+ArrowDown", "Enter"
    )
    moved = bench.changed()
    (there,) = set.intersection(*moved.values()) - set.intersection(*changed.values())
    assert new not in set.union(*moved.values())
    x, y = bench.on_screen(new)
    assert bench.on_screen(there) == pytest.approx((x + 8, y + 4), abs=1)
    bench.keys("Enter")
    expect(bench.page.locator(".workbench-help")).to_contain_text("已选中边界点")
    bench.keys("Delete")
    # What is left is the border as it was.
    assert bench.changed() == {}
    assert there not in bench.drawn(codes[0])


def test_an_area_is_split_by_a_line_and_merged_again(bench: Bench) -> None:
    _, codes = bench.vertex(3)
    code = codes[0]
    left, inside, right = bench.across(code)
    bench.near(*inside)
    bench.page.get_by_role("button", name=code).click()
    assert bench.selected == [code]
    bench.press("拆分")
    bench.press("按此线拆分")
    expect(bench.page.locator(TOLD)).to_contain_text("至少需要两个点")
    for place in (left, right, right):
        bench.click(place)
    bench.ready()
    changed = bench.changed()
    (new,) = changed.keys() - {
        str(one)
        for (one,) in bench.site.city.all("SELECT code FROM areas WHERE level = 'cell'")
    }
    assert {code, new} <= changed.keys()
    assert len(changed[code] & changed[new]) >= 2
    assert bench.selected == sorted([code, new])
    bench.keys("g")
    bench.page.locator(".workbench-panel").get_by_text(code).click()
    bench.page.locator(".workbench-panel").get_by_role("button", name="合并").click()
    bench.ready()
    assert new not in bench.changed()
    assert bench.selected == [code]


def test_a_vertex_snaps_to_vertices_before_edges_until_that_is_switched_off(
    bench: Bench,
) -> None:
    old, _ = bench.vertex(3)
    page = bench.page
    # A vertex of another border in view, and the middle of a long edge of it.
    vertex, edge = page.evaluate(
        """(old) => {
          const { steps, here } = gridmgmtWorkbench;
          const bounds = here.map.getBounds().pad(-0.2);
          const { edges } = here.borders.vertices.get(String(old.map(steps)));
          const beside = new Set([...edges].flatMap(({ a, b }) => [a, b]));
          const isSeen = (one) =>
            bounds.contains([one.y / 1e8, one.x / 1e8]) && !beside.has(one);
          const places = [...here.borders.edges.values()].filter(({ a, b }) =>
            Math.hypot(a.x - b.x, a.y - b.y) > 15000 && isSeen(a) && isSeen(b));
          const [{ a, b }] = places;
          return [[a.x / 1e8, a.y / 1e8], [(a.x + b.x) / 2e8, (a.y + b.y) / 2e8]];
        }""",
        old,
    )
    page.mouse.move(*bench.on_screen(old))
    page.mouse.down()
    for place, kind in ((vertex, "vertex"), (edge, "edge")):
        x, y = bench.on_screen(place)
        page.mouse.move(x + 5, y + 5, steps=4)
        page.wait_for_timeout(60)
        assert page.evaluate("gridmgmtWorkbench.here.above.scene.snap?.kind") == kind
    page.keyboard.press("s")
    page.mouse.move(x + 4, y + 4)
    page.wait_for_timeout(60)
    assert page.evaluate("gridmgmtWorkbench.here.above.scene.snap") is None
    expect(page.get_by_role("button", name="吸附", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )
    page.keyboard.press("Escape")
    page.mouse.up()
    bench.ready()
    assert bench.changed() == {}


def test_what_is_refused_keeps_everything_and_says_why(bench: Bench) -> None:
    old, codes = bench.vertex(3)
    before = bench.page.evaluate("gridmgmtWorkbench.here.borders.edges.size")
    # Far over the neighbours: their outlines would cross themselves.
    bench.drag(old, 330, 190)
    expect(bench.page.locator(TOLD)).to_contain_text("自相交")
    forgive_refusals(bench.page)
    assert bench.changed() == {}
    assert bench.page.evaluate("gridmgmtWorkbench.here.borders.edges.size") == before
    # Every border is drawn below again, and nothing is held.
    assert bench.page.evaluate("gridmgmtWorkbench.here.canvas.near.moving.size") == 0
    assert bench.page.evaluate("gridmgmtWorkbench.here.moving.held") is None
    assert bench.vertex(3) == (old, codes)
    # Escape puts back what is held.
    x, y = bench.on_screen(old)
    bench.page.mouse.move(x, y)
    bench.page.mouse.down()
    bench.page.mouse.move(x + 20, y + 10, steps=3)
    expect(bench.page.locator(".workbench-measures")).to_contain_text("m²")
    bench.keys("Escape")
    bench.page.mouse.up()
    assert bench.changed() == {}


def test_the_other_browser_sees_what_was_done_and_is_told_who_was_first(
    bench: Bench, open_page: Open
) -> None:
    other = Bench(bench.site, open_page(bench.site, "gis_officer", width=1366))
    old, codes = bench.vertex(3)
    assert other.vertex(3) == (old, codes)
    bench.drag(old, 14, 10)
    changed = bench.changed()
    other.drag(old, -14, 6)
    expect(other.page.locator(TOLD)).to_contain_text("草案刚被他人改动")
    expect(other.page.locator(TOLD)).to_contain_text("gis_officer")
    forgive_refusals(other.page)
    assert bench.changed() == changed
    read = "gridmgmtWorkbench.here.borders.vertices.size"
    assert other.page.evaluate(read) == bench.page.evaluate(read)


def test_a_cell_is_given_to_another_community_and_renamed_by_keys(bench: Bench) -> None:
    code, beside, to = bench.page.evaluate(
        """() => {
          const here = gridmgmtWorkbench.here;
          const { lng, lat } = here.map.getCenter();
          const far = ({ a }) => Math.hypot(a.x / 1e8 - lng, a.y / 1e8 - lat);
          const [one, other] = [...here.borders.edges.values()]
            .filter(({ areas: [one, other] }) => other && one.parent !== other.parent)
            .sort((one, other) => far(one) - far(other))[0].areas;
          return [one.code, other.code, other.parent];
        }"""
    )
    assert bench.rank(code, beside) > 0
    bench.near(*bench.across(code)[1], zoom=17)
    row = bench.page.get_by_role("button", name=code)
    row.focus()
    bench.keys("Enter")
    assert bench.selected == [code]
    expect(row).to_have_attribute("aria-pressed", "true")
    bench.keys("r")
    bench.click(bench.across(beside)[1])
    expect(bench.page.locator(".workbench-panel select")).to_have_value(to)
    bench.page.locator(".workbench-panel .btn-primary").click()
    bench.ready()
    asked = (
        "SELECT parent_code, name FROM area_changes"
        " WHERE draft_id = :draft AND level = 'cell' AND code = :code"
    )
    (parent, _) = bench.site.city.ask(asked, draft=bench.draft, code=code)
    assert parent == to
    assert bench.rank(code, beside) == 0
    bench.keys("e")
    expect(bench.page.get_by_label("名称")).to_be_focused()
    bench.page.keyboard.press("Control+a")
    bench.page.keyboard.type("城南一网格")
    bench.keys("Enter")
    (_, name) = bench.site.city.ask(asked, draft=bench.draft, code=code)
    assert name == "城南一网格"
    expect(bench.page.locator("#workbench-areas")).to_contain_text("城南一网格")


def test_fingers_select_split_and_merge_on_a_tablet(bench: Bench, open_page: Open) -> None:
    tablet = {"has_touch": True, "is_mobile": True}
    page = open_page(bench.site, "gis_officer", width=1024, device=tablet)
    hand = Bench(bench.site, page)
    _, codes = hand.vertex(3)
    code = codes[0]
    left, inside, right = hand.across(code)

    def tap(place: Place) -> None:
        page.touchscreen.tap(*hand.on_screen(place))
        page.wait_for_timeout(320)

    hand.near(*inside)
    tap(inside)
    assert hand.selected == [code]
    hand.press("拆分")
    tap(left)
    tap(right)
    hand.press("按此线拆分")
    (new,) = {*hand.selected} - {code}
    assert {code, new} <= hand.changed().keys()
    page.evaluate("gridmgmtWorkbench.here.selection.clear()")
    hand.press("合并")
    for one in (code, new):
        tap(hand.across(one)[1])
    assert hand.selected == sorted([code, new])
    page.locator(".workbench-panel").get_by_role("button", name="合并").tap()
    hand.ready()
    assert hand.selected == [code]
    assert new not in hand.changed()
    assert axe_faults(page) == []


def test_a_draft_that_is_not_open_is_only_looked_at(sample: Site, open_page: Open) -> None:
    page = open_page(sample, "gis_officer", width=1024)
    (draft,) = sample.city.ask("SELECT min(id) FROM drafts WHERE status = 'published'")
    assert go(page, f"/drafts/{draft}/workbench")
    settle(page)
    expect(page.locator(MAP)).to_have_attribute("data-state", "ready")
    expect(page.locator(".workbench-help")).to_contain_text("仅可查看")
    expect(page.get_by_role("button", name="拆分", exact=True)).to_have_count(0)
    assert axe_faults(page) == []


def test_a_form_names_and_codes_an_area_and_says_at_the_field_what_is_wrong(
    bench: Bench,
) -> None:
    _, codes = bench.vertex(3)
    code, other = codes[:2]
    bench.near(*bench.across(code)[1], zoom=17)
    bench.click(bench.across(code)[1])
    bench.keys("e")
    form = bench.page.locator(".workbench-area form")
    form.get_by_label("编码").fill(other)
    form.get_by_label("名称").fill("城南二网格")
    form.get_by_role("button", name="保存").click()
    expect(form.locator("#workbench-area-code-fault")).to_contain_text(other)
    expect(form.get_by_label("编码")).to_be_focused()
    forgive_refusals(bench.page)
    assert bench.changed() == {}, "all of it or nothing is kept"
    assert axe_faults(bench.page) == []
    form.get_by_label("编码").fill(f"{code}-X")
    form.get_by_role("button", name="保存").click()
    bench.ready()
    assert bench.selected == [f"{code}-X"]
    assert {code, f"{code}-X"} <= bench.changed().keys()
    expect(bench.page.locator("#workbench-areas")).to_contain_text("城南二网格")
    bench.keys("e")
    bench.page.get_by_role("button", name="注销…").click()
    expect(bench.page.get_by_role("button", name="取消")).to_be_focused()
    assert axe_faults(bench.page) == []
    bench.page.get_by_role("button", name="注销", exact=True).click()
    bench.ready()
    assert bench.selected == []
    expect(bench.page.locator("#workbench-areas")).not_to_contain_text("城南二网格")


def test_where_vertices_lie_too_close_a_line_says_to_zoom_in(bench: Bench) -> None:
    place, _ = bench.vertex(3)
    crowded = """(place) => {
      const here = gridmgmtWorkbench.here;
      here.picking.index(here.borders);
      return here.picking.verticesNear(place, 9).length;
    }"""
    zoom = 18.0
    while bench.page.evaluate(crowded, place) <= 3 and zoom > 13:
        zoom -= 0.5
        bench.near(*place, zoom=zoom)
    bench.page.mouse.move(*bench.on_screen(place))
    expect(bench.page.locator(".workbench-help")).to_contain_text("放大后可拖动")
    x, y = bench.on_screen(place)
    bench.near(*place, zoom=18)
    bench.page.mouse.move(x + 3, y)
    expect(bench.page.locator(".workbench-help")).to_contain_text("拖动边界点")


def test_cells_drawn_around_are_selected_near_and_far(bench: Bench) -> None:
    place, codes = bench.vertex(3)
    bench.press("调整归属")
    # As where a city has too many vertices for one view.
    bench.page.evaluate(
        "gridmgmtWorkbench.here.levels.kept.get(gridmgmtWorkbench.here.level).farAt = 14"
    )
    for zoom in (17, 13):
        bench.near(*place, zoom=zoom)
        bench.page.evaluate("gridmgmtWorkbench.here.selection.clear()")
        code = codes[0]
        ring = bench.page.evaluate(
            """(code) => gridmgmtWorkbench.here.borders.areas.get(code)
              .polygons[0][0].vertices.map(({ x, y }) => [x / 1e8, y / 1e8])""",
            code,
        )
        corners = [bench.on_screen(one) for one in (ring if zoom == 17 else [])]
        if not corners:
            x, y = bench.on_screen(place)
            corners = [(x + e, y + n) for e, n in ((-90, -90), (90, -90), (90, 90), (-90, 90))]
        bench.page.keyboard.down("Shift")
        bench.page.mouse.move(*corners[0])
        bench.page.mouse.down()
        for one in corners[1:]:
            bench.page.mouse.move(*one, steps=2)
        bench.page.mouse.up()
        bench.page.keyboard.up("Shift")
        bench.ready()
        if zoom == 17:
            assert bench.selected == [code]
        else:
            assert {*codes} <= {*bench.selected}
            assert len(bench.selected) > 20
            assert bench.page.evaluate("Boolean(gridmgmtWorkbench.here.far)")
    assert axe_faults(bench.page) == []


def test_escape_gives_an_outline_up(bench: Bench) -> None:
    place, _ = bench.vertex(3)
    bench.press("调整归属")
    x, y = bench.on_screen(place)
    bench.page.keyboard.down("Shift")
    bench.page.mouse.move(x - 200, y - 200)
    bench.page.mouse.down()
    for across, down in ((200, -200), (200, 200), (-200, 200)):
        bench.page.mouse.move(x + across, y + down, steps=3)
    bench.page.keyboard.press("Escape")
    bench.page.mouse.up()
    bench.page.keyboard.up("Shift")
    bench.ready()
    assert bench.selected == []
    assert bench.page.evaluate("gridmgmtWorkbench.here.tools.name") == "reassign"

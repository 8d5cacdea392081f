"""A collector in the street reports a case with a thumb: the map, the position, sending."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, Site
from tests.browser.using import closely, press
from tests.browser.walking import go
from tests.browser.watching import axe_faults, forgive, overflow, settle, small_targets
from tests.services.case_city import A1, B1, FAR_AWAY

pytestmark = pytest.mark.proof

MAP = ".position-map .leaflet-container"
PHONE = {"has_touch": True, "is_mobile": True}
SEND = "上报"


def device(at: tuple[float, float] = A1, accuracy: float = 12, **more: Any) -> dict[str, Any]:
    """A phone that may tell where it is."""
    position = {"longitude": at[0], "latitude": at[1], "accuracy": accuracy}
    return {**PHONE, "geolocation": position, "permissions": ["geolocation"], **more}


def opened(site: Site, open_page: Open, told: dict[str, Any], **more: Any) -> Page:
    page = open_page(site, "collector", width=390, lang="zh", device=told, **more)
    assert go(page, "/cases/new")
    drawn(page)
    return page


def drawn(page: Page) -> None:
    expect(page.locator(MAP)).to_have_attribute("data-ground", "ready")
    settle(page)


def choose(page: Page, code: str = "E1") -> None:
    page.fill("#category-search", code)
    page.locator(f"#category-found button[data-code={code}]").click()
    settle(page)


def position(page: Page) -> tuple[float, float]:
    return float(page.input_value("#lon")), float(page.input_value("#lat"))


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(((one[0] - other[0]) ** 2 * 0.75 + (one[1] - other[1]) ** 2) ** 0.5 * 111_000)


def count(site: Site) -> int:
    return int(site.city.ask("SELECT count(*) FROM cases")[0])


def test_the_device_says_where_and_the_page_who_gets_it(small: Site, open_page: Open) -> None:
    page = opened(small, open_page, device())
    # It was allowed before, so nobody has to press anything.
    expect(page.locator("#lon")).to_have_value(f"{A1[0]:.6f}")
    expect(page.locator(".position-area")).to_contain_text("属：A / A1")
    expect(page.locator("#position-place")).to_contain_text("选择类别后显示主办单位")
    assert page.locator(".map-accuracy").count() + page.locator(f"{MAP} canvas").count() > 0
    choose(page)
    expect(page.locator(".position-who")).to_contain_text("由一中队主办：依据17号")
    expect(page.locator("#report-said")).to_contain_text("由一中队主办")
    expect(page.locator("#address")).to_have_value("A")
    assert overflow(page) is None
    assert small_targets(page, "main") == []
    assert axe_faults(page) == []
    before = count(small)
    press(page, SEND)
    expect(page.locator(".case-now")).to_contain_text("由一中队主办：依据17号")
    assert count(small) == before + 1
    number = page.url.rpartition("/")[2]
    assert small.city.ask(
        "SELECT channel, accuracy_m, address FROM cases WHERE case_no = :no", no=number
    ) == ("监督员上报", 12, "A")


def test_a_refused_position_says_what_to_do_and_the_map_takes_a_tap(
    small: Site, open_page: Open
) -> None:
    page = opened(small, open_page, PHONE)
    choose(page)
    page.fill("#description", "井盖缺失")
    page.locator("#my-position").click()
    expect(page.locator("#my-position-said")).to_contain_text("在地图上点选")
    expect(page.locator("#description")).to_have_value("井盖缺失")
    expect(page.locator("#position-place")).to_contain_text("尚未定位")
    tap(page, 0.5, 0.5)
    expect(page.locator(".map-pin")).to_be_visible()
    expect(page.locator(".position-area")).to_contain_text("属：")
    expect(page.locator("#accuracy_m")).to_have_value("")
    expect(page.locator("#description")).to_have_value("井盖缺失")


def tap(page: Page, across: float, down: float) -> None:
    page.locator(MAP).scroll_into_view_if_needed()
    box = page.locator(MAP).bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + across * box["width"], box["y"] + down * box["height"])
    settle(page)


def test_an_inaccurate_position_is_no_good_until_somebody_taps(
    small: Site, open_page: Open
) -> None:
    page = opened(small, open_page, device(accuracy=350))
    expect(page.locator("#my-position-said")).to_contain_text("± 350 米，精度不足")
    expect(page.locator("#accuracy_m")).to_have_value("350")
    tap(page, 0.5, 0.5)
    expect(page.locator("#accuracy_m")).to_have_value("")
    expect(page.locator("#my-position-said")).to_have_text("")


def test_a_position_outside_the_city_is_explained_before_sending(
    small: Site, open_page: Open
) -> None:
    page = opened(small, open_page, device(FAR_AWAY))
    choose(page)
    for box in ("#position-place .position-warning", "#report-said"):
        expect(page.locator(box)).to_contain_text("本市网格范围之外")


def test_the_pin_is_dragged_to_another_cell(small: Site, open_page: Open) -> None:
    page = opened(small, open_page, device())
    expect(page.locator(".position-area")).to_contain_text("A1")
    choose(page)
    pin = page.locator(".map-pin")
    box = pin.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    # The view is zoomed out until the other street is in it.
    for _ in range(3):
        page.locator(f"{MAP} .leaflet-control-zoom-out").click()
        page.wait_for_timeout(400)
    drawn(page)
    at = target(page, B1)
    box = pin.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 22, box["y"] + 22)
    page.mouse.down()
    page.mouse.move(at[0], at[1], steps=8)
    page.mouse.up()
    settle(page)
    assert metres(position(page), B1) < 60
    expect(page.locator(".position-area")).to_contain_text("属：B / B1")
    expect(page.locator(".position-who")).to_contain_text("由二中队主办")


def target(page: Page, at: tuple[float, float]) -> tuple[float, float]:
    """Where a place is on the screen, by the pin's own place and the scale of the map."""
    box = page.locator(".map-pin").bounding_box()
    assert box is not None
    width, text = page.locator(f"{MAP} .leaflet-control-scale-line").evaluate(
        "line => [line.offsetWidth, line.textContent]"
    )
    found = re.fullmatch(r"(\d+) (k?m)", text)
    assert found
    per_px = int(found[1]) * (1000 if found[2] == "km" else 1) / width
    here = position(page)
    east = (at[0] - here[0]) * 111_320 * 0.8638
    return box["x"] + 22 + east / per_px, box["y"] + 22


def test_one_finger_moves_the_page_and_two_the_map(small: Site, open_page: Open) -> None:
    page = opened(small, open_page, device())
    page.evaluate("window.scrollTo(0, 0)")
    box = page.locator(MAP).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.8
    before = pin_in_map(page)
    touch(page, *([(x, y - 20 * step)] for step in range(9)))
    assert page.evaluate("window.scrollY") > 100
    assert pin_in_map(page) == before
    page.evaluate("window.scrollTo(0, 0)")
    touch(
        page,
        *([(x - 40 + 15 * step, y - 60), (x + 40 + 15 * step, y - 60)] for step in range(5)),
    )
    page.wait_for_timeout(500)
    drawn(page)
    assert abs(pin_in_map(page) - before) > 20
    assert page.evaluate("window.scrollY") == 0


def pin_in_map(page: Page) -> float:
    pin, box = (page.locator(one).bounding_box() for one in (".map-pin", MAP))
    assert pin is not None
    assert box is not None
    return float(round(pin["x"] - box["x"]))


def touch(page: Page, *steps: list[tuple[float, float]]) -> None:
    """Put fingers down, move them step by step, and lift them."""
    devtools = page.context.new_cdp_session(page)
    for at, fingers in enumerate(steps):
        points = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(fingers)]
        kind = "touchMove" if at else "touchStart"
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(40)
        if at == 3 and len(fingers) == 1:
            expect(page.locator(".map-fingers")).to_be_visible()
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(200)


def test_a_double_tap_makes_one_case(small: Site, open_page: Open) -> None:
    page = opened(small, open_page, device())
    choose(page)
    before = count(small)
    # Past the scripts, and then faster than any script can grey a button out.
    page.evaluate(
        """async () => {
          const form = document.getElementById("report-form");
          await fetch(form.action, { method: "POST", body: new FormData(form) });
          form.requestSubmit();
          form.requestSubmit();
        }"""
    )
    page.wait_for_selector(".case-now")
    assert count(small) == before + 1


def test_what_could_not_be_sent_is_kept_and_sent_later(small: Site, open_page: Open) -> None:
    page = opened(small, open_page, device())
    choose(page)
    page.fill("#description", "路灯不亮")
    before = count(small)
    page.context.set_offline(True)
    press(page, SEND)
    expect(page.locator("#report-problem")).to_contain_text("网络不通，案件尚未提交")
    expect(page.locator("#description")).to_have_value("路灯不亮")
    kept = str(page.evaluate("JSON.stringify(localStorage)"))
    assert "E1" in kept
    assert "路灯" not in kept, "a text may name people"
    assert page.evaluate("Object.keys(localStorage).join()").count("address") == 0
    page.context.set_offline(False)
    forgive(page, "INTERNET_DISCONNECTED")
    token = page.input_value("#token")
    assert go(page, "/cases/new")
    drawn(page)
    expect(page.locator("#report-draft")).to_be_visible()
    expect(page.locator("#category")).to_have_value("E1")
    expect(page.locator("#token")).to_have_value(token)
    expect(page.locator("#description")).to_have_value("")
    assert metres(position(page), A1) < 1
    press(page, SEND)
    page.wait_for_selector(".case-now")
    assert count(small) == before + 1
    assert "gridmgmt.report" not in str(page.evaluate("JSON.stringify(localStorage)"))
    assert go(page, "/cases/new")
    expect(page.locator("#report-draft")).to_be_hidden()


def test_categories_reported_last_take_one_tap(small: Site, open_page: Open) -> None:
    page = opened(small, open_page, device())
    choose(page, "E2")
    press(page, SEND)
    page.wait_for_selector(".case-now")
    assert go(page, "/cases/new")
    page.locator("#category-recent button[data-code=E2]").click()
    expect(page.locator("#category")).to_have_value("E2")
    expect(page.locator("#category-chosen")).to_be_visible()
    press(page, "变更")
    expect(page.locator("#category")).to_have_value("")
    press(page, SEND)
    expect(page.locator("#report-problem")).to_contain_text("请先选择类别")


def test_a_forgotten_category_is_said_at_its_field_and_the_form_is_sent_then(
    small: Site, open_page: Open
) -> None:
    page = opened(small, open_page, device())
    press(page, SEND)
    said = page.locator("#report-problem")
    expect(said).to_contain_text("请先选择类别")
    expect(said).to_be_in_viewport()
    expect(page.locator("#category-search")).to_be_in_viewport()
    # The script that keeps forms from being sent twice comes a moment later.
    page.wait_for_timeout(100)
    choose(page)
    expect(said).to_be_hidden()
    press(page, SEND)
    page.wait_for_selector(".case-now")


def test_words_without_spaces_find_what_is_like_them(small: Site, open_page: Open) -> None:
    page = opened(small, open_page, device())
    page.fill("#category-search", "出店占道经营")
    expect(page.locator("#category-found")).to_contain_text("相近的有")
    expect(page.locator("#category-found button")).to_have_count(1)
    expect(page.locator("#category-found button")).to_contain_text("占道")
    page.fill("#category-search", "路灯")
    expect(page.locator("#category-found button")).to_have_count(0)


def test_a_tap_from_far_off_comes_nearer(small: Site, open_page: Open) -> None:
    page = opened(small, open_page, PHONE)
    for _ in range(3):
        page.locator(f"{MAP} .leaflet-control-zoom-out").click()
        page.wait_for_timeout(400)
    drawn(page)
    tap(page, 0.3, 0.4)
    page.wait_for_timeout(600)
    pin, box = (page.locator(one).bounding_box() for one in (".map-pin", MAP))
    assert pin is not None
    assert box is not None
    assert abs(pin["x"] + 22 - box["x"] - box["width"] / 2) < 8, "the pin is in the middle"


def test_the_form_works_without_scripts(small: Site, open_page: Open) -> None:
    page = open_page(small, "collector", width=390, lang="zh")
    plain = open_page(small, "collector", width=390, device={"java_script_enabled": False})
    plain.goto("/cases/new?lang=zh")
    plain.select_option("#category", "E1")
    plain.locator("summary", has_text="手工输入坐标").click()
    plain.fill("#lon", str(B1[0]))
    plain.fill("#lat", str(B1[1]))
    plain.get_by_role("button", name=SEND, exact=True).click()
    assert "由二中队主办" in plain.inner_text(".case-now")
    page.close()


@pytest.mark.parametrize("role", ["collector", "responder"])
def test_the_page_of_a_case_is_for_a_thumb(small: Site, open_page: Open, role: str) -> None:
    page = opened(small, open_page, device())
    choose(page)
    press(page, SEND)
    page.wait_for_selector(".case-now")
    case = page.url
    if role == "responder":
        page = open_page(small, role, width=390, lang="zh", device=PHONE)
        assert go(page, case)
    settle(page)
    for fold in page.locator("main summary").all():
        fold.click()
    assert small_targets(page, "main") == []
    assert overflow(page) is None
    closely(page)
    first = page.locator(".case-first .btn, .action > summary").first.bounding_box()
    assert first is not None
    assert first["y"] < 844, "what can be done stands on the first screen"

"""The stories of those who work on cases: from the street to the desk of the centre."""

import re
from typing import Any

from tests.browser.stories.story import (
    Click,
    Holds,
    Lists,
    Notes,
    Press,
    Sees,
    SeesNot,
    Story,
    Type,
    Want,
    button,
    link,
)

FIRST_CASE = ".case-table tbody tr:first-child th a"
FIRST_DATA_CASE = ".case-table tbody tr[data-case]:first-child"
DONE = "main [role=status]"
QUEUE = "nav.queues a[data-queue={}]"
COUNT = r"(\d[\d,]*)"
# The number that a report gets.
NUMBER = r"(R\d{8}-\d+)"


def queue(name: str) -> str:
    """Return the selector of a queue of the desk."""
    return QUEUE.format(name)


def _status(page: Any, city: Any, noted: dict[str, str], wanted: str) -> None:
    found = city.ask("SELECT status FROM cases WHERE case_no = :case", case=noted["case"])[0]
    assert found == wanted, (noted["case"], found)


def _is(wanted: str) -> Holds:
    return Holds(lambda page, city, noted: _status(page, city, noted, wanted))


def _can_call_and_go(page: Any, city: Any, noted: dict[str, str]) -> None:
    # Pressing them would leave the browser; what they carry is what the telephone gets.
    phone = page.locator(".case-first a[href^='tel:']").get_attribute("href")
    assert re.fullmatch(r"tel:[\d-]+", phone), phone
    lon, lat = city.ask(
        "SELECT ST_X(geom), ST_Y(geom) FROM cases WHERE case_no = :case", case=noted["case"]
    )
    place = page.locator(".case-first a[href^='geo:']").get_attribute("href")
    assert place.startswith(f"geo:{lat:.6f},{lon:.6f}"), place
    box = page.locator(".case-first a[href^='geo:']").bounding_box()
    assert box["y"] + box["height"] < page.viewport_size["height"], "below the first screen"


def _is_the_next(page: Any, city: Any, noted: dict[str, str]) -> None:
    first = city.ask(
        "SELECT case_no FROM cases WHERE responder_code = (SELECT responder_code FROM accounts"
        " WHERE username = 'responder') AND status = 'dispatched' AND due_at > now()"
        " ORDER BY due_at LIMIT 1"
    )[0]
    assert noted["case"] == first


COLLECTOR = Story(
    "collector",
    390,
    (
        Want(
            "站在问题现场上报一件案件",
            "Report what I stand in front of",
            6,
            (
                Type("#category-search", "污水"),
                Click("#category-found button"),
                Click("#my-position"),
                Holds(
                    lambda page, city, noted: page.wait_for_function(
                        "document.querySelector('#lon').value !== ''"
                    )
                ),
                Type("#description", "井盖旁有油污，约两平方米"),
                Click(button("上报")),
                Notes("case", "h1", NUMBER),
                Sees("井盖旁有油污，约两平方米"),
                Sees("网格", "section[aria-labelledby=facts-heading]"),
                Holds(lambda page, city, noted: _located(city, noted)),
            ),
        ),
        Want(
            "看我上报的案件办到哪一步了，再读一遍原文",
            "See what became of what I reported, and read it again",
            None,
            (
                Notes("case", FIRST_CASE),
                Click(FIRST_CASE),
                Sees("{case}", "h1"),
                Sees("井盖旁有油污，约两平方米"),
                Sees("上报", "section[aria-labelledby=history-heading]"),
            ),
            why="text and address were hidden from who reported them",
            why_zh="上报人看不到自己填写的描述和地址",
        ),
    ),
)


def _located(city: Any, noted: dict[str, str]) -> None:
    area, author = city.ask(
        "SELECT area_code, (SELECT actor FROM case_events e WHERE e.case_no = c.case_no"
        " ORDER BY seq LIMIT 1) FROM cases c WHERE case_no = :case",
        case=noted["case"],
    )
    assert area is not None
    assert author == "collector"


RESPONDER = Story(
    "responder",
    390,
    (
        Want(
            "打开最先到期的案件，打电话、导航过去",
            "Open the case that is due next, call and go there",
            None,
            (
                Notes("waiting", queue("due_today"), COUNT),
                Click(queue("due_today")),
                Lists("waiting"),
                Notes("case", FIRST_CASE),
                Holds(_is_the_next),
                Click(FIRST_CASE),
                Sees("{case}", "h1"),
                Holds(_can_call_and_go),
            ),
            why="the list of a phone could not be sorted by deadline, and nothing led there",
            why_zh="手机上列表不能按处置截止排序，也没有导航",
        ),
        Want(
            "现场已处理，填报处置结果",
            "Say that a case is handled",
            6,
            (
                Notes("open", ".case-count", COUNT),
                Notes("case", FIRST_CASE),
                Click(FIRST_CASE),
                Click("#dispose summary"),
                Type("#dispose-text", "已清理完毕，现场恢复"),
                Click(button("已处置")),
                Sees("案件已处置。", DONE),
                _is("disposed"),
            ),
        ),
        Want(
            "不归本单位的案件，说明理由退回",
            "Return a case that is not ours",
            6,
            (
                Click(queue("due_today")),
                Notes("case", FIRST_CASE),
                Click(FIRST_CASE),
                Click("#bounce summary"),
                Type("#bounce-text", "该处由园林绿化养护单位负责"),
                Click("#bounce button[type=submit]"),
                SeesNot("{case}", ".case-table tbody tr"),
                _is("triage"),
            ),
        ),
    ),
)


def _all_by_whom(page: Any, city: Any, noted: dict[str, str]) -> None:
    numbers = page.locator("section[aria-labelledby=by-whom] td:nth-child(2)").all_inner_texts()
    whole = page.locator("#overdue-cases span").inner_text()
    assert sum(int(one) for one in numbers) == int(whole) > 0


STREET_CHIEF = Story(
    "street_chief",
    390,
    (
        Want(
            "本街道哪些案件超期、在谁手里",
            "What is overdue in my street, and by whom",
            1,
            (
                Holds(_all_by_whom),
                Notes("late", "section[aria-labelledby=by-whom] td a", COUNT),
                Click("section[aria-labelledby=by-whom] td a"),
                Lists("late"),
            ),
            why="before: a list, to be counted by hand for each responder",
            why_zh="以前只有列表，须逐行自行统计各单位件数",
        ),
        Want(
            "督办超期最久的一件",
            "Remind who has the case that is overdue the longest",
            None,
            (
                Notes("case", FIRST_CASE),
                Click("#content a[href$='#supervise']"),
                Type("#supervise-text", "请今天内处理"),
                Click(button("确认督办")),
                Sees("已督办", DONE),
                Holds(lambda page, city, noted: _supervised(city, noted)),
            ),
            why="there was no such action",
            why_zh="没有督办操作",
        ),
        Want(
            "读案件原文，给主办单位打电话",
            "Read the text of a case and call its responder",
            None,
            (
                Notes("case", FIRST_CASE),
                Click(FIRST_CASE),
                Sees("描述"),
                Holds(
                    lambda page, city, noted: page.wait_for_selector(
                        ".case-first a[href^='tel:']"
                    )
                ),
            ),
            why="text and phone were hidden from the chief",
            why_zh="街长看不到描述和电话",
        ),
    ),
)


def _supervised(city: Any, noted: dict[str, str]) -> None:
    kind, actor = city.ask(
        "SELECT kind, actor FROM case_events WHERE case_no = :case ORDER BY seq DESC LIMIT 1",
        case=noted["case"],
    )
    assert (kind, actor) == ("supervised", "street_chief")


ACCEPTOR = Story(
    "acceptor",
    1366,
    (
        Want(
            "接到来电，登记一件没有坐标的案件",
            "Take in a call that gives no position",
            6,
            (
                Notes("before", queue("place"), COUNT),
                Click(link("上报案件")),
                Type("#category-search", "污水"),
                Click("#category-found button"),
                Type("#description", "来电反映夜间噪声"),
                Type("#address", "示例路8号附近"),
                Click(button("上报")),
                Notes("case", "h1", NUMBER),
                _is("triage"),
                Sees("来电反映夜间噪声"),
            ),
        ),
        Want(
            "把待定位的案件定位到地图上",
            "Put a case on the map that has no place",
            4,
            (
                Notes("waiting", queue("place"), COUNT),
                Click(queue("place")),
                Lists("waiting"),
                Notes("case", FIRST_CASE),
                Click(FIRST_CASE),
                Press(".case-map .leaflet-container[data-state=ready]"),
                Click(button("确定位置")),
                Sees("案件已定位。", DONE),
                Holds(lambda page, city, noted: _has_place(city, noted)),
                Holds(lambda page, city, noted: _one_less(page, noted)),
            ),
        ),
    ),
)


def _has_place(city: Any, noted: dict[str, str]) -> None:
    row = city.ask("SELECT area_code FROM cases WHERE case_no = :case", case=noted["case"])
    assert row[0] is not None


def _one_less(page: Any, noted: dict[str, str]) -> None:
    page.goto("/cases")
    left = page.locator(f"{queue('place')} .queue-count").inner_text()
    assert int(left) == int(noted["waiting"]) - 1


CANDIDATE = "#assign .candidates label >> nth=0"

DISPATCHER = Story(
    "dispatcher",
    1366,
    (
        Want(
            "把退回的案件派给最可能的单位",
            "Give a returned case to whom it most likely belongs",
            6,
            (
                Notes("waiting", queue("returned"), COUNT),
                Click(queue("returned")),
                Lists("waiting"),
                Notes("case", FIRST_CASE),
                Click(FIRST_CASE),
                Click("#assign summary"),
                Notes("who", CANDIDATE, r"([A-Z]+-?[A-Z0-9]+)"),
                Click(CANDIDATE),
                Type("#assign-text", "经核实由你单位处置"),
                Click(button("派遣")),
                Sees("案件已派遣至主办单位。", DONE),
                Holds(lambda page, city, noted: _belongs_to(city, noted)),
            ),
            why="before: chosen among all responders, without a proposal",
            why_zh="以前须在全部单位中自行查找，没有建议",
        ),
        Want(
            "一次把今日到期的两件改派给同一单位",
            "Give two cases that are due today to one other responder",
            17,
            (
                Click(queue("due_today")),
                Notes("case", FIRST_CASE),
                Click(".case-table tbody tr:nth-child(1) input[type=checkbox]"),
                Click(".case-table tbody tr:nth-child(2) input[type=checkbox]"),
                Sees("2", "#batch [data-chosen-count]"),
                Click("#batch button"),
                Type("#responder", "SQ02"),
                Type("#text", "人手不足，请支援"),
                Click(button("预览派遣结果")),
                Sees("2", ".figures .figure:first-child .figure-value"),
                Click("role=button[name=/^确认将 2 件派遣至/]"),
                Sees("已派遣案件 2 件。", DONE),
                Holds(lambda page, city, noted: _belongs_to(city, noted | {"who": "SQ02"})),
            ),
        ),
    ),
)


def _belongs_to(city: Any, noted: dict[str, str]) -> None:
    row = city.ask("SELECT responder_code FROM cases WHERE case_no = :case", case=noted["case"])
    assert row[0] == noted["who"]


DUTY_CHIEF = Story(
    "duty_chief",
    1366,
    (
        Want(
            "当前超期未处置的有哪些",
            "Which cases are overdue now",
            1,
            (
                Notes("late", "main a[href*='deadline=overdue&as_of']", COUNT),
                Click("main a[href*='deadline=overdue&as_of']"),
                Lists("late"),
            ),
        ),
        Want(
            "主办重复的案件，裁定一家主办",
            "Decide for one responder where the rules name two",
            6,
            (
                Notes("waiting", "main a[href*='reason=two_owners']", COUNT),
                Click("main a[href*='reason=two_owners']"),
                Lists("waiting"),
                Notes("case", FIRST_CASE),
                Click(FIRST_CASE),
                Click("#assign summary"),
                Notes("who", CANDIDATE, r"([A-Z]+-?[A-Z0-9]+)"),
                Click(CANDIDATE),
                Type("#assign-text", "裁定由其主办"),
                Click(button("派遣")),
                Sees("案件已派遣至主办单位。", DONE),
                Holds(lambda page, city, noted: _belongs_to(city, noted)),
            ),
        ),
    ),
)

STORIES = (COLLECTOR, RESPONDER, STREET_CHIEF, ACCEPTOR, DISPATCHER, DUTY_CHIEF)

"""The stories of those who look at the whole city, shape its grid, and keep its accounts."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pyogrio

from gridmgmt.sample import files
from tests.browser.cities import City
from tests.browser.stories.story import (
    Agree,
    Choose,
    Click,
    Holds,
    Lists,
    Notes,
    Sees,
    Send,
    Story,
    Takes,
    Type,
    Want,
    button,
    link,
    menu,
)
from tests.browser.using import number, ready

COUNT = r"(\d[\d,]*)"
HOTTEST_CASES = "#map-ranking tbody tr:first-child td:nth-child(2) a"


def _is_map_ready(page: Any, city: City, noted: dict[str, str]) -> None:
    ready(page)


def _is_the_hottest(page: Any, city: City, noted: dict[str, str]) -> None:
    assert page.input_value("#map-by") == "street"
    counts = page.locator("#map-ranking tbody tr td:nth-child(2)").all_inner_texts()
    assert len(counts) == city.ask("SELECT count(*) FROM areas WHERE level = 'street'")[0]
    assert number(counts[0]) == max(number(one) for one in counts) > 0


def _has_as_many_rows(path: Path, noted: dict[str, str]) -> None:
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    assert len(rows) - 1 == number(noted["count"])
    assert "案件编号" in rows[0], rows[0]


COMMANDER = Story(
    "commander",
    1366,
    (
        Want(
            "找出近 7 天案件最多的街道，看是哪些案件",
            "Find the street with most cases of the last seven days, and those cases",
            4,
            (
                Click(menu("/map")),
                Choose("#map-days", "近 7 天"),
                Click("#map-table-toggle"),
                Holds(_is_map_ready),
                Holds(_is_the_hottest),
                Notes("cases", HOTTEST_CASES, COUNT),
                Click(HOTTEST_CASES),
                Lists("cases"),
            ),
            why="one of them opens the table, which stays open from then on",
            why_zh="其中一次为展开表格，展开后保持不变",
        ),
        Want(
            "本月上报数由哪些案件构成",
            "Which cases a number of the overview is made of",
            1,
            (
                Notes("cases", "main a[href*='/cases?from=']", COUNT),
                Click("main a[href*='/cases?from=']"),
                Lists("cases"),
            ),
        ),
        Want(
            "把这些案件导出为 Excel",
            "Take those cases away as Excel",
            3,
            (
                Click("main a[href*='/cases?from=']"),
                Notes("count", ".case-count", COUNT),
                Click(button("导出此列表")),
                Takes(link("Excel"), _has_as_many_rows),
            ),
            why="before: with English headings and codes",
            why_zh="以前为英文表头和代码",
        ),
    ),
)


def _two_cells(city: City, folder: Path) -> Path:
    """Two cells of the city under new names, as a surveyor sends them."""
    cells = gpd.read_file(
        city.settings.home / "demo" / files.AREAS, layer=files.LAYERS["cell"]
    ).iloc[:2]
    cells["name"] = [f"{name}（东扩）" for name in cells["name"]]
    path = folder / "two_cells.geojson"
    cells.to_file(path, driver="GeoJSON")
    return path


def _only_those(page: Any, city: City, noted: dict[str, str]) -> None:
    assert page.locator("#extent-merge").is_checked()
    assert page.locator("#level").input_value() == "cell"


def _published(page: Any, city: City, noted: dict[str, str]) -> None:
    renamed = city.ask("SELECT count(*) FROM areas WHERE name LIKE '%（东扩）'")[0]
    assert renamed == 2


def tab(name: str) -> str:
    """Return the selector of a page of a draft."""
    return f'.nav-tabs >> role=link[name="{name}"]'


GIS_OFFICER = Story(
    "gis_officer",
    1366,
    (
        Want(
            "上传两个网格，核对预览，检查并发布",
            "Upload two cells, look at what that changes, check and publish",
            14,
            (
                Click(link("2027-01")),
                Click(tab("上传图层")),
                Send("#file", _two_cells),
                Click(button("预览图层")),
                Holds(_only_those),
                Click(button("预览导入结果")),
                Sees("2", "#rehearsal .figures .figure:nth-child(2) .figure-value"),
                Sees("0", "#rehearsal .figures .figure:nth-child(3) .figure-value"),
                Click(button("保存到草案")),
                Click(tab("检查")),
                Sees("0", ".figures .figure:first-child .figure-value"),
                Click(tab("发布")),
                Type("#effective_from", "2027-01-01"),
                Click(button("预览发布结果")),
                Agree(button("发布为第 2 版网格")),
                Sees("第 2 版", "h1"),
                Holds(_published),
            ),
            why="before, the proposal was to drop all other cells",
            why_zh="以前默认按整级导入，其余网格将被注销",
        ),
        Want(
            "责任矩阵中有一处空缺，给它指定主办单位",
            "Mend a hole of the matrix of duties",
            None,
            (
                Click(menu("/duties")),
                Click(link("空缺与重复")),
                Notes("holes", "main .figure:has-text('无主办单位') .figure-value", COUNT),
                Click("section[aria-labelledby=hole] a[href*='mend']"),
                Type("#responder", "SO01"),
                Click("form.duty-change button[type=submit]"),
                Notes("closed", ".figure-note:has-text('消除')", COUNT),
                Click(button("确认保存")),
                Sees("已保存", "main [role=status]"),
                Click(link("空缺与重复")),
                Holds(lambda page, city, noted: _fewer_holes(page, noted)),
            ),
            why="duties were changed by a spreadsheet only",
            why_zh="责任分工只能用表格导入修改",
        ),
    ),
)


def _fewer_holes(page: Any, noted: dict[str, str]) -> None:
    left = page.locator("main .figure:has-text('无主办单位') .figure-value").first.inner_text()
    assert number(left) == number(noted["holes"]) - number(noted["closed"])


def _all_cells(path: Path, noted: dict[str, str]) -> None:
    assert len(pyogrio.read_dataframe(f"/vsizip/{path}")) == number(noted["count"])


def _all_duties(path: Path, noted: dict[str, str]) -> None:
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    assert len(rows) - 1 == number(noted["count"])


PLANNER = Story(
    "planner",
    1366,
    (
        Want(
            "取走全部单元网格的 Shapefile",
            "Take all cells away as a Shapefile",
            4,
            (
                Click(menu("/exports")),
                Choose("#format", "Shapefile（zip）"),
                Click(button("生成文件")),
                Notes("count", "dl.facts dd", COUNT),
                Takes("main a[href$='/file']", _all_cells),
            ),
        ),
        Want(
            "取走责任分工表（Excel）",
            "Take the table of duties away as Excel",
            5,
            (
                Click(menu("/exports")),
                Notes("count", "label[for=noun-duties]", COUNT),
                Click("label[for=noun-duties]"),
                Choose("#format", "XLSX"),
                Click(button("生成文件")),
                Takes("main a[href$='/file']", _all_duties),
            ),
        ),
    ),
)

ADMINISTRATOR = Story(
    "administrator",
    1366,
    (
        Want(
            "为新来的指挥长建账号",
            "Make an account for a new commander",
            5,
            (
                Type("#username", "zhao"),
                Type("#name", "赵敏"),
                Choose("#role", "指挥长"),
                Click("form[action$='/accounts'] button[type=submit]"),
                Sees("zhao"),
                Holds(lambda page, city, noted: _may_log_in(city)),
            ),
        ),
        Want(
            "查看谁看过个人信息",
            "See who read personal data",
            3,
            (
                Click(menu("/audit")),
                Choose("#action", "查看个人信息"),
                Click(button("查看")),
                Sees("查看", ".audit tbody"),
                Holds(lambda page, city, noted: _by_name(page, city)),
            ),
            why="before: names of programs, no sentences",
            why_zh="以前显示程序代码，不成语句",
        ),
    ),
)


def _may_log_in(city: City) -> None:
    role, active = city.ask("SELECT role, active FROM accounts WHERE username = 'zhao'")
    assert (role, active) == ("commander", True)


def _by_name(page: Any, city: City) -> None:
    rows = page.locator(".audit tbody tr").count()
    stored = city.ask("SELECT count(*) FROM audit_log WHERE action = 'read_personal'")[0]
    assert 0 < rows <= stored


STORIES = (COMMANDER, GIS_OFFICER, PLANNER, ADMINISTRATOR)

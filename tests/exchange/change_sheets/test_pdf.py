"""The sheet as a PDF: its text is there, its fonts are embedded, its maps show both sides."""

import ctypes
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import shapely

from gridmgmt.domain.areas.area import Level
from gridmgmt.domain.areas.draft import Draft, DraftStatus
from gridmgmt.domain.headings import Language
from gridmgmt.exchange.change_sheets.change_sheet import (
    ChangeKind,
    ChangeSheet,
    GivenGround,
    MapSide,
    SheetArea,
    SheetMap,
)
from gridmgmt.exchange.change_sheets.map_drawing import PALETTE
from gridmgmt.exchange.change_sheets.paper import INK, PALE
from gridmgmt.exchange.change_sheets.pdf import drawn
from gridmgmt.geometry.coverage.changes import no_areas
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from tests.streets import make_level, square

LEVELS = {
    "street": Level("street", 0, "街道", "Street"),
    "cell": Level("cell", 1, "单元网格", "Grid cell"),
}
DRAFT = Draft(7, "春季调整", DraftStatus.OPEN, 1, datetime(2026, 1, 1, tzinfo=UTC), "wang")
WEST, EAST = square(0, 0, 0.5), square(0.5, 0, 0.5)


def merged(count: int = 1, **other: Any) -> ChangeSheet:
    """Cell 002 goes into 001, and so many cells are renamed."""
    renamed = [
        SheetArea(
            "cell",
            f"9{n:05d}",
            f"第{n}网格",
            (ChangeKind.RENAMED,),
            ("长庆街道",),
            n + 0.25,
            n + 0.25,
            old_name=f"旧{n}",
        )
        for n in range(1, count)
    ]
    street = make_level("street", {"S": square(0, 0)}, names={"S": "长庆街道"})
    names = {"001": "长庆街道第一网格", "002": "长庆街道第二网格"}
    before = make_level("cell", {"001": WEST, "002": EAST}, names=names)
    after = make_level("cell", {"001": square(0, 0)}, names=names)
    around = make_level("cell", {"003": square(1, 0)}, names={"003": "邻近网格"})

    def side(areas: LevelAreas) -> MapSide:
        return MapSide(areas, around, (street,))

    given: dict[str, Any] = {
        "draft": DRAFT,
        "levels": LEVELS,
        "places": ("长庆街道",),
        "in_force": date(2027, 1, 1),
        "edits": 4,
        "digest": "0123456789abcdef" * 4,
        "made_at": datetime(2026, 11, 30, 12, tzinfo=UTC),
        "bureau": "示例市城市管理局",
        "areas": (
            SheetArea(
                "cell",
                "001",
                names["001"],
                (ChangeKind.REDRAWN,),
                ("长庆街道",),
                1234.5,
                3456.75,
            ),
            SheetArea(
                "cell", "002", names["002"], (ChangeKind.RETIRED,), ("长庆街道",), 2222.25, None
            ),
            *renamed,
        ),
        "given": (GivenGround(1, "cell", "002", "001", 2222.25),),
        "maps": (
            SheetMap(
                "cell",
                side(before),
                side(after),
                ((1, EAST),),
                (120.148, 30.248, 120.164, 30.262),
            ),
        ),
        "groups": 1,
    }
    return ChangeSheet(**given | other)


def pages(document: bytes) -> Iterator[pypdfium2.PdfPage]:
    with pypdfium2.PdfDocument(document) as opened:
        yield from opened


def picture(document: bytes) -> np.ndarray:
    """The only page as an array of colours."""
    [found] = [
        np.asarray(page.render(scale=2).to_pil().convert("RGB")) for page in pages(document)
    ]
    return found


def texts(document: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pages(document)]


def test_the_text_of_a_chinese_sheet_can_be_selected() -> None:
    document = drawn(merged(), "zh")
    text = "".join(texts(document))
    for told in (
        "关于长庆街道网格边界调整的公示",
        "草案：春季调整（编制中，尚未施行）",
        "拟自2027年1月1日起施行",
        "调整前：第 1 版",
        "单元网格 2 个（注销 1 个、边界调整 1 个）",
        "1,234.50",
        "3,456.75",
        "+2,222.25",
        "长庆街道第二网格（002）",
        "001 长庆街道第一网格　1,234.50 → 3,456.75 m²",
        "街道界线",
        "原界线",
        "邻近网格",
        "示例市城市管理局",
        "编辑序号 4 · 校验码 0123456789ab",
        "2026-11-30 12:00 制",
    ):
        assert told in text, told
    assert "第 1 页，共 1 页" in text.replace("\r\n", "")


def test_an_english_sheet_has_english_words_and_the_names_as_they_are() -> None:
    text = " ".join("".join(texts(drawn(merged(), "en"))).split())
    for told in (
        "Public notice: changed borders in 长庆街道",
        "Grid cell: 2 (retired: 1, border changed: 1)",
        "Ground that goes to another area",
        "Meant to be in force from 2027-01-01",
        "Page 1 of 1",
    ):
        assert told in text, told


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"edition": 2, "status": DraftStatus.PUBLISHED}, "网格版本：第 2 版（春季调整）"),
        ({"base_edition": None}, "关于长庆街道网格划分的公示"),
        ({"status": DraftStatus.APPROVED}, "已审核，尚未施行"),
        ({"status": DraftStatus.SUBMITTED}, "送审中，尚未施行"),
    ],
)
def test_the_head_says_in_which_state_it_is(changed: Mapping[str, Any], told: str) -> None:
    draft = Draft(**vars(DRAFT) | changed)
    assert told in "".join(texts(drawn(merged(draft=draft), "zh")))


def test_places_beyond_the_third_are_counted() -> None:
    places = ("甲街道", "乙街道", "丙街道", "丁街道", "戊街道")
    text = "".join(texts(drawn(merged(places=places), "zh")))
    assert "关于甲街道、乙街道、丙街道等 5 处网格边界调整的公示" in text.replace("\r\n", "")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_long_table_is_whole_and_every_page_has_head_and_foot(language: Language) -> None:
    sheet = merged(200)
    found = texts(drawn(sheet, language))
    text = "\n".join(found)
    for area in sheet.areas:
        assert area.code in text
        assert f"{area.before_m2:,.2f}" in text
    assert len(found) > 4
    for n, page in enumerate(found, 1):
        assert "0123456789ab" in page
        words = "第 {} 页，共 {} 页" if language == "zh" else "Page {} of {}"
        assert words.format(n, len(found)) in page
    heads = [page for page in found if ("编码" if language == "zh" else "Code") in page]
    assert len(heads) >= len(found) - 1


def test_maps_that_are_left_out_are_counted() -> None:
    assert "另有 3 处调整未附图" in "".join(texts(drawn(merged(groups=4), "zh")))
    only_names = merged(maps=(), given=(), groups=0)
    text = "".join(texts(drawn(only_names, "zh")))
    assert "本次调整不涉及边界，无附图" in text
    assert "关于长庆街道网格信息变更的公示" in text


def test_fonts_are_embedded() -> None:
    document = drawn(merged(), "zh")
    fonts: Counter[int] = Counter()
    for page in pages(document):
        for one in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
            fonts[pdfium.FPDFFont_GetIsEmbedded(pdfium.FPDFTextObj_GetFont(one.raw))] += 1
    assert set(fonts) == {1}
    # A subset: the font itself has 16 MB.
    assert len(document) < 200_000


def test_text_behind_a_map_has_its_own_colour() -> None:
    """A clip sets colours back, and the library must know."""
    seen = set()
    for page in pages(drawn(merged(), "zh")):
        for one in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
            rgba = [ctypes.c_uint() for _ in range(4)]
            assert pdfium.FPDFPageObj_GetFillColor(one.raw, *rgba)
            seen.add(tuple(value.value for value in rgba[:3]))
    assert seen == {INK, PALE, (255, 255, 255)}


def test_the_maps_show_the_ground_before_and_after() -> None:
    seen = picture(drawn(merged(), "zh"))
    half = seen.shape[1] // 2
    first, second = (
        [np.count_nonzero((side == colour).all(axis=2)) for colour in PALETTE[:2]]
        for side in (seen[:, :half], seen[:, half:])
    )
    # 001 is twice as large afterwards, 002 is there before only; the legend has swatches.
    assert second[0] / first[0] == pytest.approx(2, abs=0.2)
    assert first[1] > 10 * max(second[1], 1)
    red = np.asarray([200, 20, 30])
    dashes = (np.abs(seen[:, half:].astype(int) - red) < 30).all(axis=2)
    # The dashes of the old border, not only the disc with the number.
    assert np.count_nonzero(dashes.any(axis=1)) > 120


def red_rows(sheet: ChangeSheet) -> int:
    """In how many lines of the picture something is red: old borders and their legend."""
    seen = picture(drawn(sheet, "zh")).astype(int)
    return int(np.count_nonzero((np.abs(seen - [200, 20, 30]) < 30).all(axis=2).any(axis=1)))


def test_a_border_with_another_vertex_is_no_old_border() -> None:
    west, south, east, north = WEST.bounds
    # As a split leaves it: on the grid, a millimetre beside the line.
    bent = [
        (west, south),
        (east, south),
        (east + 1e-8, south + 0.003),
        (east, north),
        (west, north),
    ]
    window = (120.148, 30.248, 120.164, 30.262)

    def sheet(after: shapely.Polygon) -> ChangeSheet:
        sides = (
            MapSide(make_level("cell", {"001": ground}), no_areas("cell"), ())
            for ground in (WEST, after)
        )
        return merged(maps=(SheetMap("cell", *sides, (), window),))

    assert red_rows(sheet(shapely.Polygon(bent))) < 10
    assert red_rows(sheet(square(0, 0, 0.4))) > 100


def test_holes_parts_and_hairs_are_drawn() -> None:
    # Files turn rings as they like.
    hole = square(0.1, 0.1, 0.2, 0.2).exterior.coords
    holed = shapely.Polygon(WEST.exterior.coords, [hole])
    assert holed.exterior.is_ccw == holed.interiors[0].is_ccw
    ground = shapely.MultiPolygon([holed, square(0.8, 0.8, 0.1, 0.1)])
    hair = square(0.5, 0, 1e-7, 1)
    side = MapSide(make_level("cell", {"001": ground, "002": hair}), no_areas("cell"), ())
    one = SheetMap("cell", side, side, ((1, hair),), (120.148, 30.248, 120.164, 30.262))
    whole = MapSide(make_level("cell", {"001": WEST}), no_areas("cell"), ())
    other = SheetMap("cell", whole, whole, (), one.window)
    filled, of_whole = (
        np.count_nonzero((picture(drawn(merged(maps=(drew,)), "zh")) == PALETTE[0]).all(axis=2))
        for drew in (one, other)
    )
    # The hole has 0.04 of 0.5, the part 0.01.
    assert filled / of_whole == pytest.approx(0.47 / 0.5, abs=0.03)

"""Draw a sheet about changed borders as a PDF: text that can be selected, embedded fonts."""

from collections.abc import Mapping

from fpdf.enums import Align

from gridmgmt.domain.headings import Language
from gridmgmt.domain.moments import shown
from gridmgmt.exchange.change_sheets.change_sheet import (
    ChangeSheet,
    SheetArea,
    SheetMap,
)
from gridmgmt.exchange.change_sheets.map_drawing import (
    BORDER_MM,
    DASH_MM,
    OLD_BORDER,
    OLD_BORDER_MM,
    Colour,
    MapDrawing,
    above_mm,
    colours,
)
from gridmgmt.exchange.change_sheets.map_frame import Frame
from gridmgmt.exchange.change_sheets.paper import (
    INK,
    MARGIN_MM,
    PALE,
    WIDTH_MM,
    Paper,
    TableColumn,
)
from gridmgmt.exchange.change_sheets.sheet_words import SheetWords

_MAP_MM = 88.0
# More areas than these are named on the map only.
_MOST_IN_LEGEND = 12
_DIGEST = 12
_LEGEND_MM = 4.2


def drawn(sheet: ChangeSheet, language: Language) -> bytes:
    """Return the sheet as a PDF, A4.

    Raises
    ------
    FontError
        when the machine has no Chinese font
    """
    return _Drawing(sheet, language).drawn()


class _Drawing:
    def __init__(self, sheet: ChangeSheet, language: Language) -> None:
        self._sheet, self._words = sheet, SheetWords(sheet, language)
        said = self._words.said
        tz = sheet.made_at.tzinfo
        assert tz is not None, "a sheet is made at an instant"
        made = shown(sheet.made_at, tz)
        state = said("state", made, sheet.draft.label, sheet.edits, sheet.digest[:_DIGEST])
        foot = [text for text in (sheet.bureau, state) if text]
        self._paper = Paper(foot, said("page", "{}", "{}"))
        self._paper.set_title(self._words.title)
        self._paper.set_lang("zh-CN" if language == "zh" else "en")
        self._paper.set_creation_date(sheet.made_at)
        self._names = {(one.level, one.code): one.name for one in sheet.areas}

    def drawn(self) -> bytes:
        self._paper.add_page()
        self._head()
        self._areas()
        self._given()
        self._how()
        self._maps()
        return bytes(self._paper.output())

    def _head(self) -> None:
        paper, words = self._paper, self._words
        paper.style(18, bold=True)
        paper.paragraph(words.title, align=Align.C, height_mm=9)
        paper.ln(1.5)
        paper.style(9.5, PALE)
        paper.paragraph("　".join(words.status), align=Align.C)
        paper.ln(2)
        paper.style(10)
        paper.paragraph(words.lead)

    def _areas(self) -> None:
        paper, said = self._paper, self._words.said
        columns = [
            TableColumn(said("code"), 29),
            TableColumn(said("name"), 32),
            TableColumn(said("upper"), 39),
            TableColumn(said("kind"), 20),
            TableColumn(said("before_m2"), 20.5, numeric=True),
            TableColumn(said("after_m2"), 20.5, numeric=True),
            TableColumn(said("change_m2"), 19, numeric=True),
        ]
        paper.heading(said("areas"))
        for level in self._sheet.changed_levels:
            areas = [one for one in self._sheet.areas if one.level == level]
            self._level(level)
            rows = [*map(self._row, areas)]
            if len(rows) > 1:
                before = sum(one.before_m2 or 0.0 for one in areas)
                after = sum(one.after_m2 or 0.0 for one in areas)
                rows.append([said("total"), "", "", "", *_sizes(before, after)])
            paper.table(columns, rows, last_is_sum=len(rows) > 1)

    def _row(self, one: SheetArea) -> list[str]:
        words = self._words
        told = [one.code, words.name(one), words.upper(one), words.kinds(one)]
        return [*told, *_sizes(one.before_m2, one.after_m2)]

    def _level(self, level: str) -> None:
        # With the heading of the table and its first row.
        self._paper.need(28)
        self._paper.ln(1)
        self._paper.style(9, bold=True)
        self._paper.paragraph(self._words.level(level))

    def _given(self) -> None:
        paper, said = self._paper, self._words.said
        if not self._sheet.given:
            return
        columns = [
            TableColumn(said("number"), 14),
            TableColumn(said("from"), 68),
            TableColumn(said("to"), 68),
            TableColumn(said("m2"), 30, numeric=True),
        ]
        paper.heading(said("given"))
        for level in dict.fromkeys(one.level for one in self._sheet.given):
            self._level(level)
            rows = [
                [
                    str(one.number),
                    self._area(level, one.from_code),
                    self._area(level, one.to_code),
                    _m2(one.m2),
                ]
                for one in self._sheet.given
                if one.level == level
            ]
            paper.table(columns, rows)

    def _how(self) -> None:
        self._paper.need(6)
        self._paper.ln(1)
        self._paper.style(8, PALE)
        self._paper.paragraph(self._words.said("how"), height_mm=4.5)

    def _area(self, level: str, code: str | None) -> str:
        if code is None:
            return self._words.said("no_area", self._words.level(level))
        return (
            f"{self._names[level, code]}（{code}）"
            if self._words.language == "zh"
            else (f"{self._names[level, code]} ({code})")
        )

    def _maps(self) -> None:
        paper, said = self._paper, self._words.said
        if self._sheet.maps:
            # The heading stands on the page of the first map.
            paper.need(self._pair_mm(self._sheet.maps[0]) + 12)
        paper.heading(said("maps"))
        for number, one in enumerate(self._sheet.maps, 1):
            paper.need(self._pair_mm(one))
            self._pair(number, one)
        more = self._sheet.groups - len(self._sheet.maps)
        note = said("more_maps", more) if more else "" if self._sheet.maps else said("no_maps")
        if note:
            paper.need(6)
            paper.style(9, PALE)
            paper.paragraph(note)

    def _pair(self, number: int, one: SheetMap) -> None:
        paper, said = self._paper, self._words.said
        fills = colours(one)
        height = Frame(0, 0, _MAP_MM, one.window).height
        top = paper.get_y() + 6
        for left, text, side in (
            (0.0, said("before"), one.before),
            (WIDTH_MM - _MAP_MM, said("after"), one.after),
        ):
            paper.style(8.5, bold=True)
            paper.set_xy(MARGIN_MM + left, top - 5.5)
            paper.cell(_MAP_MM, 5, f"{said('map', number)}　{text}")
            is_after = side is one.after
            MapDrawing(paper, Frame(MARGIN_MM + left, top, _MAP_MM, one.window), fills).draw(
                side,
                old=one.before if is_after else None,
                pieces=one.pieces if is_after else (),
                north=said("north"),
            )
        paper.set_xy(MARGIN_MM, top + height + 1.5)
        self._legend(one, fills)
        paper.ln(3)

    def _pair_mm(self, one: SheetMap) -> float:
        rows = -(-len(self._legend_texts(one)) // self._legend_columns(one))
        return Frame(0, 0, _MAP_MM, one.window).height + 18 + rows * _LEGEND_MM

    def _legend_texts(self, one: SheetMap) -> dict[str, str]:
        """Return for each area that changes what the legend says, unless they are many."""
        codes = {*one.before.changed.codes, *one.after.changed.codes}
        if len(codes) > _MOST_IN_LEGEND:
            return {}
        areas = {area.code: area for area in self._sheet.areas if area.level == one.level}
        return {code: self._legend_text(areas[code]) for code in sorted(codes)}

    def _legend_columns(self, one: SheetMap) -> int:
        self._paper.style(7.5)
        widths = map(self._paper.width, self._legend_texts(one).values())
        return 2 if max(widths, default=0) <= WIDTH_MM / 2 - 9 else 1

    def _legend(self, one: SheetMap, fills: Mapping[str, Colour]) -> None:
        paper, top = self._paper, self._paper.get_y()
        texts, columns = self._legend_texts(one), self._legend_columns(one)
        width = WIDTH_MM / columns
        for n, (code, text) in enumerate(texts.items()):
            x, y = MARGIN_MM + (n % columns) * width, top + (n // columns) * _LEGEND_MM
            paper.set_fill_color(*fills[code])
            paper.set_draw_color(*INK)
            paper.set_line_width(0.15)
            paper.rect(x, y + 0.6, 5, 2.8, "DF")
            paper.style(7.5)
            paper.set_xy(x + 6, y)
            paper.cell(width - 8, 4, paper.lines(text, width - 8)[0])
        self._line_legend(one, top + -(-len(texts) // columns) * _LEGEND_MM + 0.6)

    def _legend_text(self, area: SheetArea) -> str:
        sizes = [_m2(m2) if m2 is not None else "–" for m2 in (area.before_m2, area.after_m2)]
        return f"{area.code} {area.name}　{sizes[0]} → {sizes[1]} m²"

    def _line_legend(self, one: SheetMap, top: float) -> None:
        paper, words = self._paper, self._words
        above = [side.level for side in reversed(one.after.above) if len(side.codes)]
        samples: list[tuple[str, float, Colour, bool]] = [
            (words.said("border", words.level(level)), width, INK, False)
            for level, width in zip(
                [one.level, *above],
                [BORDER_MM, *(above_mm(n + 1) for n in range(len(above)))],
                strict=True,
            )
        ]
        samples.append((words.said("old_border"), OLD_BORDER_MM, OLD_BORDER, True))
        x = MARGIN_MM
        paper.style(7.5)
        for text, width, colour, dashed in samples:
            paper.set_draw_color(*colour)
            paper.set_line_width(width)
            if dashed:
                paper.set_dash_pattern(*DASH_MM)
            paper.line(x, top + 2, x + 8, top + 2)
            paper.set_dash_pattern()
            paper.set_xy(x + 9, top)
            paper.cell(paper.width(text) + 2, 4, text)
            x += 9 + paper.width(text) + 5
        if one.pieces:
            paper.set_fill_color(*OLD_BORDER)
            paper.circle(x + 1.75, top + 2, 1.75, style="F")
            paper.set_xy(x + 4.5, top)
            text = words.said("piece")
            paper.cell(paper.width(text) + 2, 4, text)
        paper.set_xy(MARGIN_MM, top + 5)


def _sizes(before: float | None, after: float | None) -> list[str]:
    """Return square metres before and after, and their difference."""
    # Not -0, which would be written with its sign.
    change = round((after or 0.0) - (before or 0.0), 2) or 0.0
    told = [_m2(m2) if m2 is not None else "–" for m2 in (before, after)]
    return [*told, f"{change:+,.2f}" if change else "0.00"]


def _m2(m2: float) -> str:
    return f"{m2:,.2f}"

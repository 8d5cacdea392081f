"""The pages of a sheet: fonts, text in columns, and the line at the foot of each page."""

from collections.abc import Sequence
from dataclasses import dataclass

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from gridmgmt.exchange.change_sheets.fonts import chinese_fonts

MARGIN_MM = 15.0
WIDTH_MM = 210.0 - 2 * MARGIN_MM
_FOOT_MM = 18.0
_PAD_MM = 1.0
# Stands for the number of pages until it is known; as wide as thousands of them.
_PAGES = "{pages}"

INK = (30, 30, 30)
PALE = (110, 110, 110)
RULE = (150, 150, 150)
_HEAD = (234, 238, 243)


@dataclass(frozen=True)
class TableColumn:
    """A column of a table: its heading and its width in millimetres."""

    heading: str
    width_mm: float
    numeric: bool = False


class Paper(FPDF):
    """An A4 document in millimetres, in the Chinese font of this machine.

    Raises
    ------
    FontError
        when it has none
    """

    def __init__(self, foot: Sequence[str], page_words: str) -> None:
        super().__init__(unit="mm", format="A4")
        self._foot, self._page_words = foot, page_words
        regular, bold = chinese_fonts()
        self.add_font("han", "", regular.path, collection_font_number=regular.number)
        self.add_font("han", "B", bold.path, collection_font_number=bold.number)
        self.set_margin(MARGIN_MM)
        self.alias_nb_pages(_PAGES)
        self.set_auto_page_break(False)
        self._widths: dict[tuple[str, str, float], float] = {}

    def footer(self) -> None:
        """Write the foot of a page."""
        self.set_y(-_FOOT_MM + 3)
        self.set_draw_color(*RULE)
        self.set_line_width(0.15)
        self.line(MARGIN_MM, self.get_y(), MARGIN_MM + WIDTH_MM, self.get_y())
        first, *others = self._page_words.split("{}")
        page = f"{first}{self.page_no()}{others[0]}{_PAGES}{others[1]}"
        self.style(7.5, PALE)
        for n, text in enumerate(self._foot):
            self.set_xy(MARGIN_MM, -_FOOT_MM + 4 + 4 * n)
            self.cell(WIDTH_MM - 40, 4, text)
        # From the left, since what stands for the number of pages is wider than it.
        room = self.width(self._page_words.replace("{}", "00"))
        self.set_xy(MARGIN_MM + WIDTH_MM - room - 2 * _PAD_MM, -_FOOT_MM + 4)
        self.cell(room, 4, page)

    def style(
        self, points: float, colour: tuple[int, int, int] = INK, *, bold: bool = False
    ) -> None:
        """Choose size, colour and weight of what is written next."""
        self.set_font("han", "B" if bold else "", points)
        self.set_text_color(*colour)

    def need(self, height_mm: float) -> None:
        """Begin a new page unless so much is left of this one."""
        if self.get_y() + height_mm > self.h - _FOOT_MM:
            self.add_page()

    def heading(self, text: str, *, points: float = 11) -> None:
        """Write a heading, with room for something below it."""
        self.need(40)
        self.ln(3)
        self.style(points, bold=True)
        self.cell(WIDTH_MM, 6.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(0.8)

    def paragraph(self, text: str, *, align: Align = Align.L, height_mm: float = 5.2) -> None:
        """Write text over the whole width, line by line."""
        for line in self.lines(text, WIDTH_MM):
            self.need(height_mm)
            self.cell(
                WIDTH_MM, height_mm, line, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT
            )

    def table(  # type: ignore[override]
        self,
        columns: Sequence[TableColumn],
        rows: Sequence[Sequence[str]],
        *,
        last_is_sum: bool = False,
    ) -> None:
        """Write a table; its headings stand on every page."""
        points, line_mm = 8.0, 3.9
        self._head(columns, line_mm)
        for n, row in enumerate(rows):
            bold = last_is_sum and n == len(rows) - 1
            self.style(points, bold=bold)
            cells = [
                self.lines(text, one.width_mm - 2 * _PAD_MM)
                for one, text in zip(columns, row, strict=True)
            ]
            height = max(map(len, cells)) * line_mm + 1.6
            if self.get_y() + height > self.h - _FOOT_MM:
                self.add_page()
                self._head(columns, line_mm)
                self.style(points, bold=bold)
            self._row(columns, cells, height, line_mm)

    def lines(self, text: str, width_mm: float) -> list[str]:
        """Break a text into lines of a width; Chinese may break anywhere, words do not."""
        lines: list[str] = []
        line = ""
        for word in _words(text):
            if self.width(line + word) <= width_mm:
                line += word
                continue
            if line:
                lines.append(line.rstrip())
            # A code without a space may be longer than its column.
            *whole, line = self._pieces(word.lstrip(), width_mm)
            lines += whole
        return [*lines, line.rstrip()]

    def _pieces(self, word: str, width_mm: float) -> list[str]:
        pieces = [""]
        for letter in word:
            if pieces[-1] and self.width(pieces[-1] + letter) > width_mm:
                pieces.append("")
            pieces[-1] += letter
        return pieces

    def width(self, text: str) -> float:
        """Return how many millimetres a text is wide."""
        return sum(map(self._width, text))

    def _width(self, letter: str) -> float:
        key = letter, self.font_style, self.font_size_pt
        found = self._widths.get(key)
        if found is None:
            found = self._widths[key] = self.get_string_width(letter)
        return found

    def _head(self, columns: Sequence[TableColumn], line_mm: float) -> None:
        self.style(8, bold=True)
        cells = [self.lines(one.heading, one.width_mm - 2 * _PAD_MM) for one in columns]
        height = max(map(len, cells)) * line_mm + 2
        self.set_fill_color(*_HEAD)
        self.rect(MARGIN_MM, self.get_y(), sum(one.width_mm for one in columns), height, "F")
        self._row(columns, cells, height, line_mm)

    def _row(
        self,
        columns: Sequence[TableColumn],
        cells: Sequence[Sequence[str]],
        height: float,
        line_mm: float,
    ) -> None:
        x, top = MARGIN_MM, self.get_y()
        for one, lines in zip(columns, cells, strict=True):
            for n, line in enumerate(lines):
                y = top + (height - len(lines) * line_mm) / 2 + n * line_mm
                self.set_xy(x + _PAD_MM, y)
                align = Align.R if one.numeric else Align.L
                self.cell(one.width_mm - 2 * _PAD_MM, line_mm, line, align=align)
            x += one.width_mm
        self.set_draw_color(*RULE)
        self.set_line_width(0.12)
        self.line(MARGIN_MM, top + height, x, top + height)
        self.set_xy(MARGIN_MM, top + height)


def _words(text: str) -> list[str]:
    """Split a text where a line may end: behind spaces and Chinese letters."""
    words, word = [], ""
    for letter in text:
        if _is_han(letter) and word and not word.endswith("（"):
            # A stop does not begin a line.
            if letter in "，。；：、）！？":
                word += letter
                continue
            words.append(word)
            word = letter
        elif word and (word[-1] == " " or _is_han(word[-1])) and word[-1] != "（":
            words.append(word)
            word = letter
        else:
            word += letter
    return [*words, word]


def _is_han(letter: str) -> bool:
    return letter >= "\u2e80"

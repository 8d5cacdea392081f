"""Number formats of XLSX cells: which numbers are moments, and which show more than a number.

A number is shown by the first section of its format whose condition it meets:

========================  ===========  =======================
format                    stored       read as
========================  ===========  =======================
General, 0, #,##0.00, 0%  1234.5       the stored number
¥0, 0"元", 0"㎡"          12           the stored number
000, 0##, [$-409]000      1            001
00.00, 000,000            8.02, 1030   08.02, 001,030
"ZJ-"000, 00-00           7, 801       ZJ-007, 08-01
"SQ"General, "SQ"@        104          SQ104, for "SQ"@ only where 104 is text
yyyy"年"m"月", id 27      46082        a moment
[h]:mm                    1.5          36:00:00, a duration
========================  ===========  =======================
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from gridmgmt.exchange.tables.xlsx_sections import FormatSection, Kind, sections_of

# The formats that a file names by number alone. East Asian Excel has 27 to 36 and 50 to 58,
# Thai Excel 71 to 81: dates and times in every language that has them.
_MOMENT_IDS = frozenset(
    (*range(14, 23), *range(27, 37), 45, 47, *range(50, 59), *range(71, 82))
)
_DURATION_ID = 46


@dataclass(frozen=True)
class NumberFormat:
    """The format of a cell, from its code or from the number of a built-in one."""

    code: str
    number: int = 0

    @cached_property
    def _written(self) -> Sequence[FormatSection]:
        if self.code:
            return list(sections_of(self.code))
        if self.number == _DURATION_ID:
            return [FormatSection(Kind.DURATION)]
        return [FormatSection(Kind.MOMENT if self.number in _MOMENT_IDS else Kind.NUMBER)]

    @cached_property
    def _for_text(self) -> FormatSection | None:
        """The section of texts: the fourth, or the last if it has the place of a text."""
        last = self._written[-1]
        return last if any(part.role == "text" for part in last.parts) else None

    @cached_property
    def _sections(self) -> Sequence[FormatSection]:
        numbers = self._written[:-1] if self._for_text else self._written[:3]
        return numbers[:3] or [FormatSection(Kind.NUMBER)]

    @cached_property
    def is_plain(self) -> bool:
        """Return whether every number stays the stored number."""
        return all(section.kind is Kind.NUMBER for section in self._sections)

    def kind(self, value: float) -> Kind:
        """Return what the format makes of a number."""
        return self._section(float(value)).kind_of(float(value))

    def text(self, value: float) -> str:
        """Return what a cell shows for a number that is text, with all of its digits.

        Examples
        --------
        >>> NumberFormat("000").text(1), NumberFormat('"ZJ-"000').text(7)
        ('001', 'ZJ-007')
        >>> NumberFormat("00-00").text(801), NumberFormat("000").text(-5)
        ('08-01', '-005')
        >>> NumberFormat("00.00").text(8.5), NumberFormat("000,000").text(1030)
        ('08.50', '001,030')
        """
        section = self._section(float(value))
        # A section for negative numbers writes its own sign.
        is_signed = value < 0 and section is self._sections[0] and section.condition is None
        return "-" * is_signed + section.text(value)

    def around(self, text: str) -> str:
        """Return what a cell shows for a text, if its format names it; else the text.

        Examples
        --------
        >>> NumberFormat('"SQ"@').around("105"), NumberFormat('@"元"').around("105")
        ('SQ105', '105')
        """
        section = self._for_text
        if section is None or not section.is_named or not text:
            return text
        return "".join(text if one.role == "text" else one.text for one in section.parts)

    def _section(self, value: float) -> FormatSection:
        sections = self._sections
        if any(section.condition for section in sections):
            stated = [one for one in sections if one.condition and one.covers(value)]
            others = [one for one in sections if not one.condition]
            return (stated or others or sections)[0]
        if value < 0 and len(sections) > 1:
            return sections[1]
        return sections[2] if value == 0 and len(sections) > 2 else sections[0]

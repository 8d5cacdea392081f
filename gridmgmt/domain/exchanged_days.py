"""Notice dates of which a spreadsheet may have exchanged day and month.

A spreadsheet that expects the month first makes 4 March of 03/04/2026, which was 3 April, and
leaves 13/04/2026 as text, since there is no month 13. So in such a column every date that it
stored lies before the 13th of a month, and every one that is text after the 12th.
"""

from collections.abc import Iterable

from gridmgmt.domain.date_reader import DateReader
from gridmgmt.domain.stored_time import StoredTime
from gridmgmt.sentence import Sentence

_MONTHS = 12


class ExchangedDays:
    """Looks at the dates of one column, and says whether they may be exchanged.

    Examples
    --------
    >>> from gridmgmt.domain.date_format import parse_format
    >>> doubt = ExchangedDays(DateReader(formats=(parse_format("DD/MM/YYYY"),)).of("due_at"))
    >>> doubt.add([StoredTime("2026-03-04"), "13/04/2026", None])
    >>> doubt.found() is None
    False
    >>> doubt.add(["05/04/2026"])
    >>> doubt.found() is None
    True
    """

    def __init__(self, dates: DateReader) -> None:
        self._dates = dates
        self._stored = self._written = 0
        # Without a stated format only dates that begin with the year are read from text.
        self._is_open = bool(dates.formats)

    def add(self, texts: Iterable[str | None]) -> None:
        """Look at more cells; those that are empty or no dates say nothing."""
        for text in texts:
            if not self._is_open:
                return
            if text is not None:
                self._add(text)

    def _add(self, text: str) -> None:
        try:
            day = self._dates.written(text).day
        except ValueError:
            return
        if isinstance(text, StoredTime):
            self._stored += 1
            self._is_open = day <= _MONTHS
        else:
            self._written += 1
            self._is_open = day > _MONTHS

    def found(self) -> Sentence | None:
        """Return a warning, or None if nothing speaks for an exchange."""
        if not (self._is_open and self._stored and self._written):
            return None
        return Sentence(
            "{}: all {} date(s) that a spreadsheet stored lie before the 13th of a month, and "
            "all {} that are text after the 12th: a spreadsheet of another country may have "
            "exchanged day and month; compare them with the source",
            self._dates.field,
            f"{self._stored:,}",
            f"{self._written:,}",
        )

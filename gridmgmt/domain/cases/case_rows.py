"""Read rows of a case file: the fields, and what makes a row invalid."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from gridmgmt.domain.cases.case import GivenCase, attribute_of
from gridmgmt.domain.cases.case_texts import free_text, free_texts, short_text, short_texts
from gridmgmt.domain.codes import code, codes
from gridmgmt.domain.columns import (
    Column,
    Texts,
    all_yes_or_no,
    choose_columns,
    headed,
    read_cells,
    read_column,
    yes_or_no,
)
from gridmgmt.domain.date_reader import DateReader, check_fields
from gridmgmt.domain.numbers import degrees_or_metres, number, numbers
from gridmgmt.sentence import Sentence

# Clocks of different systems differ; one day also covers every confusion of time zones.
CLOCK_SLACK = timedelta(days=1)

# No clock is ever set back by more.
_CLOCK_CHANGE = timedelta(hours=3)

# A case may be due in the future, but events lie in the past.
_PAST = ("reported_at", "disposed_at", "closed_at")


# Words that pages use in URLs in the place of a case number.
_TAKEN = frozenset({"new", "new/limits.json", "new/places.json", "new/preview.json", "export"})
_ODD = _TAKEN | {"exports", ".", ".."}

# Coordinates lie between -1e9 and 1e9, the ends excluded.
_JUST_ABOVE = math.nextafter(-1e9, 0.0)


def _number(text: str) -> str:
    number = code(text)
    parts = number.split("/")
    if number in _TAKEN or parts[0] == "exports" or not {"", ".", ".."}.isdisjoint(parts):
        # Such a case could be stored, but its page could never be opened.
        raise ValueError(
            Sentence("{} cannot stand in an address; choose another number", repr(number))
        )
    return number


def _numbers(texts: Texts) -> Texts | None:
    is_plain = codes(texts) and _ODD.isdisjoint(texts) and not any("/" in t for t in texts if t)
    return texts if is_plain else None


_metres = partial(numbers, least=_JUST_ABOVE, less_than=1e9)
# The fields of a case that hold dates.
DATES = ("reported_at", "due_at", "disposed_at", "closed_at")

# The mark of a provisional deadline, and what it is computed from and to.
_MARK = "due_provisional"
_BASIS = ("due_at", "due_limit")

_sizes = partial(numbers, least=0.0, less_than=1e12)


class RowReader:
    """Reads rows of text; ``dates`` reads their times, ``now`` is the present."""

    def __init__(self, dates: DateReader, now: datetime) -> None:
        check_fields(dates, DATES)

        def moment(name: str, *, required: bool = False) -> Column:
            own = dates.of(name)
            return Column(name, own.moment, required, whole=own.moments, takes_times=True)

        written = partial(
            Column, parse=free_text, whole=free_texts, takes_times=True, personal=True
        )
        self._latest = now + CLOCK_SLACK
        self.columns = headed(
            "cases",
            Column("case_no", _number, required=True, whole=_numbers),
            Column("category", code, required=True, whole=codes),
            moment("reported_at", required=True),
            Column("lon", degrees_or_metres, whole=_metres),
            Column("lat", degrees_or_metres, whole=_metres),
            moment("due_at"),
            moment("disposed_at"),
            moment("closed_at"),
            Column("channel", short_text, whole=short_texts),
            written("description"),
            written("address"),
            Column("accuracy_m", number, whole=_sizes),
            Column("due_limit", short_text, whole=short_texts),
            Column(_MARK, yes_or_no, whole=all_yes_or_no, empty=False),
        )

    def choose(
        self, given: Mapping[str, str], available: Sequence[str]
    ) -> tuple[dict[str, str], list[str]]:
        """Return the column of each field, and the faults of this mapping.

        There must be columns for the position, although single rows may have none.

        Raises
        ------
        InputError
            naming every field in ``given`` that cases do not have
        """
        chosen, problems = choose_columns(self.columns, available, given)
        problems += [
            Sentence("there is no column {}", repr(field))
            for field in ("lon", "lat")
            if field not in chosen and field not in given
        ]
        return chosen, problems

    def typed(self, chosen: Mapping[str, str]) -> tuple[str, ...]:
        """Return the columns that hold neither dates nor free text, of those chosen."""
        fields = (column.name for column in self.columns if not column.takes_times)
        return tuple(chosen[field] for field in fields if field in chosen)

    def read_many(self, cells: Mapping[str, Texts], count: int) -> list[GivenCase | list[str]]:
        """Read many rows at once, with the same results as ``read``.

        ``cells`` has the column of each field; a missing field is empty in all rows.
        """
        columns: list[Sequence[Any]] = []
        unfit: set[int] = set()
        for column in self.columns:
            texts = cells.get(column.name, [None] * count)
            values, odd = read_column(column, texts)
            columns.append(values)
            unfit.update(odd)
            if column.name in _PAST:
                unfit.update(self._in_the_future(values))
        unfit.update(self._without_basis(columns))
        lon, lat = (cells.get(name, [None] * count) for name in ("lon", "lat"))
        pairs = zip(lon, lat, strict=True)
        unfit.update(i for i, (x, y) in enumerate(pairs) if (x is None) != (y is None))
        # The fields are in the order of the columns.
        rows: list[GivenCase | list[str]] = [
            GivenCase(*row) for row in zip(*columns, strict=True)
        ]
        for i in unfit:
            rows[i] = self.read({name: texts[i] for name, texts in cells.items()})
        return rows

    def _in_the_future(self, moments: Sequence[datetime | None]) -> list[int]:
        latest = max((moment for moment in moments if moment is not None), default=None)
        # Times of one zone are compared by the local clock, which may have been set back in
        # between.
        if latest is None or latest <= self._latest - _CLOCK_CHANGE:
            return []
        return [
            i
            for i, moment in enumerate(moments)
            if moment is not None and moment > self._latest
        ]

    def _without_basis(self, columns: Sequence[Sequence[Any]]) -> list[int]:
        """Return the rows that are provisional but lack what a provisional deadline needs."""
        names = [column.name for column in self.columns]
        provisional, *needed = (columns[names.index(name)] for name in (_MARK, *_BASIS))
        if True not in provisional:
            return []
        rows = enumerate(zip(provisional, *needed, strict=True))
        return [i for i, (is_marked, *basis) in rows if is_marked and None in basis]

    def read(self, cells: Mapping[str, str | None]) -> GivenCase | list[str]:
        """Read one row, or return everything that is wrong with it.

        ``cells`` has stripped text by field; a missing field is the same as None.
        """
        values, unread = read_cells(self.columns, cells)
        problems = list(unread.values())
        problems += [
            Sentence("{} {} lies in the future", name, cells[name])
            for name in _PAST
            if values[name] is not None and values[name] > self._latest
        ]
        if (cells.get("lon") is None) != (cells.get("lat") is None):
            there, missing = ("lat", "lon") if cells.get("lon") is None else ("lon", "lat")
            problems.append(Sentence("{} is given but {} is empty", there, missing))
        if values[_MARK]:
            problems += [
                Sentence("{} is yes but {} is empty", _MARK, name)
                for name in _BASIS
                if cells.get(name) is None
            ]
        return problems or _as_case(values)


def _as_case(values: Mapping[str, Any]) -> GivenCase:
    return GivenCase(**{attribute_of(field): value for field, value in values.items()})

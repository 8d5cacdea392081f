"""Rows of a case file: which fields there are and what makes a row unfit."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Any

from gridmgmt.domain.case import GivenCase, attribute_of
from gridmgmt.domain.columns import (
    Column,
    choose_columns,
    code,
    degrees_or_metres,
    number,
    read_cells,
)
from gridmgmt.domain.moments import read_moment

# Clocks of several systems never agree; a day covers every time zone mistaken for another.
CLOCK_SLACK = timedelta(days=1)

# A case may be due in the future, but what has happened lies in the past.
_PAST = ("reported_at", "disposed_at", "closed_at")


# What stands in the place of a number in addresses of pages that show no single case.
_TAKEN = frozenset({"new", "export", "grid.json"})


def _number(text: str) -> str:
    number = code(text)
    parts = number.split("/")
    if number in _TAKEN or parts[0] == "exports" or not {"", ".", ".."}.isdisjoint(parts):
        # Such a case could be stored, but never be looked at.
        message = f"{number!r} cannot stand in an address; choose another number"
        raise ValueError(message)
    return number


def _free_text(text: str) -> str:
    # What people type is kept with its odd characters; a NUL is the one PostgreSQL refuses.
    if "\0" in text:
        message = "holds a NUL"
        raise ValueError(message)
    return text


class RowReader:
    """Reads rows of text; ``tz`` is for times without an offset, ``now`` for future ones."""

    def __init__(self, tz: tzinfo, now: datetime) -> None:
        moment = partial(read_moment, tz=tz)
        self._latest = now + CLOCK_SLACK
        # The other names are what the pages call the fields in Chinese.
        self.columns = (
            Column("case_no", _number, required=True, aliases=("案件编号",)),
            Column("category", code, required=True, aliases=("类别编码",)),
            Column("reported_at", moment, required=True, aliases=("上报时间",)),
            Column("lon", degrees_or_metres, aliases=("经度",)),
            Column("lat", degrees_or_metres, aliases=("纬度",)),
            Column("due_at", moment, aliases=("处置截止",)),
            Column("disposed_at", moment, aliases=("处置时间",)),
            Column("closed_at", moment, aliases=("结案时间",)),
            Column("channel", _free_text, aliases=("来源",)),
            Column("description", _free_text, personal=True, aliases=("描述",)),
            Column("address", _free_text, personal=True, aliases=("地址",)),
            Column("accuracy_m", number),
        )

    def choose(
        self, given: Mapping[str, str], available: Sequence[str]
    ) -> tuple[dict[str, str], list[str]]:
        """Say which column holds each field, and what is wrong with that.

        There must be columns for the position, although single rows may have none.

        Raises
        ------
        InputError
            naming every field in ``given`` that cases do not have
        """
        chosen, problems = choose_columns(self.columns, available, given)
        problems += [
            f"there is no column {field!r}"
            for field in ("lon", "lat")
            if field not in chosen and field not in given
        ]
        return chosen, problems

    def read(self, cells: Mapping[str, str | None]) -> GivenCase | list[str]:
        """Read one row, or say everything that is wrong with it.

        ``cells`` holds stripped text by field; a missing field and None are the same.
        """
        values, problems = read_cells(self.columns, cells)
        problems += [
            f"{name} {cells[name]} lies in the future"
            for name in _PAST
            if values[name] is not None and values[name] > self._latest
        ]
        if (cells.get("lon") is None) != (cells.get("lat") is None):
            there, missing = ("lat", "lon") if cells.get("lon") is None else ("lon", "lat")
            problems.append(f"{there} is given but {missing} is empty")
        return problems or _as_case(values)


def _as_case(values: Mapping[str, Any]) -> GivenCase:
    return GivenCase(**{attribute_of(field): value for field, value in values.items()})

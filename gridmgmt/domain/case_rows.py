"""Rows of a case file: which fields there are and what makes a row unfit."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from gridmgmt.domain.case import GivenCase
from gridmgmt.domain.moments import read_moment
from gridmgmt.errors import InputError

REQUIRED_FIELDS = ("case_no", "category", "reported_at", "lon", "lat")
OPTIONAL_FIELDS = (
    "due_at",
    "disposed_at",
    "closed_at",
    "channel",
    "description",
    "address",
    "accuracy_m",
)
FIELDS = (*REQUIRED_FIELDS, *OPTIONAL_FIELDS)
PERSONAL_FIELDS = ("description", "address")

# Longer codes would not fit an index entry; no bureau writes them.
LONGEST_CODE = 200

# Clocks of several systems never agree; a day covers every time zone mistaken for another.
CLOCK_SLACK = timedelta(days=1)


def column_mapping(
    given: Mapping[str, str], columns: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """Say which column holds each field, and what is wrong with that.

    A field that is not in ``given`` is the column of the same name, where there is one.

    Returns
    -------
    field -> column for every field there is, and one sentence for each problem

    Raises
    ------
    InputError
        naming every field in ``given`` that cases do not have

    Examples
    --------
    >>> column_mapping({"case_no": "id"}, ["id", "category", "reported_at", "lon", "lat"])[1]
    []
    >>> column_mapping({}, ["case_no", "category", "reported_at", "lat"])[1]
    ['there is no column for lon']
    """
    unknown = [field for field in given if field not in FIELDS]
    if unknown:
        message = f"cases have no field {', '.join(unknown)}; choose of {', '.join(FIELDS)}"
        raise InputError(field="map", message=message)
    mapping, problems = {}, []
    for field in FIELDS:
        column = given.get(field, field)
        if column in columns:
            mapping[field] = column
        elif field in given:
            problems.append(f"there is no column {column!r} for {field}")
        elif field in REQUIRED_FIELDS:
            problems.append(f"there is no column for {field}")
    return mapping, problems


@dataclass(frozen=True)
class RowReader:
    """Reads rows of text; ``tz`` is for times without an offset, ``now`` for future ones."""

    tz: tzinfo
    now: datetime

    def read(self, cells: Mapping[str, str | None]) -> GivenCase | list[str]:
        """Read one row, or say everything that is wrong with it.

        ``cells`` holds stripped text by field; a missing field and None are the same.
        """
        problems: list[str] = []
        values: dict[str, Any] = {
            name: self._code(name, cells.get(name), problems)
            for name in ("case_no", "category")
        }
        for name in ("reported_at", "due_at", "disposed_at", "closed_at"):
            values[name] = self._moment(name, cells.get(name), problems)
        if cells.get("reported_at") is None:
            problems.append("reported_at is empty")
        for name, attribute in (("lon", "x"), ("lat", "y"), ("accuracy_m", "accuracy_m")):
            values[attribute] = _number(name, cells.get(name), problems)
        if (cells.get("lon") is None) != (cells.get("lat") is None):
            there, missing = ("lat", "lon") if cells.get("lon") is None else ("lon", "lat")
            problems.append(f"{there} is given but {missing} is empty")
        if values["accuracy_m"] is not None and values["accuracy_m"] < 0:
            problems.append(f"accuracy_m {cells['accuracy_m']} is negative")
        if problems:
            return problems
        for name in ("channel", "description", "address"):
            values[name] = cells.get(name)
        return GivenCase(**values)

    def _moment(self, name: str, text: str | None, problems: list[str]) -> datetime | None:
        if text is None:
            return None
        try:
            moment = read_moment(text, self.tz)
        except ValueError as error:
            problems.append(f"{name} {error}")
            return None
        # A case may be due in the future, but what has happened lies in the past.
        if name != "due_at" and moment > self.now + CLOCK_SLACK:
            problems.append(f"{name} {text} lies in the future")
        return moment

    @staticmethod
    def _code(name: str, text: str | None, problems: list[str]) -> str | None:
        if text is None:
            problems.append(f"{name} is empty")
        elif len(text) > LONGEST_CODE:
            problems.append(f"{name} has {len(text)} characters, at most {LONGEST_CODE} fit")
        return text


def _number(name: str, text: str | None, problems: list[str]) -> float | None:
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    # Python reads "1_000" as a thousand and "inf" as a number; a file means neither.
    if math.isfinite(number) and "_" not in text:
        return number
    problems.append(f"{name} {text!r} is no number")
    return None

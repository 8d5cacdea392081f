"""Which cases a person chose: the same filters on pages, in the API and in commands."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

from gridmgmt.domain.columns import plain
from gridmgmt.domain.responsibility.category import CategoryClass
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

Kind = TypeVar("Kind", bound=StrEnum)

_YES = {"1", "on", "yes", "true"}
_NO = {"", "0", "off", "no", "false"}


@dataclass(frozen=True, slots=True)
class CaseChoice:
    """The cases a person chose, beside period and area; a field without a value: all cases.

    ``open`` cases are neither disposed of nor closed, ``overdue`` ones are open and past their
    deadline, both judged at the instant of the figures. ``major_class`` is 大类. ``weekdays``
    (1 Monday to 7 Sunday) and ``hours`` (0 to 23) are those of the report, on the bureau's
    clock. A case must match every field; where a field has several values, one is enough.
    ``without_provisional`` is no choice of a person but a setting: a provisional deadline then
    counts as none.

    Examples
    --------
    >>> CaseChoice.read({"weekday": "6,7", "open": "1"})
    CaseChoice(open=True, overdue=False, category=None, category_class=None, \
major_class=None, responder_code=None, channels=(), weekdays=(6, 7), hours=(), \
without_provisional=False)
    >>> CaseChoice.read({"weekday": "6,7", "open": "1"}).write()
    {'open': '1', 'weekday': '6,7'}
    """

    open: bool = False
    overdue: bool = False
    category: str | None = None
    category_class: CategoryClass | None = None
    major_class: str | None = None
    responder_code: str | None = None
    channels: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    without_provisional: bool = False

    @property
    def is_judged(self) -> bool:
        """Return whether it depends on an instant which cases match."""
        return self.open or self.overdue

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "CaseChoice":
        """Parse parameters with the names of ``CHOSEN``; missing and empty ones choose nothing.

        Raises
        ------
        InputError
            when a value is none of those that are possible
        """
        found = {
            name: read(parameter, given[parameter].strip())
            for name, (parameter, read) in _READ.items()
            if given.get(parameter, "").strip()
        }
        return cls(**found)

    def write(self) -> dict[str, str]:
        """Return the parameters that ``read`` turns into this choice; none chosen: none."""
        return {
            parameter: _written(getattr(self, name))
            for name, (parameter, _) in _READ.items()
            if getattr(self, name)
        }

    def as_fields(self) -> dict[str, Any]:
        """Return the fields by name, which are also fields of the store's filter."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


EVERY_CASE = CaseChoice()


def read_flag(parameter: str, text: str) -> bool:
    """Parse yes or no, in the words that forms, addresses and commands use; empty is no.

    Raises
    ------
    InputError
        when it is neither
    """
    if text.lower() not in _YES | _NO:
        raise InputError(field=parameter, message=Sentence("{} is not yes or no", repr(text)))
    return text.lower() in _YES


def _text(parameter: str, text: str) -> str:
    try:
        return plain(text)
    except ValueError as error:
        raise InputError(field=parameter, message=str(error)) from None


def _class(parameter: str, text: str) -> CategoryClass:
    if text not in list(CategoryClass):
        raise InputError(
            field=parameter,
            message=Sentence("{} is none of: {}", repr(text), ", ".join(CategoryClass)),
        )
    return CategoryClass(text)


def _texts(parameter: str, text: str) -> tuple[str, ...]:
    """Split at commas; a value that has one is written in double quotes, as in CSV."""
    try:
        rows = list(csv.reader([_text(parameter, text)], skipinitialspace=True, strict=True))
    except csv.Error:
        message = Sentence("{} has a quotation mark without its other", repr(text))
        raise InputError(field=parameter, message=message) from None
    values = [value.strip() for value in rows[0]]
    return tuple(dict.fromkeys(value for value in values if value))


def _numbers(least: int, most: int) -> Callable[[str, str], tuple[int, ...]]:
    def read(parameter: str, text: str) -> tuple[int, ...]:
        found = set()
        for value in filter(None, map(str.strip, text.split(","))):
            is_number = value.isascii() and value.isdigit() and len(value) <= 2
            if not is_number or not least <= int(value) <= most:
                message = Sentence(
                    "{} is not a number from {} to {}; write several with commas",
                    repr(value),
                    least,
                    most,
                )
                raise InputError(field=parameter, message=message)
            found.add(int(value))
        return tuple(sorted(found))

    return read


def _written(value: Any) -> str:
    if value is True:
        return "1"
    if not isinstance(value, tuple):
        return str(value)
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(value)
    return line.getvalue()


# By field of a choice: the name of its parameter, and how its text is read.
_READ: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "open": ("open", read_flag),
    "overdue": ("overdue", read_flag),
    "category": ("category", _text),
    "category_class": ("class", _class),
    "major_class": ("major_class", _text),
    "responder_code": ("responder", _text),
    "channels": ("channel", _texts),
    "weekdays": ("weekday", _numbers(1, 7)),
    "hours": ("hour", _numbers(0, 23)),
}

# The names of the parameters, in addresses, in the API and (with dashes) on the command line.
CHOSEN = tuple(parameter for parameter, _ in _READ.values())
# Those that may have several values.
SEVERAL = ("channel", "weekday", "hour")

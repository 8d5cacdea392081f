"""Columns of uploaded files: their names, how each is parsed, and what is wrong."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain
from typing import Any

from gridmgmt.domain.codes import without_unseen
from gridmgmt.domain.stored_time import StoredTime, stored_times, time_fault
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

# The values of a column, None for an empty cell.
Texts = Sequence[str | None]

# Characters that no database or workbook stores and no person types: control characters except
# tabs and line breaks, unpaired surrogates, and the two that Unicode never gives a meaning.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Column:
    """A field that rows of a file may have.

    ``parse`` parses its text or raises ValueError with the reason. ``aliases`` are other names
    of the column. ``personal`` fields are kept out of the audit log. ``whole`` parses many
    texts at once with the results of ``parse``, or returns None if one may be invalid. In a
    column that ``is_dated``, ``parse`` takes a ``DateReader`` before the text. Only a column
    that ``takes_times`` may have cells that the file stores as dates or times: dates and free
    text. ``empty`` is the value of an empty cell, which ``whole`` gives too.
    """

    name: str
    parse: Callable[..., Any]
    required: bool = False
    aliases: tuple[str, ...] = ()
    personal: bool = False
    whole: Callable[[Texts], Sequence[Any] | None] | None = None
    is_dated: bool = False
    takes_times: bool = False
    empty: Any = None


def choose_columns(
    columns: Sequence[Column], available: Sequence[str], given: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return the column of each field, and the faults of this mapping.

    A field that is not in ``given`` (field -> column) has the column with its own name or one
    of its aliases. Where none is the same, that one column counts which looks the same: nobody
    sees a mark or a wide blank in a name.

    Raises
    ------
    InputError
        naming every field in ``given`` that does not exist

    Examples
    --------
    >>> choose_columns([Column("code", str, required=True)], ["Code", "note"], {"code": "Code"})
    ({'code': 'Code'}, [])
    >>> choose_columns([Column("code", str, required=True)], ["note"], {})[1]
    ["there is no column 'code'"]
    """
    names = [column.name for column in columns]
    unknown = [field for field in given if field not in names]
    if unknown:
        raise InputError(
            field="map",
            message=Sentence(
                "there is no field {}; choose of {}", ", ".join(unknown), ", ".join(names)
            ),
        )
    chosen: dict[str, str] = {}
    problems: list[str] = []
    seen = _by_look(available)
    for column in columns:
        wanted = [given[column.name]] if column.name in given else _names(column)
        same = (name for name in wanted if name in available)
        alike = (seen[look] for look in map(_look, wanted) if look in seen)
        found = next(chain(same, alike), None)
        if found is not None:
            chosen[column.name] = found
        elif column.required or column.name in given:
            first, *others = (repr(name) for name in wanted)
            if others:
                either = Sentence("there is no column {} or {}", first, " or ".join(others))
                problems.append(either)
            else:
                problems.append(Sentence("there is no column {}", first))
    return chosen, problems


def _look(name: str) -> str:
    return " ".join(without_unseen(name).split())


def _by_look(names: Sequence[str]) -> dict[str, str]:
    """Return the names by what is seen of them; those that look like another are left out."""
    looks = Counter(map(_look, names))
    return {_look(name): name for name in names if looks[_look(name)] == 1}


def read_cells(
    columns: Sequence[Column], cells: Mapping[str, str | None]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Read one row: the value of every field, and what is wrong by field."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for column in columns:
        text = cells.get(column.name)
        values[column.name] = column.empty
        if text is None:
            if column.required:
                problems[column.name] = Sentence("{} is empty", column.name)
            continue
        fault = None if column.takes_times else time_fault(text)
        if fault is not None:
            problems[column.name] = Sentence("{}: {}", column.name, fault)
            continue
        try:
            values[column.name] = column.parse(text)
        except ValueError as error:
            problems[column.name] = Sentence("{}: {}", column.name, error)
        except InputError as error:
            problems[column.name] = Sentence("{}: {}", column.name, error.message)
    return values, problems


@dataclass(frozen=True)
class Rule:
    """A rule about the values of some fields of a row.

    ``check`` gets these values in this order, and raises ValueError with every reason as an
    argument. It is tested in every row whose ``fields`` could be read, whatever else is wrong
    there: a person corrects a row once.
    """

    fields: tuple[str, ...]
    check: Callable[..., object]


def broken_rules(
    rules: Sequence[Rule], values: Mapping[str, Any], unread: Collection[str]
) -> list[str]:
    """Return what is wrong with the values of a row, except those of ``unread`` fields.

    Examples
    --------
    >>> days = {"valid_from": date(2026, 1, 2), "valid_to": date(2026, 1, 1)}
    >>> rules = [Rule(("valid_from", "valid_to"), check_days)]
    >>> broken_rules(rules, days, ())
    ['valid_to 2026-01-01 lies before valid_from 2026-01-02']
    >>> broken_rules(rules, days, {"valid_from": "is no date"})
    []
    """
    return [problem for _, problem in rule_faults(rules, values, unread)]


def rule_faults(
    rules: Sequence[Rule], values: Mapping[str, Any], unread: Collection[str]
) -> list[tuple[tuple[str, ...], str]]:
    """Return what is wrong with the values of a row, each with the fields it is about."""
    problems: list[tuple[tuple[str, ...], str]] = []
    for rule in rules:
        if any(field in unread for field in rule.fields):
            continue
        try:
            rule.check(*(values[field] for field in rule.fields))
        except ValueError as error:
            problems += [(rule.fields, str(reason)) for reason in error.args]
    return problems


def read_column(column: Column, texts: Texts) -> tuple[Sequence[Any], list[int]]:
    """Read a field of many rows at once.

    Returns
    -------
    the values, None for an invalid cell, and the rows with an invalid cell

    Examples
    --------
    >>> read_column(Column("n", int, required=True), ["1", "x", None])
    ([1, None, None], [1, 2])
    """
    unfit = [i for i, text in enumerate(texts) if text is None] if column.required else []
    if not column.takes_times and (made := stored_times(texts)):
        unfit += made
        texts = [None if isinstance(text, StoredTime) else text for text in texts]
    values = column.whole(texts) if column.whole else None
    if values is not None:
        return values, sorted(unfit)
    found: list[Any] = []
    for i, text in enumerate(texts):
        try:
            found.append(column.empty if text is None else column.parse(text))
        except (ValueError, InputError):
            found.append(None)
            unfit.append(i)
    return found, sorted(unfit)


def has_control(text: str) -> bool:
    """Return whether a text has characters that nobody types."""
    return _CONTROL.search(text) is not None


def plain(text: str) -> str:
    """Return a text without characters that no database stores and no person types."""
    fault = _control_fault(text)
    if fault is not None:
        raise ValueError(fault)
    return str(text)


def text_fault(text: str) -> Sentence | None:
    r"""Return why a text is no name that somebody typed, or None if it may be one.

    Examples
    --------
    >>> text_fault("a\x01"), text_fault("two\nlines")
    ('has a control character in it', None)
    """
    return time_fault(text) or _control_fault(text)


def _control_fault(text: str) -> Sentence | None:
    return Sentence("has a control character in it") if _CONTROL.search(text) else None


def one_of(values: type[StrEnum]) -> Callable[[str], StrEnum]:
    """Return a parser for the members of an enumeration.

    Examples
    --------
    >>> from gridmgmt.domain.responsibility.duty import DutyRole
    >>> one_of(DutyRole)("dispose")
    <DutyRole.DISPOSE: 'dispose'>
    """

    def parse(text: str) -> StrEnum:
        try:
            return values(text)
        except ValueError:
            raise ValueError(
                Sentence("{} is unknown; write one of {}", repr(text), ", ".join(values))
            ) from None

    return parse


_YES = frozenset(("yes", "true", "1", "是", "y", "t"))
_NO = frozenset(("no", "false", "0", "否", "n", "f"))


def yes_or_no(text: str) -> bool:
    """Return whether a cell says yes; exports write true and false.

    Examples
    --------
    >>> yes_or_no("true"), yes_or_no("否")
    (True, False)
    """
    lower = text.strip().lower()
    if lower not in _YES | _NO:
        raise ValueError(Sentence("{} is neither yes nor no", repr(text)))
    return lower in _YES


def all_yes_or_no(texts: Texts) -> Sequence[bool] | None:
    """Parse like `yes_or_no`; an empty cell is no. None if one may be invalid."""
    different = {text: text is not None and text.strip().lower() for text in set(texts)}
    if not all(lower is False or lower in _YES | _NO for lower in different.values()):
        return None
    return [different[text] in _YES for text in texts]


def check_days(valid_from: date | None, valid_to: date | None) -> None:
    """Raise ValueError if the last day is before the first."""
    if valid_from is not None and valid_to is not None and valid_to < valid_from:
        raise ValueError(
            Sentence("valid_to {} lies before valid_from {}", valid_to, valid_from)
        )


def _names(column: Column) -> list[str]:
    return [column.name, *column.aliases]

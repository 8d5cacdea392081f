"""Columns of uploaded files: their names, how each is parsed, and what is wrong."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Any

from gridmgmt.domain.codes import without_unseen
from gridmgmt.domain.headings import HEADINGS
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

    ``parse`` parses its text or raises ValueError with the reason. ``headings`` are the names
    that people give the column, and ``aliases`` those of other systems. ``personal`` fields are
    kept out of the audit log. ``whole`` parses many texts at once with the results of
    ``parse``, or returns None if one may be invalid. In a column that ``is_dated``, ``parse``
    takes a ``DateReader`` before the text. Only a column that ``takes_times`` may have cells
    that the file stores as dates or times: dates and free text. ``empty`` is the value of an
    empty cell, which ``whole`` gives too.
    """

    name: str
    parse: Callable[..., Any]
    required: bool = False
    headings: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    personal: bool = False
    whole: Callable[[Texts], Sequence[Any] | None] | None = None
    is_dated: bool = False
    takes_times: bool = False
    empty: Any = None


def headed(noun: str, *columns: Column) -> tuple[Column, ...]:
    """Return columns with all their names in the list of headings.

    Examples
    --------
    >>> headed("road_segments", Column("tolerance_m", float))[0].headings
    ('容差（米）', 'Tolerance (m)')
    """
    known = HEADINGS[noun]
    return tuple(
        replace(
            column,
            headings=known[column.name].both,
            aliases=(*filter(None, [known[column.name].short]), *known[column.name].others),
        )
        for column in columns
    )


def choose_columns(
    columns: Sequence[Column], available: Sequence[str], given: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return the column of each field, and the faults of this mapping.

    A field that is not in ``given`` (field -> column) has the column with its own name or a
    heading of it; two such columns are a fault, for nobody can tell which of them is meant. An
    alias counts only without them. Where no name is the same, that one column counts which
    looks the same: nobody sees a mark or a wide blank in a name, and people write headings in
    other letter cases and with other brackets.

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
    seen, read = _by_look(available, _look), _by_look(available, _reading)
    for column in columns:
        is_given = column.name in given
        wanted = [given[column.name]] if is_given else _names(column)
        same = (name for name in wanted if name in available)
        alike = (seen[look] for look in map(_look, wanted) if look in seen)
        headings = () if is_given else column.headings
        written = (read[one] for one in map(_reading, headings) if one in read)
        found = next(chain(same, alike, written), None)
        if found is not None:
            chosen[column.name] = found
            problems += [] if is_given else _doubled(column, available)
        elif column.required or is_given:
            problems.append(_missing(column, wanted))
    return chosen, problems


def column_called(noun: str, name: str, available: Sequence[str]) -> str:
    """Return the column of a file that a name means: the same, or one with its heading.

    Examples
    --------
    >>> column_called("positions", "lon", ["经度", "纬度"])
    '经度'
    """
    if name in available or name not in HEADINGS[noun]:
        return name
    chosen, _ = choose_columns(headed(noun, Column(name, str)), available, {})
    return chosen.get(name, name)


def _doubled(column: Column, available: Sequence[str]) -> list[str]:
    """Return that several columns are one field, if they are."""
    names = dict.fromkeys((column.name, *column.headings))
    there = [repr(name) for name in names if name in available]
    if len(there) < 2:
        return []
    both = Sentence("{} and {}", ", ".join(there[:-1]), there[-1])
    return [
        Sentence(
            "the columns {} all mean {}; delete all but one of them, or choose one with --map",
            both,
            column.name,
        )
    ]


def _missing(column: Column, wanted: Sequence[str]) -> Sentence:
    """Return that a column is missing, by its own name and the first of the others."""
    first, *others = (repr(name) for name in wanted)
    if not others:
        return Sentence("there is no column {}", first)
    return Sentence("there is no column {} or {}", first, others[0])


def _look(name: str) -> str:
    return " ".join(without_unseen(name).split())


def _reading(name: str) -> str:
    """Return a name as it is read: without letter case, spaces and kinds of brackets."""
    return "".join(unicodedata.normalize("NFKC", without_unseen(name)).casefold().split())


def _by_look(names: Sequence[str], look: Callable[[str], str]) -> dict[str, str]:
    """Return the names by what is seen of them; those that look like another are left out."""
    looks = Counter(map(look, names))
    return {look(name): name for name in names if looks[look(name)] == 1}


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
    return [column.name, *column.headings, *column.aliases]

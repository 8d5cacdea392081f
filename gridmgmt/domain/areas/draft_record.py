"""Rows other than areas in a draft: duties, zones, members of groups, road segments."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from gridmgmt.sentence import Sentence, joined

# A row as text by column, as in a file that is imported; None: empty.
Row = Mapping[str, str | None]

FIRST_DAY, LAST_DAY = "valid_from", "valid_to"
# The column of a geometry, as WKB in hexadecimal digits.
GEOMETRY = "geometry"
# A day that is known only when the draft is published: the first day is that on which the
# edition takes effect, the last day the one before.
ON_PUBLICATION = "publication"


class RecordKind(StrEnum):
    """The kinds of rows that a draft may state beside areas."""

    DUTY = "duty"
    GROUP_MEMBER = "group_member"
    ROAD_SEGMENT = "road_segment"
    ZONE = "zone"

    @property
    def said(self) -> Sentence:
        """Return its name for people."""
        return _SAID[self]


_SAID = {
    RecordKind.DUTY: Sentence("duty"),
    RecordKind.GROUP_MEMBER: Sentence("area of a group"),
    RecordKind.ROAD_SEGMENT: Sentence("road segment"),
    RecordKind.ZONE: Sentence("zone"),
}


@dataclass(frozen=True)
class DraftRecord:
    """What a draft states about one row.

    ``key`` identifies the row within its kind, and ``name`` names it to people. ``edit`` is the
    entry of the log that stated it last. ``before`` is the row as it was stored then, None if
    there was none; ``after`` is the row as the draft states it.
    """

    kind: RecordKind
    key: str
    name: str
    edit: int
    before: Row | None
    after: Row


def key_of(row: Row, columns: Sequence[str]) -> str:
    """Return what identifies a row, as text.

    Examples
    --------
    >>> key_of({"code": "Z1", "name": "河道"}, ["code"])
    '["Z1"]'
    """
    return json.dumps([row.get(name) for name in columns], ensure_ascii=False)


def name_of(row: Row, columns: Sequence[str]) -> str:
    """Return the name of a row for people: what identifies it, without what is not known yet.

    Examples
    --------
    >>> columns = ["responder_code", "target_code", "hours", "valid_from"]
    >>> row = {"responder_code": "S1", "target_code": "A1", "valid_from": ON_PUBLICATION}
    >>> name_of(row, columns)
    'S1 A1'
    """
    parts = (row.get(name) for name in columns)
    return " ".join(one for one in parts if one is not None and one != ON_PUBLICATION)


def title_of(row: Row, columns: Sequence[str]) -> Sentence:
    """Return a row's own name, if it has one, and what identifies it, each part a fact.

    Examples
    --------
    >>> title_of({"code": "Z1", "name": "早市"}, ["code"])
    '早市 Z1'
    >>> title_of({"level": "cell", "area_code": "A1"}, ["level", "area_code"]).facts
    ('cell', 'A1')
    """
    own = None if "name" in columns else row.get("name")
    parts = (row.get(name) for name in columns)
    known = [one for one in (own, *parts) if one is not None and one != ON_PUBLICATION]
    return joined(" ", known)


def dated(row: Row, day: date | None) -> dict[str, str | None]:
    """Return a row published with an edition of a day; None: the day is not known yet.

    Examples
    --------
    >>> row = {"code": "Z1", "valid_from": ON_PUBLICATION, "valid_to": ON_PUBLICATION}
    >>> dated(row, date(2026, 3, 1))
    {'code': 'Z1', 'valid_from': '2026-03-01', 'valid_to': '2026-02-28'}
    >>> dated(row, None)
    {'code': 'Z1', 'valid_from': None, 'valid_to': None}
    """
    found = dict(row)
    for column, back in ((FIRST_DAY, 0), (LAST_DAY, 1)):
        if found.get(column) == ON_PUBLICATION:
            shown = None if day is None else (day - timedelta(days=back)).isoformat()
            found[column] = shown
    return found


def differences(one: Row | None, other: Row | None) -> list[str]:
    """Return the columns in which two rows differ; an absent row is empty in every column.

    Examples
    --------
    >>> differences({"code": "Z1", "name": "a"}, {"code": "Z1", "name": "b"})
    ['name']
    """
    one, other = one or {}, other or {}
    names = dict.fromkeys((*one, *other))
    return [name for name in names if one.get(name) != other.get(name)]

"""Filters of case lists as people choose them, and the conditions they mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import ALL_CASES, CaseScope
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.cases.case import (
    CaseDay,
    CaseMark,
    CaseStatus,
    UnlocatedReason,
    UnroutedReason,
)
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.domain.responsibility.category import CategoryClass
from gridmgmt.errors import NotFoundError
from gridmgmt.services.areas.chosen_editions import standing_edition
from gridmgmt.services.areas.scopes import edition_with, ground_of
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas.editions import clock
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.case_pages import count_up_to
from gridmgmt.store.situation.overview import first_and_last_reported

# Texts have no index: an index of words does not know Chinese words, and an index of all
# characters would cost an import more than everything else. So texts are only searched within a
# period.
TEXT_DAYS = 31

# The fields of a filter that are stored unchanged, and how each is read from JSON.
_ASKED: dict[str, Callable[[Any], Any]] = {
    "status": CaseStatus,
    "open": bool,
    "overdue": bool,
    "since": datetime.fromisoformat,
    "until": datetime.fromisoformat,
    "day_of": CaseDay,
    "category": str,
    "category_class": CategoryClass,
    "major_class": str,
    "channels": tuple,
    "weekdays": tuple,
    "hours": tuple,
    "tz": ZoneInfo,
    "without_provisional": bool,
    "responder_code": str,
    "component": str,
    "unlocated": bool,
    "unlocated_reason": UnlocatedReason,
    "reasons": lambda values: tuple(UnroutedReason(one) for one in values),
    "mark": CaseMark,
    "unmarked": CaseMark,
    "in_no_area_of": int,
    "deadline": Deadline,
    "due_until": datetime.fromisoformat,
    "as_of": datetime.fromisoformat,
}


@dataclass(frozen=True)
class CaseQuestion:
    """The filter of a list as a person chose it.

    ``area`` is a level and a code, of ``edition``; None: of the one in force, or the newest
    that has it. ``search`` is the beginning of a case number or, for people who may see
    the texts of all their cases, a part of these.
    """

    wanted: CaseFilter = field(default_factory=CaseFilter)
    area: AreaKey | None = None
    edition: int | None = None
    search: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the filter as plain JSON values, for a job that answers it later.

        Examples
        --------
        >>> asked = CaseQuestion(CaseFilter(status=CaseStatus.CLOSED), area=("street", "A"))
        >>> CaseQuestion.from_json(asked.to_json()) == asked
        True
        """
        values = {name: getattr(self.wanted, name) for name in _ASKED}
        told = {name: _plain(value) for name, value in values.items() if value}
        area = None if self.area is None else list(self.area)
        return {"wanted": told, "area": area, "edition": self.edition, "search": self.search}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "CaseQuestion":
        """Return the filter that ``to_json`` wrote."""
        wanted = dict(data["wanted"])
        # Jobs of earlier releases had one reason at most.
        if "reason" in wanted:
            wanted["reasons"] = [wanted.pop("reason")]
        given = {name: _ASKED[name](value) for name, value in wanted.items()}
        area = data["area"]
        return cls(
            CaseFilter(**given),
            area=None if area is None else (area[0], area[1]),
            edition=data["edition"],
            search=data["search"],
        )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, ZoneInfo):
        return value.key
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Asker:
    """The person who asks: which cases they may see, and whether their texts too."""

    actor: str
    case_scope: CaseScope = ALL_CASES
    personal: bool = False


def find(conn: Connection, asked: CaseQuestion, asker: Asker) -> CaseFilter:
    """Return the store's filter for what a person chose.

    A search is for numbers if any visible case number begins with the text. Otherwise it
    searches the texts, if the person may see those of all these cases; this reads personal
    data and is written to the audit log.

    Raises
    ------
    NotFoundError
        when there is no such area or edition, or none of the area is visible
    EditionError
        when the edition was withdrawn
    """
    wanted = replace(asked.wanted, case_scope=asker.case_scope)
    for number in (asked.edition, wanted.in_no_area_of):
        if number is not None:
            standing_edition(conn, number)
    if asked.area is not None:
        edition = asked.edition
        if edition is None:
            edition = edition_with(conn, asked.area, clock(conn))
        ground = ground_of(conn, edition, asked.area)
        seen = asker.case_scope.leaves
        if seen is not None and set(seen).isdisjoint(ground.standing):
            # For this person, an area they may not see does not exist.
            raise NotFoundError(kind=asked.area[0], key=asked.area[1])
        wanted = replace(wanted, ground=ground)
    if asked.search is None:
        return wanted
    by_number = CaseFilter(number_prefix=asked.search, case_scope=asker.case_scope)
    # Numbers first: they have an index, and finding one reads no personal data.
    if not asker.personal or count_up_to(conn, by_number, 1):
        return replace(wanted, number_prefix=asked.search)
    # A search shows what a text contains even if nothing else of it is shown.
    audit.record(conn, asker.actor, "read_personal", "cases", {"command": "search texts"})
    since = wanted.since or _texts_since(conn, wanted.until)
    return replace(wanted, text=asked.search, since=since)


def _texts_since(conn: Connection, until: datetime | None) -> datetime | None:
    ends = first_and_last_reported(conn)
    last = until or (None if ends is None else ends[1])
    return None if last is None else last - timedelta(days=TEXT_DAYS)

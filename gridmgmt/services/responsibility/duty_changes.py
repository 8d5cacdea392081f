"""Change duties one by one: the rules of the import, for a few lines that somebody fills in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.columns import check_days, plain, read_cells, rule_faults
from gridmgmt.domain.date_reader import DateReader, with_dates
from gridmgmt.domain.responsibility.duty import Duty
from gridmgmt.domain.responsibility.duty_change import DutyChange, DutyEnd
from gridmgmt.errors import FieldsError
from gridmgmt.sentence import Sentence
from gridmgmt.services.record_imports.shaped_records import described
from gridmgmt.services.responsibility.duties import (
    DUTY,
    NEW,
    KnownCodes,
    completed_duty,
    statement_of,
)
from gridmgmt.store.accounts.audit import record
from gridmgmt.store.responsibility import duties as store

# A change is looked at as a whole; a spreadsheet takes more.
MOST_PLACES = 500
_LONGEST_REASON = 500


@dataclass(frozen=True)
class DutyPlace:
    """A place that a duty points at; only areas have a level, which may be left out."""

    target: str
    code: str
    level: str | None = None


@dataclass(frozen=True)
class StatedChange:
    """A change of duties as somebody wrote it.

    Parameters
    ----------
    ends : numbers of stored duties that end
    from_day : the first day on which they no longer hold
    places : where a new duty is to hold, one for each; none for a change that only ends
    cells : the new duty, by the columns of the import except those of the place
    only_for : the categories for which the duties end; for the others that a duty names, its
        responder keeps it. None: for all
    """

    ends: tuple[int, ...] = ()
    from_day: str | None = None
    places: tuple[DutyPlace, ...] = ()
    cells: Mapping[str, str | None] = field(default_factory=dict)
    only_for: frozenset[str] | None = None
    why: str | None = None


@dataclass(frozen=True)
class ReadChange:
    """A change that can be stored, and notes on what may not be meant.

    ``stored`` are all duties as they were when it was read.
    """

    change: DutyChange
    notes: tuple[str, ...]
    stored: Sequence[Duty]


def read_change(conn: Connection, stated: StatedChange, tz: ZoneInfo) -> ReadChange:
    """Read and check a change by the rules of the import.

    Raises
    ------
    FieldsError
        with everything that is wrong, by field
    """
    reading = _Reading(conn, tz)
    ended = reading.ends(stated)
    new = reading.new(stated)
    kept = _kept(ended, stated.only_for)
    reading.check_new([*new, *kept])
    if not ended and not new and not reading.problems:
        reading.fault("ends", Sentence("nothing changes: end a duty or state a new one"))
    why = reading.reason(stated.why)
    if reading.problems:
        raise FieldsError(reading.problems)
    ends = tuple(DutyEnd(duty.id, day) for duty, day in ended)
    notes = tuple(dict.fromkeys(reading.notes))
    return ReadChange(DutyChange(ends, (*new, *kept), why), notes, reading.stored)


def store_change(conn: Connection, change: DutyChange, *, actor: str) -> None:
    """Store a change of duties, with an entry in the audit log.

    The caller has the turn (`turns.wait_for_turn`), and has checked the change since.
    """
    stored = {end.duty_id: store.get_duty(conn, end.duty_id) for end in change.ends}
    ended = change.applied(stored.values())
    store.set_days(conn, ended)
    store.add_duties(conn, change.new)
    detail: dict[str, Any] = {
        "why": change.why,
        "changed": [
            {
                "record": described(after),
                "before": {"valid_to": _day(stored[after.id])},
                "after": {"valid_to": _day(after)},
            }
            for after in ended
        ],
        "added": [{"record": described(duty)} for duty in change.new],
    }
    numbers = " ".join(str(end.duty_id) for end in change.ends)
    record(conn, actor, "change_duties", f"duty {numbers}".strip(), detail)


class _Reading:
    """Reads a stated change, and collects what is wrong with it by field."""

    def __init__(self, conn: Connection, tz: ZoneInfo) -> None:
        self.problems: dict[str, list[str]] = {}
        self.notes: list[str] = []
        self._known = KnownCodes.load(conn)
        self._dates = DateReader(tz)
        self.stored = store.list_duties(conn)
        self._by_id = {duty.id: duty for duty in self.stored}
        self._by_statement = {statement_of(duty): duty for duty in self.stored}

    def fault(self, name: str, problem: str) -> None:
        """Add what is wrong with a field, once."""
        some = self.problems.setdefault(name, [])
        if problem not in some:
            some.append(problem)

    def ends(self, stated: StatedChange) -> list[tuple[Duty, Any]]:
        """Return the duties that end, each with the first day without it."""
        if not stated.ends:
            return []
        day = None
        if stated.from_day is None:
            self.fault("from_day", Sentence("this must not be empty; state a day"))
        else:
            try:
                day = self._dates.day(stated.from_day)
            except ValueError as error:
                self.fault("from_day", str(error))
        ended = []
        for number in dict.fromkeys(stated.ends):
            duty = self._by_id.get(number)
            if duty is None:
                self.fault("ends", Sentence("there is no duty {}", number))
                continue
            if day is None:
                continue
            end = DutyEnd(number, day)
            if duty.valid_to is not None and duty.valid_to < day:
                told = Sentence("duty {} has ended already, on {}", number, duty.valid_to)
                self.fault("from_day", told)
            try:
                check_days(duty.valid_from, end.last_day)
            except ValueError:
                told = Sentence(
                    "duty {} begins on {}; it can end from a later day on",
                    number,
                    duty.valid_from,
                )
                self.fault("from_day", told)
            ended.append((duty, day))
        return ended

    def new(self, stated: StatedChange) -> list[Duty]:
        """Return the new duties, one for each place."""
        if len(stated.places) > MOST_PLACES:
            told = Sentence(
                "at most {} places at once; import more as a table", f"{MOST_PLACES:,}"
            )
            self.fault("places", told)
            return []
        columns = with_dates(DUTY.columns, self._dates)
        rules = DUTY.with_rules(*self._known.rules).rules
        found = []
        for place in stated.places:
            cells = {
                **stated.cells,
                "target": place.target,
                "level": place.level,
                "target_code": place.code,
            }
            values, unread = read_cells(columns, cells)
            faults = rule_faults(rules, values, unread)
            faults += [((name,), problem) for name, problem in unread.items()]
            for fields, problem in faults:
                self.fault(_shown_at(fields), problem)
            if not faults:
                duty, notes = completed_duty(DUTY.build(values, None), self._known)
                found.append(duty)
                self.notes += notes
        return found

    def check_new(self, new: Sequence[Duty]) -> None:
        """Refuse what is stored already, or stated twice."""
        for duty in new:
            stored = self._by_statement.get(statement_of(duty))
            if stored is not None:
                told = Sentence(
                    "duty {} says the same already; end it, or state another first day",
                    stored.id,
                )
                self.fault("valid_from", told)
        if len(set(map(statement_of, new))) < len(new):
            self.fault("places", Sentence("the same place is stated twice"))

    def reason(self, why: str | None) -> str | None:
        """Return the reason of a change."""
        if why is not None and len(why) > _LONGEST_REASON:
            self.fault(
                "why", Sentence("has {} characters; at most {}", len(why), _LONGEST_REASON)
            )
            return None
        try:
            return None if why is None else plain(why)
        except ValueError as error:
            self.fault("why", str(error))
            return None


def _shown_at(fields: Sequence[str]) -> str:
    """Return the field beside which a problem is shown."""
    place = {"target", "level", "target_code"}
    return "places" if place.intersection(fields) else fields[-1]


def _kept(ended: Sequence[tuple[Duty, Any]], only_for: frozenset[str] | None) -> list[Duty]:
    """Return what ended duties keep: the categories for which they do not end."""
    if only_for is None:
        return []
    return [
        replace(duty, id=NEW, categories=rest, valid_from=day)
        for duty, day in ended
        if duty.categories is not None and (rest := duty.categories - only_for)
    ]


def _day(duty: Duty) -> str | None:
    return None if duty.valid_to is None else duty.valid_to.isoformat()

"""Filters of cases, as conditions of an SQL statement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from gridmgmt.domain.accounts.case_scope import ALL_CASES, CaseScope
from gridmgmt.domain.case_choice import CaseChoice
from gridmgmt.domain.cases.case import (
    CaseDay,
    CaseMark,
    CaseStatus,
    UnlocatedReason,
    UnroutedReason,
)
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.domain.responsibility.category import CategoryClass
from gridmgmt.store.schema import case_events, case_leaves, cases, categories, components

# These expressions must be written as in the indexes: otherwise PostgreSQL does not see that an
# index fits.
_NEVER = sa.literal_column("'infinity'", sa.DateTime(timezone=True))
done_at: sa.ColumnElement[datetime] = sa.func.coalesce(
    cases.c.disposed_at, cases.c.closed_at, _NEVER
)
due_at: sa.ColumnElement[datetime] = sa.func.coalesce(cases.c.due_at, _NEVER)

# 100 m in degrees, up to 53 degrees north: the largest distance of a component from a case.
_AROUND = 0.0015

_OPEN = ("triage", "dispatched")
_DAYS: dict[CaseDay, sa.ColumnElement[datetime]] = {
    CaseDay.REPORTED: cases.c.reported_at,
    CaseDay.DISPOSED: done_at,
    CaseDay.CLOSED: cases.c.closed_at,
}


@dataclass(frozen=True, slots=True)
class Ground:
    """Leaf areas of an edition, and which cases lie in them while it is shown.

    ``codes`` are those of the edition. ``standing`` are pairs of an edition and a code: the
    same stored rows, under every edition in which they are in force. Cases judged into one of
    them lie there; of all others it is stored where they lie (``case_leaves``).
    """

    edition: int
    codes: Sequence[str]
    standing: Sequence[tuple[int, str]]


@dataclass(frozen=True)
class CaseFilter:
    """A filter of cases; a field that is None or False matches all cases.

    ``since`` is the first instant that matches and ``until`` the first one after the period;
    ``day_of`` says whether they refer to reporting, disposing or closing. ``open`` matches
    cases that are neither disposed of nor closed, now or, if it is given, at ``as_of``.
    ``overdue`` and ``deadline`` are judged at ``as_of``, which must be given with them; cases
    reported after ``as_of`` do not match; ``without_provisional`` counts a provisional deadline
    as none. ``channels``, ``weekdays`` (1 Monday to 7 Sunday) and
    ``hours`` (0 to 23) match cases that have any of them; the last two are those of the report
    on the clock of ``tz``, which must be given with them. ``ground`` are leaf
    areas of an edition. ``mark`` is one that a case has, ``unmarked`` one that it has not.
    ``unlocated_reason`` is why a case has no area, ``reasons`` are those of which any is why
    it has no responder. ``due_until`` is the first instant after the deadlines that match.
    ``in_no_area_of`` is an edition under which a located case lies in no area.
    ``component`` matches cases that the rules linked to this component. ``number_prefix`` is
    the beginning of the case number. ``text`` is searched in the description and the address,
    in upper or lower case.
    """

    status: CaseStatus | None = None
    open: bool = False
    overdue: bool = False
    since: datetime | None = None
    until: datetime | None = None
    day_of: CaseDay = CaseDay.REPORTED
    category: str | None = None
    category_class: CategoryClass | None = None
    major_class: str | None = None
    channels: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    tz: ZoneInfo | None = None
    without_provisional: bool = False
    responder_code: str | None = None
    component: str | None = None
    unlocated: bool = False
    unlocated_reason: UnlocatedReason | None = None
    reasons: tuple[UnroutedReason, ...] = ()
    mark: CaseMark | None = None
    unmarked: CaseMark | None = None
    ground: Ground | None = None
    in_no_area_of: int | None = None
    deadline: Deadline | None = None
    due_until: datetime | None = None
    as_of: datetime | None = None
    number_prefix: str | None = None
    text: str | None = None
    case_scope: CaseScope = ALL_CASES

    def conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        """Yield the SQL conditions on rows of ``cases``."""
        yield from in_case_scope(self.case_scope)
        yield from self._state()
        yield from self._times()
        yield from self._kind()
        if self.ground is not None:
            yield _on_ground(self.ground)
        if self.in_no_area_of is not None:
            lost = _moved(self.in_no_area_of, case_leaves.c.area_code.is_(None))
            yield cases.c.case_no.in_(lost)
        if self.component is not None:
            yield from _tied_to(self.component)
        if self.number_prefix is not None:
            yield from _begins_with(self.number_prefix)
        if self.text is not None:
            yield sa.or_(
                _contains(cases.c.description, self.text), _contains(cases.c.address, self.text)
            )

    @property
    def due_at(self) -> sa.ColumnElement[datetime]:
        """Return the deadline that counts, NULL for none."""
        if not self.without_provisional:
            return cases.c.due_at
        return sa.case((cases.c.due_provisional, None), else_=cases.c.due_at)

    def _state(self) -> Iterator[sa.ColumnElement[bool]]:
        if self.status is not None:
            yield cases.c.status == self.status
        if self.open and self.as_of is None:
            yield cases.c.status.in_(_OPEN)
        elif self.open:
            yield done_at > self.as_of
        if self.responder_code is not None:
            yield cases.c.responder_code == self.responder_code
        if self.reasons:
            yield cases.c.unrouted_reason.in_(self.reasons)
        yield from self._place()

    def _place(self) -> Iterator[sa.ColumnElement[bool]]:
        if self.unlocated or self.unlocated_reason is not None:
            yield cases.c.area_code.is_(None)
        if self.unlocated_reason is not None:
            yield cases.c.unlocated_reason == self.unlocated_reason
        if self.mark is not None:
            yield from has_mark(self.mark)
        if self.unmarked is not None:
            yield ~cases.c.marks.contains(sa.cast([self.unmarked.value], ARRAY(sa.Text)))

    def _times(self) -> Iterator[sa.ColumnElement[bool]]:
        at = _DAYS[self.day_of]
        if self.since is not None:
            yield at >= self.since
        if self.until is not None:
            yield at < self.until
        elif self.since is not None and self.day_of is CaseDay.DISPOSED:
            yield at < _NEVER
        if self.as_of is not None:
            yield cases.c.reported_at <= self.as_of
        if self.deadline is not None or self.overdue:
            if self.as_of is None:
                message = "a deadline is judged at an instant: give as_of"
                raise ValueError(message)
            if self.overdue:
                yield from _deadline(Deadline.OVERDUE, self.as_of, self.due_at)
            if self.deadline is not None:
                yield from _deadline(self.deadline, self.as_of, self.due_at)
        if self.due_until is not None:
            yield self.due_at < self.due_until
        yield from self._clock()

    def _clock(self) -> Iterator[sa.ColumnElement[bool]]:
        if not (self.weekdays or self.hours):
            return
        if self.tz is None:
            message = "weekdays and hours are read from a clock: give tz"
            raise ValueError(message)
        local = sa.func.timezone(self.tz.key, cases.c.reported_at)
        if self.weekdays:
            yield sa.extract("isodow", local).in_(self.weekdays)
        if self.hours:
            yield sa.extract("hour", local).in_(self.hours)

    def _kind(self) -> Iterator[sa.ColumnElement[bool]]:
        if self.category is not None:
            yield cases.c.category == self.category
        if self.category_class is not None:
            yield _of_class(categories.c.category_class == self.category_class)
        if self.major_class is not None:
            yield _of_class(categories.c.major_class == self.major_class)
        if self.channels:
            yield cases.c.channel.in_(self.channels)


def _contains(column: sa.Column[str], text: str) -> sa.ColumnElement[bool]:
    """Match a part of a text, in capital letters or not."""
    # Lowering all texts takes longer than searching them, and Chinese has no capitals.
    if text.lower() == text.upper():
        return column.contains(text, autoescape=True)
    return column.icontains(text, autoescape=True)


def filter_of(
    choice: CaseChoice, tz: ZoneInfo, as_of: datetime, case_scope: CaseScope = ALL_CASES
) -> CaseFilter:
    """Return the filter of all cases that a person chose, whenever they were reported.

    Parameters
    ----------
    tz : of the clock that weekdays and hours are read from
    as_of : the instant at which open and overdue cases are told from others
    """
    return CaseFilter(
        **choice.as_fields(),
        tz=tz if choice.weekdays or choice.hours else None,
        as_of=as_of if choice.is_judged else None,
        case_scope=case_scope,
    )


def has_mark(mark: CaseMark) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the SQL conditions on rows of ``cases`` that have a mark."""
    # The first condition is that of the partial index of marked cases: PostgreSQL uses the
    # index only where a query repeats it.
    yield cases.c.marks != sa.literal_column("'{}'")
    yield cases.c.marks.contains(sa.cast([mark.value], ARRAY(sa.Text)))


def in_case_scope(case_scope: CaseScope) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the SQL conditions on rows of ``cases`` that a person may see."""
    if case_scope.leaves is not None:
        yield _in_areas(case_scope.leaves)
    if case_scope.responder_code is not None:
        yield cases.c.responder_code == case_scope.responder_code
    if case_scope.reporter is not None:
        yield cases.c.case_no.in_(_reported_by(case_scope.reporter))


def _reported_by(username: str) -> sa.Select[tuple[str]]:
    """Select the numbers of cases that an account reported, by the form or by the API.

    The condition is that of the index ``ix__case_events__reported``. Events of an import name
    their file instead of a way (``via``): who imports a file has not reported what is in it.
    """
    return sa.select(case_events.c.case_no).where(
        case_events.c.actor == username,
        sa.literal_column("kind = 'reported' AND detail ? 'via'"),
    )


def _of_class(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return cases.c.category.in_(sa.select(categories.c.code).where(condition))


def _deadline(
    deadline: Deadline, as_of: datetime, due: sa.ColumnElement[datetime]
) -> Iterator[sa.ColumnElement[bool]]:
    if deadline is Deadline.WITHOUT:
        # As in the index, where it can be used.
        yield due_at == _NEVER if due is cases.c.due_at else due.is_(None)
    elif deadline in (Deadline.DUE, Deadline.PROVISIONAL):
        if deadline is Deadline.PROVISIONAL:
            yield cases.c.due_provisional
        yield due.is_not(None)
        yield sa.or_(done_at <= as_of, due < as_of)
    elif deadline is Deadline.MISSED:
        # Late if it was done by then, overdue if it was not.
        yield due < done_at
        yield due < as_of
    elif deadline in (Deadline.ON_TIME, Deadline.LATE):
        yield done_at <= as_of
        yield done_at > due if deadline is Deadline.LATE else done_at <= due
    else:
        yield done_at > as_of
        yield due < as_of if deadline is Deadline.OVERDUE else due >= as_of


def _tied_to(code: str) -> Iterator[sa.ColumnElement[bool]]:
    # The box selects few cases by the index. Only their traces are read, which are large.
    around = sa.func.ST_Expand(components.c.geom, _AROUND)
    near = sa.select(around).where(components.c.code == code).scalar_subquery()
    yield cases.c.geom.op("&&")(near)
    again = cases.c.trace["rerouted"]["decision"]
    last = sa.func.coalesce(again, cases.c.trace["decision"])
    yield last.op("->>")("component") == code


def _begins_with(prefix: str) -> Iterator[sa.ColumnElement[bool]]:
    # A range can use the index of the primary key. No character sorts after the last one.
    yield cases.c.case_no >= prefix
    yield cases.c.case_no < prefix + "\U0010ffff"


def _on_ground(ground: Ground) -> sa.ColumnElement[bool]:
    codes = sa.cast(list(ground.codes), ARRAY(sa.Text))
    moved_here = _moved(ground.edition, case_leaves.c.area_code == sa.any_(codes))
    judged = cases.alias("judged")
    judged_here = sa.select(judged.c.case_no).where(_in_areas(ground.standing, judged))
    # Not two conditions with OR: each of these has an index of its own.
    return cases.c.case_no.in_(sa.union_all(judged_here, moved_here))


def _moved(edition: int, where: sa.ColumnElement[bool]) -> sa.Select[tuple[str]]:
    return sa.select(case_leaves.c.case_no).where(case_leaves.c.edition == edition, where)


def _in_areas(
    areas: Sequence[tuple[int, str]], table: sa.FromClause = cases
) -> sa.ColumnElement[bool]:
    """Match cases that were judged into any of some areas.

    Written as conditions on columns: of these PostgreSQL knows how many rows match, and so
    whether to read a list in its order or the areas by their index. Of rows of a table of pairs
    it knows nothing.
    """
    of_edition: dict[int, list[str]] = {}
    for edition, code in areas:
        of_edition.setdefault(edition, []).append(code)
    # Most editions have most areas of others: those with the same are asked for together.
    editions: dict[tuple[str, ...], list[int]] = {}
    for edition, codes in of_edition.items():
        editions.setdefault(tuple(sorted(codes)), []).append(edition)
    return sa.or_(
        sa.false(),
        *(
            sa.and_(
                table.c.edition == sa.any_(sa.cast(numbers, ARRAY(sa.Integer))),
                table.c.area_code == sa.any_(sa.cast(list(codes), ARRAY(sa.Text))),
            )
            for codes, numbers in editions.items()
        ),
    )

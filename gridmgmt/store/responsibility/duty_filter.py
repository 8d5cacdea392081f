"""Filters of duties as conditions of a statement, and pages of duties by id."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.store.responsibility.duties import from_row
from gridmgmt.store.schema import duties

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DutyPlaces:
    """The places that some duties point at, of every kind."""

    areas: Sequence[AreaKey] = ()
    groups: Sequence[str] = ()
    road_segments: Sequence[str] = ()
    zones: Sequence[str] = ()

    def condition(self) -> sa.ColumnElement[bool]:
        """Return the SQL condition that a duty points at one of these places."""
        levels = [level for level, _ in self.areas]
        codes = [code for _, code in self.areas]
        pairs = sa.func.unnest(
            sa.cast(levels, ARRAY(sa.Text)), sa.cast(codes, ARRAY(sa.Text))
        ).table_valued(sa.column("level", sa.Text), sa.column("code", sa.Text))
        pairs = pairs.render_derived()
        on_area = sa.tuple_(duties.c.level, duties.c.target_code).in_(
            sa.select(pairs.c.level, pairs.c.code)
        )
        return sa.or_(
            sa.and_(duties.c.target == DutyTarget.AREA.value, on_area),
            _one_of(DutyTarget.GROUP, self.groups),
            _one_of(DutyTarget.ROAD_SEGMENT, self.road_segments),
            _one_of(DutyTarget.ZONE, self.zones),
        )


@dataclass(frozen=True)
class DutyFilter:
    """A filter of duties; a field that is None matches all.

    ``category`` matches duties that name it and duties for all categories. ``on`` matches
    duties valid on that day, ``last_day_by`` duties whose last day is that day or earlier.
    ``letter_no`` is a part of the letter's number. A duty must match each of ``places``.
    """

    responder_code: str | None = None
    role: DutyRole | None = None
    target: DutyTarget | None = None
    category: str | None = None
    on: date | None = None
    last_day_by: date | None = None
    letter_no: str | None = None
    places: Sequence[DutyPlaces] = ()

    def conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        """Yield the SQL conditions on rows of ``duties``."""
        if self.responder_code is not None:
            yield duties.c.responder_code == self.responder_code
        if self.role is not None:
            yield duties.c.role == self.role.value
        if self.target is not None:
            yield duties.c.target == self.target.value
        if self.category is not None:
            named = sa.literal(self.category) == sa.any_(duties.c.categories)
            yield sa.or_(duties.c.categories.is_(None), named)
        if self.on is not None:
            yield duties.c.valid.contains(sa.cast(self.on, sa.Date))
        if self.last_day_by is not None:
            # The upper bound of a range of days is excluded, and NULL where the range is open.
            yield sa.func.upper(duties.c.valid) <= self.last_day_by + _DAY
        if self.letter_no is not None:
            yield duties.c.letter_no.icontains(self.letter_no, autoescape=True)
        for places in self.places:
            yield places.condition()


def count_duties(conn: Connection, wanted: DutyFilter) -> int:
    """Count the duties that match a filter."""
    query = sa.select(sa.func.count()).select_from(duties).where(*wanted.conditions())
    return conn.execute(query).scalar_one()


def page_of_duties(
    conn: Connection, wanted: DutyFilter, *, limit: int, after: int = 0
) -> list[Duty]:
    """List at most ``limit`` duties that match a filter, by id, with ids above ``after``."""
    query = sa.select(duties).where(duties.c.id > after, *wanted.conditions())
    rows = conn.execute(query.order_by(duties.c.id).limit(limit))
    return [from_row(row) for row in rows]


def count_by_responder(
    conn: Connection, responder_codes: Sequence[str], on: date
) -> dict[str, int]:
    """Count the duties of responders on a day; responders without duties are absent."""
    query = (
        sa.select(duties.c.responder_code, sa.func.count().label("n"))
        .where(
            duties.c.responder_code == sa.any_(sa.cast(list(responder_codes), ARRAY(sa.Text))),
            duties.c.valid.contains(sa.cast(on, sa.Date)),
        )
        .group_by(duties.c.responder_code)
    )
    return {row.responder_code: row.n for row in conn.execute(query)}


def _one_of(target: DutyTarget, codes: Sequence[str]) -> sa.ColumnElement[bool]:
    there = duties.c.target_code == sa.any_(sa.cast(list(codes), ARRAY(sa.Text)))
    return sa.and_(duties.c.target == target.value, there)

"""Read and write duties; a duty that has begun ends with its last day and stays."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.errors import NotFoundError
from gridmgmt.store.days import days, days_of
from gridmgmt.store.schema import duties


def list_duties(conn: Connection) -> list[Duty]:
    """List all duties by id, including ended duties."""
    query = sa.select(duties).order_by(duties.c.id)
    return [from_row(row) for row in conn.execute(query)]


def duties_at(conn: Connection, areas: Sequence[AreaKey], groups: Sequence[str]) -> list[Duty]:
    """List the duties on any of these areas or groups by id, including ended duties."""
    on_areas = sa.tuple_(duties.c.level, duties.c.target_code).in_(list(areas))
    query = sa.select(duties).where(
        sa.or_(
            sa.and_(duties.c.target == DutyTarget.AREA.value, on_areas),
            sa.and_(
                duties.c.target == DutyTarget.GROUP.value,
                duties.c.target_code.in_(list(groups)),
            ),
        )
    )
    return [from_row(row) for row in conn.execute(query.order_by(duties.c.id))]


def add_duties(conn: Connection, stated: Sequence[Duty]) -> None:
    """Store new duties; the database assigns their ids."""
    if stated:
        conn.execute(duties.insert(), [_to_row(duty) for duty in stated])


def get_duty(conn: Connection, number: int) -> Duty:
    """Return one duty.

    Raises
    ------
    NotFoundError
        when there is no such duty
    """
    row = conn.execute(sa.select(duties).where(duties.c.id == number)).one_or_none()
    if row is None:
        raise NotFoundError(kind="duty", key=number)
    return from_row(row)


def set_days(conn: Connection, stated: Sequence[Duty]) -> None:
    """Store the days on which these duties are valid; the duties are known by id."""
    if not stated:
        return
    conn.execute(
        duties.update()
        .where(duties.c.id == sa.bindparam("duty_id"))
        .values(valid=sa.bindparam("on_days")),
        [{"duty_id": d.id, "on_days": days(d.valid_from, d.valid_to)} for d in stated],
    )


def delete_duties(conn: Connection, stated: Sequence[Duty]) -> None:
    """Delete duties by id: those of an edition that is withdrawn before any of its days."""
    numbers = [duty.id for duty in stated]
    conn.execute(duties.delete().where(duties.c.id.in_(numbers)))


def _to_row(duty: Duty) -> dict[str, object]:
    return {
        "responder_code": duty.responder_code,
        "role": duty.role.value,
        "target": duty.target.value,
        "level": duty.level,
        "target_code": duty.target_code,
        "categories": None if duty.categories is None else sorted(duty.categories),
        "hours": duty.hours,
        "valid": days(duty.valid_from, duty.valid_to),
        "letter_no": duty.letter_no,
    }


def from_row(row: Row[tuple[object, ...]]) -> Duty:
    """Build a duty from a row of the table."""
    valid_from, valid_to = days_of(row.valid)
    return Duty(
        id=row.id,
        responder_code=row.responder_code,
        role=DutyRole(row.role),
        target=DutyTarget(row.target),
        level=row.level,
        target_code=row.target_code,
        categories=None if row.categories is None else frozenset(row.categories),
        hours=row.hours,
        valid_from=valid_from,
        valid_to=valid_to,
        letter_no=row.letter_no,
    )

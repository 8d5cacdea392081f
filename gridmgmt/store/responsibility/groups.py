"""Read and write groups of areas and their members."""

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from gridmgmt.domain.areas.surroundings import Group, GroupKind, GroupMember
from gridmgmt.domain.responsibility.duty import DutyTarget
from gridmgmt.store.days import days, days_of
from gridmgmt.store.schema import duties, group_members, groups
from gridmgmt.store.upsert import upsert

_KEY = ("group_code", "level", "area_code")


def list_groups(conn: Connection) -> list[Group]:
    """List all groups by code."""
    query = sa.select(groups).order_by(groups.c.code)
    return [Group(row.code, GroupKind(row.kind), row.name) for row in conn.execute(query)]


def list_members(conn: Connection) -> list[GroupMember]:
    """List the members of all groups with their days, by group, level, area and day."""
    query = sa.select(group_members).order_by(
        *(group_members.c[name] for name in _KEY), group_members.c.valid
    )
    return [_member_from_row(row) for row in conn.execute(query)]


def put_groups(conn: Connection, named: Sequence[Group]) -> None:
    """Store groups; a known code is replaced and keeps its members."""
    upsert(conn, groups, [asdict(one) for one in named])


def put_members(conn: Connection, members: Sequence[GroupMember]) -> None:
    """Store members of groups; a membership with the same first day is replaced."""
    if not members:
        return
    # Old rows are deleted first: otherwise an old and a new membership could overlap for a
    # moment.
    delete_members(conn, members)
    conn.execute(group_members.insert(), [_member_to_row(member) for member in members])


def delete_members(conn: Connection, members: Sequence[GroupMember]) -> None:
    """Delete the memberships that have the same first day as these."""
    if not members:
        return
    began = sa.func.lower(group_members.c.valid).is_not_distinct_from(
        sa.bindparam("began", type_=sa.Date)
    )
    same = [group_members.c[name] == sa.bindparam(f"of_{name}") for name in _KEY]
    keys = [
        {"began": m.valid_from, **{f"of_{name}": getattr(m, name) for name in _KEY}}
        for m in members
    ]
    conn.execute(group_members.delete().where(*same, began), keys)


def delete_empty_groups(conn: Connection, codes: Sequence[str]) -> None:
    """Delete those of some groups that have no member left and at which no duty points."""
    has_member = sa.exists().where(group_members.c.group_code == groups.c.code)
    has_duty = sa.exists().where(
        duties.c.target == DutyTarget.GROUP.value, duties.c.target_code == groups.c.code
    )
    conn.execute(groups.delete().where(groups.c.code.in_(list(codes)), ~has_member, ~has_duty))


def _member_to_row(member: GroupMember) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(member, name) for name in _KEY}
    return {**row, "valid": days(member.valid_from, member.valid_to)}


def _member_from_row(row: Row[tuple[object, ...]]) -> GroupMember:
    valid_from, valid_to = days_of(row.valid)
    return GroupMember(row.group_code, row.level, row.area_code, valid_from, valid_to)

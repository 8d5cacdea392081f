"""Import groups: beats and inspection areas, sets of areas that may cross communities."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.level_words import LevelWords
from gridmgmt.domain.areas.surroundings import Group, GroupKind, GroupMember
from gridmgmt.domain.codes import code
from gridmgmt.domain.columns import Column, Rule, check_days, headed, plain
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.domain.value_words import OneOf
from gridmgmt.exchange.content.import_files import FileOptions, open_table
from gridmgmt.sentence import Sentence
from gridmgmt.services.record_imports.rows import (
    Importable,
    ImportSummary,
    RecordIntake,
    compare,
    note_import,
    read_lines,
)
from gridmgmt.services.record_imports.shaped_records import described
from gridmgmt.store.areas.areas import known_areas
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.responsibility.groups import (
    list_groups,
    list_members,
    put_groups,
    put_members,
)


@dataclass(frozen=True)
class Membership:
    """One row of a group file: an area of a group, with the name and kind of the group."""

    group_code: str
    kind: GroupKind
    name: str
    level: str | None
    area_code: str
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Return what identifies a row.

        It has the first day, since an area may leave a group and come back later.
        """
        return self.group_code, self.level, self.area_code, self.valid_from


def _build(values: Mapping[str, Any], _: BaseGeometry | None) -> Membership:
    return Membership(**values)


GROUP = Importable(
    noun="group",
    columns=headed(
        "groups",
        Column("group_code", code, required=True),
        Column("kind", OneOf(GroupKind), required=True),
        Column("name", plain, required=True),
        Column("level", plain),
        Column("area_code", code, required=True),
        Column("valid_from", DateReader.day, is_dated=True),
        Column("valid_to", DateReader.last_day, is_dated=True),
    ),
    build=_build,
    key=lambda membership: membership.key,
    describe=described,
    rules=(Rule(("valid_from", "valid_to"), check_days),),
)


def import_groups(
    conn: Connection, path: Path, options: FileOptions, *, actor: str
) -> ImportSummary:
    """Import groups from a table with one row for each area of a group.

    All rows of a group must have the same kind and name. Areas of a known group that are
    missing in the file stay in it until their last day.

    Raises
    ------
    LayerError
        listing every row that cannot be used
    """
    file = open_table(path, options)
    areas = known_areas(conn)
    rule = Rule(("area_code", "level"), areas.level_of)
    levels = LevelWords(list_levels(conn))
    reading = read_lines(GROUP.with_rules(rule).parsing("level", levels.read), file, options)
    # Before the comparison: the level is a part of the key, and a row with and without it is
    # the same.
    reading.refine(lambda one: replace(one, level=areas.level_of(one.area_code, one.level)[0]))
    stored = {one.key: one for one in list_memberships(conn)}
    _check_names(reading)
    _check_overlaps(reading, stored)
    changes = compare(reading, stored)
    stated = changes.to_store
    named = {one.group_code: Group(one.group_code, one.kind, one.name) for one in stated}
    put_groups(conn, list(named.values()))
    put_members(conn, [_member(one) for one in stated])
    return note_import(conn, reading, changes, actor=actor)


def list_memberships(conn: Connection) -> list[Membership]:
    """List which areas belong to which group and when, with the name and kind of the group."""
    groups = {group.code: group for group in list_groups(conn)}
    return [
        Membership(
            group_code=member.group_code,
            kind=groups[member.group_code].kind,
            name=groups[member.group_code].name,
            level=member.level,
            area_code=member.area_code,
            valid_from=member.valid_from,
            valid_to=member.valid_to,
        )
        for member in list_members(conn)
    ]


def _member(one: Membership) -> GroupMember:
    assert one.level is not None
    return GroupMember(one.group_code, one.level, one.area_code, one.valid_from, one.valid_to)


def _check_names(reading: RecordIntake[Membership]) -> None:
    """Report every row of a group whose rows have different names or kinds."""
    called: dict[str, set[tuple[str, str]]] = {}
    for _, one in reading.lines:
        called.setdefault(one.group_code, set()).add((one.kind, one.name))
    for number, one in reading.lines:
        ways = called[one.group_code]
        if len(ways) > 1:
            listed = " and ".join(f"{kind} {name!r}" for kind, name in sorted(ways))
            reading.problems.append(
                (
                    number,
                    Sentence(
                        "group {} has several names or kinds: {}", repr(one.group_code), listed
                    ),
                )
            )


def _check_overlaps(
    reading: RecordIntake[Membership], stored: Mapping[tuple[object, ...], Membership]
) -> None:
    """Report rows by which an area would be in one group twice on the same day."""
    number_of = {one.key: number for number, one in reading.lines}
    by_area: dict[tuple[object, ...], list[Membership]] = {}
    for one in {**stored, **{one.key: one for _, one in reading.lines}}.values():
        by_area.setdefault(one.key[:3], []).append(one)
    for rows in by_area.values():
        rows.sort(key=lambda one: one.valid_from or date.min)
        for earlier, later in pairwise(rows):
            if (earlier.valid_to or date.max) >= (later.valid_from or date.min):
                # Of two stored rows neither is this file's fault.
                number = number_of.get(later.key) or number_of.get(earlier.key)
                words = Sentence(
                    "area {} would be in group {} twice from {} on: its days "
                    "before that last until {}",
                    repr(later.area_code),
                    repr(later.group_code),
                    later.valid_from,
                    earlier.valid_to or "no end",
                )
                if number is not None:
                    reading.problems.append((number, words))

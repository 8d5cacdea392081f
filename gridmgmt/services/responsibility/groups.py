"""Import groups: beats and inspection areas, sets of areas that may cross communities."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft_record import Row
from gridmgmt.domain.areas.known_areas import KnownAreas
from gridmgmt.domain.areas.level_words import LevelWords
from gridmgmt.domain.areas.surroundings import Group, GroupKind, GroupMember
from gridmgmt.domain.codes import code
from gridmgmt.domain.columns import Column, Rule, check_days, headed, plain
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.domain.value_words import OneOf
from gridmgmt.exchange.content.import_files import FileOptions, open_table
from gridmgmt.sentence import Sentence
from gridmgmt.services.record_imports.record_stores import Known, RecordStore
from gridmgmt.services.record_imports.rows import (
    Changes,
    Importable,
    ImportSummary,
    compare,
    note_import,
    read_lines,
)
from gridmgmt.services.record_imports.shaped_records import described
from gridmgmt.store.areas.areas import known_areas
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.responsibility.groups import (
    delete_empty_groups,
    delete_members,
    list_groups,
    list_members,
    put_groups,
    put_members,
)
from gridmgmt.store.responsibility.turns import wait_for_turn


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

    @property
    def member(self) -> GroupMember:
        """Return it without the name and kind of the group; its level is known."""
        assert self.level is not None
        return GroupMember(
            self.group_code, self.level, self.area_code, self.valid_from, self.valid_to
        )


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
    known = _known(conn, known_areas(conn))
    reading = read_lines(known.importable, file, options)
    # Before the comparison: the level is a part of the key, and a row with and without it is
    # the same.
    reading.refine(lambda one: known.complete(one)[0])
    wait_for_turn(conn)
    stored = GROUPS.stored(conn)
    reading.problems += _several_names(reading.lines)
    number_of = {one.key: number for number, one in reading.lines}
    overlaps = _overlaps({one.key: one for _, one in reading.lines}, stored)
    reading.problems += [(number_of[key], words) for key, words in overlaps]
    changes = compare(reading, stored)
    GROUPS.put(conn, changes)
    return note_import(conn, reading, changes, actor=actor)


def _known(conn: Connection, areas: KnownAreas) -> Known[Membership]:
    def complete(one: Membership) -> tuple[Membership, list[str]]:
        level, warning = areas.level_of(one.area_code, one.level)
        return replace(one, level=level), [warning] if warning else []

    rule = Rule(("area_code", "level"), areas.level_of)
    levels = LevelWords(list_levels(conn))
    importable = GROUP.with_rules(rule).parsing("level", levels.read)
    return Known(importable, complete, _together)


def _together(
    stated: Mapping[tuple[object, ...], Membership],
    stored: Mapping[tuple[object, ...], Membership],
) -> list[tuple[tuple[object, ...], str]]:
    return [
        *_several_names(stated.items()),
        *_other_names(stated, stored),
        *_overlaps(stated, stored),
    ]


def _other_names(
    stated: Mapping[tuple[object, ...], Membership],
    stored: Mapping[tuple[object, ...], Membership],
) -> list[tuple[tuple[object, ...], str]]:
    """Return the rows that would give a known group another name or kind.

    A group has one name for all days: its import changes it, a draft would change it too early.
    """
    called = {one.group_code: (one.kind, one.name) for one in stored.values()}
    return [
        (
            key,
            Sentence(
                "group {} is {} {}; a draft changes its areas, an import its name and kind",
                repr(one.group_code),
                called[one.group_code][0],
                repr(called[one.group_code][1]),
            ),
        )
        for key, one in stated.items()
        if called.get(one.group_code, (one.kind, one.name)) != (one.kind, one.name)
    ]


def _put(conn: Connection, changes: Changes[Membership]) -> None:
    stated = changes.to_store
    named = {one.group_code: Group(one.group_code, one.kind, one.name) for one in stated}
    put_groups(conn, list(named.values()))
    put_members(conn, [one.member for one in stated])


def _remove(conn: Connection, gone: Sequence[Membership]) -> None:
    delete_members(conn, [one.member for one in gone])
    delete_empty_groups(conn, [one.group_code for one in gone])


def _named(given: Row, rows: Iterable[Row]) -> Row:
    """Return a row with the name and kind that its group has in other rows."""
    code = given.get("group_code")
    known = next((one for one in rows if one["group_code"] == code), {})
    return {**{name: known[name] for name in ("kind", "name") if name in known}, **given}


GROUPS = RecordStore(
    key_columns=("group_code", "level", "area_code", "valid_from"),
    is_dated=True,
    known=lambda conn, standing: _known(conn, standing.areas),
    stored=lambda conn: {one.key: one for one in list_memberships(conn)},
    put=_put,
    remove=_remove,
    writing={},
    filled=_named,
)


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


N = TypeVar("N")


def _several_names(rows: Iterable[tuple[N, Membership]]) -> list[tuple[N, str]]:
    """Return every row of a group whose rows have different names or kinds, and why."""
    rows = list(rows)
    called: dict[str, set[tuple[str, str]]] = {}
    for _, one in rows:
        called.setdefault(one.group_code, set()).add((one.kind, one.name))
    problems: list[tuple[N, str]] = []
    for row, one in rows:
        ways = called[one.group_code]
        if len(ways) > 1:
            listed = " and ".join(f"{kind} {name!r}" for kind, name in sorted(ways))
            words = Sentence(
                "group {} has several names or kinds: {}", repr(one.group_code), listed
            )
            problems.append((row, words))
    return problems


def _overlaps(
    stated: Mapping[tuple[object, ...], Membership],
    stored: Mapping[tuple[object, ...], Membership],
) -> list[tuple[tuple[object, ...], str]]:
    """Return the rows by which an area would be in one group twice on the same day."""
    by_area: dict[tuple[object, ...], list[Membership]] = {}
    for one in {**stored, **stated}.values():
        by_area.setdefault(one.key[:3], []).append(one)
    problems: list[tuple[tuple[object, ...], str]] = []
    for rows in by_area.values():
        rows.sort(key=lambda one: one.valid_from or date.min)
        for earlier, later in pairwise(rows):
            if (earlier.valid_to or date.max) >= (later.valid_from or date.min):
                words = Sentence(
                    "area {} would be in group {} twice from {} on: its days "
                    "before that last until {}",
                    repr(later.area_code),
                    repr(later.group_code),
                    later.valid_from,
                    earlier.valid_to or "no end",
                )
                # Of two stored rows neither is the fault of what is stated.
                mine = [one.key for one in (later, earlier) if one.key in stated]
                problems += [(key, words) for key in mine[:1]]
    return problems

"""Import and list duties: who answers where, for what, when, by which letter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.known_areas import KnownAreas
from gridmgmt.domain.areas.level_words import LevelWords
from gridmgmt.domain.codes import code
from gridmgmt.domain.columns import Column, Rule, check_days, headed, plain
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.domain.judging.hours_checks import check_hours
from gridmgmt.domain.judging.hours_reading import read_hours
from gridmgmt.domain.judging.hours_span import hours_outside
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.value_words import OneOf
from gridmgmt.exchange.content.import_files import FileOptions, open_table
from gridmgmt.sentence import Sentence
from gridmgmt.services.record_imports.record_stores import Known, Nameable, RecordStore
from gridmgmt.services.record_imports.rows import (
    Changes,
    Importable,
    ImportSummary,
    RecordIntake,
    compare,
    note_import,
    read_lines,
)
from gridmgmt.services.record_imports.shaped_records import described
from gridmgmt.services.responsibility.named_categories import (
    check_categories,
    read_categories,
    written_categories,
)
from gridmgmt.store.areas.areas import known_areas
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.responsibility import duties as store
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.groups import list_groups
from gridmgmt.store.responsibility.responders import list_responders
from gridmgmt.store.responsibility.road_segments import list_road_segments
from gridmgmt.store.responsibility.turns import wait_for_turn
from gridmgmt.store.responsibility.zones import list_zones

# A duty that is not stored yet has no id; ids of the database begin at 1.
NEW = 0


def _hours(text: str) -> str | None:
    hours = read_hours(text)
    check_hours(text)
    # "24/7" is stored as no hours, so that both spellings are the same duty.
    return None if hours.always else hours.text


def _build(values: Mapping[str, Any], _: BaseGeometry | None) -> Duty:
    return Duty(id=NEW, **values)


def _check_level(target: DutyTarget, level: str | None) -> None:
    if target is not DutyTarget.AREA and level:
        raise ValueError(Sentence("level is for areas only, not for a {}", target))


def statement_of(duty: Duty) -> tuple[object, ...]:
    """Return what identifies a duty: everything except its last day, which ends it."""
    named = None if duty.categories is None else tuple(sorted(duty.categories))
    return (
        duty.responder_code,
        duty.role,
        duty.target,
        duty.level,
        duty.target_code,
        named,
        duty.hours,
        duty.valid_from,
        duty.letter_no,
    )


DUTY = Importable(
    noun="duty",
    columns=headed(
        "duties",
        Column("responder_code", code, required=True),
        Column("role", OneOf(DutyRole), required=True),
        Column("target", OneOf(DutyTarget), required=True),
        Column("level", plain),
        Column("target_code", code, required=True),
        Column("categories", read_categories, required=True),
        Column("hours", _hours),
        Column("valid_from", DateReader.day, is_dated=True),
        Column("valid_to", DateReader.last_day, is_dated=True),
        Column("letter_no", plain),
    ),
    build=_build,
    key=statement_of,
    describe=described,
    rules=(
        Rule(("valid_from", "valid_to"), check_days),
        Rule(("target", "level"), _check_level),
    ),
)


@dataclass(frozen=True)
class KnownCodes:
    """The codes that duties may name."""

    responders: frozenset[str]
    areas: KnownAreas
    places: Mapping[DutyTarget, frozenset[str]]
    categories: Mapping[str, bool]

    @classmethod
    def load(cls, conn: Connection, standing: Nameable | None = None) -> "KnownCodes":
        """Read the codes that are known now, and take those that are given."""
        standing = standing or Nameable(known_areas(conn))
        return cls(
            responders=frozenset(one.code for one in list_responders(conn)),
            areas=standing.areas,
            places={
                target: standing.places.get(target, frozenset()).union(
                    one.code for one in stored
                )
                for target, stored in (
                    (DutyTarget.GROUP, list_groups(conn)),
                    (DutyTarget.ROAD_SEGMENT, list_road_segments(conn)[0]),
                    (DutyTarget.ZONE, list_zones(conn)[0]),
                )
            },
            categories={one.code: one.mapped for one in list_categories(conn)},
        )

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the rules about what rows name."""
        return (
            Rule(("categories",), lambda named: check_categories(named, self.categories)),
            Rule(("responder_code",), self._check_responder),
            Rule(("target", "level", "target_code"), self.level_of),
        )

    def _check_responder(self, code: str) -> None:
        if code not in self.responders:
            raise ValueError(Sentence("there is no responder {}", repr(code)))

    def level_of(
        self, target: DutyTarget, level: str | None, code: str
    ) -> tuple[str | None, str | None]:
        """Return the level of a target and a warning.

        Raises
        ------
        ValueError
            when there is no such target
        """
        if target is DutyTarget.AREA:
            return self.areas.level_of(code, level)
        if code not in self.places[target]:
            raise ValueError(Sentence("there is no {} {}", target, repr(code)))
        return None, None


def import_duties(
    conn: Connection, path: Path, options: FileOptions, *, actor: str
) -> ImportSummary:
    """Import duties from a table.

    A stored duty ends (or is prolonged) if it is imported with another last day. Any other
    difference makes it a new duty.

    Raises
    ------
    LayerError
        listing every row that cannot be used
    """
    file = open_table(path, options)
    codes = KnownCodes.load(conn)
    reading = read_lines(_known(conn, codes).importable, file, options)
    _complete(reading, codes)
    # Before the stored duties are read: officers change them on pages at the same time.
    wait_for_turn(conn)
    changes = compare(reading, DUTIES.stored(conn))
    DUTIES.put(conn, changes)
    return note_import(conn, reading, changes, actor=actor)


def _known(conn: Connection, codes: KnownCodes) -> Known[Duty]:
    levels = LevelWords(list_levels(conn))
    importable = DUTY.with_rules(*codes.rules).parsing("level", levels.read)
    return Known(importable, lambda duty: completed_duty(duty, codes))


def _stored(conn: Connection) -> dict[tuple[object, ...], Duty]:
    """Return the stored duties without their ids, which no file has."""
    return {statement_of(duty): replace(duty, id=NEW) for duty in store.list_duties(conn)}


def _put(conn: Connection, changes: Changes[Duty]) -> None:
    store.add_duties(conn, changes.added)
    # Under its old number, which traces of cases name.
    store.set_days(conn, _numbered(conn, [after for _, after in changes.changed]))


def _remove(conn: Connection, gone: Sequence[Duty]) -> None:
    store.delete_duties(conn, _numbered(conn, gone))


def _numbered(conn: Connection, stated: Sequence[Duty]) -> list[Duty]:
    """Return stored duties with the ids they have."""
    if not stated:
        return []
    id_of = {statement_of(duty): duty.id for duty in store.list_duties(conn)}
    return [replace(duty, id=id_of[statement_of(duty)]) for duty in stated]


DUTIES = RecordStore(
    key_columns=tuple(one.name for one in DUTY.columns if one.name != "valid_to"),
    is_dated=True,
    known=lambda conn, standing: _known(conn, KnownCodes.load(conn, standing)),
    stored=_stored,
    put=_put,
    remove=_remove,
    writing={"categories": written_categories},
)


def list_duties(
    conn: Connection,
    *,
    responder: str | None = None,
    area: str | None = None,
    on: date | None = None,
) -> list[Duty]:
    """List duties by id: of one responder, on the areas with one code, valid on one day."""
    return [
        duty
        for duty in store.list_duties(conn)
        if (responder is None or duty.responder_code == responder)
        and (area is None or (duty.target is DutyTarget.AREA and duty.target_code == area))
        and (on is None or duty.holds_on(on))
    ]


def _complete(reading: RecordIntake[Duty], known: KnownCodes) -> None:
    """Add the levels of areas, and notes on areas of older editions."""
    warnings: dict[tuple[object, ...], list[str]] = {}

    def complete(duty: Duty) -> Duty:
        completed, notes = completed_duty(duty, known)
        warnings[statement_of(completed)] = notes
        return completed

    reading.refine(complete)
    for number, duty in reading.lines:
        for warning in warnings[statement_of(duty)]:
            reading.warn(number, warning)


def completed_duty(duty: Duty, known: KnownCodes) -> tuple[Duty, list[str]]:
    """Return a duty with the level of its area, and notes on what may not be meant.

    Raises
    ------
    ValueError
        when there is no such target
    """
    level, warning = known.level_of(duty.target, duty.level, duty.target_code)
    notes = [warning] if warning else []
    if duty.hours is not None:
        notes += check_hours(duty.hours)
        notes += hours_outside(duty.hours, duty.valid_from, duty.valid_to)
    return replace(duty, level=level), notes

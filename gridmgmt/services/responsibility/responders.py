"""Import and list responders: who they are, where they are, and their superiors."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.known_areas import KnownAreas
from gridmgmt.domain.areas.level_words import LevelWords
from gridmgmt.domain.codes import code
from gridmgmt.domain.columns import Column, Rule, headed, plain
from gridmgmt.domain.judging.roster import cycles
from gridmgmt.domain.responsibility.duty import Duty
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.domain.value_words import OneOf
from gridmgmt.exchange.content.import_files import FileOptions, ImportFile, open_table
from gridmgmt.sentence import Sentence
from gridmgmt.services.areas.scopes import AreaScope
from gridmgmt.services.record_imports.rows import (
    Importable,
    ImportSummary,
    RecordIntake,
    compare,
    file_columns,
    note_import,
    read_lines,
)
from gridmgmt.services.record_imports.shaped_records import described
from gridmgmt.store.accounts.audit import record
from gridmgmt.store.areas.areas import known_areas
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.responsibility import responders as store

# Codes, and texts about them.
Superiors = Mapping[str, str | None]


def _build(values: Mapping[str, Any], _: BaseGeometry | None) -> Responder:
    return Responder(**values)


def _check_station(level: str | None, code: str | None) -> None:
    if level and not code:
        raise ValueError(Sentence("area_level is given without area_code"))


RESPONDER = Importable(
    noun="responder",
    columns=headed(
        "responders",
        Column("code", code, required=True),
        Column("kind", OneOf(ResponderKind), required=True),
        Column("name", plain, required=True),
        Column("phone", plain, personal=True),
        Column("superior_code", code),
        Column("area_level", plain),
        Column("area_code", code),
    ),
    build=_build,
    key=lambda responder: responder.code,
    describe=described,
    rules=(Rule(("area_level", "area_code"), _check_station),),
)


def import_responders(
    conn: Connection, path: Path, options: FileOptions, *, actor: str
) -> ImportSummary:
    """Import responders from a table; a known code is replaced.

    A file without phone numbers keeps the stored ones. A superior may be in any row or already
    stored; nobody may be his own superior, directly or through others.

    Raises
    ------
    LayerError
        listing every row that cannot be used
    """
    file = open_table(path, options)
    stored = {responder.code: responder for responder in store.list_responders(conn)}
    areas = known_areas(conn)
    # A superior whose own row is invalid is reported there, not here a second time.
    columns = file_columns(RESPONDER, file, options.mapping)
    in_file = file.cells[columns["code"]]
    there = {code for code in in_file if code is not None} | set(stored)
    circles = _circles(file, columns, {one.code: one.superior_code for one in stored.values()})
    known = (
        Rule(("area_code", "area_level"), lambda code, level: _level(areas, code, level)),
        Rule(("superior_code",), lambda code: _check_superior(there, code)),
        Rule(("code",), lambda code: _check_circle(circles, code)),
    )
    levels = LevelWords(list_levels(conn))
    importable = RESPONDER.with_rules(*known).parsing("area_level", levels.read)
    reading = read_lines(importable, file, options)
    reading.keep("phone", stored, lambda one, known: replace(one, phone=known.phone))
    _station(reading, areas)
    changes = compare(reading, stored)
    store.put_responders(conn, changes.to_store)
    return note_import(conn, reading, changes, actor=actor)


def list_responders(conn: Connection, *, personal: bool, actor: str) -> list[Responder]:
    """List responders by code; phone numbers only on request, with an audit entry."""
    found = store.list_responders(conn)
    if not personal:
        return [replace(responder, phone=None) for responder in found]
    record(conn, actor, "read_phones", "responder", {"responders": len(found)})
    return found


def _level(
    areas: KnownAreas, code: str | None, level: str | None
) -> tuple[str | None, str | None]:
    return (None, None) if code is None else areas.level_of(code, level)


def _check_superior(there: Collection[str], code: str | None) -> None:
    if code is not None and code not in there:
        raise ValueError(
            Sentence(
                "superior_code: there is no responder {}, neither in this file nor stored",
                repr(code),
            )
        )


def _station(reading: RecordIntake[Responder], areas: KnownAreas) -> None:
    warnings = {}

    def station(responder: Responder) -> Responder:
        level, warning = _level(areas, responder.area_code, responder.area_level)
        if warning:
            warnings[responder.code] = warning
        return replace(responder, area_level=level)

    reading.refine(station)
    for number, responder in reading.lines:
        if responder.code in warnings:
            reading.warn(number, warnings[responder.code])


def _circles(file: ImportFile, columns: Mapping[str, str], stored: Superiors) -> Superiors:
    """Return the circle of each code in one, as text: there everybody is his own superior.

    Also those of rows with other faults count, so that a person hears of everything at once.
    """
    codes = file.cells[columns["code"]]
    superiors = file.cells.get(columns.get("superior_code", ""), [None] * len(codes))
    of_file = {
        code: superior
        for code, superior in zip(codes, superiors, strict=True)
        if code is not None
    }
    rings = cycles({**stored, **of_file})
    return {code: " > ".join([*ring, ring[0]]) for ring in rings for code in ring}


def _check_circle(circles: Superiors, code: str) -> None:
    circle = circles.get(code)
    if circle is not None:
        raise ValueError(Sentence("the superiors form a circle: {}", circle))


def responders_of(
    responders: Iterable[Responder], duties: Iterable[Duty], scope: AreaScope
) -> frozenset[str]:
    """Return those stationed in an area or with a duty about it, and all their superiors."""
    by_code = {one.code: one for one in responders}
    kept: set[str] = set()
    here = [
        one.code for one in by_code.values() if (one.area_level, one.area_code) in scope.within
    ]
    here += [duty.responder_code for duty in duties if scope.concerns(duty)]
    for one in here:
        above: str | None = one
        while above is not None and above not in kept:
            kept.add(above)
            above = by_code[above].superior_code
    return frozenset(kept)

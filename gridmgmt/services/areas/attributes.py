"""Declare what areas of a level have besides code and name, from a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import Level
from gridmgmt.domain.areas.attributes import (
    GAPS,
    AreaAttribute,
    AttributeKind,
    attribute_problems,
)
from gridmgmt.domain.areas.level_words import LevelWords
from gridmgmt.domain.value_words import OneOf
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence, joined
from gridmgmt.services.areas.declarations import read_declarations
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas.attributes import declared_attributes, store_attributes, used_values
from gridmgmt.store.areas.editions import wait_for_turn
from gridmgmt.store.areas.levels import list_levels

COLUMNS = ("level", "name", "name_zh", "name_en", "kind", "allowed")
REQUIRED = COLUMNS[:4]
# Between the values in a cell of `allowed`.
_BETWEEN = "|"
_KINDS = OneOf(AttributeKind)


@dataclass(frozen=True)
class AttributesSet:
    """What is declared now, and what was added and removed, each as level.name."""

    attributes: tuple[AreaAttribute, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    notes: tuple[str, ...]


def list_attributes(conn: Connection) -> list[AreaAttribute]:
    """List what is declared, levels from the topmost down."""
    return [one for each in declared_attributes(conn).values() for one in each.values()]


def set_attributes(
    conn: Connection,
    path: Path,
    *,
    actor: str,
    encoding: str | None = None,
    sheet: str | None = None,
) -> AttributesSet:
    """Replace what is declared by the rows of a table with the columns `COLUMNS`.

    Raises
    ------
    LayerError
        naming every row that cannot be used
    InputError
        naming every value that areas or drafts have and that would not be allowed any more
    """
    # Whoever publishes or imports reads them and must not see them half changed.
    wait_for_turn(conn)
    wanted, notes = _read(path, list_levels(conn), encoding, sheet)
    before = {f"{one.level}.{one.name}" for one in list_attributes(conn)}
    now = {f"{one.level}.{one.name}": one for one in wanted}
    problems = _still_used(conn, wanted)
    if problems:
        raise InputError(field="attributes", message=joined("; ", problems))
    store_attributes(conn, wanted)
    added, removed = sorted(set(now) - before), sorted(before - set(now))
    detail = {"added": added, "removed": removed}
    audit.record(conn, actor, "set_attributes", ", ".join(now), detail)
    return AttributesSet(tuple(wanted), tuple(added), tuple(removed), notes)


def _still_used(conn: Connection, wanted: Sequence[AreaAttribute]) -> list[str]:
    known = {(one.level, one.name): one for one in wanted}
    problems: list[str] = []
    for (level, name), values in used_values(conn).items():
        if name == GAPS:
            continue
        one = known.get((level, name))
        for value, rows in values:
            if one is None:
                problems.append(
                    Sentence("{}.{}: {} area(s) have {}", level, name, rows, repr(value))
                )
            elif fault := one.fault(value):
                problems.append(
                    Sentence("{}.{}: {} area(s) have {}: {}", level, name, rows, value, fault)
                )
    return problems


def _read(
    path: Path, levels: Sequence[Level], encoding: str | None, sheet: str | None
) -> tuple[list[AreaAttribute], tuple[str, ...]]:
    words, names = LevelWords(levels), [one.name for one in levels]
    table = read_declarations(
        path, "attributes", COLUMNS, REQUIRED, encoding=encoding, sheet=sheet
    )
    problems = [*table.problems]
    found: list[AreaAttribute] = []
    for one in table.rows:
        problems += one.problems
        kind = AttributeKind.TEXT
        try:
            kind = AttributeKind(_KINDS(one.given["kind"] or kind))
        except ValueError as error:
            problems += one.told(Sentence("{}: {}", "kind", error.args[0]))
        said, name, name_zh, name_en = (one.given[column] or "" for column in REQUIRED)
        level = words.read(said)
        if said and level not in names:
            told = Sentence("there is no level {}; there are {}", repr(said), ", ".join(names))
            problems += one.told(told)
        values = (one.given["allowed"] or "").split(_BETWEEN)
        allowed = tuple(value.strip() for value in values if value.strip())
        found.append(AreaAttribute(level, name, name_zh, name_en, kind, allowed))
    table.refuse(problems or attribute_problems(found))
    return found, table.notes

"""Declare what areas of a level have besides code and name, from a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.attributes import (
    GAPS,
    AreaAttribute,
    AttributeKind,
    attribute_problems,
)
from gridmgmt.domain.columns import text_fault
from gridmgmt.errors import FieldError, InputError, LayerError
from gridmgmt.exchange.reading.files import read_table
from gridmgmt.sentence import Sentence, joined
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas.attributes import declared_attributes, store_attributes, used_values
from gridmgmt.store.areas.editions import wait_for_turn
from gridmgmt.store.areas.levels import get_level

COLUMNS = ("level", "name", "name_zh", "name_en", "kind", "allowed")
REQUIRED = COLUMNS[:4]
# Between the values in a cell of `allowed`.
_BETWEEN = "|"


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
    wanted, notes = _read(path, encoding, sheet)
    # Whoever publishes or imports reads them and must not see them half changed.
    wait_for_turn(conn)
    for level in dict.fromkeys(one.level for one in wanted):
        get_level(conn, level)
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
    path: Path, encoding: str | None, sheet: str | None
) -> tuple[list[AreaAttribute], tuple[str, ...]]:
    table = read_table(path, encoding=encoding, sheet=sheet)
    missing = [name for name in REQUIRED if name not in table.columns]
    if missing:
        raise FieldError(path, missing[0], table.columns, *missing[1:])
    problems: list[str] = [
        Sentence("row {}: {}", one.row, one.reason) for one in table.rejected
    ]
    found: list[AreaAttribute] = []
    for i, row in enumerate(table.row):
        given = {
            name: table.values[name][i] if name in table.columns else None for name in COLUMNS
        }
        empty = [name for name in REQUIRED if given[name] is None]
        faults = [text_fault(text) for text in given.values() if text is not None]
        kind = given["kind"] or AttributeKind.TEXT
        if kind not in set(AttributeKind):
            known = ", ".join(AttributeKind)
            faults.append(Sentence("kind {} is none of {}", repr(kind), known))
            kind = AttributeKind.TEXT
        if empty:
            faults.append(Sentence("no {}", ", ".join(empty)))
        problems += [Sentence("row {}: {}", row, fault) for fault in faults if fault]
        level, name, name_zh, name_en = (given[column] or "" for column in REQUIRED)
        allowed = tuple(
            part.strip() for part in (given["allowed"] or "").split(_BETWEEN) if part.strip()
        )
        one = AreaAttribute(level, name, name_zh, name_en, AttributeKind(kind), allowed)
        found.append(one)
    if not problems:
        problems = attribute_problems(found)
    if problems:
        raise LayerError(
            path,
            Sentence("{} row(s) cannot be used", len(problems)),
            problems=problems,
            remedy=Sentence("correct these rows and import the file again"),
        )
    return found, tuple(table.notes)

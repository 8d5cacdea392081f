"""Compare two editions for pages: counts, a page of differences, and lineage."""

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.draft import Action
from gridmgmt.domain.areas.edition import Edition
from gridmgmt.errors import EditionError
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.coverage.lineage import Descent, lineage
from gridmgmt.sentence import Sentence
from gridmgmt.services.areas import editions
from gridmgmt.store.areas.area_tree import list_tree, shapes_of
from gridmgmt.store.areas.edition_changes import (
    ChangeCount,
    ChangedArea,
    areas_meeting,
    count_edition_changes,
    find_edition_changes,
)
from gridmgmt.store.areas.editions import get_edition, newest_edition
from gridmgmt.store.areas.levels import get_level
from gridmgmt.store.areas.lineage import find_lineage, moved_ground

PAGE_ROWS = 50

# For editions that do not follow each other, moved ground is measured only up to this number of
# areas.
_MEASURED = 1_000
_ALL = 2**31 - 1


@dataclass(frozen=True)
class DiffQuery:
    """A filter of differences; ``top`` is the area that the account is limited to."""

    level: str
    action: Action | None = None
    words: str | None = None
    after: str | None = None
    top: AreaKey | None = None


@dataclass(frozen=True)
class LevelDifference:
    """The number of areas that differ; ``moved_m2`` is None if it is not measured."""

    count: ChangeCount
    moved_m2: float | None


@dataclass(frozen=True)
class Difference:
    """An area that differs, and the areas of the second edition that hold its ground."""

    area: ChangedArea
    descents: tuple[Descent, ...]


@dataclass(frozen=True)
class DiffPage:
    """A page of differences; ``after`` begins the next page."""

    rows: tuple[Difference, ...]
    after: str | None


@dataclass(frozen=True)
class LineagePage:
    """A page of lineage, by old codes."""

    rows: tuple[tuple[str, tuple[Descent, ...]], ...]
    after: str | None


def pair(conn: Connection, first: int, second: int) -> tuple[Edition, Edition]:
    """Return two editions to compare.

    Raises
    ------
    NotFoundError, EditionError
        when one does not exist, or was withdrawn
    """
    both = get_edition(conn, first), get_edition(conn, second)
    for one in both:
        if one.withdrawn_at is not None:
            raise EditionError(
                Sentence(
                    "edition {} was withdrawn; its areas are not stored any more", one.number
                )
            )
    return both


def summary(
    conn: Connection, first: int, second: int, *, top: AreaKey | None = None
) -> list[LevelDifference]:
    """Count the areas that differ, for each level, and the ground that got another code."""
    keys = _keys(conn, (first, second), top)
    counted = count_edition_changes(conn, first, second, keys=keys)
    # The stored sums are those of the whole city.
    moved = {} if top is not None else _moved(conn, first, second, counted)
    return [LevelDifference(one, moved.get(one.level)) for one in counted]


def page(
    conn: Connection, first: int, second: int, query: DiffQuery, *, most: int = PAGE_ROWS
) -> DiffPage:
    """Return a page of the areas of a level that differ.

    Raises
    ------
    NotFoundError
        when there is no such level
    """
    rows, after = _rows(conn, first, second, query, most)
    descents = _descents(conn, first, second, query.level, rows)
    return DiffPage(
        tuple(Difference(one, tuple(descents.get(one.code, ()))) for one in rows),
        after,
    )


def shapes(
    conn: Connection, first: int, second: int, query: DiffQuery
) -> tuple[LevelAreas, LevelAreas]:
    """Read the outlines of a page of differences, in the first and the second edition."""
    rows, _ = _rows(conn, first, second, query, PAGE_ROWS)
    codes = [one.code for one in rows]
    return shapes_of(conn, first, query.level, codes), shapes_of(
        conn, second, query.level, codes
    )


def lineage_page(
    conn: Connection, number: int, query: DiffQuery, *, most: int = PAGE_ROWS
) -> LineagePage:
    """Return a page of the lineage of a level in an edition, by old code."""
    before = newest_edition(conn, before=number)
    numbers = (number,) if before is None else (before.number, number)
    found = find_lineage(
        conn,
        number,
        query.level,
        codes=_codes(conn, numbers, query.level, query.top),
        words=query.words,
        after=query.after,
        most=most + 1,
    )
    by_code: dict[str, list[Descent]] = {}
    for one in found:
        by_code.setdefault(one.old_code, []).append(one)
    rows = [(code, tuple(lines)) for code, lines in by_code.items()][:most]
    return LineagePage(tuple(rows), rows[-1][0] if len(by_code) > most else None)


def _rows(
    conn: Connection, first: int, second: int, query: DiffQuery, most: int
) -> tuple[list[ChangedArea], str | None]:
    get_level(conn, query.level)
    found = find_edition_changes(
        conn,
        first,
        second,
        query.level,
        action=query.action,
        codes=_codes(conn, (first, second), query.level, query.top),
        words=query.words,
        after=query.after,
        most=most + 1,
    )
    rows = found[:most]
    return rows, rows[-1].code if len(found) > most else None


def _moved(
    conn: Connection, first: int, second: int, counted: list[ChangeCount]
) -> dict[str, float]:
    before = newest_edition(conn, before=second)
    # Publishing has stored the lineage between neighbouring editions.
    if before is not None and before.number == first:
        return {one.level: 0.0 for one in counted} | moved_ground(conn, second)
    if sum(one.total for one in counted) > _MEASURED:
        return {}
    return {one.level: one.moved_m2 for one in editions.diff(conn, first, second)}


def _descents(
    conn: Connection, first: int, second: int, level: str, rows: list[ChangedArea]
) -> dict[str, list[Descent]]:
    # Only ground that changed can have gone to another area; a new name or parent moves none.
    gone = [one.code for one in rows if one.redrawn or one.action is Action.DROP]
    if not gone:
        return {}
    found: dict[str, list[Descent]] = {code: [] for code in gone}
    for one in _lineage(conn, first, second, level, gone):
        if one.old_code in found:
            found[one.old_code].append(one)
    return found


def _lineage(
    conn: Connection, first: int, second: int, level: str, codes: list[str]
) -> list[Descent]:
    """Return the lineage of areas, as stored by publishing or else measured now."""
    before = newest_edition(conn, before=second)
    is_next = before is not None and before.number == first
    stored = find_lineage(conn, second, level, codes=codes, most=_ALL) if is_next else []
    if stored:
        # The largest part first. Ground without a new area comes last, as when it is measured.
        return sorted(stored, key=lambda one: one.new_code is None)
    old = shapes_of(conn, first, level, codes)
    new = areas_meeting(conn, second, level, codes, of=first)
    return list(lineage(old.codes, old.geoms, new.codes, new.geoms))


def _keys(
    conn: Connection, numbers: tuple[int, ...], top: AreaKey | None
) -> list[AreaKey] | None:
    """Return all areas that are or were below an area in the editions; None without a limit."""
    if top is None:
        return None
    # In both editions: an area that has left the account's area, or come into it, is a
    # difference too.
    rows = [row for number in numbers for row in list_tree(conn, number, top=top, most=_ALL)]
    return sorted({(row.level, row.code) for row in rows})


def _codes(
    conn: Connection, numbers: tuple[int, ...], level: str, top: AreaKey | None
) -> list[str] | None:
    keys = _keys(conn, numbers, top)
    return None if keys is None else [code for name, code in keys if name == level]

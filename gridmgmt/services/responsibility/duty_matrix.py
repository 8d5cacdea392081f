"""The duty matrix of a day: areas of a level by categories, with gaps and duplicates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey, Chain
from gridmgmt.domain.auditing.duty_audit import FindingKind
from gridmgmt.domain.auditing.duty_matrix import Cell, DutyMatrix
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.errors import InputError, NotFoundError
from gridmgmt.sentence import Sentence
from gridmgmt.services.areas.scopes import edition_in_force
from gridmgmt.services.judging.directory import directory, standing_duties
from gridmgmt.store.areas.areas import area_names, chains, count_areas
from gridmgmt.store.responsibility.zones import list_zones

PAGE_ROWS = 50


@dataclass(frozen=True)
class MatrixQuery:
    """The part of the matrix to show.

    ``level`` None is the level below ``parent``, or without a parent the first with several
    areas. ``major`` shows the categories of that major class. ``after`` is the code of the last
    area of the page before. ``faults_only`` leaves out rows without faults. ``within`` limits
    everything to one area.
    """

    day: date
    level: str | None = None
    parent: AreaKey | None = None
    major: str | None = None
    after: str | None = None
    faults_only: bool = False
    within: AreaKey | None = None


@dataclass(frozen=True)
class MatrixColumn:
    """A major class, or one category; ``major`` is the class that can be opened."""

    name: str
    categories: tuple[str, ...]
    major: str | None


@dataclass(frozen=True)
class Row:
    """An area with its name, its number of leaf areas, and a cell for each column."""

    area: AreaKey
    name: str | None
    leaves: int
    cells: tuple[Cell, ...]

    @property
    def kinds(self) -> dict[FindingKind, int]:
        """Return the faults in all columns, by kind; kinds without any are left out."""
        sums = {kind: sum(one.kinds.get(kind, 0) for one in self.cells) for kind in FindingKind}
        return {kind: count for kind, count in sums.items() if count}


@dataclass(frozen=True)
class MatrixPage:
    """One page of the matrix.

    ``above`` are the areas above the rows, the topmost first, with their names. ``total`` sums
    all rows, also those of other pages. ``names`` are those of the responders on the page.
    """

    day: date
    edition: int
    levels: tuple[str, ...]
    level: str
    above: tuple[tuple[AreaKey, str | None], ...]
    columns: tuple[MatrixColumn, ...]
    rows: tuple[Row, ...]
    row_count: int
    next_after: str | None
    total: Cell
    names: Mapping[str, str]


def duty_matrix(conn: Connection, query: MatrixQuery, *, tz: ZoneInfo) -> MatrixPage:
    """Return who disposes of what where, by the edition in force when the day begins.

    It has the mapped categories. Zones and road segments have their own duties and are not part
    of it.

    Raises
    ------
    EditionError
        when no edition is in force on that day
    NotFoundError, InputError
        when there is no such area, level or major class
    """
    edition = edition_in_force(conn, query.day, tz)
    levels = [count.level for count in count_areas(conn, edition) if count.areas]
    leaf_chains = _leaf_chains(conn, edition, levels, query)
    level = _level(levels, leaf_chains, query)
    known = directory(conn)
    responders = known.responders.values()
    standing = standing_duties(conn)
    book = DutyBook(standing.duties, responders, standing.members, list_zones(conn)[0])
    matrix = DutyMatrix(book, leaf_chains, query.day)
    # An unmapped category only matches duties for all categories: its column would say nothing
    # new.
    columns = _columns([one for one in known.categories.values() if one.mapped], query.major)
    leaves_of = _leaves_of(leaf_chains, level)
    # Before a page is cut, so that every page is full.
    if query.faults_only:
        leaves_of = _faulty(matrix, leaves_of, columns)
    page, next_after = _page(leaves_of, query.after)
    names = area_names(conn, edition, [(level, code) for code in page])
    every = [category for column in columns for category in column.categories]
    rows = tuple(
        Row(
            area=(level, code),
            name=names.get((level, code)),
            leaves=len(leaves_of[code]),
            cells=tuple(matrix.cell(leaves_of[code], one.categories) for one in columns),
        )
        for code in page
    )
    return MatrixPage(
        day=query.day,
        edition=edition,
        levels=tuple(levels),
        level=level,
        above=_above(conn, edition, query.parent),
        columns=columns,
        rows=rows,
        row_count=len(leaves_of),
        next_after=next_after,
        total=matrix.cell([leaf for some in leaves_of.values() for leaf in some], every),
        names=known.responder_names,
    )


def _leaf_chains(
    conn: Connection, edition: int, levels: Sequence[str], query: MatrixQuery
) -> dict[str, Chain]:
    found = chains(conn, edition, levels[-1]) if levels else {}
    for limit in (query.within, query.parent):
        if limit is None:
            continue
        # For this account, areas outside ``within`` do not exist, like unknown ones.
        found = {leaf: chain for leaf, chain in found.items() if limit in chain}
        if not found:
            raise NotFoundError(kind=limit[0], key=limit[1])
    return found


def _level(levels: Sequence[str], leaf_chains: Mapping[str, Chain], query: MatrixQuery) -> str:
    if query.level is not None:
        if query.level not in levels:
            raise InputError(
                field="level",
                message=Sentence(
                    "{} has no areas; choose one of {}", repr(query.level), ", ".join(levels)
                ),
            )
        return query.level
    if query.parent is not None:
        below = levels.index(query.parent[0]) + 1
        return levels[min(below, len(levels) - 1)]
    # A level with one row shows nothing that its children do not show better.
    for level in levels:
        if len(_leaves_of(leaf_chains, level)) > 1:
            return level
    return levels[-1]


def _leaves_of(leaf_chains: Mapping[str, Chain], level: str) -> dict[str, list[str]]:
    """Return the leaf areas in each area of a level, codes ascending."""
    found: dict[str, list[str]] = {}
    for leaf, chain in leaf_chains.items():
        for name, code in chain:
            if name == level:
                found.setdefault(code, []).append(leaf)
    return dict(sorted(found.items()))


def _columns(categories: Iterable[Category], major: str | None) -> tuple[MatrixColumn, ...]:
    """Return a column for each major class, in order of codes, or for each category of one."""
    by_major: dict[str, list[Category]] = {}
    for one in categories:
        by_major.setdefault(one.matrix_class, []).append(one)
    if major is None and len(by_major) > 1:
        return tuple(
            MatrixColumn(name, tuple(one.code for one in some), name)
            for name, some in by_major.items()
        )
    if major is not None and major not in by_major:
        raise InputError(
            field="major",
            message=Sentence(
                "{} is not a major class; choose one of {}",
                repr(major),
                ", ".join(filter(None, by_major)),
            ),
        )
    shown = by_major.get(major or next(iter(by_major), ""), [])
    return tuple(MatrixColumn(one.name, (one.code,), None) for one in shown)


def _faulty(
    matrix: DutyMatrix, leaves_of: Mapping[str, list[str]], columns: Sequence[MatrixColumn]
) -> dict[str, list[str]]:
    every = [category for column in columns for category in column.categories]
    return {
        code: leaves for code, leaves in leaves_of.items() if matrix.cell(leaves, every).kinds
    }


def _page(
    leaves_of: Mapping[str, list[str]], after: str | None
) -> tuple[list[str], str | None]:
    rest = [code for code in leaves_of if after is None or code > after]
    page = rest[:PAGE_ROWS]
    return page, page[-1] if len(rest) > len(page) else None


def _above(
    conn: Connection, edition: int, parent: AreaKey | None
) -> tuple[tuple[AreaKey, str | None], ...]:
    if parent is None:
        return ()
    chain = chains(conn, edition, parent[0]).get(parent[1], (parent,))
    names = area_names(conn, edition, chain)
    return tuple((area, names.get(area)) for area in reversed(chain))

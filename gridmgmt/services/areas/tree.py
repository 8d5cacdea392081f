"""Look at areas of an edition: the tree, one area, and its history."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.allowed_gaps import gaps_of
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.attributes import (
    AttributeChange,
    Attributes,
    attribute_changes,
)
from gridmgmt.domain.areas.edition import Edition
from gridmgmt.errors import NotFoundError
from gridmgmt.geometry.coverage.changes import same_ground
from gridmgmt.geometry.measure import area_m2
from gridmgmt.services.areas.duties import AreaDuties, area_duties
from gridmgmt.store.areas.area_tree import (
    AreaDescent,
    NamedArea,
    StoredVersion,
    TreeRow,
    chain_of,
    count_tree,
    descents_of,
    list_tree,
    versions_of,
)
from gridmgmt.store.areas.areas import LevelCount
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.areas.levels import get_level

PAGE_ROWS = 50


@dataclass(frozen=True)
class AreaQuery:
    """A filter of areas in the tree; ``top`` is the area the account is limited to."""

    level: str | None = None
    all_levels: bool = False
    parent: AreaKey | None = None
    words: str | None = None
    after: tuple[int, str] | None = None
    top: AreaKey | None = None


@dataclass(frozen=True)
class TreePage:
    """A page of areas of ``level`` (None: all levels), and the counts of each level.

    ``after`` begins the next page.
    """

    edition: Edition
    level: str | None
    levels: tuple[LevelCount, ...]
    rows: tuple[TreeRow, ...]
    after: tuple[int, str] | None


@dataclass(frozen=True)
class Version:
    """An area as it was in consecutive editions, and what was different before.

    ``until`` is the first edition without it. ``before`` is the version before it, or None for
    the first version and after a gap. Ground is in square metres.
    """

    name: str
    parent_code: str | None
    area_m2: float
    since: Edition
    until: Edition | None
    before: StoredVersion | None
    gained_m2: float
    lost_m2: float
    redrawn: bool
    attributes: Attributes

    @property
    def attribute_changes(self) -> tuple[AttributeChange, ...]:
        """Return the attributes that the version before had with other values."""
        if self.before is None:
            return ()
        return attribute_changes(self.before.attributes, self.attributes)

    @property
    def renamed(self) -> bool:
        """Return whether the version before had another name."""
        return self.before is not None and self.before.name != self.name

    @property
    def moved(self) -> bool:
        """Return whether the version before had another parent."""
        return self.before is not None and self.before.parent_code != self.parent_code


@dataclass(frozen=True)
class GapShown:
    """A gap that is allowed in an area; its ground in square metres."""

    name: str
    reason: str
    m2: float


@dataclass(frozen=True)
class AreaShown:
    """An area of an edition, or an area that only other editions have.

    ``chain`` has the area first, then the areas above it. If the edition has no such area,
    ``chain`` is empty and ``row`` is None.
    """

    level: str
    code: str
    edition: Edition
    row: TreeRow | None
    chain: tuple[NamedArea, ...]
    under: tuple[LevelCount, ...]
    versions: tuple[Version, ...]
    descents: tuple[AreaDescent, ...]
    duties: AreaDuties | None

    @property
    def attributes(self) -> Attributes:
        """Return the attributes in this edition, or in the last one that has the area."""
        number = self.edition.number
        for one in self.versions:
            if one.since.number <= number and (one.until is None or number < one.until.number):
                return one.attributes
        return self.versions[-1].attributes if self.versions else {}

    @property
    def gaps(self) -> list[GapShown]:
        """Return the gaps that are allowed in it."""
        known = gaps_of(self.attributes)
        m2 = area_m2([shapely.geometry.shape(one.geometry) for one in known])
        return [
            GapShown(one.name, one.reason, float(amount))
            for one, amount in zip(known, m2, strict=True)
        ]


def tree(
    conn: Connection, edition: Edition, query: AreaQuery, *, most: int = PAGE_ROWS
) -> TreePage:
    """Return a page of the areas of an edition.

    Without a filter it lists the topmost level that has more than one area.

    Raises
    ------
    NotFoundError
        when there is no such level
    """
    levels = tuple(count_tree(conn, edition.number, top=query.top))
    level = query.level
    if level is not None:
        get_level(conn, level)
    elif not (query.all_levels or query.parent or query.words) and levels:
        # A list with the city as its only row would help nobody.
        level = next((one.level for one in levels if one.areas > 1), levels[0].level)
    found = list_tree(
        conn,
        edition.number,
        top=query.top,
        level=level,
        parent=query.parent,
        words=query.words,
        after=query.after,
        most=most + 1,
    )
    rows = tuple(found[:most])
    after = (rows[-1].rank, rows[-1].code) if len(found) > most else None
    return TreePage(edition, level, levels, rows, after)


def show(
    conn: Connection, edition: Edition, area: AreaKey, *, top: AreaKey | None, on: date | None
) -> AreaShown:
    """Return an area of an edition with its history, and who answers for it.

    Parameters
    ----------
    top : the area that the account is limited to; areas outside it do not exist for the account
    on : the day whose duties are shown, None for none

    Raises
    ------
    NotFoundError
        when no edition ever had such an area, or it lies outside ``top``
    """
    level, code = area
    chain = tuple(chain_of(conn, edition.number, level, code))
    # From all editions: an area that this one no longer has keeps its page, since old cases
    # name it.
    versions = versions_in_editions(conn, level, code)
    if not versions or not _inside(conn, chain, versions, area, top):
        raise NotFoundError(kind=level, key=code)
    row = _row(conn, edition, area, chain)
    under = tuple(count_tree(conn, edition.number, top=area)[1:]) if row is not None else ()
    duties = area_duties(conn, [(one.level, one.code) for one in chain], on) if on else None
    return AreaShown(
        level=level,
        code=code,
        edition=edition,
        row=row,
        chain=_below(chain, top),
        under=under,
        versions=tuple(versions),
        descents=tuple(descents_of(conn, level, code)),
        duties=duties,
    )


def is_inside(conn: Connection, edition: int, area: AreaKey, top: AreaKey | None) -> bool:
    """Return whether an area of an edition is the account's area or lies in it."""
    return top is None or top in [(o.level, o.code) for o in chain_of(conn, edition, *area)]


def _inside(
    conn: Connection,
    chain: tuple[NamedArea, ...],
    versions: list[Version],
    area: AreaKey,
    top: AreaKey | None,
) -> bool:
    """Return whether an area lies in ``top``.

    This is decided in the edition that is shown, or else in the editions that had the area.
    """
    if top is None or chain:
        return top is None or top in [(one.level, one.code) for one in chain]
    return any(is_inside(conn, one.since.number, area, top) for one in versions)


def _below(chain: tuple[NamedArea, ...], top: AreaKey | None) -> tuple[NamedArea, ...]:
    """Return the chain up to the area the account is limited to."""
    # What lies above the area of the account is out of its sight (DECISIONS 50).
    keys = [(one.level, one.code) for one in chain]
    return chain if top is None or top not in keys else chain[: keys.index(top) + 1]


def _row(
    conn: Connection, edition: Edition, area: AreaKey, chain: tuple[NamedArea, ...]
) -> TreeRow | None:
    if not chain:
        return None
    [row] = list_tree(conn, edition.number, top=area, level=area[0], most=1)
    return row


def versions_in_editions(conn: Connection, level: str, code: str) -> list[Version]:
    """Return the versions of an area in the editions that were not withdrawn, oldest first."""
    stored = versions_of(conn, level, code)
    editions = {one.number: one for one in list_editions(conn)}
    found = []
    for i, one in enumerate(stored):
        # After a gap there is nothing to compare with: the code may have been given to another
        # area.
        before = stored[i - 1] if i and stored[i - 1].until == one.since else None
        gained_m2, lost_m2, redrawn = _ground(before, one)
        found.append(
            Version(
                name=one.name,
                parent_code=one.parent_code,
                area_m2=one.area_m2,
                since=editions[one.since],
                until=None if one.until is None else editions[one.until],
                before=before,
                gained_m2=gained_m2,
                lost_m2=lost_m2,
                redrawn=redrawn,
                attributes=one.attributes,
            )
        )
    return found


def _ground(before: StoredVersion | None, now: StoredVersion) -> tuple[float, float, bool]:
    """Return what an area gained and lost in square metres, and whether its outline changed."""
    if before is None:
        return 0.0, 0.0, False
    pair = np.array([before.geom], dtype=object), np.array([now.geom], dtype=object)
    # Compared by vertices first: an overlay of equal outlines may leave slivers, and the page
    # would show ground that nobody moved.
    if same_ground(*pair).all():
        return 0.0, 0.0, False
    gained = shapely.difference(now.geom, before.geom)
    lost = shapely.difference(before.geom, now.geom)
    gained_m2, lost_m2 = area_m2([gained, lost]).tolist()
    return gained_m2, lost_m2, True

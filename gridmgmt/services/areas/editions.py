"""Editions: show one, and compare two."""

from dataclasses import dataclass

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.edition import Edition
from gridmgmt.errors import EditionError
from gridmgmt.geometry.coverage.changes import alterations, no_areas, pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.coverage.lineage import Descent, lineage
from gridmgmt.sentence import Sentence
from gridmgmt.store.areas.areas import LevelCount, areas_in, count_areas
from gridmgmt.store.areas.editions import get_edition
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.areas.lineage import LevelDescent, lineage_of


@dataclass(frozen=True)
class EditionDetails:
    """An edition, its counts by level, and the lineage of the areas it changed."""

    edition: Edition
    levels: tuple[LevelCount, ...]
    lineage: tuple[LevelDescent, ...]


@dataclass(frozen=True)
class Altered:
    """The differences of an area that exists in both editions."""

    code: str
    geometry: bool
    name: bool
    parent: bool
    attributes: bool


@dataclass(frozen=True)
class LevelDiff:
    """The differences of one level between two editions.

    ``moved_m2`` is the ground of the first edition that has another code, or none, in the
    second. ``descents`` are the lineage of every dropped or redrawn area.
    """

    level: str
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    altered: tuple[Altered, ...]
    moved_m2: float
    descents: tuple[Descent, ...]


def show(conn: Connection, number: int) -> EditionDetails:
    """Return an edition with its counts; a withdrawn edition has no areas any more."""
    edition = get_edition(conn, number)
    counts = [] if edition.withdrawn_at else count_areas(conn, number)
    return EditionDetails(edition, tuple(counts), tuple(lineage_of(conn, number)))


def diff(conn: Connection, first: int, second: int) -> list[LevelDiff]:
    """Compare any two editions that were not withdrawn, level by level from the topmost down.

    Returns
    -------
    only levels on which they differ

    Raises
    ------
    EditionError
        when one of them was withdrawn: its areas are not stored any more
    """
    for number in (first, second):
        if get_edition(conn, number).withdrawn_at is not None:
            raise EditionError(
                Sentence("edition {} was withdrawn; its areas are not stored any more", number)
            )
    old, new = areas_in(conn, first), areas_in(conn, second)
    found = []
    for level in (one.name for one in list_levels(conn)):
        before, after = old.get(level, no_areas(level)), new.get(level, no_areas(level))
        one = _level_diff(before, after)
        if one.added or one.dropped or one.altered:
            found.append(one)
    return found


def _level_diff(old: LevelAreas, new: LevelAreas) -> LevelDiff:
    changed = alterations(old, new)
    dropped = sorted(set(old.codes) - set(new.codes))
    gone = pick(old, [*dropped, *changed.codes[changed.geometry]])
    descents: list[Descent] = []
    if len(gone.codes):
        # Lineage overlays every pair it is given, so areas that cannot meet are left out first.
        near = np.unique(shapely.STRtree(new.geoms).query(gone.geoms)[1])
        descents = lineage(gone.codes, gone.geoms, new.codes[near], new.geoms[near])
    flags = zip(
        changed.codes,
        changed.geometry,
        changed.name,
        changed.parent,
        changed.attributes,
        strict=True,
    )
    altered = [Altered(str(code), *map(bool, what)) for code, *what in flags if any(what)]
    return LevelDiff(
        level=new.level,
        added=tuple(sorted(set(new.codes) - set(old.codes))),
        dropped=tuple(dropped),
        altered=tuple(altered),
        moved_m2=sum(one.overlap_m2 for one in descents if one.new_code != one.old_code),
        descents=tuple(descents),
    )

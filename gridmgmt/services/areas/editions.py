"""Editions: show one, compare two, and withdraw one that is not in force yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.edition import Edition
from gridmgmt.domain.moments import shown
from gridmgmt.errors import EditionError
from gridmgmt.geometry.coverage.changes import alterations, no_areas, pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.coverage.lineage import Descent, lineage
from gridmgmt.sentence import Sentence
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas import drafts
from gridmgmt.store.areas.areas import LevelCount, areas_in, count_areas, take_back
from gridmgmt.store.areas.editions import (
    clock,
    close_withdrawn,
    get_edition,
    newest_edition,
    wait_for_turn,
)
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.areas.lineage import LevelDescent, delete_lineage, lineage_of
from gridmgmt.store.cases.case_counts import count_cases_judged_by
from gridmgmt.store.cases.case_leaves import delete_case_leaves
from gridmgmt.store.cases.cases import stop_writing


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


@dataclass(frozen=True)
class Withdrawn:
    """The result of withdrawing an edition; drafts by label."""

    reopened: tuple[str, ...]
    moved: tuple[str, ...]
    before: int | None


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
    flags = zip(changed.codes, changed.geometry, changed.name, changed.parent, strict=True)
    altered = [Altered(str(code), *map(bool, what)) for code, *what in flags if any(what)]
    return LevelDiff(
        level=new.level,
        added=tuple(sorted(set(new.codes) - set(old.codes))),
        dropped=tuple(dropped),
        altered=tuple(altered),
        moved_m2=sum(one.overlap_m2 for one in descents if one.new_code != one.old_code),
        descents=tuple(descents),
    )


def withdraw(conn: Connection, number: int, *, actor: str, tz: tzinfo = UTC) -> Withdrawn:
    """Withdraw the newest edition, if it is not in force yet.

    Its rows are removed and those it ended are current again. Its draft is open again, and its
    number is never used again. Open drafts based on it are based on the edition before. ``tz``
    is the time zone of times in error messages.

    Raises
    ------
    EditionError
        when it is in force, not the newest, already withdrawn, or cases were judged by it
    """
    # Nobody may publish on top of it while it goes.
    wait_for_turn(conn)
    edition = get_edition(conn, number)
    _refuse_to_withdraw(conn, edition, tz)
    before = newest_edition(conn, before=number)
    before_number = None if before is None else before.number
    # A case that is being stored must not be told where it lies under this edition.
    stop_writing(conn)
    delete_case_leaves(conn, edition=number)
    close_withdrawn(conn, number)
    begun, ended = take_back(conn, number)
    lines = delete_lineage(conn, number)
    reopened = drafts.reopen_drafts(conn, number)
    moved = drafts.rest_on_edition_before(conn, number, before_number)
    detail: Mapping[str, object] = {
        "label": edition.label,
        "rows_removed": begun,
        "rows_reopened": ended,
        "lineage_removed": lines,
        "drafts_reopened": reopened,
        "drafts_moved": moved,
    }
    audit.record(conn, actor, "withdraw_edition", str(number), detail)
    return Withdrawn(tuple(reopened), tuple(moved), before_number)


def _refuse_to_withdraw(conn: Connection, edition: Edition, tz: tzinfo) -> None:
    newest = newest_edition(conn)
    now = clock(conn)
    number = edition.number
    if edition.withdrawn_at is not None:
        raise EditionError(Sentence("edition {} is withdrawn already", number))
    if newest is not None and newest.number != number:
        raise EditionError(
            Sentence(
                "edition {} is not the newest: edition {} ({}) is based on it",
                number,
                newest.number,
                newest.label,
            )
        )
    # Somebody may have acted on it: what was in force stays in the history.
    if edition.effective_from <= now:
        raise EditionError(
            Sentence(
                "edition {} has been in force since {}; to correct it, publish another edition",
                number,
                shown(edition.effective_from, tz),
            )
        )
    # Their area would no longer exist.
    if count := count_cases_judged_by(conn, number):
        raise EditionError(
            Sentence(
                "edition {} cannot be withdrawn: it has judged {} stored case(s)", number, count
            )
        )

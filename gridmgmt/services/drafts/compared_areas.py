"""Changed areas of a draft beside those of its base edition, with who changed them and why."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.arrays import objects
from gridmgmt.domain.areas.draft import Change, Draft
from gridmgmt.domain.areas.edit_log import LoggedEdit, stacks
from gridmgmt.geometry.coverage.changes import no_areas, pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas, MeasuredAreas
from gridmgmt.geometry.drawing.ground_changes import GroundChange, ground_changes
from gridmgmt.services.drafts import changes
from gridmgmt.services.drafts.alterations import Alteration, altered
from gridmgmt.store.areas.draft_changes import ChangeQuery
from gridmgmt.store.areas.draft_edits import edits_by_area, read_log
from gridmgmt.store.areas.near_areas import areas_near


@dataclass(frozen=True)
class ComparedArea:
    """A changed area: m² before and after (None where it is not), and its newest edit.

    ``alteration`` is what differs about an area that was and is; ``moved`` the ground that it
    gained or lost, None for none; ``edit`` the newest edit of the log that changed it and
    stands, None where the draft has no such log.
    """

    change: Change
    old_name: str | None
    before_m2: float | None
    after_m2: float | None
    alteration: Alteration | None
    moved: GroundChange | None
    edit: LoggedEdit | None


@dataclass(frozen=True)
class ComparedPage:
    """A page of the changed areas of a level; ``after`` begins the next page.

    ``before`` and ``now`` are their outlines in the base edition and in the draft.
    """

    areas: tuple[ComparedArea, ...]
    after: str | None
    before: LevelAreas
    now: LevelAreas

    @property
    def rows(self) -> tuple[Change, ...]:
        """Return what the draft states of the areas."""
        return tuple(one.change for one in self.areas)

    @property
    def alterations(self) -> tuple[Alteration, ...]:
        """Return what differs about the areas that were and are."""
        return tuple(one.alteration for one in self.areas if one.alteration)


def compare(conn: Connection, draft: Draft, query: ChangeQuery) -> ComparedPage:
    """Return a page of the changed areas of one level, before and after.

    Raises
    ------
    NotFoundError
        when there is no such level
    """
    page = changes.page(conn, draft, query)
    before, now = changes.shapes(conn, draft, query)
    old, new = MeasuredAreas(before), MeasuredAreas(now)
    old_m2 = dict(zip(old.codes, old.area_m2.tolist(), strict=True))
    new_m2 = dict(zip(new.codes, new.area_m2.tolist(), strict=True))
    names = dict(zip(before.codes, before.names, strict=True))
    different = {one.code: one for one in altered(before, now)}
    moved = {one.code: one for one in ground_changes(old, new)}
    edits = _newest_edits(conn, draft, query.level, [one.code for one in page.rows])
    areas = tuple(
        ComparedArea(
            change=one,
            old_name=names.get(one.code),
            before_m2=old_m2.get(one.code),
            after_m2=new_m2.get(one.code),
            alteration=different.get(one.code),
            moved=moved.get(one.code),
            edit=edits.get(one.code),
        )
        for one in page.rows
    )
    return ComparedPage(areas, page.after, before, now)


def around(conn: Connection, draft: Draft, page: ComparedPage) -> LevelAreas:
    """Read the areas of the base edition beside those of a page, as they are in the edition."""
    level = page.now.level
    changed = {one.change.code for one in page.areas}
    grounds = np.concatenate([page.before.geoms, page.now.geoms])
    grounds = grounds[~(shapely.is_missing(grounds) | shapely.is_empty(grounds))]
    if draft.base_edition is None or not len(grounds):
        return no_areas(level)
    boxes = objects(shapely.box(*bounds) for bounds in shapely.bounds(grounds))
    near = areas_near(conn, draft.base_edition, level, boxes)
    return pick(near, {*near.codes} - changed)


def _newest_edits(
    conn: Connection, draft: Draft, level: str, codes: Sequence[str]
) -> dict[str, LoggedEdit]:
    """Return the newest edit of each area that stands; what was undone did not change it."""
    log = {one.number: one for one in read_log(conn, draft.id)}
    stand = {*stacks(log.values()).done}
    by_area = edits_by_area(conn, draft.id, level, codes)
    return {
        code: log[max(numbers & stand)] for code, numbers in by_area.items() if numbers & stand
    }

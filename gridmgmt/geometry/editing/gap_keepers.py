"""Keep allowed gaps with the areas whose ground they are, wherever that ground goes."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from gridmgmt.domain.areas.allowed_gaps import AllowedGap, gaps_of, with_gaps
from gridmgmt.geometry.coverage.overlaps import DUST_M2
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.outline import same_outline, whole
from gridmgmt.geometry.measure import area_m2, length_m, polygon_parts


def with_keepers(before: EditState, after: EditState) -> EditState:
    """Return a state in which allowed gaps are kept by the areas whose ground they are now.

    A gap whose ground went to other areas, as by a split, a merge or a strip that is given
    away, goes with it, part by part. What the topmost level encloses stays with an area that
    kept it as long as that borders on it, else the one with the longest border gets it. A gap
    that is in no area and beside none stays where it was.

    Parameters
    ----------
    before : the state of which an edit made ``after``
    """
    for level, moved in _moved(before, after).items():
        gaps = {str(gap): gap for area in moved for gap in gaps_of(area.attributes)}
        if not gaps:
            continue
        standing = [one for one in moved if after.get(level, one.code) is one]
        kept: dict[str, list[AllowedGap]] = {one.code: [] for one in standing}
        for gap in gaps.values():
            for area, part in _parts(after, gap, standing, level):
                kept.setdefault(area.code, gaps_of(area.attributes)).append(part)
        areas = [after.area(level, code) for code in kept]
        given = [
            replace(one, attributes=with_gaps(one.attributes, kept[one.code])) for one in areas
        ]
        after = after.having(
            now
            for one, now in zip(areas, given, strict=True)
            if now.attributes != one.attributes
        )
    return after


def _moved(before: EditState, after: EditState) -> dict[str, list[DraftArea]]:
    """Return the areas that have another ground, as they are, and those that are gone."""
    found: dict[str, list[DraftArea]] = defaultdict(list)
    for level, code in sorted({*before.changed, *after.changed}):
        was, now = before.get(level, code), after.get(level, code)
        if now is None or was is None:
            known = now or was
            found[level] += [] if known is None else [known]
        elif was is not now and not same_outline(was.outline, now.outline):
            found[level].append(now)
    return found


def keeper_beside(state: EditState, level: str, ground: BaseGeometry) -> DraftArea | None:
    """Return the area of a level with the longest border with a ground, None without any."""
    box = whole(shapely.bounds(ground).reshape(2, 2)).ravel()
    return _beside(state.near(level, box), ground)


def _parts(
    state: EditState, gap: AllowedGap, areas: Sequence[DraftArea], level: str
) -> Iterator[tuple[DraftArea, AllowedGap]]:
    """Yield which areas keep which parts of a gap."""
    ground = shape(gap.geometry)
    m2 = float(area_m2([ground])[0])
    keepers = [one for one in areas if gap in gaps_of(one.attributes)]
    grounds = [shapely.make_valid(one.shape) for one in areas]
    shared = area_m2([shapely.intersection(ground, one) for one in grounds])
    if state.level_above(level) is None and shared.sum() < m2 / 2:
        keeper = _beside(keepers, ground) or keeper_beside(state, level, ground)
        yield from ((one, gap) for one in ([keeper] if keeper else keepers))
        return
    homes = np.flatnonzero(shared > DUST_M2).tolist()
    if len(homes) < 2:
        yield from ((one, gap) for one in ([areas[n] for n in homes] or keepers))
        return
    # The first that kept it also keeps what is in none of them now.
    first = next((n for n in homes if areas[n] in keepers), None)
    for n in homes:
        others = shapely.union_all([grounds[other] for other in homes if other != n])
        rest = shapely.difference if n == first else shapely.intersection
        part = rest(ground, others if n == first else grounds[n])
        pieces = polygon_parts(part)
        for piece, piece_m2 in zip(pieces, area_m2(pieces), strict=True):
            if piece_m2 > DUST_M2:
                yield areas[n], replace(gap, geometry=mapping(piece))


def _beside(areas: Sequence[DraftArea], ground: BaseGeometry) -> DraftArea | None:
    """Return the area with the longest border with a ground, None if none has one."""
    borders = length_m([shapely.intersection(ground.boundary, one.shape) for one in areas])
    if not len(borders) or not borders.max() > 0:
        return None
    return areas[int(np.argmax(borders))]

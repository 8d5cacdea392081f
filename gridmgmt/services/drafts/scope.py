"""The areas that an import replaces: a whole level, those in the file, or those of a parent."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from gridmgmt.arrays import objects
from gridmgmt.domain.areas.attributes import with_values
from gridmgmt.domain.listing import listed
from gridmgmt.errors import InputError, NotFoundError
from gridmgmt.geometry.coverage.changes import pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.coverage.parents import parents_by_overlap
from gridmgmt.sentence import Sentence

# A part of an area in another parent is reported above this size; publishing has its own limit.
_SPLIT_M2 = 1.0


@dataclass(frozen=True)
class Scope:
    """The areas of an import, and the ``codes`` that they replace (None: all codes)."""

    areas: LevelAreas
    codes: frozenset[str] | None
    notes: tuple[str, ...] = ()


def whole_level(areas: LevelAreas) -> Scope:
    """Replace the whole level: areas that are not in the file are dropped."""
    return Scope(areas, None)


def merged(areas: LevelAreas) -> Scope:
    """Replace only these areas; all others stay as they are in the draft."""
    return Scope(areas, frozenset(areas.codes))


def within(
    areas: LevelAreas, parent: str, state: dict[str, LevelAreas], *, parents_given: bool
) -> Scope:
    """Replace the children of one parent; areas in other parents stay.

    If the file has parents, features of other parents are skipped; if not, all features are
    children of this one.

    Raises
    ------
    NotFoundError
        when no area of the level above has this code
    InputError
        when no feature is its child, or no level above has areas
    """
    above = level_above(areas.level, state)
    if above is None:
        raise InputError(
            field="within",
            message=Sentence(
                "no level above {} has areas, so there is no parent {}",
                areas.level,
                repr(parent),
            ),
        )
    if parent not in set(above.codes):
        raise NotFoundError(kind=above.level, key=parent)
    notes = []
    if parents_given:
        mine = pick(areas, areas.codes[areas.parent_codes == parent])
        passed_over = len(areas.codes) - len(mine.codes)
        if not len(mine.codes):
            raise InputError(
                field="within",
                message=Sentence(
                    "none of the {} area(s) in the file has the parent {}",
                    passed_over,
                    repr(parent),
                ),
            )
        if passed_over:
            notes.append(
                Sentence(
                    "{} area(s) with other parents than {} were skipped", passed_over, parent
                )
            )
        areas = mine
    else:
        areas = with_parents(areas, np.full(len(areas.codes), parent, dtype=object))
    standing = state[areas.level]
    children = standing.codes[standing.parent_codes == parent]
    # Areas that had another parent: named, since their old parent now has a gap.
    moved = pick(standing, set(areas.codes) - set(children))
    if len(moved.codes):
        listed = ", ".join(
            f"{code} from {old}"
            for code, old in zip(moved.codes, moved.parent_codes, strict=True)
        )
        notes.append(Sentence("moved into {}: {}", parent, listed))
    return Scope(areas, frozenset(children) | frozenset(areas.codes), tuple(notes))


def derive_parents(areas: LevelAreas, state: dict[str, LevelAreas]) -> Scope:
    """Set the parent of each area by largest overlap, at the nearest level above with areas."""
    above = level_above(areas.level, state)
    if above is None:
        return Scope(areas, None)
    found = parents_by_overlap(areas, above)
    count = sum(parent is not None for parent in found.parent_codes)
    # Named one by one: only a person knows to which parent such an area belongs.
    split = areas.codes[found.elsewhere_m2 > _SPLIT_M2]
    note = Sentence(
        "no --parent given: {} of {} area(s) given the {} they overlap most; {} lie "
        "in two of them by more than {} m²",
        count,
        len(areas.codes),
        above.level,
        len(split),
        f"{_SPLIT_M2:g}",
    )
    if len(split):
        note = Sentence("{}: {}", note, listed(split))
    return Scope(with_parents(areas, found.parent_codes), None, (note,))


def level_above(level: str, state: dict[str, LevelAreas]) -> LevelAreas | None:
    """Return the nearest level above that has areas, or None.

    Parameters
    ----------
    state : all levels, from the topmost down, also those without areas
    """
    names = list(state)
    above = [name for name in names[: names.index(level)] if len(state[name].codes)]
    return state[above[-1]] if above else None


def with_parents(areas: LevelAreas, parent_codes: np.ndarray) -> LevelAreas:
    """Return the areas with other parents."""
    return replace(areas, parent_codes=parent_codes)


def keeping(areas: LevelAreas, standing: LevelAreas, given: Collection[str]) -> LevelAreas:
    """Return areas with the attributes that they have no field for as they stand.

    Parameters
    ----------
    given : the attributes that they have a field for
    """
    known = dict(zip(standing.codes, standing.attributes, strict=True))
    values = [
        with_values({k: v for k, v in known.get(code, {}).items() if k not in given}, own)
        for code, own in zip(areas.codes, areas.attributes, strict=True)
    ]
    return replace(areas, attributes=objects(values))

"""Put together what two sides changed since they had the same areas.

Borders are put together edge by edge: an area is its ground in the base, and what either side
added to it and took from it. Areas whose ground is that of the areas in them are made from
those again. Names, parents and attributes are compared area by area.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import changed_codes, same_area
from gridmgmt.geometry.merging.divergence import Diverged, Divergence, Take, Versions
from gridmgmt.geometry.merging.merged_level import MergedLevel


@dataclass(frozen=True)
class MergedState:
    """The state with the changes of both sides, and what they changed differently.

    Where they did, ``state`` has what was to be taken; if nothing was said, theirs.
    """

    state: EditState
    divergences: tuple[Divergence, ...]


def merged(
    base: EditState, mine: EditState, theirs: EditState, take: Take | None = None
) -> MergedState:
    """Put the changes of two states together that were made of one.

    What only one side changed is taken to the byte, what both changed in the same way once.

    Parameters
    ----------
    mine, theirs : states with the levels of ``base``
    take : whose version is taken where both changed the same differently; None: theirs

    Returns
    -------
    the state; ``take`` settles all divergences but codes of new areas
    """
    whole: frozenset[AreaKey] = frozenset()
    while True:
        state, found = _put_together(base, mine, theirs, take, whole)
        emptied = _emptied(base, mine, theirs, state)
        orphans = _without_parent(base, mine, theirs, state)
        broken = emptied | _keys(state, orphans)
        if take is None or broken <= whole:
            break
        whole |= broken
    if take is None:
        told = {(one.level, code) for one in found for code in one.codes}
        found += [Divergence(Diverged.EMPTIED, key[0], (key[1],)) for key in emptied - told]
    found += orphans
    order = {level: n for n, level in enumerate(base.levels)}
    found.sort(key=lambda one: (order[one.level], one.codes, one.matter))
    return MergedState(state, tuple(found))


def _put_together(
    base: EditState,
    mine: EditState,
    theirs: EditState,
    take: Take | None,
    whole: frozenset[AreaKey],
) -> tuple[EditState, list[Divergence]]:
    """Put all levels together; what lies in areas of ``whole`` is as one side alone has it."""
    state = theirs
    found: list[Divergence] = []
    inside = _inside(base, whole)
    for level in reversed(base.levels):
        one = MergedLevel(level, base, mine, theirs, state, take, frozenset(inside[level]))
        state = one.put_together()
        found += one.divergences
    return state, found


def _inside(state: EditState, areas: Iterable[AreaKey]) -> dict[str, set[str]]:
    """Return some areas and all that lies in them: codes by level."""
    found: dict[str, set[str]] = {level: set() for level in state.levels}
    for level, code in areas:
        found[level].add(code)
    for level in state.levels:
        for code in found[level]:
            for one in state.children(level, code):
                found[one.level].add(one.code)
    return found


def _emptied(
    base: EditState, mine: EditState, theirs: EditState, state: EditState
) -> frozenset[AreaKey]:
    """Return the areas of whose ground nothing is left: each side gave away a part.

    What one side alone has emptied is as it wants it.
    """
    found = []
    for level, code in state.changed:
        area = state.get(level, code)
        if area is None or area.outline:
            continue
        inside = _inside(base, [(level, code)])
        if all(_changes_any(base, side, inside) for side in (mine, theirs)):
            found.append((level, code))
    return frozenset(found)


def _changes_any(base: EditState, side: EditState, areas: dict[str, set[str]]) -> bool:
    return any(
        not same_area(base.get(level, code), side.get(level, code))
        for level, codes in areas.items()
        for code in codes
    )


def _keys(state: EditState, orphans: Iterable[Divergence]) -> frozenset[AreaKey]:
    """Return areas whose parent is gone, and these parents."""
    found = set()
    for one in orphans:
        area, above = state.area(one.level, one.codes[0]), state.level_above(one.level)
        assert above is not None
        assert area.parent_code is not None
        found |= {(one.level, area.code), (above, area.parent_code)}
    return frozenset(found)


def _without_parent(
    base: EditState, mine: EditState, theirs: EditState, state: EditState
) -> list[Divergence]:
    """Return the areas whose parent one side has and the other retired."""
    found = []
    for level in state.levels:
        codes = {*changed_codes(base, mine, level), *changed_codes(base, theirs, level)}
        above = state.level_above(level)
        for code in sorted(codes):
            area = state.get(level, code)
            parent = None if area is None else area.parent_code
            if above is None or parent is None or state.get(above, parent) is not None:
                continue
            sides = [one.get(level, code) for one in (base, mine, theirs)]
            if any(
                side.get(above, parent) is not None
                and one is not None
                and one.parent_code == parent
                for side, one in ((mine, sides[1]), (theirs, sides[2]))
            ):
                versions = Versions(
                    *(None if one is None else one.parent_code for one in sides)
                )
                found.append(Divergence(Diverged.PARENT, level, (code,), versions))
    return found

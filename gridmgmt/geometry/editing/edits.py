"""Apply an operation and say what it moved."""

from dataclasses import dataclass

import numpy as np

from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState, arrays_of
from gridmgmt.geometry.editing.operations import EditRules, Operation
from gridmgmt.geometry.editing.outline import same_outline
from gridmgmt.geometry.editing.soundness import refuse_worse
from gridmgmt.geometry.measure import area_m2
from gridmgmt.sentence import Sentence


@dataclass(frozen=True)
class AreaEdited:
    """An area before and after an edit, None where it does not exist, and how its m² change."""

    before: DraftArea | None
    after: DraftArea | None
    moved_m2: float

    @property
    def level(self) -> str:
        """Return the level."""
        return self._known.level

    @property
    def code(self) -> str:
        """Return the code."""
        return self._known.code

    @property
    def _known(self) -> DraftArea:
        found = self.after or self.before
        assert found is not None
        return found


@dataclass(frozen=True)
class Edited:
    """The state after an edit, and the areas that differ, by level from the top and by code."""

    state: EditState
    areas: tuple[AreaEdited, ...]

    @property
    def keys(self) -> set[tuple[str, str]]:
        """Return level and code of the areas that differ."""
        return {(one.level, one.code) for one in self.areas}

    @property
    def touched(self) -> list[DraftArea]:
        """Return the areas that differ, as they were and as they are."""
        return [one for each in self.areas for one in (each.before, each.after) if one]

    def sides(self) -> dict[str, tuple[LevelAreas, LevelAreas]]:
        """Return the areas that differ, before and after: each level -> both."""
        found = {}
        for level in self.state.levels:
            mine = [one for one in self.areas if one.level == level]
            before = [one.before for one in mine if one.before is not None]
            after = [one.after for one in mine if one.after is not None]
            found[level] = arrays_of(level, before), arrays_of(level, after)
        return found


def apply(state: EditState, operation: Operation, rules: EditRules) -> Edited:
    """Apply an operation.

    Raises
    ------
    EditError
        when it is impossible, would change nothing, or borders would be worse than before; the
        state stays as it was
    """
    after = operation.apply(state, rules)
    edited = compared(state, after)
    if not edited.areas:
        raise EditError(Sentence("nothing would change: everything is like that already"))
    refuse_worse(state, after, edited.touched)
    return edited


def fault(before: EditState, edited: Edited) -> str | None:
    """Return the first thing that an edit makes worse than before, None if nothing is."""
    try:
        refuse_worse(before, edited.state, edited.touched)
    except EditError as error:
        return str(error)
    return None


def compared(before: EditState, after: EditState) -> Edited:
    """Return what differs between two states of one draft."""
    keys = [
        (level, code)
        for level, code in {*before.changed, *after.changed}
        if not same_area(after.get(level, code), before.get(level, code))
    ]
    keys.sort(key=lambda key: (before.levels.index(key[0]), key[1]))
    pairs = [(before.get(*key), after.get(*key)) for key in keys]
    then, now = (
        area_m2([None if one is None else one.shape for one in side])
        for side in (
            [pair[0] for pair in pairs],
            [pair[1] for pair in pairs],
        )
    )
    moved = now - then if pairs else np.empty(0)
    return Edited(
        after,
        tuple(AreaEdited(*pair, float(m2)) for pair, m2 in zip(pairs, moved, strict=True)),
    )


def changed_codes(base: EditState, state: EditState, level: str) -> list[str]:
    """Return the codes of a level that differ between two states of one base, ascending."""
    keys = {*base.changed, *state.changed}
    return sorted(
        code
        for where, code in keys
        if where == level and not same_area(base.get(where, code), state.get(where, code))
    )


def same_area(one: DraftArea | None, other: DraftArea | None) -> bool:
    """Return whether two areas of one code are the same, to the order of their vertices."""
    if one is other or one is None or other is None:
        return one is other
    if (one.name, one.parent_code) != (other.name, other.parent_code):
        return False
    if one.attributes != other.attributes:
        return False
    return one.outline is other.outline or same_outline(one.outline, other.outline)

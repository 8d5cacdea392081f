"""Give areas the ground of the areas in them, where the two were drawn apart."""

from collections.abc import Sequence

import shapely

from gridmgmt.geometry.editing.chain import outline_from, total
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.outline import shape_of
from gridmgmt.sentence import Sentence


def derive(state: EditState, level: str, codes: Sequence[str]) -> EditState:
    """Give areas of a level the ground of their children, and so on up to the topmost level.

    Without codes it is every area of the level that has children.

    Raises
    ------
    EditError
        when a named area has no children, or children overlap or leave a crack between them
    """
    wanted = sorted({*codes}) or [
        one for one in sorted(state.codes(level)) if state.children(level, one)
    ]
    at: str | None = level
    while at is not None and wanted:
        made = [_derived(state, state.area(at, one)) for one in wanted]
        state = state.having(made)
        wanted = sorted({one.parent_code for one in made if one.parent_code is not None})
        at = state.level_above(at)
    return state


def _derived(state: EditState, area: DraftArea) -> DraftArea:
    children = state.children(area.level, area.code)
    if not children:
        raise EditError(Sentence("{} {} has no areas in it", area.level, area.code))
    ground = total(one.chain for one in children)
    if not len(area.chain - ground):
        return area
    try:
        outline = outline_from(ground)
    except EditError as error:
        raise _apart(area) from error
    if not shapely.is_valid(shape_of(outline)):
        raise _apart(area)
    return area.with_outline(outline)


def _apart(area: DraftArea) -> EditError:
    return EditError(
        Sentence(
            "the areas in {} {} overlap, or have other vertices along a border: trim or fill "
            "what the check names first",
            area.level,
            area.code,
        )
    )

"""Edit what areas are called: names and codes; retire an area."""

from dataclasses import replace

from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.sentence import Sentence


def rename(state: EditState, level: str, code: str, name: str) -> EditState:
    """Give an area another name.

    Raises
    ------
    EditError
        when the name is blank or the area has it already
    """
    area = state.area(level, code)
    if not name.strip():
        raise EditError(Sentence("{} {} needs a name", level, code))
    if area.name == name:
        raise EditError(Sentence("{} {} is called {} already", level, code, repr(name)))
    return state.having([replace(area, name=name)])


def recode(state: EditState, level: str, code: str, to: str) -> EditState:
    """Give an area another code; the areas in it get it as their parent.

    Raises
    ------
    EditError
        when another area of the level has that code
    """
    area = state.area(level, code)
    if state.get(level, to) is not None:
        raise EditError(Sentence("there is a {} {} already", level, to))
    children = [replace(one, parent_code=to) for one in state.children(level, code)]
    return state.having([replace(area, code=to), *children], without=[area])


def retire(state: EditState, level: str, code: str) -> EditState:
    """Take an area out; its ground belongs to none until it is drawn anew.

    Raises
    ------
    EditError
        when areas are left in it
    """
    area = state.area(level, code)
    children = state.children(level, code)
    if children:
        raise EditError(
            Sentence("{} area(s) are in {} {}: move them first", len(children), level, code)
        )
    return state.having([], without=[area])

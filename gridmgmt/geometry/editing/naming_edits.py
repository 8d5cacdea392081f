"""Edit what areas are called: names and codes; retire an area."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gridmgmt.domain.areas.attributes import AreaAttribute, AttributeValue, with_values
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


def set_attributes(
    state: EditState,
    level: str,
    codes: Sequence[str],
    values: Mapping[str, AttributeValue | None],
    declared: Mapping[str, AreaAttribute],
) -> EditState:
    """Give areas values of attributes; None takes the value away.

    Parameters
    ----------
    declared : what areas of the level may have, by name

    Raises
    ------
    EditError
        when there is no such area, or a value is none of its attribute
    """
    for name, value in values.items():
        if name not in declared:
            raise EditError(
                Sentence(
                    "level {} has no attribute {}; it has: {}",
                    level,
                    repr(name),
                    ", ".join(declared) or "–",
                )
            )
        fault = None if value is None else declared[name].fault(value)
        if fault is not None:
            raise EditError(Sentence("{}: {}", name, fault))
    areas = [state.area(level, code) for code in sorted({*codes})]
    given = [replace(one, attributes=with_values(one.attributes, values)) for one in areas]
    return state.having(
        now for one, now in zip(areas, given, strict=True) if now.attributes != one.attributes
    )


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

"""Edit grounds: split, merge, give a strip away, put areas under another parent.

What goes from one area to another is a sum of edges (`chain`), so every vertex that is not
drawn anew stays what it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.geometry.editing.aligning import aligned
from gridmgmt.geometry.editing.chain import Chain, chain_of, outline_from, total
from gridmgmt.geometry.editing.cutting import pieces_cut
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.outline import Outline, Path, Ring, shape_of, whole
from gridmgmt.geometry.measure import area_m2
from gridmgmt.sentence import Sentence

# Takes a level, the code of the parent and how many new codes are wanted.
NewCodes = Callable[[str, str | None, int], Sequence[str]]


def split(
    state: EditState,
    level: str,
    code: str,
    line: Path,
    *,
    new_codes: NewCodes,
    border_m: float,
) -> EditState:
    """Split an area by a line; its largest piece keeps the code, as do parts not cut.

    The others get new codes from west to east, then from north to south; all keep name and
    attributes. Areas below belong to the piece they lie in. The line may end outside; an end
    within ``border_m`` of the border is taken to it.

    Raises
    ------
    EditError
        when the line does not cut the area, or there are not as many new codes as new pieces,
        each of its own
    """
    state, pieces = pieces_cut(state, level, code, line, border_m)
    area = state.area(level, code)
    largest = _largest(pieces)
    others = [one for n, one in enumerate(pieces) if n != largest]
    others.sort(key=lambda piece: west_to_east(shape_of((piece,))))
    codes = new_codes(level, area.parent_code, len(others))
    _refuse_codes(state, level, codes, len(others))
    made = [
        replace(area, code=new, outline=(piece,))
        for new, piece in zip(codes, others, strict=True)
    ]
    kept = area.with_outline(outline_from(area.chain - chain_of(tuple(others))))
    return _with_children_in(state.having([kept, *made]), state.children(level, code), made)


def _refuse_codes(state: EditState, level: str, codes: Sequence[str], count: int) -> None:
    if len(codes) != count or len({*codes}) != count:
        message = Sentence(
            "the line cuts off {} piece(s): give as many different new codes", count
        )
        raise EditError(message)
    for code in codes:
        if state.get(level, code) is not None:
            raise EditError(Sentence("there is a {} {} already", level, code))


def merge(
    state: EditState, level: str, codes: Sequence[str], into: str, *, border_m: float
) -> EditState:
    """Merge areas into one of them, which keeps its code, name, parent and attributes.

    Areas of other parents are put under its parent first. Areas below get it as parent.

    Raises
    ------
    EditError
        when they are fewer than two, or do not share a border
    """
    others = sorted({*codes} - {into})
    if not others:
        raise EditError(Sentence("name at least two areas to merge"))
    keeps = state.area(level, into)
    if keeps.parent_code is not None:
        strangers = [
            one for one in others if state.area(level, one).parent_code != keeps.parent_code
        ]
        if strangers:
            state = reassign(state, level, strangers, keeps.parent_code, border_m=border_m)
    gone = [state.area(level, one) for one in others]
    keeps = state.area(level, into)
    merged = outline_from(total(one.chain for one in (keeps, *gone)))
    parts = sum(len(one.outline) for one in (keeps, *gone))
    if len(merged) > parts - len(gone):
        raise EditError(
            Sentence("{} do not all share a border with each other", ", ".join([into, *others]))
        )
    moved = [
        replace(child, parent_code=into)
        for one in gone
        for child in state.children(level, one.code)
    ]
    return state.having([replace(keeps, outline=merged), *moved], gone)


def reassign(
    state: EditState, level: str, codes: Sequence[str], to: str, *, border_m: float
) -> EditState:
    """Put areas under another parent; the ground of both parents, and of theirs, follows.

    Raises
    ------
    EditError
        when there is no level above, no such parent, or an area has it already
    """
    above = state.level_above(level)
    if above is None:
        raise EditError(Sentence("no level above {} has areas", level))
    parent = state.area(above, to)
    for code in sorted({*codes}):
        area = state.area(level, code)
        if area.parent_code == to:
            raise EditError(Sentence("{} {} is in {} {} already", level, code, above, to))
        state = state.having([replace(area, parent_code=to)])
        if area.parent_code is not None:
            state = transferred(
                state, above, area.outline, area.parent_code, parent.code, border_m=border_m
            )
    return state


def reassign_within(
    state: EditState, level: str, ring: Ring, to: str, *, border_m: float
) -> EditState:
    """Put the areas that have more than half of their ground in an outline under a parent.

    Those under it already stay as they are.

    Raises
    ------
    EditError
        as `reassign`, and when the outline crosses itself, or no area lies in it but those
    """
    outline = shape_of(((ring,),))
    if not shapely.is_valid(outline):
        raise EditError(Sentence("the outline crosses itself"))
    box = np.concatenate([ring.min(axis=0), ring.max(axis=0)])
    near = state.near(level, box)
    m2 = area_m2([one.shape for one in near])
    inside_m2 = area_m2([shapely.intersection(one.shape, outline) for one in near])
    found = [
        one.code
        for one, whole_m2, part_m2 in zip(near, m2, inside_m2, strict=True)
        if part_m2 > whole_m2 / 2 and one.parent_code != to
    ]
    if not found:
        raise EditError(
            Sentence("no area of level {} lies in the outline that is not in {}", level, to)
        )
    return reassign(state, level, found, to, border_m=border_m)


def give(
    state: EditState, level: str, giver: str, taker: str, line: Path, *, border_m: float
) -> EditState:
    """Give what a line cuts off from an area, beside its neighbour, to that neighbour.

    The line ends as that of `split`.

    Raises
    ------
    EditError
        when the line does not cut the area, or nothing of what it cuts off lies beside the
        neighbour
    """
    state.area(level, taker)
    if giver == taker:
        raise EditError(Sentence("{} {} cannot give ground to itself", level, giver))
    state, pieces = pieces_cut(state, level, giver, line, border_m)
    beside = state.area(level, taker).chain
    largest = _largest(pieces)
    strips = [
        one
        for n, one in enumerate(pieces)
        if n != largest and _share_a_border(chain_of((one,)), beside)
    ]
    if not strips:
        raise EditError(
            Sentence("nothing that the line cuts off from {} lies beside {}", giver, taker)
        )
    return transferred(state, level, tuple(strips), giver, taker, border_m=border_m)


def transferred(
    state: EditState,
    level: str,
    ground: Outline,
    giver: str,
    taker: str,
    *,
    border_m: float,
    is_noded: bool = False,
) -> EditState:
    """Move ground between two areas of a level, and between theirs above up to a common one.

    ``is_noded``: the borders of both have the vertices of the ground wherever they meet it.
    """
    moved = chain_of(ground)
    at: str | None = level
    while at is not None and giver != taker:
        if at != level or not is_noded:
            state = aligned(state, at, moved.ends, border_m)
        loses, gains = state.area(at, giver), state.area(at, taker)
        rest = outline_from(loses.chain - moved)
        if not rest:
            raise EditError(Sentence("{} {} would have no ground left", at, giver))
        more = outline_from(gains.chain + moved)
        state = state.having([loses.with_outline(rest), gains.with_outline(more)])
        if loses.parent_code is None or gains.parent_code is None:
            break
        at, giver, taker = state.level_above(at), loses.parent_code, gains.parent_code
    # A common parent, and its own, keep their ground; their borders run along those below.
    for each in reversed(state.levels[: 0 if at is None else state.levels.index(at) + 1]):
        state = aligned(state, each, moved.ends, border_m)
    return state


def _largest(pieces: Outline) -> int:
    return int(np.argmax(area_m2([shape_of((one,)) for one in pieces])))


def west_to_east(ground: BaseGeometry) -> tuple[int, int]:
    """Return what orders grounds as codes are given: from west to east, then north to south."""
    lon, lat = whole(shapely.get_coordinates(ground.centroid))[0].tolist()
    return lon, -lat


def _share_a_border(one: Chain, other: Chain) -> bool:
    return len(one + other) < len(one) + len(other)


def _with_children_in(
    state: EditState, children: Sequence[DraftArea], made: Sequence[DraftArea]
) -> EditState:
    moved = []
    for child in children:
        place = child.shape.representative_point()
        parent = next((one.code for one in made if one.shape.covers(place)), None)
        if parent is not None:
            moved.append(replace(child, parent_code=parent))
    return state.having(moved)

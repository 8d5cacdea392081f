"""Two sides' random edits of one place of a city."""

from collections.abc import Sequence

import numpy as np

from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import apply
from gridmgmt.geometry.editing.operations import EditRules, Operation
from gridmgmt.geometry.editing.outline import degrees, rings_of
from tests.geometry.editing.cities import BORDER_M

KINDS = ("move", "move", "move", "reassign", "reassign", "merge", "split", "rename", "give")


def two_sides(base: EditState, seed: int) -> tuple[EditState, EditState]:
    """Return what two sides make of some cells beside each other."""
    draw = np.random.default_rng(seed)
    level = base.levels[-1]
    codes = sorted(base.codes(level))
    middle = base.area(level, codes[draw.integers(len(codes))])
    around = [one.code for one in base.near(level, middle.box)]
    mine, theirs = (edited(base, around, draw, who) for who in ("m", "t"))
    return mine, theirs


def edited(
    state: EditState, around: Sequence[str], draw: np.random.Generator, who: str
) -> EditState:
    """Return a state after up to three operations on some cells; refused ones are left out."""
    count = 0

    def new_codes(level: str, parent: str | None, wanted: int) -> list[str]:
        nonlocal count
        count += wanted
        return [f"{parent}+{who}{n}" for n in range(count - wanted, count)]

    for _ in range(draw.integers(1, 4)):
        operation = any_operation(state, around, draw)
        try:
            if operation is not None:
                state = apply(state, operation, EditRules(BORDER_M, new_codes)).state
        except EditError:
            continue
    return state


def any_operation(
    state: EditState, around: Sequence[str], draw: np.random.Generator
) -> Operation | None:
    """Return an operation on one of some cells; None if there is none of its kind."""
    level = state.levels[-1]
    codes = [one for one in around if state.get(level, one)]
    code, kind = codes[draw.integers(len(codes))], draw.choice(KINDS)
    area = state.area(level, code)
    if kind == "move":
        ring = rings_of(area.outline)[0]
        lon, lat = degrees(ring[draw.integers(len(ring))]).tolist()
        east, north = draw.uniform(-4e-6, 4e-6, 2).tolist()
        return ops.MoveVertex(level, (lon, lat), (lon + east, lat + north))
    if kind == "rename":
        return ops.Rename(level, code, f"x{draw.integers(9)}")
    beside = [
        one
        for one in state.near(level, area.box)
        if one.code != code and len(one.chain + area.chain) < len(one.chain) + len(area.chain)
    ]
    if kind == "reassign":
        beside = [one for one in beside if one.parent_code != area.parent_code]
    west, south, east, north = area.shape.bounds
    lat = south + (north - south) * draw.uniform(0.2, 0.8)
    line = ((west - 1e-4, lat), (east + 1e-4, lat + 1e-5))
    if kind == "split":
        return ops.Split(level, code, line)
    if not beside:
        return None
    other = beside[draw.integers(len(beside))]
    if kind == "merge":
        return ops.Merge(level, (code, other.code), code)
    if kind == "give":
        return ops.Give(level, code, other.code, line)
    assert other.parent_code is not None
    return ops.Reassign(level, (code,), other.parent_code)

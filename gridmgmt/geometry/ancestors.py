"""From located cells to the areas above them: an array read, no second search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridmgmt.domain.area import Chain
from gridmgmt.geometry.arrays import ObjectArray, objects


@dataclass(frozen=True, eq=False)
class Ancestors:
    """The areas of one level above the cells of a locator.

    ``codes`` are ascending by code point; ``position`` (k + 1,) has for each of k cells the
    place of its area there, -1 for none. The last one is -1 too, so that ``position[cell]``
    is right for the -1 of a point in no cell.
    """

    codes: ObjectArray
    position: NDArray[np.int32]


def ancestors(
    codes: Sequence[str] | ObjectArray, chains: Mapping[str, Chain]
) -> dict[str, Ancestors]:
    """Tell for each level above some cells which of its areas each cell lies in.

    Parameters
    ----------
    codes : (k,) of the cells, as the locator has them
    chains : code -> ((level, code), …), the cell itself first, then upwards; a cell without
        one has nothing above it

    Returns
    -------
    level -> its areas, only those above one of the cells; the cells' own level is not there

    Examples
    --------
    >>> above = ancestors(["A", "B"], {"A": (("cell", "A"), ("street", "S"))})
    >>> above["street"].codes.tolist(), above["street"].position[[0, 1, -1]].tolist()
    (['S'], [0, -1, -1])
    """
    found: dict[str, dict[int, str]] = {}
    for cell, code in enumerate(codes):
        for level, above in chains.get(str(code), ())[1:]:
            found.setdefault(level, {})[cell] = above
    return {level: _positions(len(codes), area_of) for level, area_of in found.items()}


def _positions(cells: int, area_of: Mapping[int, str]) -> Ancestors:
    codes = sorted(set(area_of.values()))
    place = {code: i for i, code in enumerate(codes)}
    position = np.full(cells + 1, -1, dtype=np.int32)
    position[list(area_of)] = [place[code] for code in area_of.values()]
    return Ancestors(objects(codes), position)

"""A draft of the sample city to review: a moved border, a merge and a new name, and why."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.geometry.editing import operations as ops
from gridmgmt.services.drafts import drafts, reviews
from gridmgmt.services.workbench import editing
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.editions import newest_edition

# Degrees, some forty metres.
_STEP = 4e-4


class Drafted(NamedTuple):
    """A submitted draft and what it does to cells."""

    id: int
    moved: tuple[str, ...]
    kept: str
    gone: str
    renamed: str


def draft_to_review(conn: Connection, label: str, *, by: str) -> Drafted:
    """Move a vertex of three cells, merge two others of a community, rename another, submit."""
    newest = newest_edition(conn)
    assert newest is not None
    cells = areas_in(conn, newest.number)["cell"]
    rows = range(len(cells.codes))
    touching = {
        (one, other)
        for one, other in combinations(rows, 2)
        if cells.parent_codes[one] == cells.parent_codes[other]
        and cells.geoms[one].intersection(cells.geoms[other]).length > 0
    }
    met: dict[tuple[float, float], set[int]] = {}
    for row in rows:
        for x, y in shapely.get_coordinates(cells.geoms[row]).tolist():
            met.setdefault((x, y), set()).add(row)
    place, moved = next(
        (place, found)
        for place, found in sorted(met.items())
        if len(found) == 3 and len({cells.parent_codes[row] for row in found}) == 1
    )
    community = cells.parent_codes[min(moved)]
    others = [row for row in rows if cells.parent_codes[row] == community and row not in moved]
    kept, gone = next(pair for pair in sorted(touching) if {*pair} <= {*others})
    renamed = next(row for row in others if row not in {kept, gone})
    code = cells.codes
    middle = shapely.centroid(cells.geoms[max(moved)])
    towards = np.sign([middle.x - place[0], middle.y - place[1]]) * _STEP
    to = (round(place[0] + towards[0], 8), round(place[1] + towards[1], 8))
    draft = drafts.create(conn, label, actor=by)
    for operation, reason in (
        (ops.MoveVertex("cell", place, to), "界线改沿新建道路中心线"),
        (ops.Merge("cell", (code[kept], code[gone]), code[kept]), "人口减少，两格合一"),
        (ops.Rename("cell", code[renamed], "滨江花园网格"), None),
    ):
        editing.edit(conn, label, [operation], border_m=0.5, actor=by, reason=reason)
    reviews.submit(conn, label, actor=by)
    names = tuple(str(code[row]) for row in sorted(moved))
    return Drafted(draft.id, names, str(code[kept]), str(code[gone]), str(code[renamed]))

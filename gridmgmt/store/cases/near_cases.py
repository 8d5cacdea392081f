"""Read the cases that are open or were reported of late, by place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.arrays import FloatArray, GeometryArray, ObjectArray, objects
from gridmgmt.store.geometries import ewkb
from gridmgmt.store.statements import statement

# Metres. The disc of a case with a better accuracy, or none, reaches no farther; an index has
# those with a worse one (``ix__cases__uncertain``).
CERTAIN_M = 30.0


class NearCase(NamedTuple):
    """A case with its position in degrees; ``done_at`` is when it was disposed of or closed.

    ``is_placed``: a person put it on the map; ``is_decided``: a person decided who has it.
    ``leaf`` is the code of the area in which it counts under the edition that was asked for,
    None for none; ``stands``: it was judged into this very row of the area.
    """

    case_no: str
    category: str
    reported_at: datetime
    due_at: datetime | None
    due_provisional: bool
    done_at: datetime | None
    accuracy_m: float | None
    lon: float
    lat: float
    is_open: bool
    is_placed: bool
    is_decided: bool
    at_default: bool
    leaf: str | None
    stands: bool
    is_located: bool


@dataclass(frozen=True)
class UncertainCases:
    """Cases whose accuracy is worse than `CERTAIN_M`: (n,) numbers, metres and degrees."""

    case_nos: ObjectArray
    accuracy_m: FloatArray
    lon: FloatArray
    lat: FloatArray


def count_near(conn: Connection, boxes: GeometryArray, since: datetime) -> int:
    """Count the cases in some boxes (lon/lat) that are open or were reported since then."""
    given = {"boxes": ewkb(boxes), "since": since}
    return int(conn.execute(statement("count_cases_near"), given).scalar_one())


def read_near(
    conn: Connection,
    boxes: GeometryArray,
    since: datetime,
    edition: int | None,
    *,
    also: Sequence[str] = (),
    at_once: int,
) -> Iterator[list[NearCase]]:
    """Yield the cases of `count_near`, and some others, in parts, by number.

    Parameters
    ----------
    edition : under which the cases are shown, None for none
    also : the numbers of the others
    at_once : the most cases of a part
    """
    given = {
        "boxes": ewkb(boxes),
        "since": since,
        "edition": edition or 0,
        "case_nos": list(also),
    }
    options = {"yield_per": at_once}
    rows = conn.execute(statement("cases_near"), given, execution_options=options)
    for some in rows.partitions():
        yield [NearCase(*row) for row in some]


def read_uncertain(
    conn: Connection, bounds: BaseGeometry, m_per_degree: float, since: datetime
) -> UncertainCases:
    """Read the uncertain cases that may reach into some bounds (a box in lon/lat).

    Only those that are open or were reported since then.

    Parameters
    ----------
    m_per_degree : metres of the shortest degree there
    """
    [extent] = ewkb(objects([bounds]))
    given = {"extent": extent, "m_per_degree": m_per_degree, "since": since}
    rows = conn.execute(statement("uncertain_cases"), given).all()
    numbers = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 3)
    return UncertainCases(objects(row[0] for row in rows), *numbers.T)

"""Read the cases that are open or were reported of late, by place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self

import numpy as np
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.arrays import BoolArray, FloatArray, GeometryArray, ObjectArray, objects
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
class NearPositions:
    """Where n cases are: (n,) numbers ascending, metres of accuracy (0: none) and degrees."""

    case_nos: ObjectArray
    accuracy_m: FloatArray
    lon: FloatArray
    lat: FloatArray

    @classmethod
    def of(cls, rows: Sequence[sa.Row[Any]]) -> Self:
        """Return the positions of rows with these columns."""
        numbers = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 3)
        accuracy_m, lon, lat = numbers.T
        return cls(objects(row[0] for row in rows), np.nan_to_num(accuracy_m), lon, lat)

    def only(self, wanted: BoolArray) -> Self:
        """Return those for which an array is true."""
        return type(self)(
            self.case_nos[wanted], self.accuracy_m[wanted], self.lon[wanted], self.lat[wanted]
        )


def positions_near(conn: Connection, boxes: GeometryArray, since: datetime) -> NearPositions:
    """Find the cases in some boxes (lon/lat) that are open or were reported since then."""
    given = {"boxes": ewkb(boxes), "since": since}
    return NearPositions.of(conn.execute(statement("positions_near"), given).all())


def uncertain_positions(
    conn: Connection, bounds: BaseGeometry, m_per_degree: float, since: datetime
) -> NearPositions:
    """Find the uncertain cases that may reach into some bounds (a box in lon/lat).

    Only those that are open or were reported since then.

    Parameters
    ----------
    m_per_degree : metres of the shortest degree there
    """
    [extent] = ewkb(objects([bounds]))
    given = {"extent": extent, "m_per_degree": m_per_degree, "since": since}
    return NearPositions.of(conn.execute(statement("uncertain_positions"), given).all())


def read_shown(
    conn: Connection, case_nos: Sequence[str], edition: int | None
) -> list[NearCase]:
    """Read some cases that have a position, by number, as they count under an edition."""
    given = {"case_nos": list(case_nos), "edition": edition or 0}
    return [NearCase(*row) for row in conn.execute(statement("shown_cases"), given)]

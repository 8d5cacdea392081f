"""Ground that moves: what reaches it, and the boxes around it."""

import numpy as np
import shapely

from gridmgmt.arrays import objects
from gridmgmt.geometry.coverage.moved_ground import MovedGround, boxes_around, left_over
from gridmgmt.geometry.measure import metres_per_degree
from tests.streets import SOUTH, STEP, WEST, square


def test_a_disc_reaches_what_it_touches() -> None:
    ground = MovedGround.of(objects([square(0, 0), None, shapely.Polygon()]))
    assert len(ground) == 1
    m_lon, _ = metres_per_degree([SOUTH])
    # East of the square by 10 m.
    lon = np.full(2, WEST + STEP + 10 / m_lon[0])
    reach = ground.reaching(lon, np.full(2, SOUTH + STEP / 2), np.array([9.0, 10.01]))
    assert reach.tolist() == [False, True]


def test_without_ground_nothing_is_reached() -> None:
    nothing = MovedGround.of(objects([]))
    assert nothing.bounds.is_empty
    assert nothing.around.is_empty
    assert len(nothing.boxes(10.0)) == 0
    assert nothing.reaching(np.zeros(1), np.zeros(1), np.full(1, 1e6)).tolist() == [False]


def test_a_box_has_the_reach_on_every_side() -> None:
    [box] = boxes_around(np.array([[120.0, 60.0, 120.1, 60.1]]), 100.0)
    west, south, east, north = box.bounds
    m_lon, m_lat = metres_per_degree([60.1])
    assert min(120.0 - west, east - 120.1) * m_lon[0] >= 100
    assert min(60.0 - south, north - 60.1) * m_lat[0] >= 100


def test_what_is_left_over_is_all_where_nothing_is_kept() -> None:
    rest = left_over(
        objects([square(0, 0), square(0, 0), None]),
        objects([square(0.5, 0), None, square(0, 0)]),
    )
    assert rest[0].equals(square(0, 0, 0.5))
    assert rest[1] == square(0, 0)
    assert rest[2] is None

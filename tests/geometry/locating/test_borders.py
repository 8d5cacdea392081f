import numpy as np
import shapely

from gridmgmt.geometry.locating.borders import Borders, borders_of
from tests import shapes
from tests.geometry.coverages import with_unmatched_vertices, wriggly


def sides(borders: Borders, *piece: float) -> list[list[int]]:
    return borders.cells[(borders.ends == piece).all(axis=1)].tolist()


def test_what_two_cells_share_is_there_once_with_both() -> None:
    geoms = wriggly(np.random.default_rng(1))
    borders = borders_of(geoms)
    outer = shapely.get_num_coordinates(shapely.union_all(geoms).exterior) - 1
    every = int((shapely.get_num_coordinates(geoms) - 1).sum())
    assert len(borders.ends) == (every + outer) / 2
    assert (borders.cells < 0).any(axis=1).sum() == outer


def test_left_and_right_do_not_depend_on_how_rings_run() -> None:
    box = shapely.box(0, 0, 2, 2)
    hole = shapely.box(0.5, 0.5, 1.5, 1.5).exterior
    for outline in (box.exterior, box.exterior.reverse()):
        for inner in (hole, hole.reverse()):
            borders = borders_of(np.array([shapely.Polygon(outline, [inner])]))
            assert sides(borders, 0, 0, 0, 2) == [[-1, 0]]
            assert sides(borders, 2, 0, 2, 2) == [[0, -1]]
            assert sides(borders, 0.5, 0.5, 0.5, 1.5) == [[0, -1]]
            assert sides(borders, 0, 0, 2, 0) == [[0, -1]]


def test_pieces_without_partner_stand_alone() -> None:
    geoms = with_unmatched_vertices(np.random.default_rng(2))
    borders = borders_of(geoms)
    assert (borders.cells >= 0).any(axis=1).all()
    assert (borders.cells < 0).any(axis=1).sum() > 40


def test_of_several_cells_on_one_side_each_has_its_piece() -> None:
    same = shapely.box(0, 0, 1, 1)
    borders = borders_of(np.array([same, same, shapely.box(1, 0, 2, 1), same]))
    assert sorted(sides(borders, 1, 0, 1, 1)) == [[0, 2], [1, -1], [3, -1]]


def test_repeated_vertices_minus_zero_none_and_empty_make_no_piece() -> None:
    repeated = shapely.Polygon([(-0.0, 0), (1, 0), (1, 0), (0.5, 1), (0.0, -0.0)])
    geoms = np.array([None, shapely.Polygon(), repeated, shapely.MultiPolygon()])
    borders = borders_of(geoms)
    assert sorted(borders.ends.tolist()) == [[0, 0, 0.5, 1], [0, 0, 1, 0], [1, 0, 0.5, 1]]
    assert len(borders_of(np.array([None])).ends) == 0


def test_every_part_of_an_exclave_is_its_cells() -> None:
    borders = borders_of(np.array([shapes.MULTIPART]))
    assert set(borders.cells.ravel().tolist()) == {0, -1}
    assert len(borders.ends) == shapely.get_num_coordinates(shapes.MULTIPART) - 2

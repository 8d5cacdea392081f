import numpy as np
import shapely

from gridmgmt.domain.area import Chain
from gridmgmt.geometry.ancestors import ancestors
from gridmgmt.geometry.locate import build_locator, cover

CHAINS: dict[str, Chain] = {
    "A": (("cell", "A"), ("community", "c2"), ("street", "S")),
    "B": (("cell", "B"), ("community", "c1"), ("street", "S")),
    # Lies in a street directly: not every level reaches everywhere.
    "C": (("cell", "C"), ("street", "R")),
    "D": (("cell", "D"),),
}


def test_the_areas_above_located_points_are_one_array_read_away() -> None:
    index = build_locator(list("DCBA"), [shapely.box(x, 0, x + 1, 1) for x in (3, 2, 1, 0)])
    above = ancestors(index.codes, CHAINS)
    cell = cover(index, np.arange(-1, 5) + 0.5, np.full(6, 0.5)).cell
    named = {
        level: [*np.append(one.codes, None)[one.position[cell]]] for level, one in above.items()
    }
    assert named == {
        "community": [None, "c2", "c1", None, None, None],
        "street": [None, "S", "S", "R", None, None],
    }
    assert above["street"].codes.tolist() == ["R", "S"]


def test_cells_without_anything_above_them_have_no_level() -> None:
    assert ancestors(["D", "E"], CHAINS) == {}
    assert ancestors([], CHAINS) == {}

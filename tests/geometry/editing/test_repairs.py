"""Operations that are proposed for what a check found."""

import shapely

from gridmgmt.geometry.coverage.coverage import check_coverage
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.outline import outline_of
from gridmgmt.geometry.editing.repairs import repairs
from gridmgmt.geometry.measure import on_grid
from tests.geometry.editing.cities import RULES, city


def bulging(state: EditState, code: str, into: str) -> EditState:
    """Return the state with half a disc of another cell in a cell, too."""
    mine, theirs = (state.area("cell", one).shape for one in (code, into))
    middle = shapely.line_merge(shapely.intersection(mine, theirs)).interpolate(
        0.5, normalized=True
    )
    [ground] = on_grid([shapely.union(mine, shapely.intersection(middle.buffer(1e-4), theirs))])
    outline = outline_of(shapely.MultiPolygon(shapely.get_parts(ground)))
    return state.having([state.area("cell", code).with_outline(outline)])


def test_ground_of_two_goes_where_the_border_between_them_is_shorter() -> None:
    for code, into in (("S0C0N10", "S0C0N11"), ("S0C0N11", "S0C0N10")):
        state = bulging(city(), code, into)
        problems = check_coverage([state.level_areas(name) for name in state.levels])
        found, after = repairs(state, problems, RULES)
        assert [one.operation for one in found] == [ops.Trim("cell", into, code)]
        assert check_coverage([after.level_areas(name) for name in after.levels]) == []

"""Real layers cleaned by trim and fill against mapshaper, which cleans a whole layer at once.

Both sides have the same rules: an overlap goes to the larger area, a gap to the area beside it
with the longest border, and vertices are not moved farther than a step of the storage grid. Of
gaps those are filled that mapshaper took for gaps (narrower than two metres); which they are is
its judgement and not compared. Compared are that no ground is of two areas or, of the gaps that
were filled, of none; which area has the ground; and how many square metres each area gained and
lost. Not compared are vertices: mapshaper puts one wherever lines meet, of any layer.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmgmt.arrays import FloatArray, GeometryArray
from gridmgmt.geometry.coverage.coverage import check_coverage
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.coverage.problem import Problem, ProblemKind
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import apply
from gridmgmt.geometry.measure import area_m2
from tests.geometry.editing.cities import RULES
from tests.geometry.editing.real import real_levels

pytestmark = pytest.mark.proof
MAPSHAPER = Path(sys.prefix) / "bin" / "mapshaper"
# Latitude; all councils have 4,000 gaps, each an edit of its own.
SOUTH_OF = 34.03
HOLES = (ProblemKind.PINHOLE, ProblemKind.ENCLAVE)
CLEAN = ("gap-width=2m", "overlap-rule=max-area", "snap-interval=0.00000001")


def cleaned_by_mapshaper(areas: LevelAreas, folder: Path) -> LevelAreas:
    if not MAPSHAPER.exists():
        pytest.skip("mapshaper is not installed: .ci/set-up --for-proof brings it")
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": json.loads(text)}
        for code, text in zip(areas.codes, shapely.to_geojson(areas.geoms), strict=True)
    ]
    given, made = folder / "given.geojson", folder / "cleaned.geojson"
    given.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    subprocess.run(
        [MAPSHAPER, given, "-clean", *CLEAN, "-o", made, "precision=0.00000001"],
        check=True,
        capture_output=True,
        timeout=300,
    )
    read = gpd.read_file(made).set_index("code").geometry
    return with_shapes(areas, np.array([read[code] for code in areas.codes], dtype=object))


def cleaned_by_edits(
    areas: LevelAreas, fills: Callable[[Problem], bool]
) -> tuple[LevelAreas, list[Problem]]:
    """Return the areas after trims and fills, and the overlaps that were refused."""
    m2 = dict(zip(areas.codes, area_m2(areas.geoms), strict=True))
    state = EditState.of([areas])
    refused = []
    for one in problems(state.level_areas(areas.level), ProblemKind.OVERLAP):
        small, large = sorted(one.codes, key=lambda code: float(m2[code]))
        try:
            state = apply(state, ops.Trim(areas.level, large, small), RULES).state
        except EditError:
            refused.append(one)
    for one in problems(state.level_areas(areas.level), *HOLES):
        if fills(one):
            place = shapely.point_on_surface(one.geom)
            state = apply(state, ops.Fill(areas.level, (place.x, place.y)), RULES).state
    return state.level_areas(areas.level), refused


def problems(areas: LevelAreas, *kinds: ProblemKind) -> list[Problem]:
    return [one for one in check_coverage([areas]) if one.kind in kinds]


def with_shapes(areas: LevelAreas, shapes: GeometryArray) -> LevelAreas:
    return LevelAreas(areas.level, areas.codes, areas.names, areas.parent_codes, shapes)


def some(areas: LevelAreas, wanted: Callable[[shapely.Geometry], bool]) -> LevelAreas:
    keep = np.array([wanted(one) for one in areas.geoms])
    found = (areas.codes, areas.names, areas.parent_codes, areas.geoms)
    return LevelAreas(areas.level, *(one[keep] for one in found))


def apart_m2(ours: LevelAreas, theirs: LevelAreas) -> float:
    """Return the ground that the two sides gave to different areas."""
    return float(area_m2(shapely.symmetric_difference(ours.geoms, theirs.geoms)).sum())


def compared(areas: LevelAreas, folder: Path) -> tuple[LevelAreas, LevelAreas]:
    """Return the areas cleaned by us and by them; neither has an overlap, nor other gaps."""
    theirs = cleaned_by_mapshaper(areas, folder)
    ground = shapely.union_all(theirs.geoms)
    shapely.prepare(ground)
    ours, refused = cleaned_by_edits(
        areas, lambda one: bool(ground.contains(shapely.point_on_surface(one.geom)))
    )
    assert refused == []
    for one in (ours, theirs):
        assert shapely.coverage_is_valid(one.geoms)
        assert problems(one, ProblemKind.OVERLAP) == []
    left, as_theirs = ([gap.amount for gap in problems(one, *HOLES)] for one in (ours, theirs))
    assert left == pytest.approx(as_theirs, abs=0.01)
    return ours, theirs


def moved_m2(before: LevelAreas, after: LevelAreas) -> FloatArray:
    """Return how many square metres each area gained."""
    gained: FloatArray = area_m2(after.geoms) - area_m2(before.geoms)
    return gained


def test_hairs_between_real_communities(tmp_path: Path) -> None:
    areas = real_levels("hangzhou_xiacheng")[1]
    assert len(problems(areas, ProblemKind.OVERLAP)) == 10
    assert len(problems(areas, *HOLES)) == 5
    ours, theirs = compared(areas, tmp_path)
    mine, others = moved_m2(areas, ours), moved_m2(areas, theirs)
    # A tenth of a square metre each at most, of hairs of half a square metre in all.
    assert np.abs(mine - others).max() < 0.1
    assert 0.5 < np.abs(mine).sum() < 1
    assert np.abs(mine).sum() == pytest.approx(np.abs(others).sum(), rel=0.2)
    assert apart_m2(ours, theirs) < 0.2


def test_councils_of_the_south_of_los_angeles(tmp_path: Path) -> None:
    areas = some(real_levels("councils")[0], lambda one: bool(one.centroid.y < SOUTH_OF))
    assert len(problems(areas, ProblemKind.OVERLAP)) == 35
    assert len(problems(areas, *HOLES)) > 200
    ours, theirs = compared(areas, tmp_path)
    mine, others = moved_m2(areas, ours), moved_m2(areas, theirs)
    assert np.abs(mine - others).max() < 0.5
    # Of five square kilometres that changed hands.
    assert np.abs(mine).sum() > 5e6
    assert apart_m2(ours, theirs) < 5

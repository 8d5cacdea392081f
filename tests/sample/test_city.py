import numpy as np
import pytest
import shapely

from gridmgmt.geometry.coverage.coverage import check_coverage
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.coverage.problem import ProblemKind
from gridmgmt.geometry.measure import area_m2
from gridmgmt.sample.city import City, build_city
from gridmgmt.sample.plan import SMALL, CityPlan


def levels(city: City) -> list[LevelAreas]:
    return [
        LevelAreas(tier.level, tier.codes, tier.names, tier.parent_codes, tier.geoms)
        for tier in city.areas.tiers
    ]


def test_the_city_has_the_size_it_was_asked_for(full: City) -> None:
    areas = full.areas
    assert len(areas.streets.codes) == 3
    assert len(areas.communities.codes) == 26
    assert 1_250 <= len(areas.cells.codes) <= 1_350
    assert 9_300 <= np.median(area_m2(areas.cells.geoms)) <= 10_700
    assert 12.5e6 <= area_m2(areas.district.geoms)[0] <= 14e6
    members = [r for r in full.staff.responders if r.kind == "grid_member"]
    squads = [r for r in full.staff.responders if r.kind == "squad"]
    assert (len(members), len(squads)) == (193, 3)
    assert len(full.demolitions.codes) == 448
    assert len(full.cases.case_no) == 60_000


@pytest.mark.parametrize("size", ["small", "full"])
def test_every_level_tiles_the_level_above_without_a_hair(
    size: str, request: pytest.FixtureRequest
) -> None:
    city = request.getfixturevalue(size)
    assert check_coverage(levels(city), patterns={"cell": r"\d{15}"}) == []


def test_a_missing_cell_would_be_noticed(small: City) -> None:
    *upper, cells = levels(small)
    fewer = LevelAreas(
        "cell", cells.codes[1:], cells.names[1:], cells.parent_codes[1:], cells.geoms[1:]
    )
    kinds = {problem.kind for problem in check_coverage([*upper, fewer])}
    assert kinds == {ProblemKind.MISSING_CELL}


def test_codes_nest_by_their_digits(full: City) -> None:
    digits = {"district": 6, "street": 9, "community": 12, "cell": 15}
    for tier in full.areas.tiers:
        assert {len(code) for code in tier.codes} == {digits[tier.level]}
        if tier.level != "district":
            parents = [code[:-3] for code in tier.codes]
            assert list(tier.parent_codes) == parents


def test_cells_are_numbered_from_west_to_east_and_north_to_south(full: City) -> None:
    cells = full.areas.cells
    for community in full.areas.communities.codes:
        mine = cells.parent_codes == community
        middle = shapely.get_coordinates(shapely.centroid(cells.ground[mine]))
        band = np.floor(-middle[:, 1] / 110.0)
        assert (np.diff(band) >= 0).all()
        assert (np.diff(middle[:, 0])[np.diff(band) == 0] > 0).all()


def test_borders_bend_and_blocks_differ(full: City) -> None:
    cells = full.areas.cells.ground
    assert np.median(shapely.get_num_coordinates(cells)) > 12
    # Of a checkerboard every cell would fill its rectangle.
    filled = shapely.area(cells) / shapely.area(shapely.oriented_envelope(cells))
    assert (filled < 0.8).mean() > 0.05


def test_the_same_plan_gives_the_same_city(small: City) -> None:
    again = build_city(SMALL)
    assert shapely.equals_identical(small.areas.cells.geoms, again.areas.cells.geoms).all()
    assert (small.cases.case_no == again.cases.case_no).all()
    assert np.array_equal(small.cases.lon, again.cases.lon, equal_nan=True)
    assert small.duties == again.duties


def test_another_seed_gives_another_city(small: City) -> None:
    other = build_city(CityPlan(**{**vars(SMALL), "seed": 7}))
    assert not np.array_equal(small.cases.lon, other.cases.lon, equal_nan=True)
    assert check_coverage(levels(other)) == []


def test_every_name_says_that_it_is_invented(full: City) -> None:
    names = [name for tier in full.areas.tiers for name in tier.names]
    names += [responder.name for responder in full.staff.responders]
    names += [*full.segments.names, *full.zones.names, *full.demolitions.names]
    names += [*full.demolitions.addresses, *full.cases.address, *full.cases.description]
    assert [name for name in names if "合成" not in name] == []
    assert {code[:6] for code in full.areas.cells.codes} == {"990101"}
    assert {responder.phone[:4] for responder in full.staff.responders} == {"000-"}


def test_road_segments_run_exactly_along_cell_borders(full: City) -> None:
    borders = shapely.union_all(shapely.boundary(full.areas.cells.ground))
    segments = full.segments
    assert len(set(segments.codes)) == len(segments.codes) > 60
    assert set(shapely.get_type_id(segments.geoms)) == {1}
    shapely.prepare(borders)
    for line in segments.ground:
        vertices = shapely.points(shapely.get_coordinates(line))
        assert shapely.distance(borders, vertices).max() < 1e-6


def test_demolished_buildings_stand_apart_inside_one_cell_each(full: City) -> None:
    found = full.demolitions
    tree = shapely.STRtree(found.geoms)
    a, b = tree.query(found.geoms, predicate="intersects")
    assert (a == b).all()
    _, inside = shapely.STRtree(full.areas.cells.geoms).query(found.geoms, predicate="within")
    assert len(inside) == len(found.codes)
    measured = area_m2(found.geoms)
    assert 20 < np.median(measured) < 400
    assert 0.7 < np.median(found.claimed_m2 / measured) < 1.3
    assert set(found.mode) == {"self", "assisted", "forced"}
    assert (found.demolished_on == "").any()


def test_beats_cross_communities_and_forget_a_few_cells(full: City) -> None:
    beat, cells = full.groups.beat, full.areas.cells
    communities = [len(set(cells.parent_codes[beat == i])) for i in range(full.plan.beats)]
    assert min(communities) >= 2
    assert (beat == -1).sum() == 7
    kinds = {row[1] for row in full.groups.rows(full.areas)}
    assert kinds == {"beat", "inspection_area"}


def test_chiefs_form_a_chain_and_members_cover_every_cell_once(full: City) -> None:
    staff = {responder.code: responder for responder in full.staff.responders}
    assert len(staff) == len(full.staff.responders)
    chiefs = [r for r in staff.values() if r.kind == "street_chief"]
    assert len(chiefs) == 17
    for chief in chiefs:
        steps = 0
        above = chief
        while above.superior_code:
            above, steps = staff[above.superior_code], steps + 1
        assert above.code == "CH00"
        assert steps <= 2
    walked = [code for codes in full.staff.chief_segments.values() for code in codes]
    assert sorted(walked) == sorted(full.segments.codes)
    covered = [code for codes in full.staff.member_cells.values() for code in codes]
    assert sorted(covered) == list(full.areas.cells.codes)

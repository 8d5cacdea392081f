"""The impact of a draft is what judging and measuring everything again by it gives."""

import json
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.surroundings import Group, GroupKind, GroupMember
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.errors import DraftError, NotFoundError
from gridmgmt.geometry.measure import area_m2
from gridmgmt.services.draft_records import operations as rows
from gridmgmt.services.drafts import drafts
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.workbench import editing
from gridmgmt.services.workbench.impact import DraftImpact
from gridmgmt.services.workbench.impact_duties import Heir
from gridmgmt.services.workbench.impact_result import Impact
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.duties import add_duties, list_duties, set_days
from gridmgmt.store.responsibility.groups import put_groups, put_members
from gridmgmt.store.responsibility.responders import put_responders
from gridmgmt.store.schema import cases
from tests.factories import (
    make_draft,
    make_edition,
    make_level,
    make_responder,
    square,
    two_streets,
)
from tests.services.answering import make_city
from tests.services.case_city import case_file, give_duties, row, take_in
from tests.services.judging.test_case_leaves import city_of
from tests.services.reroute_city import draft_a2_to_b
from tests.services.reroute_city import fill as fill_small
from tests.services.workbench.impact_city import ASKED, at, change_rows, compare, fill
from tests.streets import cells_with


def impact(conn: Connection, label: str = "d") -> Impact:
    return DraftImpact(conn, label, ASKED).measured()


@pytest.mark.parametrize("seed", range(3))
def test_an_impact_is_that_of_judging_everything_again(
    conn: Connection, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    fill(conn, tmp_path, chance)
    make_draft(conn, "d", city_of(chance).values())
    found = impact(conn)
    assert found.judged
    compare(conn, "d", found)


@pytest.mark.parametrize("seed", range(4))
def test_the_impact_of_a_draft_with_duties_is_that_of_judging_everything_again(
    conn: Connection, tmp_path: Path, seed: int
) -> None:
    compare_with_rows(conn, tmp_path, seed)


def test_a_zone_and_a_duty_on_a_group_have_an_impact_of_their_own(
    conn: Connection, tmp_path: Path
) -> None:
    fill(conn, tmp_path, random.Random(2), count=40)
    market = shapely.geometry.mapping(square(0.1, 0.4, 1.4, 0.5))
    for label, one in (
        ("zone", rows.SetZone("market", geometry=market)),
        ("group", rows.SetDuty("S1", "dispose", "group", "beat", "*")),
    ):
        drafts.create(conn, label, actor="a")
        editing.edit(conn, label, [one], border_m=0.05, actor="li")
        found = impact(conn, label)
        assert found.judged
        compare(conn, label, found)


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(4, 40))
def test_any_impact_of_duties_is_that_of_judging_everything_again(
    conn: Connection, tmp_path: Path, seed: int
) -> None:
    compare_with_rows(conn, tmp_path, seed)


def compare_with_rows(conn: Connection, folder: Path, seed: int) -> None:
    chance = random.Random(1000 + seed)
    fill(conn, folder, chance)
    # Every second draft changes no area at all.
    make_draft(conn, "d", city_of(chance).values() if seed % 2 else ())
    change_rows(conn, "d", chance)
    found = impact(conn)
    assert found.judged
    compare(conn, "d", found)


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(3, 60))
def test_any_impact_is_that_of_judging_everything_again(
    conn: Connection, tmp_path: Path, seed: int
) -> None:
    test_an_impact_is_that_of_judging_everything_again(conn, tmp_path, seed)


def test_open_cases_that_change_hands_are_listed(conn: Connection, tmp_path: Path) -> None:
    fill_small(conn, tmp_path)
    # Of the first instant of the year, which counts; that of the last does not.
    for number, moment in (("DONE", ASKED.since), ("LATE", ASKED.now)):
        mine = cases.update().where(cases.c.case_no == number)
        conn.execute(mine.values(reported_at=moment))
    found = impact(conn, draft_a2_to_b(conn, "d"))
    told = {one.case_no: (one.from_responder, one.to_responder) for one in found.cases}
    assert told["MOVED"] == ("OA", "S2")
    assert "ASSIGNED" not in told
    assert "BOUNCED" not in told
    assert found.held == 3
    assert {(one.from_area, one.to_area) for one in found.cases} == {("A2", "A2")}
    compare(conn, "d", found)


def test_a_draft_that_changes_nothing_has_no_impact(conn: Connection, tmp_path: Path) -> None:
    fill_small(conn, tmp_path)
    drafts.create(conn, "d", actor="a")
    found = impact(conn)
    assert (found.leaf_areas, found.judged, found.moving, found.held) == (0, 0, 0, 0)
    assert not found.responders
    assert not found.streets
    assert found.other_streets == 2


def test_a_published_or_unknown_draft_is_refused(conn: Connection, tmp_path: Path) -> None:
    fill_small(conn, tmp_path)
    draft_a2_to_b(conn, "d")
    publish(conn, "d", ASKED.now, actor="a")
    with pytest.raises(DraftError, match="published already"):
        impact(conn)
    with pytest.raises(NotFoundError):
        impact(conn, "x")


def recoded(conn: Connection) -> str:
    """Open a draft in which A1 becomes A9, B2 goes to a street C, and B1 is split."""
    levels = two_streets()
    cells = dict(zip(levels["cell"].codes, levels["cell"].geoms, strict=True))
    cells["A9"] = cells.pop("A1")
    cells["B1"], cells["B9"] = square(1, 0, 0.2, 0.5), square(1.2, 0, 0.3, 0.5)
    parents = {code: code[0] for code in cells} | {"B2": "C"}
    streets = dict(zip(levels["street"].codes, levels["street"].geoms, strict=True))
    streets["C"] = cells["B2"]
    stated = [make_level("street", streets), make_level("cell", cells, parents=parents)]
    return make_draft(conn, "d", stated)


def test_what_the_draft_ends_or_gives_is_no_proposal(conn: Connection, tmp_path: Path) -> None:
    fill_small(conn, tmp_path)
    put_groups(conn, [Group("beat", GroupKind.BEAT, "一号责任网格")])
    put_members(conn, [GroupMember("beat", "cell", "A1")])
    recoded(conn)
    before = impact(conn)
    assert {one.kind for one in before.left_duties} == {"duty", "group_member"}
    bare = {one.code for one in before.bare_areas}
    assert bare
    (number,) = (one.duty for one in before.left_duties if one.duty)
    some: list[editing.AnyOperation] = [
        rows.EndDuty(number or 0),
        rows.EndGroupMember("beat", "A1"),
        *(rows.SetDuty("S1", "dispose", "area", code, "*", level="cell") for code in bare),
        rows.SetDuty("S2", "oversee", "area", "A1", "*", level="cell"),
    ]
    editing.edit(conn, "d", some, border_m=0.05, actor="li")
    found = impact(conn)
    assert not found.bare_areas
    # Only what the draft itself puts on an area that it retires.
    assert [(one.responder, one.role) for one in found.left_duties] == [("S2", "oversee")]
    compare(conn, "d", found)


def test_what_is_left_without_each_other_has_a_proposal(
    conn: Connection, tmp_path: Path
) -> None:
    fill_small(conn, tmp_path)
    put_groups(conn, [Group("beat", GroupKind.BEAT, "一号责任网格")])
    put_members(conn, [GroupMember("beat", "cell", "A1")])
    make_responder(conn, "office", kind=ResponderKind.STREET_OFFICE, area=("cell", "A1"))
    duty_of = {one.responder_code: one.id for one in list_duties(conn)}
    found = impact(conn, recoded(conn))
    left = {one.kind: one for one in found.left_duties}
    assert left.keys() == {"duty", "group_member", "station"}
    assert {(one.level, one.code, one.heirs) for one in found.left_duties} == {
        ("cell", "A1", (Heir("A9", 1.0),))
    }
    # A job keeps it as JSON, which pages read as what is measured at once.
    kept = json.loads(json.dumps(found.to_json()))["left_duties"]
    assert {tuple(one["heirs"][0].items()) for one in kept} == {
        (("code", "A9"), ("share", 1.0))
    }
    assert left["duty"].duty == duty_of["S1"]
    assert left["group_member"].group == "beat"
    assert left["station"].responder == "office"
    bare = {one.code: (one.from_code, one.uncovered, one.duties) for one in found.bare_areas}
    assert bare == {
        "A9": ("A1", ("E1", "E2"), (duty_of["S1"],)),
        "B2": ("B2", ("E1",), (duty_of["S2"],)),
    }
    compare(conn, "d", found)


def test_heirs_have_a_share_that_is_worth_a_duty(conn: Connection, tmp_path: Path) -> None:
    fill_small(conn, tmp_path)
    # A hair of A1 goes to its neighbour, and some of it to nobody.
    drawn = {
        "A7": square(0, 0, 0.3, 0.5),
        "A8": square(0.3, 0, 0.1, 0.5),
        "A2": square(0.496, 0, 0.504, 0.5),
    }
    make_draft(conn, "d", [cells_with(drawn, without=["A1"])])
    [left] = impact(conn).left_duties
    assert [one.code for one in left.heirs] == ["A7", "A8"]
    assert [one.share for one in left.heirs] == pytest.approx([0.6, 0.2], abs=1e-3)


def test_ground_that_two_areas_had_has_an_heir_that_stays(conn: Connection) -> None:
    make_city(conn)
    make_responder(conn, "office", kind=ResponderKind.STREET_OFFICE, area=("cell", "A0"))
    over_a2 = cells_with({"A0": square(0.6, 0.1, 0.1, 0.1)})
    make_edition(conn, {**two_streets(), "cell": over_a2})
    make_draft(conn, "d", [two_streets()["cell"]])
    assert [one.heirs for one in impact(conn).left_duties] == [(Heir("A2", 1.0),)]


def test_a_new_area_inherits_duties_of_its_forebear(conn: Connection, tmp_path: Path) -> None:
    fill_small(conn, tmp_path)
    add_duties(conn, [Duty(0, "S1", DutyRole.OVERSEE, DutyTarget.AREA, "cell", "B1", None)])
    overseen = list_duties(conn)[-1].id
    found = impact(conn, recoded(conn))
    [new] = [one for one in found.bare_areas if one.code == "B9"]
    assert (new.from_code, new.uncovered, new.duties) == ("B1", (), (overseen,))
    for last_day, lasts in ((ASKED.today, True), (ASKED.today - timedelta(days=1), False)):
        set_days(conn, [replace(one, valid_to=last_day) for one in list_duties(conn)])
        found = impact(conn)
        assert bool(found.bare_areas) == lasts
        assert bool(found.left_duties) == lasts


def test_the_forebear_of_a_new_area_had_most_of_its_ground(
    conn: Connection, tmp_path: Path
) -> None:
    fill_small(conn, tmp_path)
    add_duties(
        conn,
        [
            Duty(0, "S1", DutyRole.OVERSEE, DutyTarget.AREA, "cell", code, None)
            for code in ("A1", "A2")
        ],
    )
    drawn = {
        "A1": square(0, 0, 0.4, 0.5),
        "A9": square(0.4, 0, 0.4, 0.5),
        "A2": square(0.8, 0, 0.2, 0.5),
    }
    make_draft(conn, "d", [cells_with(drawn)])
    assert [(one.code, one.from_code) for one in impact(conn).bare_areas] == [("A9", "A2")]


def test_a_first_draft_gains_everything(conn: Connection) -> None:
    make_draft(conn, "d", two_streets().values())
    put_responders(conn, [Responder("centre", ResponderKind.DISTRICT_CENTRE, "指挥中心")])
    put_categories(conn, [Category("E1", "占道")])
    found = impact(conn)
    assert (found.leaf_areas, found.base_edition) == (8, None)
    assert [(one.code, one.before) for one in found.streets] == [("A", None), ("B", None)]
    [centre] = found.responders
    whole = sum(area_m2(two_streets()["cell"].geoms)) / 1e6
    assert (centre.responder, centre.km2.lost) == ("centre", 0)
    assert centre.km2.gained == pytest.approx(whole, rel=5e-5)


def take_in_at(
    conn: Connection, folder: Path, places: dict[str, tuple[float, float]], accuracy_m: float
) -> None:
    rows = [row(no, at(*place)) for no, place in places.items()]
    take_in(conn, case_file(folder, rows))
    conn.execute(cases.update().values(accuracy_m=accuracy_m))


def test_a_disc_that_reaches_moved_ground_makes_an_answer_uncertain(
    conn: Connection, tmp_path: Path
) -> None:
    make_city(conn)
    give_duties(conn)
    # In a corner that the draft leaves of A2, five metres from either new border.
    take_in_at(conn, tmp_path, {"C1": (0.695, 0.295), "C2": (0.6, 0.2)}, 25.0)
    levels = two_streets()
    shapes = dict(zip(levels["cell"].codes, levels["cell"].geoms, strict=True))
    corner = square(0.5, 0, 0.2, 0.3)
    shapes["B1"] = shapely.union(shapes["B1"], shapely.difference(shapes["A2"], corner))
    shapes["A2"] = corner
    parents = {code: code[0] for code in shapes}
    found = impact(conn, make_draft(conn, "d", [make_level("cell", shapes, parents=parents)]))
    assert [(one.case_no, one.to_responder, one.to_area) for one in found.cases] == [
        ("C1", None, "A2")
    ]
    compare(conn, "d", found)


def test_a_disc_too_wide_to_measure_feels_the_bounds_of_the_city_move(
    conn: Connection, tmp_path: Path
) -> None:
    make_city(conn)
    give_duties(conn)
    # A9 lies near nothing that moves and no case, and is a bound of the city all the same.
    shapes = {"A1": square(0, 0, 5, 1), "A9": square(0, 1, 0.5, 0.5), "B1": square(5, 0, 5, 1)}
    parents = {"A1": "A", "A9": "A", "B1": "B", "B9": "B"}
    street = shapely.union(shapes["A1"], shapes["A9"])
    streets = make_level("street", {"A": street, "B": shapes["B1"]})
    make_edition(conn, {"street": streets, "cell": make_level("cell", shapes, parents=parents)})
    places = {f"C{n:02}": (4.9 + 0.002 * n, 0.5) for n in range(100)}
    take_in_at(conn, tmp_path, places, 2_100.0)
    # Kilometres away from all cases.
    shapes["B9"] = square(9.5, -0.5, 0.5, 0.5)
    found = impact(conn, make_draft(conn, "d", [make_level("cell", shapes, parents=parents)]))
    assert found.moving > 0
    compare(conn, "d", found)


def test_a_case_counts_for_the_area_into_which_it_was_judged_while_that_stays(
    conn: Connection, tmp_path: Path
) -> None:
    make_city(conn)
    give_duties(conn)
    take_in_at(conn, tmp_path, {"C1": (0.65, 0.15)}, 5.0)
    levels = two_streets()
    shapes = dict(zip(levels["cell"].codes, levels["cell"].geoms, strict=True))
    # It lies over A2, which stays as it is.
    shapes["A0"] = square(0.6, 0.1, 0.1, 0.1)
    parents = {code: code[0] for code in shapes} | {"A0": "B"}
    found = impact(conn, make_draft(conn, "d", [make_level("cell", shapes, parents=parents)]))
    assert [(one.from_area, one.to_area) for one in found.cases] == [("A2", "A0")]
    assert found.streets == ()
    compare(conn, "d", found)

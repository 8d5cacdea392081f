import dataclasses
from collections import Counter
from datetime import date

import numpy as np
import pytest
import shapely

from gridmgmt.domain.areas import surroundings
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.responsibility import duty as duties
from gridmgmt.domain.responsibility import responder
from gridmgmt.geometry.locating.locate import locate
from gridmgmt.geometry.locating.locator_index import build_locator
from gridmgmt.sample.categories import load_categories
from gridmgmt.sample.city import City


def as_date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def book(city: City) -> DutyBook:
    listed = [
        duties.Duty(
            id=i,
            responder_code=row.responder_code,
            role=row.role,
            target=row.target,
            level=row.level or None,
            target_code=row.target_code,
            categories=None if row.categories == "*" else frozenset(row.categories.split(";")),
            hours=row.hours or None,
            valid_from=as_date(row.valid_from),
            valid_to=as_date(row.valid_to),
            letter_no=row.letter_no,
        )
        for i, row in enumerate(city.duties)
    ]
    levels = {6: "district", 9: "street", 12: "community"}
    staff = [
        responder.Responder(
            **{
                **dataclasses.asdict(person),
                "area_level": levels[len(person.area_code)] if person.area_code else None,
            }
        )
        for person in city.staff.responders
    ]
    members = [
        surroundings.GroupMember(str(row[0]), str(row[3]), str(row[4]))
        for row in city.groups.rows(city.areas)
    ]
    return DutyBook(listed, staff, members)


def decisions(city: City) -> list[Decision]:
    cells, cases, zones, roads = city.areas.cells, city.cases, city.zones, city.segments
    found = locate(build_locator(cells.codes, cells.geoms), cases.lon, cases.lat).cell
    located = np.flatnonzero(found >= 0)[::3]
    points = shapely.points(cases.lon[located], cases.lat[located])
    in_zones: dict[int, list[str]] = {}
    for i, zone in zip(*shapely.STRtree(zones.geoms).query(points, "intersects"), strict=True):
        in_zones.setdefault(int(i), []).append(str(zones.codes[zone]))
    nearest = shapely.STRtree(roads.geoms).nearest(points)
    known = load_categories()
    decide = book(city).decide
    answers = []
    for i, case in enumerate(located):
        code = str(cells.codes[found[case]])
        areas = [("cell", code), ("community", code[:12]), ("street", code[:9])]
        spot = surroundings.Surroundings(
            (*areas, ("district", code[:6])),
            tuple(in_zones.get(i, ())),
            ((str(roads.codes[nearest[i]]), 1.0),),
        )
        category = str(cases.category[case])
        at = cases.reported_at[case].item()
        answers.append(decide(spot, category, at, category_known=category in known))
    return answers


@pytest.fixture(scope="module")
def decided(full: City) -> list[Decision]:
    return decisions(full)


def test_nearly_every_located_case_has_exactly_one_owner(decided: list[Decision]) -> None:
    reasons = Counter(decision.reason for decision in decided)
    assert set(reasons) == {None, "two_owners"}
    assert 0.97 <= reasons[None] / len(decided) <= 0.995


def test_the_holes_left_in_the_letters_fall_to_the_street_offices(
    decided: list[Decision],
) -> None:
    fallen = sum(decision.fallback == "territorial_fallback" for decision in decided)
    assert 0.001 < fallen / len(decided) < 0.04


def test_every_rule_of_precedence_is_used(decided: list[Decision]) -> None:
    rules = {decision.rule for decision in decided}
    assert rules >= {"zone", "area:cell", "group", "area:street", "area:district"}


def test_road_chiefs_oversee_with_the_chain_above_them(decided: list[Decision]) -> None:
    chains = [decision.overseers for decision in decided]
    assert max(len(chain) for chain in chains) >= 3
    assert all(len(set(chain)) == len(chain) for chain in chains)
    assert sum("CH00" in chain for chain in chains) > 0.99 * len(chains)


def test_shared_bicycles_were_given_to_two(full: City) -> None:
    owners = {
        row.responder_code
        for row in full.duties
        if row.role is duties.DutyRole.DISPOSE and "E0593-1" in row.categories.split(";")
    }
    assert owners == {"D-TRAFFIC", "K-BIKES"}


def test_only_one_category_was_given_to_nobody(full: City) -> None:
    given = {
        code
        for row in full.duties
        if row.role is duties.DutyRole.DISPOSE
        for code in row.categories.split(";")
    }
    assert set(load_categories()) - given == {"E0496-1"}


def test_targets_and_responders_exist(full: City) -> None:
    areas = {(tier.level, code) for tier in full.areas.tiers for code in tier.codes}
    groups = {*full.groups.beats, *full.groups.inspections}
    staff = {person.code for person in full.staff.responders}
    for row in full.duties:
        assert row.responder_code in staff
        assert row.categories
        known = {
            "area": (row.level, row.target_code) in areas,
            "group": row.target_code in groups,
            "zone": row.target_code in full.zones.codes,
            "road_segment": row.target_code in full.segments.codes,
        }
        assert known[row.target.value], row


def test_letters_are_numbered_and_some_have_run_out(full: City) -> None:
    assert all(row.letter_no.startswith("示责〔") for row in full.duties)
    ended = [row for row in full.duties if row.valid_to]
    assert {row.valid_to for row in ended} == {"2024-12-31", "2026-03-31"}

"""Who answers in every situation the rules speak of: on paper, in bulk, alone and replayed."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import Case, GivenCase
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.explanation import explain as explain_in_words
from gridmgmt.domain.judging.explanation_words import Language
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.geometry.crs.crs import from_lonlat, resolve
from gridmgmt.services.cases.stories import explain
from gridmgmt.services.judging.judge import Judge
from gridmgmt.services.judging.router import Router
from gridmgmt.store.cases.cases import get_trace
from gridmgmt.store.responsibility.duties import add_duties
from tests.databases import Databases
from tests.services.case_city import SHANGHAI, case_file, row, stored, take_in
from tests.services.router_city import at, draw


class Situation(NamedTuple):
    """A case, and what is expected of it; ``area`` None: it is not located."""

    number: str
    where: tuple[float, float]
    category: str
    reported: str
    area: str | None
    responder: str | None
    rule: str | None
    reason: str | None = None


TEN_METRES = 10 / 1108.5
NOON = "2026-03-02 12:00"

CELL, STREET = "area:cell", "area:street"
OFFICE, CENTRE = "territorial_fallback", "forced_adjudication"
S = Situation
# fmt: off
SITUATIONS = [
    # Where four cells meet, the smallest code of those that cover the point.
    S("four cells",       at(0.5, 0.5),    "E1", NOON, "A1", "cell",     CELL),
    S("beside them",      at(0.51, 0.51),  "E1", NOON, "A4", "SA",       STREET),
    # On the border of two streets that is a road segment too: the segment answers, not both.
    S("border and road",  at(1, 0.5),      "E1", NOON, "A2", "road",     "road_segment"),
    S("east of the road", at(1.005, 0.3),  "E1", NOON, "B1", "road",     "road_segment"),
    S("border only",      at(1, 0.1),      "E2", NOON, "A2", "letter-1", CELL),
    # A lake in a cell: near its shore the cell answers, in its middle nobody does.
    S("shore of hole",       at(1.8, 0.75 + TEN_METRES), "E1", NOON, "B4", "SB", STREET),
    S("mid of hole",        at(1.8, 0.8),    "E1", NOON, None, None, None, "unlocated"),
    # A piece of street D within street C, and the border between them.
    S("exclave",          at(2.5, 0.5),    "E1", NOON, "D2", "SD",       STREET),
    S("around it",        at(2.3, 0.5),    "E1", NOON, "C1", "SC",       STREET),
    S("its border",       at(2.4, 0.5),    "E1", NOON, "C1", "SC",       STREET),
    # Two zones over each other: two disposers, unless one of them names the category.
    S("zones overlap",    at(1.7, 0.2),    "E1", NOON, "B2", None, "zone", "two_owners"),
    S("one names it",     at(1.7, 0.2),    "E2", NOON, "B2", "quarter",  "zone"),
    S("first zone only",  at(1.6, 0.2),    "E1", NOON, "B2", "vendors",  "zone"),
    S("zone's border",    at(1.55, 0.2),   "E1", NOON, "B2", "vendors",  "zone"),
    S("neither zone",     at(1.9, 0.4),    "E1", NOON, "B2", "beat",     "group"),
    # Night duty from 22:00 to 06:00; the squad of the street has the day.
    S("at 21:59",         at(0.7, 0.7),    "E1", "2026-03-02 21:59:59", "A4", "SA",    STREET),
    S("at 22:00",         at(0.7, 0.7),    "E1", "2026-03-02 22:00:00", "A4", "night", CELL),
    S("at 23:59",         at(0.7, 0.7),    "E1", "2026-03-02 23:59:59", "A4", "night", CELL),
    S("at 00:01",         at(0.7, 0.7),    "E1", "2026-03-03 00:01:00", "A4", "night", CELL),
    S("at 05:59",         at(0.7, 0.7),    "E1", "2026-03-03 05:59:59", "A4", "night", CELL),
    S("at 06:00",         at(0.7, 0.7),    "E1", "2026-03-03 06:00:00", "A4", "SA",    STREET),
    # A holiday peak is stated by its dates.
    S("eve of holiday",   at(3.2, 0.2),    "E1", "2026-09-30 12:00", "D1", "SD",      STREET),
    S("holiday morning",  at(3.2, 0.2),    "E1", "2026-10-01 08:59", "D1", "SD",      STREET),
    S("holiday",          at(3.2, 0.2),    "E1", "2026-10-01 09:00", "D1", "holiday", CELL),
    S("last evening",     at(3.2, 0.2),    "E1", "2026-10-07 20:59", "D1", "holiday", CELL),
    S("after 21:00",      at(3.2, 0.2),    "E1", "2026-10-07 21:00", "D1", "SD",      STREET),
    S("next day",         at(3.2, 0.2),    "E1", "2026-10-08 12:00", "D1", "SD",      STREET),
    # Letters hold on whole days, whatever the hour at which they were changed.
    S("letter in force",  at(0.2, 0.7),    "E1", "2026-02-28 23:59", "A3", "old", CELL),
    S("letter expired",   at(0.2, 0.7),    "E1", "2026-03-01 00:00", "A3", "SA",  STREET),
    S("last of the old",  at(0.7, 0.2),    "E1", "2026-05-03 23:59", "A2", "letter-1", CELL),
    S("first of the new", at(0.7, 0.2),    "E1", "2026-05-04 00:00", "A2", "letter-2", CELL),
    # A1 and A2 become A5 in June: a case keeps the cells of its own day.
    S("before the merge", at(0.7, 0.2),    "E1", "2026-05-31 23:59", "A2", "letter-2", CELL),
    S("after the merge",  at(0.7, 0.2),    "E1", "2026-06-01 00:00", "A5", "SA",  STREET),
    # A river chief has the water and oversees the rest; elsewhere the street's do.
    S("water",            at(1.2, 0.7),    "E3", NOON, "B3", "river", "zone"),
    S("river bank",       at(1.2, 0.7),    "E1", NOON, "B3", "SB",    STREET),
    # A department has one category in the district, after all more specific duties.
    S("department",       at(2.2, 0.2),    "E2", NOON, "C1", "department", "area:district"),
    S("squad before it",  at(0.2, 0.7),    "E2", NOON, "A3", "SA",         STREET),
    # Where no duty does: the office of the street, and where it has none the centre.
    S("office",           at(3.2, 0.2),    "E3", NOON, "D1", "office-D", OFFICE),
    S("centre",           at(2.2, 0.2),    "E3", NOON, "C1", "centre",   CENTRE),
    S("unknown category", at(2.2, 0.2),    "X1", NOON, "C1", "centre",   CENTRE),
    # Two road segments meet: the nearest; at the same distance the smaller code.
    S("at the corner",    at(3.5, 0.5),    "E1", NOON, "D1", "corner-x", "road_segment"),
    S("on the other",     at(3.51, 0.5),   "E1", NOON, "D1", "corner-y", "road_segment"),
    S("west of both",     at(3.49, 0.5),   "E1", NOON, "D1", "corner-x", "road_segment"),
]
# fmt: on

CHAINS = {
    "water": ("river", "head-river", "chief-B", "head"),
    "river bank": ("river", "head-river", "chief-B", "head"),
    "shore of hole": ("chief-B", "head"),
    "four cells": (),
}


def written(one: Situation) -> dict[str, str]:
    return row(one.number, one.where, category=one.category, reported_at=one.reported)


@pytest.fixture(scope="module")
def city(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    """The drawn city with all situations taken in from one file, to be read only."""
    with databases.engine(template) as engine, engine.connect() as conn:
        draw(conn)
        path = case_file(tmp_path_factory.mktemp("cases"), [written(s) for s in SITUATIONS])
        later = datetime.fromisoformat("2026-12-01T00:00:00+08:00")
        take_in(conn, path, now=later)
        conn.commit()
        yield conn


@pytest.fixture(params=SITUATIONS, ids=lambda one: one.number)
def situation(request: pytest.FixtureRequest) -> Situation:
    found: Situation = request.param
    return found


def decision_of(conn: Connection, number: str) -> Decision:
    return Decision.from_json(get_trace(conn, number)["decision"])


def test_the_one_who_answers_and_by_which_rule(city: Connection, situation: Situation) -> None:
    case, decision = stored(city, situation.number), decision_of(city, situation.number)
    assert case.location.area_code == situation.area
    assert case.responder_code == decision.responder == situation.responder
    assert decision.rule == situation.rule
    assert case.unrouted_reason == situation.reason


def test_judged_alone_it_goes_where_it_went_in_bulk(
    city: Connection, situation: Situation
) -> None:
    case = stored(city, situation.number)
    judged = Judge(city, JudgingRules(SHANGHAI)).judge_one(case.given, situation.where)
    assert judged.location.area_code == case.location.area_code
    assert judged.decision == decision_of(city, situation.number)


def test_the_duty_book_alone_says_the_same(city: Connection, situation: Situation) -> None:
    case = stored(city, situation.number)
    if case.location.edition is None or situation.area is None:
        return
    router = Router.load(city, case.location.edition, tz=SHANGHAI)
    lon, lat = (np.array([value]) for value in situation.where)
    batch = router.surroundings_batch(lon, lat, router.cells_of([situation.area]))
    alone = router.book.decide(
        batch.at(np.array([0]))[0],
        situation.category,
        case.given.reported_at.astimezone(SHANGHAI),
        category_known=situation.category in {"E1", "E2", "E3"},
    )
    assert alone == decision_of(city, situation.number)


def test_replayed_it_goes_there_again(city: Connection, situation: Situation) -> None:
    again = explain(
        city, situation.number, rules=JudgingRules(SHANGHAI), personal=False, actor="tester"
    )
    assert again.replay.differences == ()
    assert again.replay.duty_changes == ()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_its_explanation_says_so_in_sentences(
    city: Connection, situation: Situation, language: Language
) -> None:
    told = explain(
        city, situation.number, rules=JudgingRules(SHANGHAI), personal=False, actor="tester"
    )
    sentences = explain_in_words(situation.number, told.trace, told.names, language)
    assert all(one.endswith("." if language == "en" else "。") for one in sentences)
    for code in filter(None, [situation.area, situation.responder]):
        assert any(code in one for one in sentences)


@pytest.mark.parametrize(("number", "chain"), CHAINS.items())
def test_who_oversees_is_the_nearest_chief_and_those_above(
    city: Connection, number: str, chain: tuple[str, ...]
) -> None:
    assert decision_of(city, number).overseers == chain


def test_both_segments_of_a_corner_are_kept_with_their_distances(city: Connection) -> None:
    near = {
        number: [code for code, _ in get_trace(city, number)["place"]["road_segments"]]
        for number in ("at the corner", "on the other", "west of both")
    }
    assert near == {
        "at the corner": ["corner-x", "corner-y"],
        "on the other": ["corner-y", "corner-x"],
        "west of both": ["corner-x", "corner-y"],
    }
    (_, first), (_, second) = get_trace(city, "west of both")["place"]["road_segments"]
    assert first == second > 0
    considered = {one.code: one.why_not for one in decision_of(city, "west of both").considered}
    assert considered["corner-y"] == "nearer_road_segment"


def test_a_letter_changed_at_noon_counts_for_the_whole_day_for_who_is_judged_after_it(
    city: Connection,
) -> None:
    given = GivenCase("N1", "E1", datetime(2026, 3, 2, 9, tzinfo=SHANGHAI))
    morning = Judge(city, JudgingRules(SHANGHAI)).judge_one(given, at(2.2, 0.2))
    savepoint = city.begin_nested()
    today = date(2026, 3, 2)
    cell = Duty(
        0, "new", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "C1", None, valid_from=today
    )
    add_duties(city, [cell])
    afternoon = Judge(city, JudgingRules(SHANGHAI)).judge_one(given, at(2.2, 0.2))
    # What was stored in the morning stays; its replay tells what is new.
    again = explain(
        city, "around it", rules=JudgingRules(SHANGHAI), personal=False, actor="tester"
    ).replay
    savepoint.rollback()
    assert (morning.decision.responder, afternoon.decision.responder) == ("SC", "new")
    assert ("responder", "SC", "new") in again.differences
    assert [change for _, change in again.duty_changes] == ["new"]
    assert stored(city, "around it").responder_code == "SC"


@pytest.mark.parametrize(
    ("datum", "area", "responder"), [("gcj02", "A2", "letter-1"), (None, "B1", "SB")]
)
def test_a_position_in_gcj02_is_right_only_where_the_source_says_so(
    city: Connection, tmp_path: Path, datum: str | None, area: str, responder: str
) -> None:
    shifted = from_lonlat([at(0.9, 0.3)[0]], [at(0.9, 0.3)[1]], resolve("gcj02"))
    lon, lat = (float(values[0]) for values in shifted)
    savepoint = city.begin_nested()
    path = case_file(tmp_path, [row("G1", (lon, lat), reported_at=NOON, category="E3")])
    given = {} if datum is None else {"datum": resolve(datum)}
    take_in(city, path, **given)
    case: Case = stored(city, "G1")
    again = explain(city, "G1", rules=JudgingRules(SHANGHAI), personal=False, actor="tester")
    savepoint.rollback()
    assert (case.location.area_code, case.responder_code) == (area, responder)
    assert again.replay.is_same


def test_after_the_merge_the_cases_of_before_are_still_where_they_were(
    city: Connection,
) -> None:
    editions = dict(
        city.execute(sa.text("SELECT area_code, min(edition) FROM cases GROUP BY 1")).all()
    )
    assert (editions["A2"], editions["A5"]) == (1, 2)

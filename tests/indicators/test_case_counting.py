"""Counting in columns against plain Python that looks at one case after the other."""

import random
from bisect import bisect_right
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.indicators.case_columns import (
    KINDS,
    NEVER,
    OF_CASES,
    PROVISIONAL_BIT,
    CaseColumns,
)
from gridmgmt.indicators.case_counting import count
from gridmgmt.indicators.case_picking import BLOCK, matching
from gridmgmt.indicators.case_question import (
    ANY_STANDING,
    OPEN,
    STANDINGS,
    By,
    CaseMoment,
    Conditions,
    Question,
)
from gridmgmt.indicators.rates import COUNT_NAMES

HOUR = 3_600_000_000
PLACES, ANSWERERS, FEW = 7, 5, 3
NO_DUE, APART = 1, 2
LAST = 400 * HOUR


def made_up(draw: random.Random, cases: int) -> CaseColumns:
    """Return cases of 400 hours; few instants, so that many are equal."""

    def instants(never: float) -> list[int]:
        return [
            NEVER if draw.random() < never else draw.randrange(0, 400, 10) * HOUR
            for _ in range(cases)
        ]

    limits = {
        "place": PLACES,
        "answerer": ANSWERERS,
        "category": FEW,
        "channel": FEW,
        "status": FEW,
        "marks": 4,
    }
    made: dict[str, list[int]] = {
        "reported": sorted(instants(0)),
        "due": instants(0.2),
        "done": instants(0.3),
        "closed": instants(0.5),
        **{name: [draw.randrange(n) for _ in range(cases)] for name, n in limits.items()},
    }
    made["marks"] = [
        mark | (PROVISIONAL_BIT if draw.random() < 0.5 else 0) for mark in made["marks"]
    ]
    return CaseColumns(
        **{
            name: np.array(made.get(name, [0] * cases), dtype=kind)
            if name in OF_CASES
            else np.zeros(0, dtype=kind)
            for name, kind in KINDS.items()
        }
    )


def asked(draw: random.Random) -> Question:
    """Return a question in which each condition is asked half of the time."""

    def table(entries: int) -> np.ndarray:
        chance = draw.choice([0, 0, 0, 0.4])
        return np.array([draw.random() >= chance for _ in range(entries)])

    def instant() -> int:
        return draw.randrange(0, 400, 10) * HOUR

    since = draw.choice([0, 0, instant()])
    by = draw.choice(list(By))
    groups = [draw.randrange(-1, 3) for _ in range(PLACES if by is By.PLACE else ANSWERERS)]
    return Question(
        Conditions(
            place=table(PLACES),
            under=table(PLACES),
            answerer=table(ANSWERERS),
            category=table(FEW),
            channel=table(FEW),
            status=table(FEW),
            must=draw.choice([0, 0, 0, 1, 2, 3]),
            must_not=draw.choice([0, 0, 0, 1, 2, 3]),
            no_due=draw.choice([0, NO_DUE]),
            standings=draw.choice([*[ANY_STANDING] * 6, OPEN, *STANDINGS.values()]),
            since=since,
            until=draw.choice([LAST, since + instant()]),
            reported_until=draw.choice([LAST, instant()]),
            as_of=draw.choice([LAST, instant()]),
            due_until=draw.choice([NEVER, NEVER, instant()]),
            hours=draw.choice([np.zeros(0, dtype=bool), table(168)]),
            clock_from=np.array([-(1 << 62), 150 * HOUR]),
            clock=np.array([8 * HOUR, 9 * HOUR]),
        ),
        groups=np.array(groups),
        by=by,
        moment=draw.choice(list(CaseMoment)),
        spans=draw.choice([np.zeros(0, dtype=np.int64), np.array([0, 100, 250, 300]) * HOUR]),
        spans_of=draw.choice(list(CaseMoment)),
        apart=draw.choice([0, APART]),
    )


def standing(due: int, done: int, as_of: int) -> set[Deadline]:
    """Return all that can be said of a case; the words of `Deadline`."""
    if due == NEVER:
        return {Deadline.WITHOUT}
    if done <= as_of and done <= due:
        return {Deadline.ON_TIME, Deadline.DUE}
    if done <= as_of:
        return {Deadline.LATE, Deadline.MISSED, Deadline.DUE}
    return (
        {Deadline.OVERDUE, Deadline.MISSED, Deadline.DUE} if due < as_of else {Deadline.PENDING}
    )


def is_wanted(one: dict[str, int], under: int, wanted: Conditions, moment: str) -> bool:
    due = NEVER if one["marks"] & wanted.no_due else one["due"]
    said = standing(due, one["done"], wanted.as_of)
    # ``due`` is NEVER for none, which no limit of deadlines matches.
    is_open = one["done"] > wanted.as_of
    of_standing = (
        any(STANDINGS[which] == wanted.standings for which in said)
        or wanted.standings == ANY_STANDING
        or (wanted.standings == OPEN and is_open)
    )
    at = bisect_right(wanted.clock_from.tolist(), one["reported"]) - 1
    # 1970-01-01 was a Thursday, the fourth day of the week.
    hour = (one["reported"] + int(wanted.clock[at])) // HOUR + 3 * 24
    return bool(
        wanted.since <= one[moment] < wanted.until
        and one["reported"] <= wanted.reported_until
        and wanted.place[one["place"]]
        and wanted.under[under]
        and wanted.answerer[one["answerer"]]
        and wanted.category[one["category"]]
        and wanted.channel[one["channel"]]
        and wanted.status[one["status"]]
        and all(one["marks"] & bit for bit in (1, 2) if wanted.must & bit)
        and not any(one["marks"] & bit for bit in (1, 2) if wanted.must_not & bit)
        and of_standing
        and (wanted.due_until == NEVER or due < wanted.due_until)
        and (not len(wanted.hours) or wanted.hours[hour % 168])
    )


def adds(one: dict[str, int], wanted: Conditions) -> dict[str, int]:
    due = NEVER if one["marks"] & wanted.no_due else one["due"]
    said = standing(due, one["done"], wanted.as_of)
    return {
        "cases": 1,
        "open": int(one["done"] > wanted.as_of),
        "overdue": int(Deadline.OVERDUE in said),
        "on_time": int(Deadline.ON_TIME in said),
        "late": int(Deadline.LATE in said),
        "without_due": int(Deadline.WITHOUT in said),
        "provisional": int(Deadline.DUE in said and bool(one["marks"] & PROVISIONAL_BIT)),
    }


def one_by_one(
    columns: CaseColumns, under: np.ndarray, question: Question
) -> tuple[list[int], np.ndarray]:
    groups, spans = question.groups.tolist(), question.spans.tolist()
    shape = (2, max([0, *groups]) + 1, max(len(spans) - 1, 1), len(COUNT_NAMES))
    counts = np.zeros(shape, dtype=np.int64)
    rows = []
    for row in range(len(columns)):
        one = {name: int(getattr(columns, name)[row]) for name in OF_CASES}
        if not is_wanted(one, int(under[row]), question.conditions, question.moment):
            continue
        rows.append(row)
        key = int(under[row]) if question.by is By.PLACE else one["answerer"]
        span = bisect_right(spans, one[question.spans_of]) - 1 if spans else 0
        if groups[key] < 0 or not 0 <= span < shape[2]:
            continue
        plane = int(bool(one["marks"] & question.apart))
        added = adds(one, question.conditions)
        counts[plane, groups[key], span] += [added[name] for name in COUNT_NAMES]
    return rows, counts


@given(seed=st.integers(0, 1 << 32), cases=st.integers(0, 80))
def test_counts_are_those_of_looking_at_one_case_after_the_other(seed: int, cases: int) -> None:
    draw = random.Random(seed)
    columns = made_up(draw, cases)
    under = np.array([draw.randrange(PLACES) for _ in range(cases)], dtype=np.int32)
    for _ in range(20):
        question = asked(draw)
        rows, counts = one_by_one(columns, under, question)
        assert matching(columns, under, question).tolist() == rows
        assert count(columns, under, question).counts.tolist() == counts.tolist()


@given(seed=st.integers(0, 1 << 32))
def test_counts_hold_until_the_instant_that_is_told(seed: int) -> None:
    """If no condition depends on the instant of judging."""
    draw = random.Random(seed)
    columns, question = made_up(draw, 12), asked(draw)
    limits = question.conditions._replace(standings=ANY_STANDING)
    under = np.array([draw.randrange(PLACES) for _ in range(12)], dtype=np.int32)

    def at(as_of: int) -> list[int]:
        later = replace(question, conditions=limits._replace(as_of=as_of))
        return one_by_one(columns, under, later)[1].tolist()

    until = count(columns, under, replace(question, conditions=limits)).holds_until
    now = at(limits.as_of)
    for later in range(limits.as_of, min(until, 420 * HOUR), HOUR):
        assert at(later) == now


@pytest.mark.parametrize("cases", [BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_blocks_leave_out_no_case(cases: int) -> None:
    columns = made_up(random.Random(cases), cases)
    under = np.zeros(cases, dtype=np.int32)
    everything = Conditions(
        *(np.ones(n, dtype=bool) for n in (PLACES, PLACES, ANSWERERS, FEW, FEW, FEW)),
        must=0,
        must_not=0,
        no_due=0,
        standings=ANY_STANDING,
        since=0,
        until=LAST,
        reported_until=LAST,
        as_of=LAST,
        due_until=NEVER,
        hours=np.zeros(0, dtype=bool),
        clock_from=np.array([0]),
        clock=np.array([0]),
    )
    question = Question(everything, np.zeros(PLACES, dtype=np.int64))
    assert matching(columns, under, question).tolist() == list(range(cases))
    assert count(columns, under, question).counts[0, 0, 0, 0] == cases

"""Under every choice of cases, each figure is what counting the cases one by one gives."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import ALL_CASES, CaseScope
from gridmgmt.domain.case_choice import CaseChoice
from gridmgmt.domain.cases.case import Case, CaseStatus
from gridmgmt.domain.cases.deadline import Deadline, standing
from gridmgmt.domain.period import Period
from gridmgmt.domain.responsibility.category import Category, CategoryClass
from gridmgmt.indicators.rates import DeadlineCounts, sum_counts
from gridmgmt.services.accounts.case_scopes import area_case_scope
from gridmgmt.settings import Settings
from gridmgmt.store.cases.case_figures import (
    Done,
    count_by_step,
    count_positions,
    done_by_day,
    figures,
    figures_by_day,
    figures_by_leaf,
    overdue_by_age,
    waiting_by_reason,
)
from gridmgmt.store.cases.case_filter import CaseFilter, filter_of
from gridmgmt.store.cases.case_pages import count_cases
from gridmgmt.store.cases.cases import list_cases
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.situation.map_figures import ReportedFilter
from gridmgmt.store.upkeep import migrations
from tests.browser.cities import sample_city
from tests.databases import Databases
from tests.services.case_city import SHANGHAI

EVERY = 10_000
ROUNDS = range(40)


class Exported:
    """The cases of the sample city as rows, and choices drawn from their values."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.cases = list_cases(conn, CaseFilter(), limit=EVERY)
        self.kinds: dict[str, Category] = {one.code: one for one in list_categories(conn)}
        self.first = min(case.given.reported_at for case in self.cases)
        self.last = max(case.given.reported_at for case in self.cases)

    def draw(self, seed: int) -> tuple[ReportedFilter, datetime]:
        chance = random.Random(seed)

        def sometimes(share: float) -> bool:
            return chance.random() < share

        some = chance.choice(self.cases)
        kind = self.kinds[some.given.category]
        channels = sorted({case.given.channel for case in self.cases if case.given.channel})
        choice = CaseChoice(
            open=sometimes(0.2),
            overdue=sometimes(0.15),
            category=kind.code if sometimes(0.1) else None,
            category_class=chance.choice(list(CategoryClass)) if sometimes(0.2) else None,
            major_class=kind.major_class if sometimes(0.25) else None,
            responder_code=some.responder_code if sometimes(0.2) else None,
            channels=tuple(chance.sample(channels, 2)) if sometimes(0.3) else (),
            weekdays=tuple(sorted(chance.sample(range(1, 8), 3))) if sometimes(0.3) else (),
            hours=tuple(sorted(chance.sample(range(24), 8))) if sometimes(0.3) else (),
        )
        span = (self.last - self.first).days
        first = self.first.date() + timedelta(days=chance.randrange(span))
        period = Period(first, first + timedelta(days=chance.randrange(1, span)), SHANGHAI)
        as_of = self.first + timedelta(minutes=chance.randrange(span * 1440 + 20_000))
        scope = chance.choice(
            [ALL_CASES, ALL_CASES, self._street(chance), CaseScope(None, some.responder_code)]
        )
        return ReportedFilter(period, choice, scope, as_of), as_of

    def _street(self, chance: random.Random) -> CaseScope:
        query = sa.text("SELECT DISTINCT code FROM areas WHERE level = 'street' ORDER BY code")
        codes = list(self.conn.execute(query).scalars())
        return area_case_scope(self.conn, ("street", chance.choice(codes)))

    def chosen(self, wanted: ReportedFilter, as_of: datetime) -> list[Case]:
        """The cases of a choice, whenever they were reported, found one by one."""
        return [case for case in self.cases if self._matches(case, wanted, as_of)]

    def _matches(self, case: Case, wanted: ReportedFilter, as_of: datetime) -> bool:
        choice, given, scope = wanted.choice, case.given, wanted.case_scope
        local = given.reported_at.astimezone(SHANGHAI)
        kind = self.kinds[given.category]
        there = (case.location.edition, case.location.area_code)
        is_open = not ((at := ended(case)) and at <= as_of)
        return all(
            (
                not choice.is_judged or given.reported_at <= as_of,
                not choice.open or is_open,
                not choice.overdue or standing(given, as_of) is Deadline.OVERDUE,
                choice.category in (None, kind.code),
                choice.category_class in (None, kind.category_class),
                choice.major_class in (None, kind.major_class),
                choice.responder_code in (None, case.responder_code),
                not choice.channels or given.channel in choice.channels,
                not choice.weekdays or local.isoweekday() in choice.weekdays,
                not choice.hours or local.hour in choice.hours,
                scope.responder_code in (None, case.responder_code),
                scope.leaves is None or there in set(scope.leaves),
            )
        )


def ended(case: Case) -> datetime | None:
    return case.given.disposed_at or case.given.closed_at


def day_of(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def counts_of(cases: list[Case], as_of: datetime) -> DeadlineCounts:
    stand = Counter(standing(case.given, as_of) for case in cases)
    return DeadlineCounts(
        cases=len(cases),
        open=sum(not ((at := ended(case)) and at <= as_of) for case in cases),
        overdue=stand[Deadline.OVERDUE],
        on_time=stand[Deadline.ON_TIME],
        late=stand[Deadline.LATE],
        without_due=stand[Deadline.WITHOUT],
    )


@pytest.fixture(scope="module")
def exported(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Exported]:
    with databases.lent() as url:
        settings = Settings(home=tmp_path_factory.mktemp("sample"), database_url=url)
        migrations.upgrade(url)
        sample_city(settings)
        engine = sa.create_engine(url)
        try:
            with engine.connect() as conn:
                yield Exported(conn)
        finally:
            engine.dispose()


@pytest.mark.parametrize("seed", ROUNDS)
def test_figures_are_what_counting_one_by_one_gives(exported: Exported, seed: int) -> None:
    conn = exported.conn
    wanted, as_of = exported.draw(seed)
    period = wanted.period
    whenever = exported.chosen(wanted, as_of)
    cases = [one for one in whenever if period.begin <= one.given.reported_at < period.end]
    expected = counts_of(cases, as_of)
    assert figures(conn, wanted.cases, as_of) == expected
    assert count_cases(conn, wanted.cases) == expected.cases
    by_leaf = figures_by_leaf(conn, wanted.cases, 1, as_of)
    assert sum_counts(counts for _, _, counts in by_leaf) + by_leaf.at_default == expected
    by_day = figures_by_day(conn, wanted.cases, as_of, SHANGHAI)
    days = Counter(day_of(one.given.reported_at) for one in cases)
    assert {day: counts.cases for day, counts in by_day.items()} == days
    assert sum_counts(by_day.values()) == expected
    squares = count_positions(conn, wanted.cases, step_lon=0.002, step_lat=0.002)
    located = [one for one in cases if one.location.area_code and one.location.lon is not None]
    assert squares.cases.sum() + squares.at_default >= len(located) >= squares.cases.sum()


@pytest.mark.parametrize("seed", ROUNDS)
def test_what_does_not_ask_for_the_report_is_counted_alike(
    exported: Exported, seed: int
) -> None:
    conn = exported.conn
    reported, as_of = exported.draw(seed)
    wanted = filter_of(reported.choice, SHANGHAI, as_of, reported.case_scope)
    cases = exported.chosen(reported, as_of)
    months = Counter(day_of(one.given.reported_at).replace(day=1) for one in cases)
    assert count_by_step(conn, wanted, "month", SHANGHAI) == months
    period = reported.period
    disposed = Counter(
        day_of(at) for one in cases if (at := ended(one)) and period.begin <= at < period.end
    )
    closings = [one.given.closed_at for one in cases]
    closed = Counter(day_of(at) for at in closings if at and period.begin <= at < period.end)
    assert done_by_day(conn, wanted, period.begin, period.end, SHANGHAI) == {
        day: Done(disposed[day], closed[day]) for day in disposed | closed
    }
    late = [
        one
        for one in cases
        if standing(one.given, as_of) is Deadline.OVERDUE and one.given.reported_at <= as_of
    ]
    assert overdue_by_age(conn, wanted, as_of).cases == len(late)
    waiting = Counter(one.unrouted_reason for one in cases if one.status is CaseStatus.TRIAGE)
    assert Counter(waiting_by_reason(conn, wanted)) == waiting


def test_every_field_of_a_choice_is_drawn_and_matters(exported: Exported) -> None:
    """The rounds choose by every field, and each choice leaves some cases in and some out."""
    matters: Counter[str] = Counter()
    for seed in ROUNDS:
        wanted, as_of = exported.draw(seed)
        for name, value in wanted.choice.as_fields().items():
            alone = replace(wanted, choice=CaseChoice(**{name: value}), case_scope=ALL_CASES)
            left = len(exported.chosen(alone, as_of))
            matters[name] += bool(value) and 0 < left < len(exported.cases)
    # A setting, which no person chooses, has tests of its own.
    chosen = CaseChoice().as_fields().keys() - {"without_provisional"}
    assert all(matters[name] for name in chosen)


def test_a_choice_comes_back_from_an_address(exported: Exported) -> None:
    for seed in range(200):
        choice = exported.draw(seed)[0].choice
        assert CaseChoice.read(choice.write()) == choice
    odd = CaseChoice(channels=("a,b", 'say "no"', "热线"))
    assert CaseChoice.read(odd.write()) == odd

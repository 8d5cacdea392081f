"""A city that ends now: whenever that is, every queue and list of the pages has something."""

import itertools
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.cli import run
from gridmgmt.cli.demo.demo import desk_steps, import_steps
from gridmgmt.cli.demo.desk import work_on
from gridmgmt.domain.cases.case import CaseMark, CaseStatus, UnlocatedReason, UnroutedReason
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.domain.cases.duplicates import DuplicateRule
from gridmgmt.domain.judging.bounces import Look
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.period import Period
from gridmgmt.sample.city import build_city
from gridmgmt.sample.files import write_city
from gridmgmt.sample.plan import SMALL
from gridmgmt.services.cases.bounces import BouncesAsked, find_bounces
from gridmgmt.services.cases.duplicates import find_duplicates
from gridmgmt.services.situation.overview import overview
from gridmgmt.settings import Settings
from gridmgmt.store.areas.drafts import list_drafts
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.case_pages import count_up_to
from gridmgmt.store.engine import transaction
from tests.commands import commands
from tests.databases import Databases

ROOT = Path(__file__).parents[3]
# The small hours, a leap day, a new year, a summer afternoon.
MOMENTS = [
    "2026-07-15 14:37",
    pytest.param("2024-02-29 00:20", marks=pytest.mark.proof),
    pytest.param("2026-01-01 09:05", marks=pytest.mark.proof),
    pytest.param("2025-11-03 23:59", marks=pytest.mark.proof),
]


@dataclass(frozen=True)
class Living:
    conn: Connection
    settings: Settings
    now: datetime


@pytest.fixture(scope="module", params=MOMENTS)
def living(
    request: pytest.FixtureRequest,
    databases: Databases,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Living]:
    folder = tmp_path_factory.mktemp("living")
    with databases.engine(template) as engine:
        url = engine.url.render_as_string(hide_password=False)
        settings = Settings(home=folder, database_url=url, actor="demo")
        now = datetime.fromisoformat(request.param).replace(tzinfo=settings.tz)
        build(settings, now, folder)
        with transaction(engine, commit=False) as conn:
            yield Living(conn, settings, now)


@pytest.fixture
def city(living: Living) -> tuple[Connection, datetime]:
    return living.conn, living.now


def build(settings: Settings, now: datetime, folder: Path) -> None:
    plan = SMALL.ending_at(now)
    made = build_city(plan)
    write_city(made, folder)
    for step in [*import_steps(folder, plan), *desk_steps(folder, made)]:
        assert run(step, settings) == 0, step
    assert made.desk is not None
    work_on(settings, made.desk)


def test_every_queue_and_list_has_something(city: tuple[Connection, datetime]) -> None:
    conn, now = city

    def count(**wanted: object) -> int:
        return count_up_to(conn, CaseFilter(**wanted), 10_000)  # type: ignore[arg-type]

    # No case was reported before the first edition.
    nowhere = set(UnlocatedReason) - {UnlocatedReason.BEFORE_FIRST_EDITION}
    found = {
        **{one: count(status=one) for one in CaseStatus},
        **{one: count(reasons=(one,), status=CaseStatus.TRIAGE) for one in UnroutedReason},
        **{one: count(unlocated_reason=one, open=True) for one in nowhere},
        **{one: count(mark=one) for one in CaseMark},
        **{one: count(deadline=one, as_of=now) for one in Deadline},
    }
    assert [one for one, cases in found.items() if not cases] == []
    shown = overview(
        conn, Period(now.date(), now.date(), now.tzinfo), now=now, area=None, level=None
    )  # type: ignore[arg-type]
    late = shown.waiting.overdue
    assert all(
        [late.under_a_day, late.one_to_three_days, late.three_to_seven_days, late.over_a_week]
    )
    assert all(shown.waiting.by_reason[one] for one in UnroutedReason)
    assert shown.today.counts.cases
    assert find_duplicates(conn, DuplicateRule()).pairs
    assert list_drafts(conn)


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_tour_of_the_readme_works_whenever_the_city_was_built(
    living: Living, readme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / readme).read_text("utf-8")
    tour = text.partition("export GRIDMGMT_DATABASE=gridmgmt_demo")[2].partition("```")[0]
    lines = [line for line in tour.splitlines() if line.startswith("gridmgmt ")]
    assert len(lines) > 4
    monkeypatch.chdir(tmp_path)
    for line in lines:
        assert run(shlex.split(line)[1:], living.settings) == 0, line


# A time as programs write it, which JSON keeps and people do not read.
OF_PROGRAMS = re.compile(
    r"\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|\+\d\d:?\d\d)|\dT\d\d:|:\d\d\.\d|UTC"
)
# What a command that reads asks for; others with a required parameter are not run.
ASKED = {
    "case_no": ["SYN-DESK-0040"],
    "number": ["1"],
    "label": [],
    "username": [],
    "file": [],
}


def test_no_command_prints_a_time_of_programs(
    living: Living, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    ran = []
    for name, command in commands().items():
        path = name.split()
        if len(path) == 1 or {"commit", "out", "output"} & {one.name for one in command.params}:
            continue
        given = [ASKED.get(str(one.name), []) for one in command.params if one.required]
        if path[0] in ("db", "archive") or not all(given):
            continue
        assert run([*path, *itertools.chain(*given)], living.settings) == 0, path
        said = capsys.readouterr()
        found = [
            line for line in (said.out + said.err).splitlines() if OF_PROGRAMS.search(line)
        ]
        assert found == [], name
        ran.append(name)
    assert {"case list", "case show", "case explain", "edition show", "duty audit"} <= set(ran)


def test_some_are_due_within_the_hour(city: tuple[Connection, datetime]) -> None:
    conn, now = city
    sql = """
    SELECT count(*) FROM cases
    WHERE status = 'dispatched' AND due_at > :now AND due_at <= :soon
    """
    soon = {"now": now, "soon": now + timedelta(hours=1)}
    assert conn.execute(sa.text(sql), soon).scalar_one() >= 4


def test_what_was_returned_points_at_borders_and_duties(
    city: tuple[Connection, datetime],
) -> None:
    conn, now = city
    report = find_bounces(
        conn,
        BouncesAsked(JudgingRules(now.tzinfo), since=now - timedelta(days=30)),  # type: ignore[arg-type]
    ).report
    borders = [one.proposal for one in report.borders if one.proposal]
    matters = [one.proposal for one in report.matters if one.proposal]
    assert {one.look for one in borders} == {Look.BORDER}
    assert {one.look for one in matters} == {Look.DUTY}
    assert report.cases > sum(one.cases for one in (*borders, *matters))


def test_nothing_lies_in_the_future(city: tuple[Connection, datetime]) -> None:
    conn, now = city
    for table, column in (
        ("cases", "reported_at"),
        ("cases", "disposed_at"),
        ("cases", "closed_at"),
        ("case_events", "happened_at"),
        ("demolitions", "demolished_on"),
    ):
        newest = conn.execute(sa.text(f"SELECT max({column}) FROM {table}")).scalar_one()
        limit = now if column.endswith("_at") else now.date()
        assert newest <= limit, (table, column)

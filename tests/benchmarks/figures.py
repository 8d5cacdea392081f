"""Figures of cases: the ways to count them, and how ours grows.

Every way answers the same questions on the same cases, and all answers are found equal before
the clock runs. What is kept of earlier answers is emptied before each question.
"""

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.cases.case import CaseDay, CaseStatus
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.indicators.case_columns import KINDS, OF_CASES, CaseColumns
from gridmgmt.services.statistics import figures as columns
from gridmgmt.services.statistics.column_file import open_state, save_state
from gridmgmt.services.statistics.column_source import ColumnSource
from gridmgmt.services.statistics.column_state import ColumnState
from gridmgmt.services.statistics.sources import count_in_columns
from gridmgmt.store.cases import case_figures as in_sql
from gridmgmt.store.cases.case_figures import LeafFigures
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.engine import make_engine
from tests.benchmarks.big_city import CATEGORIES, UNTIL, lent_big_city
from tests.benchmarks.measuring import cpu_of, shown

CELLS, CASES = 10_000, 1_000_000
ROUNDS, FILTERS, SEED = 7, 60, 20261129
TZ = ZoneInfo("Asia/Shanghai")
EDITION = 2
Answer = dict[str, tuple[int, ...]]

NARROW = """
CREATE TABLE narrow AS
SELECT c.reported_at, c.due_at, coalesce(c.disposed_at, c.closed_at) AS done_at, c.category,
  CASE WHEN k.case_no IS NULL THEN c.area_code ELSE k.area_code END AS leaf
FROM cases c LEFT JOIN case_leaves k ON k.case_no = c.case_no AND k.edition = :edition
ORDER BY c.reported_at
"""
# The same text for PostgreSQL and DuckDB, over columns of the same names.
COUNTED = """
SELECT leaf, count(*) AS cases,
  count(*) FILTER (WHERE done_at IS NULL OR done_at > {at}) AS open,
  count(*) FILTER (WHERE (done_at IS NULL OR done_at > {at}) AND due_at < {at}) AS overdue,
  count(*) FILTER (WHERE done_at <= {at} AND done_at <= due_at) AS on_time,
  count(*) FILTER (WHERE done_at <= {at} AND done_at > due_at) AS late,
  count(*) FILTER (WHERE due_at IS NULL) AS without_due
FROM {table}
WHERE reported_at >= {since} AND reported_at < {until}
  AND ({category} IS NULL OR category = {category})
GROUP BY leaf
"""


@dataclass(frozen=True)
class Asked:
    """Figures of every cell for a period and a category."""

    what: str
    days: int
    category: str | None

    @property
    def wanted(self) -> CaseFilter:
        since = UNTIL - timedelta(days=self.days)
        return CaseFilter(since=since, until=UNTIL, category=self.category)

    def text(self, table: str) -> str:
        wanted = self.wanted
        return COUNTED.format(
            table=table,
            at=_literal(UNTIL),
            since=_literal(wanted.since),
            until=_literal(wanted.until),
            category="NULL" if self.category is None else f"'{self.category}'",
        )


ASKED = (
    Asked("a year, all categories", 365, None),
    Asked("a month, all categories", 30, None),
    Asked("a year, one category", 365, "E0002"),
)


@dataclass(frozen=True)
class Way:
    """One way to count, with what it likes best to answer; ``plain`` makes it comparable.

    ``cpu`` tells how many seconds of processors it has used so far.
    """

    name: str
    answer: Callable[[Asked], Any]
    plain: Callable[[Any], Answer]
    cpu: Callable[[], float]


def _literal(at: datetime | None) -> str:
    assert at is not None
    return f"TIMESTAMPTZ '{at.isoformat()}'"


def _own_cpu() -> float:
    return time.process_time()


def _plain(found: LeafFigures) -> Answer:
    return {code or "": counts.as_tuple()[:6] for code, _, counts in found}


def ways(conn: Connection, source: ColumnSource, folder: Path) -> list[Way]:
    """Return every way, ready to be asked."""
    pid = conn.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()

    def both_cpu() -> float:
        return _own_cpu() + cpu_of(pid)

    def in_columns(asked: Asked) -> LeafFigures:
        forget(source)
        return columns.figures_by_leaf(conn, asked.wanted, EDITION, UNTIL)

    parquet = folder / "cases.parquet"
    narrow = conn.execute(sa.text("SELECT * FROM narrow")).all()
    reader = duckdb.connect()
    reader.execute("SET TimeZone = 'UTC'")
    names = ("reported_at", "due_at", "done_at", "category", "leaf")
    taken = {name: [row[n] for row in narrow] for n, name in enumerate(names)}
    reader.register("frame", pd.DataFrame(taken))
    reader.execute(f"COPY (SELECT * FROM frame) TO '{parquet}' (FORMAT parquet)")
    stored = duckdb.connect(str(folder / "cases.duckdb"))
    stored.execute("SET TimeZone = 'UTC'")
    stored.execute(f"CREATE TABLE narrow AS SELECT * FROM '{parquet}'")
    return [
        Way("columns, ours", in_columns, _plain, both_cpu),
        Way(
            "SQL over the table of cases",
            lambda asked: in_sql.figures_by_leaf(conn, asked.wanted, EDITION, UNTIL),
            _plain,
            both_cpu,
        ),
        Way(
            "SQL over a narrow table in order of report",
            lambda asked: conn.execute(sa.text(asked.text("narrow"))).all(),
            _of_rows,
            both_cpu,
        ),
        Way(
            "DuckDB over Parquet",
            lambda asked: reader.execute(asked.text(f"'{parquet}'")).fetchnumpy(),
            _of_arrays,
            _own_cpu,
        ),
        Way(
            "DuckDB over its own file",
            lambda asked: stored.execute(asked.text("narrow")).fetchnumpy(),
            _of_arrays,
            _own_cpu,
        ),
    ]


def _of_rows(rows: Sequence[Sequence[Any]]) -> Answer:
    return {str(row[0] or ""): tuple(map(int, row[1:])) for row in rows}


def _of_arrays(arrays: Mapping[str, Any]) -> Answer:
    return _of_rows(list(zip(*(one.tolist() for one in arrays.values()), strict=True)))


def forget(source: ColumnSource) -> None:
    """Empty what is kept of earlier answers."""
    state = source._state
    assert state is not None
    state.base._answers.clear()


def contest(conn: Connection, source: ColumnSource, folder: Path) -> str:
    """Ask every way every question, in turn."""
    there = ways(conn, source, folder)
    rows = []
    for asked in ASKED:
        expected = there[0].plain(there[0].answer(asked))
        for way in there[1:]:
            assert way.plain(way.answer(asked)) == expected, (way.name, asked.what)
        taken: dict[str, list[tuple[float, float]]] = {way.name: [] for way in there}
        for _ in range(ROUNDS):
            for way in there:
                cpu, begin = way.cpu(), time.perf_counter()
                way.answer(asked)
                taken[way.name].append((time.perf_counter() - begin, way.cpu() - cpu))
        base_s = statistics.median(one for one, _ in taken[there[0].name])
        for name, times in taken.items():
            taken_s = statistics.median(one for one, _ in times)
            cpu_s = statistics.mean(one for _, one in times)
            rows.append(
                f"| {asked.what} | {name} | {taken_s / base_s:.1f} | {shown(taken_s)} |"
                f" {1000 * cpu_s:.0f} ms |"
            )
    return "| figures of every cell | way | ÷ ours | taken | CPU |\n|---|---|---|---|---|\n" + (
        "\n".join(rows)
    )


def random_filters(source: ColumnSource) -> list[CaseFilter]:
    """Return filters of the columns: a period and up to three fields."""
    draw = random.Random(SEED)
    state = source._state
    assert state is not None
    responders = [one.code for one in state.entries.answerers if one.code]
    channels = [one for one in state.entries.channels if one]

    def one() -> CaseFilter:
        days = draw.choice([7, 30, 90, 365])
        until = UNTIL - timedelta(days=draw.randrange(0, 366 - days))
        fields = [
            {"category": f"E{draw.randrange(CATEGORIES):04}"},
            {"responder_code": draw.choice(responders)},
            {"channels": (draw.choice(channels),)},
            {"deadline": draw.choice(list(Deadline)), "as_of": UNTIL},
            {"open": True},
            {"status": draw.choice(list(CaseStatus))},
            {"weekdays": (6, 7), "tz": TZ},
            {"hours": tuple(range(7, 19)), "tz": TZ},
            {"day_of": draw.choice(list(CaseDay))},
        ]
        chosen = draw.sample(fields, draw.randrange(0, 4))
        wanted = CaseFilter(since=until - timedelta(days=days), until=until)
        for field in chosen:
            wanted = replace(wanted, **field)
        return wanted

    return [one() for _ in range(FILTERS)]


def counted(conn: Connection, source: ColumnSource, filters: list[CaseFilter]) -> list[float]:
    """Return the seconds of each filter, for figures of every cell."""
    taken = []
    for wanted in filters:
        forget(source)
        begin = time.perf_counter()
        columns.figures_by_leaf(conn, wanted, EDITION, UNTIL)
        taken.append(time.perf_counter() - begin)
    return taken


def of_size(state: ColumnState, cases: int, path: Path) -> None:
    """Write a file of so many cases: those of a state again and again, or the last of them."""
    here = state.base.columns
    times = -(-cases // len(here))
    order = np.argsort(np.concatenate([here.reported] * times), kind="stable")[-cases:]
    arrays = {name: np.concatenate([getattr(here, name)] * times)[order] for name in OF_CASES}
    # The keys of another thousand million cases.
    arrays["key"] = np.arange(cases) - (1 << 62)
    none = {name: np.zeros(0, dtype=kind) for name, kind in KINDS.items()}
    tall = CaseColumns(**{**none, **arrays})
    save_state(ColumnState.of(tall, state.entries, state.place, state.snapshot), path)


def growth(engine: Engine, source: ColumnSource) -> str:
    """Count 10^5, 10^6 and 10^7 cases with the same filters."""
    state = source._state
    assert state is not None
    filters = random_filters(source)
    rows = []
    for cases in (100_000, CASES, 10 * CASES):
        of_size(state, cases, source._path)
        with engine.connect() as conn:
            counted(conn, source, filters)
            taken = counted(conn, source, filters)
        size = source._path.stat().st_size
        rows.append(
            f"| {cases:,} | {shown(statistics.median(taken))} | {shown(max(taken))} |"
            f" {size / cases:.0f} |"
        )
    return (
        "| cases | median filter | slowest filter | bytes a case |\n|---|---|---|---|\n"
        + "\n".join(rows)
    )


def measure() -> str:
    """Make the big city and count its cases in every way."""
    with lent_big_city(cells=CELLS, cases=CASES) as (url, folder):
        return measure_in(url, folder)


def measure_in(url: str, folder: Path) -> str:
    """Measure in a database that holds the big city."""
    engine = make_engine(url)
    with engine.begin() as conn:
        conn.execute(sa.text("DROP TABLE IF EXISTS narrow"))
        conn.execute(sa.text(NARROW), {"edition": EDITION})
        conn.execute(sa.text("CREATE INDEX ON narrow (reported_at)"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text("VACUUM ANALYZE narrow, cases, case_leaves"))
    built = []
    for number in range(3):
        source = count_in_columns(engine, folder / f"home{number}")
        begin = time.perf_counter()
        assert source.refresh()
        built.append(time.perf_counter() - begin)
    with engine.connect() as conn:
        columns.figures_by_leaf(conn, CaseFilter(), EDITION, UNTIL)
        raced = contest(conn, source, folder)
    grown = growth(engine, source)
    cells = len([place for place in open_state(source._path).entries.places if place.is_area])
    engine.dispose()
    return f"""On a made-up city of {CELLS:,} cells and {CASES:,} cases. A question is asked as
a page asks it, the look for what others changed included; nothing is kept of earlier answers.
CPU is that of the asking process and, for SQL and for that look, of the server's.

{raced}

{FILTERS} random filters of a period and up to three fields (category, responder, channel,
deadline, status, weekday, hour, day of reporting, disposal or closing), figures by
{cells:,} rows of cells; the files of other sizes are made of the same cases.

{grown}

A file of {CASES:,} cases is built from nothing in {statistics.median(built):.1f} s
(median of 3; reading them from PostgreSQL included)."""

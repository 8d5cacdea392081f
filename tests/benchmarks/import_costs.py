"""What indexes, foreign keys, checks and triggers of cases cost when rows come in.

The finished rows of an import go in by COPY again and again, each time without one of them and
each time with one alone, in transactions that are rolled back: nothing is dropped for good.
What counts is the processor time of the server process, which other programs on the machine
disturb less than the clock.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.sample.files import CASES
from tests.benchmarks.bulk_import import (
    TABLES,
    copy_in,
    empty,
    finished_rows,
    make_file,
    run_import,
)
from tests.benchmarks.measuring import cpu_of
from tests.benchmarks.sample import sample_city

ROWS, ROUNDS = 50_000, 3

ABOUT = f"""\
Seconds of the processor of the server process for COPY of {1_000_000:,} cases with their
events, the median of {ROUNDS} runs in turn with {ROWS:,}: what is saved where one is missing
and all others are there, its share, and what one adds where no other is. One transaction each,
rolled back. Runs differ by a few seconds, as what is below zero shows."""

# In the order of the report. A constraint that another one needs names it: a foreign key cannot
# be there without the key it refers to.
_PARTS = sa.text("""
SELECT
  CAST(conrelid AS regclass)::text AS of_table,
  CASE contype WHEN 'p' THEN 'primary key' WHEN 'f' THEN 'foreign key' ELSE 'checks' END
    AS kind,
  CASE contype WHEN 'c' THEN conrelid::regclass || ': all checks' ELSE conname END AS name,
  array_agg(format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', conrelid::regclass, conname))
    AS drops,
  max(CASE WHEN contype = 'f' AND CAST(confrelid AS regclass)::text = ANY(:tables) THEN
    (SELECT relname FROM pg_class WHERE oid = conindid) END) AS needs
FROM pg_constraint
WHERE CAST(conrelid AS regclass)::text = ANY(:tables)
GROUP BY 1, 2, 3
UNION ALL
SELECT CAST(indrelid AS regclass)::text, 'index', relname,
  ARRAY[format('DROP INDEX %I', relname)], NULL
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE CAST(indrelid AS regclass)::text = ANY(:tables) AND NOT indisunique
UNION ALL
SELECT CAST(tgrelid AS regclass)::text, 'trigger',
  CAST(tgrelid AS regclass)::text || ': ' || tgname,
  ARRAY[format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass)], NULL
FROM pg_trigger
WHERE CAST(tgrelid AS regclass)::text = ANY(:tables) AND NOT tgisinternal
  AND tgtype & 4 <> 0 -- on INSERT
ORDER BY 1 DESC, 2, 3
""")


@dataclass(frozen=True)
class Part:
    """Something that takes time for each row; ``needs`` names the key that it refers to."""

    name: str
    kind: str
    drops: tuple[str, ...]
    needs: str | None


@dataclass(frozen=True)
class Cost:
    """Seconds of the processor that a part takes: where all others are, and where none is."""

    part: Part
    missing_s: float
    alone_s: float


@dataclass(frozen=True)
class Costs:
    """All parts, and seconds of the processor with all of them and with none."""

    parts: list[Cost]
    whole_s: float
    bare_s: float


def parts_of(conn: Connection) -> list[Part]:
    """Read what the tables of cases have, in the order of the report."""
    rows = conn.execute(_PARTS, {"tables": list(TABLES)})
    return [Part(row.name, row.kind, tuple(row.drops), row.needs) for row in rows]


class Trials:
    """COPY of the same rows into tables that have only some of their parts, each once."""

    def __init__(
        self, engine: Engine, files: Mapping[str, Path], parts: Sequence[Part]
    ) -> None:
        self._engine = engine
        self._files = files
        self._parts = parts
        self._taken: dict[frozenset[str], float] = {}

    def seconds(self, kept: Iterable[str]) -> float:
        """Return what COPY takes of the server's processor with these parts."""
        names = frozenset(kept)
        if names not in self._taken:
            self._taken[names] = self._run(names)
        return self._taken[names]

    def _run(self, kept: frozenset[str]) -> float:
        # A process of its own each time: the plans of the foreign keys are kept in it.
        with self._engine.connect() as conn:
            pid = conn.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
            empty(conn)
            dropped = [part for part in self._parts if part.name not in kept]
            # Foreign keys first: their keys cannot go before them.
            for part in sorted(dropped, key=lambda one: one.kind != "foreign key"):
                for command in part.drops:
                    conn.exec_driver_sql(command)
            before = cpu_of(pid)
            copy_in(conn, self._files)
            conn.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
            taken = cpu_of(pid) - before
            conn.rollback()
            conn.invalidate()
        return taken


def costs(engine: Engine, files: Mapping[str, Path], rounds: int) -> Costs:
    """Measure every part, each in every round beside what has all parts or none."""
    with engine.connect() as conn:
        parts = parts_of(conn)
    names = {part.name for part in parts}
    found: dict[Part, list[tuple[float, float]]] = {part: [] for part in parts}
    Trials(engine, files, parts).seconds(names)  # warm caches, not counted
    whole, bare = [], []
    for _ in range(rounds):
        trials = Trials(engine, files, parts)
        whole.append(trials.seconds(names))
        bare.append(trials.seconds(()))
        for part in parts:
            # What refers to a key goes with it, and is no part of what the key costs.
            others = names - {one.name for one in parts if one.needs == part.name}
            missing = trials.seconds(others) - trials.seconds(others - {part.name})
            base = {part.needs} if part.needs else set()
            alone = trials.seconds(base | {part.name}) - trials.seconds(base)
            found[part].append((missing, alone))
    measured = [
        Cost(part, *map(statistics.median, zip(*taken, strict=True)))
        for part, taken in found.items()
    ]
    return Costs(measured, statistics.median(whole), statistics.median(bare))


def table(costs: Costs, rows: int) -> str:
    """Return the report, the dearest first; all of it for 1,000,000 of so many cases."""

    def shown(what: str, kind: str, taken_s: float, alone_s: float | None = None) -> str:
        alone = "" if alone_s is None else f"{alone_s * 1e6 / rows:.1f}"
        share = f"{100 * taken_s / costs.whole_s:.1f} %"
        return f"| {what} | {kind} | {taken_s * 1e6 / rows:.1f} | {share} | {alone} |"

    dearest = sorted(costs.parts, key=lambda one: -one.missing_s)
    lines = [
        "| what | kind | seconds | share | alone |",
        "|---|---|---|---|---|",
        *(shown(one.part.name, one.part.kind, one.missing_s, one.alone_s) for one in dearest),
        shown("all of these at once", "", costs.whole_s - costs.bare_s),
        shown("the rows themselves", "", costs.bare_s),
        shown("all together", "", costs.whole_s),
    ]
    return "\n".join(lines)


def measure() -> str:
    """Measure in the synthetic city, and say what was measured."""
    with sample_city() as city:
        path = make_file(city.folder / CASES, city.folder / f"cases-{ROWS}.csv", ROWS)
        run_import(city.settings, path)
        with finished_rows(city.engine, city.folder) as files:
            measured = costs(city.engine, files, ROUNDS)
    return f"""{ABOUT}

{table(measured, ROWS)}"""

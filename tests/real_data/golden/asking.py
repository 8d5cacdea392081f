"""Ask everything that a city can be asked by the command line, and keep what is stored."""

import json
import os
import re
from pathlib import Path

import psycopg
import pyarrow.csv
from pyarrow import parquet

from tests.real_data.golden.cities import City
from tests.real_data.golden.command import append, gridmgmt, must

AS_OF = "2026-11-01T00:00:00+08:00"
LAYERS = "components zones road-segments demolitions"
TABLES = "duties responders categories groups levels"
QUESTIONS = {
    "bounces": "case bounces",
    "duplicates": "case duplicates",
    "cases": "case list --limit 10000",
    "unlocated": "case list --unlocated --limit 10000",
    "audit": "duty audit --on 2026-01-05",
    "duties": "duty list",
    "drafts": "draft list",
    "editions": "edition list",
    "edition-1": "edition show 1 --lineage",
    "edition-2": "edition show 2 --lineage",
    "difference": "edition diff 1 2",
}
# Passwords, sessions, jobs and numbers of transactions differ; the CRS are PostGIS's own.
NOT_KEPT = re.compile(
    "account|session|token|factor|recovery|attempt|job|procrast|routing_changes|case_changes"
    "|spatial_ref"
)
# Six cases of every kind: by reason, rule, mark, and what people did to it.
KINDS = """SELECT case_no FROM (SELECT case_no, row_number() OVER (PARTITION BY
 unlocated_reason, unrouted_reason, snapped, on_boundary, marks, trace->'decision'->>'rule',
 trace->'decision'->>'fallback', trace->'decision'->>'component' IS NULL,
 trace ? 'placed', trace ? 'assigned', trace ? 'bounced', trace ? 'rerouted', trace ? 'shares'
 ORDER BY case_no COLLATE "C") AS n FROM cases) AS numbered
 WHERE n <= 6 ORDER BY case_no COLLATE "C" """


def ask(city: City) -> None:
    editions = range(1, max(1, len(city.editions)) + 1)
    for level in (one.level for one in city.layers):
        for number in editions:
            areas = f"export areas --level {level} --edition {number} -o areas-{level}-{number}"
            gridmgmt(f"{areas}.geojson")
            gridmgmt(f"{areas}.csv --json", to=f"areas-{level}-{number}.json")
            gridmgmt(f"{areas}.zip --encoding gb18030 --crs EPSG:4490")
        summary = f"case summary --level {level} --as-of {AS_OF}"
        gridmgmt(f"{summary} --json", to=f"summary-{level}.json")
        gridmgmt(f"case bounces --json --level {level}", to=f"bounces-{level}.json")
        gridmgmt(f"export cases --level {level} -o cases-{level}.csv")
    for number in editions:
        gridmgmt(f"export cases --personal --edition {number} -o cases-rejudged-{number}.csv")
    for noun in TABLES.split():
        gridmgmt(f"export {noun} -o exported-{noun}.csv")
    for noun in LAYERS.split():
        for ending in ("geojson", "csv", "zip"):
            gridmgmt(f"export {noun} -o exported-{noun}.{ending}")
    for name, question in QUESTIONS.items():
        gridmgmt(f"{question} --json", to=f"{name}.json")
    with psycopg.connect(must("db url").strip()) as conn:
        keep_tables(conn)
        explain([case_no for (case_no,) in conn.execute(KINDS)])


def keep_tables(conn: psycopg.Connection) -> None:
    """Keep the rows of every table to the byte; the traces stand in those of cases."""
    found = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for table in sorted(name for (name,) in found if not NOT_KEPT.search(name)):
        with conn.cursor().copy(f'COPY "{table}" TO STDOUT') as rows:
            lines = b"".join(map(bytes, rows))
        Path(f"stored-{table}.tsv").write_bytes(lines)


def explain(numbers: list[str]) -> None:
    """Explain cases in Chinese and as JSON, and tell what happened to them."""
    for case_no in numbers:
        explained = json.loads(must("case explain --json", case_no))
        append("english.txt", "\n".join(explained["sentences"].pop("en")) + "\n")
        append("explained.json", json.dumps(explained, ensure_ascii=False, indent=1) + "\n")
        append("explained-zh.txt", must("case explain --lang zh --personal", case_no) + "\n")
        append("stories.json", must("case show --json", case_no))


def locate(city: City) -> None:
    """Locate the file of cases, and locate and count an archive of it."""
    lowest, cases, areas = city.layers[-1], city.folder / city.cases, city.folder / city.areas
    layer = f"--layer {lowest.layer} --code {lowest.code} --areas"
    must(f"locate -o located.csv {layer}", areas, cases)
    archive = Path(os.environ["GRIDMGMT_HOME"], "archive")
    archive.mkdir()
    table = pyarrow.csv.read_csv(cases)
    for n in range(3):
        part = table.slice(n * len(table) // 3, len(table) // 3)
        parquet.write_table(part, archive / f"{n}.parquet")
    must(f"locate -o located --workers 2 {layer}", areas, archive)
    for path in sorted(Path("located").rglob("*.parquet")):
        pyarrow.csv.write_csv(parquet.read_table(path), path.with_suffix(".csv"))
        path.unlink()
    columns = f"--reported-at {city.column('reported_at')} --category {city.column('category')}"
    count = f"archive count --workers 2 {columns} --bad-rows"
    must(f"{count} bad-rows.csv -o counted.csv {layer}", areas, archive)
    must(f"{count} bad-in-force.csv -o counted-in-force.csv --edition in-force", archive)

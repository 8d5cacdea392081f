"""``gridmgmt locate`` and ``gridmgmt archive count`` on folders of Parquet."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
import sqlalchemy as sa

from gridmgmt.cli import run
from gridmgmt.exchange.tables.tables import read_table
from gridmgmt.services.archives.archives import count_archive
from gridmgmt.services.archives.crew import cluster_crew
from gridmgmt.services.archives.editions import file_areas
from gridmgmt.services.archives.tables import ADDED
from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine
from tests.services.archives.archive_folders import (
    area_file,
    areas,
    counts,
    make_archive,
    read,
    rules_for,
    some_rows,
    write,
)
from tests.services.map_city import make_map_city
from tests.shared import shared_data

SETTINGS = Settings()
ONE = ["--workers", "1"]


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    return area_file(tmp_path)


def locate(archive: Path, cells: Path, out: Path, *options: str) -> int:
    args = ["locate", str(archive), "--areas", str(cells), "--code", "code", "-o", str(out)]
    return run([*args, *options], SETTINGS)


def count(archive: Path, out: Path | str, *options: str) -> int:
    return run(["archive", "count", str(archive), "-o", str(out), *options], SETTINGS)


def areas_of(cells: Path) -> list[str]:
    return ["--areas", str(cells), "--code", "code"]


@contextmanager
def program(*args: str) -> Iterator[subprocess.Popen[bytes]]:
    environ = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": "[]"}
    with subprocess.Popen(
        [sys.executable, "-m", *args],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environ,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def scheduler(folder: Path, *, workers: int, preload: str = "") -> Iterator[str]:
    """A scheduler and workers as an administrator starts them, each a program of its own."""
    file = folder / "scheduler.json"
    local = ["--host", "127.0.0.1", "--no-dashboard"]
    with ExitStack() as stack:
        begin = ["distributed.cli.dask_scheduler", *local, "--port", "0"]
        stack.enter_context(program(*begin, "--scheduler-file", str(file)))
        until = time.monotonic() + 60
        while not file.exists():
            assert time.monotonic() < until, "no scheduler"
            time.sleep(0.05)
        address = read_address(file)
        for k in range(workers):
            scratch = folder / f"worker-{k}"
            scratch.mkdir()
            join = ["distributed.cli.dask_worker", address, *local, "--nthreads", "1"]
            join += ["--local-directory", str(scratch)]
            join += ["--preload", preload] if preload else []
            stack.enter_context(program(*join))
        yield address


def read_address(file: Path) -> str:
    while True:
        try:
            return str(json.loads(file.read_text("utf-8"))["address"])
        except ValueError:  # it is being written
            time.sleep(0.05)


@pytest.mark.proof
def test_a_folder_is_located_and_the_counts_are_told(
    cells: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = make_archive(tmp_path / "archive", files=2, rows=500)
    write(archive, "bad.parquet", some_rows(1, 9).set_column(3, "lon", [[500.0]]))
    assert locate(archive, cells, tmp_path / "out", *ONE) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert "1,001 rows against 3 areas: " in told.err
    assert ", 1 rejected\n" in told.err
    assert "bad.parquet row 2: lon 500 is beyond 180 degrees" in told.err
    assert f"3 file(s) written to {tmp_path / 'out'}\n" in told.err
    assert set(ADDED) <= set(read(tmp_path / "out").column_names)
    assert locate(archive, cells, tmp_path / "out", *ONE) == 0
    assert "3 file(s) written to" in (said := capsys.readouterr().err)
    assert "3 of them before" in said


def test_a_single_parquet_file_may_go_into_a_folder_or_a_table(
    cells: Path, tmp_path: Path
) -> None:
    one = write(tmp_path, "one.parquet", some_rows(300, 1))
    assert locate(one, cells, tmp_path / "out", *ONE) == 0
    assert locate(one, cells, tmp_path / "out.csv") == 0
    located, table = read_table(tmp_path / "out/one.parquet"), read_table(tmp_path / "out.csv")
    assert [located.values[name] for name in ADDED] == [table.values[name] for name in ADDED]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--sheet", "1"], "Parquet has neither encodings nor sheets"),
        (["--workers", "1", "--cluster", "tcp://127.0.0.1:1"], "leave one of the two out"),
        (["-o", "out.csv"], "out.csv is not a folder"),
        (["-o", "-"], "- is not a folder"),
    ],
)
def test_options_that_mean_nothing_for_an_archive_are_refused(
    cells: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    said: str,
) -> None:
    archive = make_archive(tmp_path / "archive", files=1, rows=10)
    assert locate(archive, cells, tmp_path / "out", *options) == 2
    assert said in capsys.readouterr().err


def test_a_table_is_not_shared_out(
    cells: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("lon,lat\n120.105,30.205\n", "utf-8")
    assert locate(path, cells, tmp_path / "out.csv", *ONE) == 2
    assert "a table is located in one piece" in capsys.readouterr().err


def test_counts_are_written_as_what_the_name_says(
    cells: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = make_archive(tmp_path / "archive", files=2, rows=500)
    for name in ("counts.parquet", "counts.csv"):
        assert count(archive, tmp_path / name, *areas_of(cells), *ONE) == 0
        assert "1,000 rows of 2 file(s) in " in capsys.readouterr().err
    columns = ["day", "area", "category", "cases"]
    parquet = read_table(tmp_path / "counts.parquet")
    table = read_table(tmp_path / "counts.csv")
    assert list(parquet.columns) == list(table.columns) == columns
    assert parquet.values == table.values
    assert sum(int(n or 0) for n in table.values["cases"]) == 1_000
    assert count(archive, "-", "--by", "category", *ONE) == 0
    lines = list(csv.reader(capsys.readouterr().out.splitlines()))
    categories = Counter(read(archive).column("category").to_pylist())
    assert lines == [
        ["category", "cases"],
        *([k, str(n)] for k, n in sorted(categories.items())),
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-o", "archive/part.parquet"], "would belong to the archive that is read"),
        (["-o", "archive/year=2020/part-0.parquet", "--force"], "would belong to the archive"),
        (
            ["-o", "a.csv", "--bad-rows", "../new/a.csv"],
            "--bad-rows: ../new/a.csv is the file of -o",
        ),
    ],
)
def test_counts_go_neither_into_the_archive_nor_into_the_file_of_bad_rows(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    said: str,
) -> None:
    (tmp_path / "new").mkdir()
    monkeypatch.chdir(tmp_path / "new")
    make_archive(Path("archive"), files=1, rows=10)
    there = {path: path.read_bytes() for path in Path("archive").rglob("*.parquet")}
    assert run(["archive", "count", "archive", "--by", "day", *options], SETTINGS) == 2
    assert said in capsys.readouterr().err
    assert {path: path.read_bytes() for path in Path("archive").rglob("*.parquet")} == there


def test_rows_not_usable_in_full_are_counted_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "archive"
    times = ["2026-03-02 23:30", "soon", *[None] * 12]
    write(archive, "a.parquet", {"reported_at": times})
    options = ["--by", "day", "--bad-rows", str(tmp_path / "bad.csv"), "--tz", "UTC", *ONE]
    assert count(archive, tmp_path / "days.csv", *options) == 0
    told = capsys.readouterr().err
    assert "14 rows of 1 file(s) in 2 counts; 13 not usable in full" in told
    assert "a.parquet row 4: reported_at is empty" in told
    assert "a.parquet row 15: reported_at is empty" in told
    days = read_table(tmp_path / "days.csv")
    # 23:30 in London is the next day in Shanghai.
    assert days.values == {"day": ["2026-03-03", None], "cases": ["1", "13"]}
    assert len(read_table(tmp_path / "bad.csv")) == 13


def test_everything_wrong_with_the_question_is_said_at_once(
    cells: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "counts.csv"
    assert count(tmp_path, out, "--by", "day,hour,area", "--level", "street") == 2
    told = capsys.readouterr().err
    assert "nothing can be counted by 'hour'" in told
    assert "areas come from --areas or from --edition: name one of them" in told
    assert "--level is of use only with --edition" in told
    assert count(tmp_path, out, "--by", "day", "--areas", str(cells)) == 2
    told = capsys.readouterr().err
    assert "of use only with --by area; --areas needs --code" in told
    assert count(tmp_path, out, "--edition", "newest") == 2
    assert "'newest' is not an edition" in capsys.readouterr().err
    assert count(tmp_path, out, *areas_of(cells), "--tz", "Mars/Olympus") == 2
    assert "is not a time zone" in capsys.readouterr().err
    assert count(tmp_path, tmp_path / "counts.txt", "--by", "day") == 2
    assert "does not end in .csv or .xlsx or .parquet" in capsys.readouterr().err


def test_a_folder_without_parquet_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "archive").mkdir()
    assert count(tmp_path / "archive", tmp_path / "counts.csv", "--by", "day", *ONE) == 3
    assert "holds no Parquet file" in capsys.readouterr().err


@pytest.mark.proof
def test_workers_of_another_cluster_give_the_same(
    cells: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = make_archive(tmp_path / "archive", files=3, rows=500)
    assert locate(archive, cells, tmp_path / "here", *ONE) == 0
    with scheduler(tmp_path, workers=2) as address:
        there = ["--cluster", address]
        assert locate(archive, cells, tmp_path / "there", *there) == 0
        assert count(archive, tmp_path / "there.csv", *areas_of(cells), *there) == 0
        with cluster_crew(address) as crew:
            assert len(crew) == 2
            # Workers that have nothing but an address get the areas sent, once.
            found, _ = file_areas(areas(cells), tmp_path)
            assert found.judging is not None
            saved = found.judging.areas[0]
            crew.send(saved)
            saved.open()  # here, where the question is put together
            saved.path.unlink()
            assert len(list(tmp_path.glob("worker-*/**/*.locator"))) == 2
            counted = count_archive(
                archive, rules_for(found.judging, "day,area,category"), crew
            )
        assert not list(tmp_path.glob("worker-*/**/*.locator"))
    assert count(archive, tmp_path / "here.csv", *areas_of(cells), *ONE) == 0
    assert (tmp_path / "here.csv").read_bytes() == (tmp_path / "there.csv").read_bytes()
    assert counted.rows == 1_500
    assert sum(counts(counted).values()) == 1_500
    assert read(tmp_path / "here").equals(read(tmp_path / "there"))


OTHER_PROGRAM = """
import importlib.metadata

def version(name):
    {answer}

importlib.metadata.version = version
"""


@pytest.mark.proof
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("raise importlib.metadata.PackageNotFoundError(name)", "has none"),
        ("return '0.0.1'", "has 0.0.1"),
    ],
)
def test_workers_with_another_program_or_none_are_refused(
    cells: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: str, said: str
) -> None:
    archive = make_archive(tmp_path / "archive", files=1, rows=10)
    preload = tmp_path / "other.py"
    preload.write_text(OTHER_PROGRAM.format(answer=answer), "utf-8")
    with scheduler(tmp_path, workers=1, preload=str(preload)) as address:
        assert locate(archive, cells, tmp_path / "out", "--cluster", address) == 2
    told = capsys.readouterr().err
    assert "its workers need gridmgmt " in told
    assert said in told


def test_a_scheduler_that_is_not_there_is_said(
    cells: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gridmgmt.services.archives.crew._PATIENCE_S", 0.5)
    archive = make_archive(tmp_path / "archive", files=1, rows=10)
    assert locate(archive, cells, tmp_path / "out", "--cluster", "tcp://127.0.0.1:1") == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:1" in capsys.readouterr().err
    assert locate(archive, cells, tmp_path / "out", "--cluster", "over there") == 2


WITHOUT_DASK = """
import sys
sys.modules["dask"] = sys.modules["distributed"] = None
from gridmgmt.cli import run
sys.exit(run(sys.argv[1:]))
"""


def test_without_dask_one_sentence_says_how_to_get_it(cells: Path, tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive", files=1, rows=10)
    asked = ["locate", str(archive), *areas_of(cells), "-o", str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DASK, *asked],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: archive: archives need Dask, which is not installed: "
        "pip install 'gridmgmt[cluster]'\n"
    )


@pytest.mark.proof
def test_a_run_that_was_killed_leaves_nothing_half_and_goes_on(
    cells: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive, out = make_archive(tmp_path / "archive", files=12, rows=20_000), tmp_path / "out"
    command = [sys.executable, "-m", "gridmgmt", "locate", str(archive), *areas_of(cells)]
    with subprocess.Popen([*command, "-o", str(out), *ONE], stderr=subprocess.DEVNULL) as first:
        until = time.monotonic() + 120
        while not list(out.glob("year=*/*.parquet")):
            assert first.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < until
            time.sleep(0.005)
        first.send_signal(signal.SIGKILL)
    assert not (out / "_SUCCESS").exists()
    for path in out.glob("year=*/*.parquet"):
        assert pyarrow.parquet.ParquetFile(path).metadata.num_rows == 20_000
    assert locate(archive, cells, out, *ONE) == 0
    assert "12 file(s) written to" in capsys.readouterr().err
    assert (out / "_SUCCESS").exists()
    assert not list(out.glob(".unfinished*"))
    located = read(out)
    assert located.select(read(archive).column_names).equals(read(archive))


@pytest.mark.proof
def test_cases_are_counted_by_the_editions_of_the_database(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = make_engine(database_url)
    with engine.begin() as conn:
        make_map_city(conn, tmp_path, cases=60)
        rows = conn.execute(sa.text(STORED)).all()
    engine.dispose()
    archive = tmp_path / "archive"
    write(archive, "a.parquet", pyarrow.Table.from_pylist([one._asdict() for one in rows]))
    settings = Settings(database_url=database_url, home=tmp_path / "home")
    for options in (["in-force"], ["in-force", "--level", "street"], ["2"]):
        out = tmp_path / f"{len(options)}-{options[0]}.csv"
        args = ["archive", "count", str(archive), "--edition", *options, "-o", str(out), *ONE]
        assert run(args, settings) == 0
    judged = Counter((str(one.edition), one.area_code or None) for one in rows)
    assert by_area(tmp_path / "1-in-force.csv") == judged
    streets: Counter[tuple[str | None, str | None]] = Counter()
    for (edition, code), n in judged.items():
        streets[edition, code and code[0]] += n
    assert by_area(tmp_path / "3-in-force.csv") == streets
    assert {edition for edition, _ in by_area(tmp_path / "1-2.csv")} == {"2"}
    capsys.readouterr()
    args = ["archive", "count", str(archive), "--edition", "9", "-o", str(tmp_path / "9.csv")]
    assert run(args, settings) == 6
    assert "there is no edition 9" in capsys.readouterr().err


STORED = """
    SELECT category, reported_at, ST_X(geom) AS lon, ST_Y(geom) AS lat, edition, area_code
    FROM cases ORDER BY case_no"""


def by_area(path: Path) -> Counter[tuple[str | None, str | None]]:
    table = read_table(path)
    found: Counter[tuple[str | None, str | None]] = Counter()
    columns = (table.values[name] for name in ("edition", "area", "cases"))
    for edition, area, n in zip(*columns, strict=True):
        found[edition, area] += int(n or 0)
    return found


@pytest.mark.proof
def test_chicagos_complaints_as_an_archive_are_those_of_the_table(tmp_path: Path) -> None:
    source = shared_data("chicago311/cases.csv.gz")
    table = read_table(source)
    columns = {name: table.values[name] for name in ("case_id", "created", "type")}
    columns |= {
        name: [None if text is None else float(text) for text in table.values[name]]
        for name in ("lon", "lat")
    }
    archive = tmp_path / "archive"
    everything = pyarrow.table(columns)
    for k in range(4):
        write(archive, f"{k}.parquet", everything.slice(k * 19_000, 19_000))
    wards = ["--areas", str(shared_data("chicago311/areas.gpkg"))]
    wards += ["--layer", "wards_2003_2015", "--code", "ward", "--where", "ward <> 'OUT'"]
    out = tmp_path / "out"
    assert run(["locate", str(archive), *wards, "-o", str(out)], SETTINGS) == 0
    assert run(["locate", str(source), *wards, "-o", str(out) + ".csv"], SETTINGS) == 0
    pyarrow.parquet.write_table(read(out), tmp_path / "one.parquet")
    ours, theirs = read_table(tmp_path / "one.parquet"), read_table(str(out) + ".csv")
    assert len(ours) == 74_401
    for name in ("case_id", *ADDED):
        assert ours.values[name] == theirs.values[name], name
    options = ["--reported-at", "created", "--category", "type"]
    counted = tmp_path / "counts.csv"
    settings = Settings(tz=SETTINGS.tz)
    args = ["archive", "count", str(archive), *wards, *options, "-o", str(counted)]
    assert run(args, settings) == 0
    found = read_table(counted)
    wards_of: Counter[str | None] = Counter()
    for area, n in zip(found.values["area"], found.values["cases"], strict=True):
        wards_of[area] += int(n or 0)
    assert wards_of == Counter(theirs.values["area_code"])

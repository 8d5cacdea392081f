"""Archives located and counted by two processes, beside one table and the database."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import dask
import psutil
import pyarrow
import pyarrow.parquet
import pytest

from gridmgmt.errors import CRSError, InputError, LayerError
from gridmgmt.exchange.content.area_layers import read_areas
from gridmgmt.exchange.tables.parquet_archives import look_at
from gridmgmt.exchange.tables.tables import read_table
from gridmgmt.geometry.crs.crs import from_lonlat, resolve
from gridmgmt.services.archives import archives
from gridmgmt.services.archives.archives import count_archive, locate_archive
from gridmgmt.services.archives.areas import save_areas
from gridmgmt.services.archives.crew import Crew, local_crew
from gridmgmt.services.archives.editions import file_areas
from gridmgmt.services.archives.locating import (
    FailedFile,
    FileToLocate,
    LocateRules,
    locate_archive_file,
)
from gridmgmt.services.archives.tables import ADDED, locate_file
from tests.services.archives.archive_folders import (
    SHANGHAI,
    area_file,
    areas,
    asked,
    contents,
    counts,
    make_archive,
    read,
    rules_for,
    some_rows,
    write,
)


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    with local_crew(2) as workers:
        yield workers


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    return area_file(tmp_path)


def answers_of_a_table(tmp_path: Path, table: pyarrow.Table, cells: Path) -> list[Any]:
    """What `gridmgmt locate` says of the same rows as one CSV file."""
    path = tmp_path / "one.csv"
    table.to_pandas().to_csv(path, index=False)
    locate_file(asked(path, cells), tmp_path / "answers.csv")
    found = read_table(tmp_path / "answers.csv")
    return list(zip(*(found.values[name] for name in ("case_no", *ADDED)), strict=True))


def as_text(table: pyarrow.Table, tmp_path: Path) -> list[Any]:
    path = tmp_path / "as_text.parquet"
    pyarrow.parquet.write_table(table, path)
    found = read_table(path)
    return list(zip(*(found.values[name] for name in ("case_no", *ADDED)), strict=True))


def test_an_archive_is_located_as_one_table_is(crew: Crew, cells: Path, tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive")
    done = locate_archive(asked(archive, cells), tmp_path / "out", crew)
    located = read(tmp_path / "out")
    before = read(archive)
    assert located.select(before.column_names).equals(before)
    assert as_text(located, tmp_path) == answers_of_a_table(tmp_path, before, cells)
    table_report = locate_file(asked(tmp_path / "one.csv", cells), tmp_path / "again.csv")
    counts = ("rows", "areas", "located", "on_boundary", "snapped", "outside", "without")
    for count in counts:
        assert getattr(done.report, count) == getattr(table_report, count), count
    assert done.report.snapped_max_m == pytest.approx(table_report.snapped_max_m)
    assert (done.files, done.kept, done.bad.count) == (4, 0, 0)
    assert sorted(contents(tmp_path / "out")) == [
        "_SUCCESS",
        *(f"year={2020 + k % 2}/part-{k}.parquet" for k in (0, 2, 1, 3)),
    ]


def test_rows_that_cannot_be_used_are_kept_and_named(
    crew: Crew, cells: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    lon = ["120.105", None, "", "abc", "120.105", "500", " 120.105 "]
    lat = ["30.205", None, None, "30.205", None, "30.2", "30.205"]
    write(archive, "a.parquet", {"lon": lon, "lat": lat})
    write(archive, "b.parquet", {"lon": ["120.105"] * 2, "lat": ["inf", "30.205"]})
    done = locate_archive(asked(archive, cells), tmp_path / "out", crew)
    assert [(one.file, one.row, one.reason) for one in done.bad.first] == [
        ("a.parquet", 5, "lon 'abc' is not a number"),
        ("a.parquet", 6, "lat is empty, the other coordinate is not"),
        ("a.parquet", 7, "lon 500 is beyond 180 degrees"),
        ("b.parquet", 2, "lat 'inf' is not a number"),
    ]
    assert done.report.without == 2
    found = read(tmp_path / "out")
    assert found.column("area_code").to_pylist() == ["A", *[None] * 5, "A", None, "A"]
    assert found.column("snapped").to_pylist()[1] is None
    assert found.column("lon").to_pylist()[:7] == lon


@pytest.mark.parametrize("crs", ["EPSG:4549", "gcj02"])
def test_positions_in_another_datum_are_turned_on_the_workers(
    crew: Crew, cells: Path, tmp_path: Path, crs: str
) -> None:
    datum = resolve(crs)
    x, y = from_lonlat([120.105, 120.115, 120.15], [30.205] * 3, datum)
    write(tmp_path / "archive", "a.parquet", {"x": x.tolist(), "y": y.tolist()})
    request = asked(tmp_path / "archive", cells, lon="x", lat="y", datum=datum)
    locate_archive(request, tmp_path / "out", crew)
    assert read(tmp_path / "out").column("area_code").to_pylist() == ["A", "B", None]


def test_a_run_goes_on_where_it_was_stopped(crew: Crew, cells: Path, tmp_path: Path) -> None:
    archive, out = make_archive(tmp_path / "archive"), tmp_path / "out"
    first = locate_archive(asked(archive, cells), out, crew)
    before = contents(out)
    # As a run leaves them that was killed: a file missing, one cut short, one half-written.
    missing, cut = out / "year=2020/part-0.parquet", out / "year=2021/part-1.parquet"
    missing.unlink()
    (out / "_SUCCESS").unlink()
    (out / ".unfinished-x").mkdir()
    (out / ".unfinished-x" / "half.parquet").write_bytes(b"PAR1")
    again = locate_archive(asked(archive, cells), out, crew)
    assert (again.kept, again.report) == (3, first.report)
    after = contents(out)
    assert sorted(after) == sorted(before)
    rewritten = {name for name in before if before[name] != after[name]}
    assert rewritten == {"_SUCCESS", "year=2020/part-0.parquet"}
    cut.write_bytes(cut.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"part-1.parquet of another run; add --force"):
        locate_archive(asked(archive, cells), out, crew)
    forced = locate_archive(asked(archive, cells), out, crew, force=True)
    assert (forced.kept, forced.report) == (3, first.report)


def test_a_file_that_changed_or_another_question_is_located_again(
    crew: Crew, cells: Path, tmp_path: Path
) -> None:
    archive, out = make_archive(tmp_path / "archive", files=2), tmp_path / "out"
    locate_archive(asked(archive, cells), out, crew)
    write(archive, "year=2020/part-0.parquet", some_rows(500, 9))
    with pytest.raises(InputError, match=r"part-0\.parquet of another run"):
        locate_archive(asked(archive, cells), out, crew)
    assert locate_archive(asked(archive, cells), out, crew, force=True).report.rows == 1_500
    with pytest.raises(InputError, match=r"part-0.parquet, .*part-1.parquet of another run"):
        locate_archive(asked(archive, cells, snap_m=0.0), out, crew)
    (archive / "year=2021/part-1.parquet").unlink()
    with pytest.raises(InputError, match=r"part-1\.parquet, which the archive has not"):
        locate_archive(asked(archive, cells), out, crew)


def test_everything_wrong_with_the_files_is_said_at_once(
    crew: Crew, cells: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    fine = {"no": ["1"], "lon": [120.1], "lat": [30.2]}
    write(archive, "a.parquet", fine)
    write(archive, "b.parquet", {"no": [1], "lon": [120.1]})
    write(archive, "c.parquet", {**fine, "snapped": [True], "lat": [[30.2]]})
    (archive / "d.parquet").write_bytes(b"PAR1 is not enough")
    write(archive, "e.parquet", {**fine, "no": pyarrow.nulls(1)})
    with pytest.raises(LayerError) as caught:
        locate_archive(asked(archive, cells), tmp_path / "out", crew)
    told = [problem.partition(" (")[0] for problem in caught.value.problems]
    assert told == [
        "b.parquet: column 'no' is int64, in the first file string",
        "b.parquet: has no column 'lat'",
        "b.parquet: has no column 'lat', the first file has",
        "c.parquet: column 'lat' cannot be read: it is list<element: double>",
        "c.parquet: column 'lat' is list<element: double>, in the first file double",
        "c.parquet: has a column 'snapped', a name that is added: rename or remove it",
        "c.parquet: has a column 'snapped', the first file has none",
        "d.parquet: cannot be read as Parquet",
    ]
    assert not (tmp_path / "out").exists()


def test_swapped_axes_are_recognised_before_anything_is_written(
    crew: Crew, cells: Path, tmp_path: Path
) -> None:
    archive = make_archive(tmp_path / "archive", files=1)
    with pytest.raises(CRSError, match="swap them: --lon lon --lat lat"):
        locate_archive(asked(archive, cells, lon="lat", lat="lon"), tmp_path / "out", crew)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("output", ["archive", "archive/out", "."])
def test_the_archive_itself_is_never_written_into(
    crew: Crew, cells: Path, tmp_path: Path, output: str
) -> None:
    archive = make_archive(tmp_path / "archive", files=1)
    with pytest.raises(InputError, match="choose another folder"):
        locate_archive(asked(archive, cells), tmp_path / output, crew)


def test_a_damaged_file_leaves_the_others_done(crew: Crew, cells: Path, tmp_path: Path) -> None:
    archive, out = make_archive(tmp_path / "archive"), tmp_path / "out"
    broken = archive / "year=2020/part-2.parquet"
    whole = broken.read_bytes()
    broken.write_bytes(b"PAR1" + b"\xff" * 9_000 + whole[9_004:])
    with pytest.raises(LayerError, match=r"1 file\(s\) failed") as caught:
        locate_archive(asked(archive, cells), out, crew)
    assert caught.value.problems[0].startswith("year=2020/part-2.parquet: cannot be read")
    assert len(list(out.rglob("*.parquet"))) == 3
    assert not (out / "_SUCCESS").exists()
    assert not list(out.glob(".unfinished*"))
    broken.write_bytes(whole)
    assert locate_archive(asked(archive, cells), out, crew).kept == 3


def test_a_worker_that_no_longer_has_its_run_puts_nothing_into_place(
    crew: Crew, cells: Path, tmp_path: Path
) -> None:
    archive = make_archive(tmp_path / "archive", files=1)
    name = "year=2020/part-0.parquet"
    saved = save_areas(read_areas(areas(cells), "area").areas, tmp_path)
    rules = LocateRules(("lon", "lat"), None, saved, 1.0, 30.0)
    gone = tmp_path / "gone"
    todo = FileToLocate(archive, look_at(archive, name)[0], tmp_path / "x.parquet", gone, "run")
    failed = locate_archive_file(todo, rules)
    assert isinstance(failed, FailedFile)
    assert failed.reason.startswith("cannot be read or written ([Errno 2]")
    assert not (tmp_path / "x.parquet").exists()


def test_counts_are_those_of_the_located_rows(crew: Crew, cells: Path, tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive")
    locate_archive(asked(archive, cells), tmp_path / "out", crew)
    found, _ = file_areas(areas(cells), tmp_path)
    counted = count_archive(archive, rules_for(found.judging, "day,area,category"), crew)
    expected = Counter(
        (at.astimezone(SHANGHAI).date(), area or "", category)
        for at, area, category in zip(
            *(
                read(tmp_path / "out").column(name).to_pylist()
                for name in ("reported_at", "area_code", "category")
            ),
            strict=True,
        )
    )
    assert counts(counted) == expected
    assert counted.rows == sum(expected.values()) == 4_000
    assert counted.unlocated == sum(n for key, n in expected.items() if key[1] == "")
    keys = list(counts(counted))
    assert keys == sorted(keys)


def test_counts_do_not_depend_on_how_the_archive_is_cut(
    crew: Crew, cells: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make_archive(tmp_path / "archive")
    found, _ = file_areas(areas(cells), tmp_path)
    rules = rules_for(found.judging, "day,area,category")
    whole = count_archive(archive, rules, crew).table
    monkeypatch.setattr("gridmgmt.services.archives.counting._PART_ROWS", 400)
    in_parts = count_archive(archive, rules, crew).table
    one = write(tmp_path, "one.parquet", read(archive))
    assert whole.equals(in_parts)
    assert whole.equals(count_archive(one, rules, crew).table)


def test_only_the_columns_that_are_needed_are_asked_for(crew: Crew, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    write(archive, "a.parquet", {"category": ["E1", "E2", None, "E1 "]})
    counted = count_archive(archive, rules_for(None, "category"), crew)
    assert counts(counted) == Counter({("",): 1, ("E1",): 2, ("E2",): 1})
    assert counted.unlocated is None
    assert [(one.row, one.reason) for one in counted.bad.first] == [(4, "category is empty")]
    with pytest.raises(LayerError) as caught:
        count_archive(archive, rules_for(None, "day,category"), crew)
    assert caught.value.problems == ("a.parquet: has no column 'reported_at'",)


def test_nothing_is_lost_of_rows_that_are_not_usable_in_full(
    crew: Crew, cells: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    table = {
        "reported_at": ["2026-03-02 23:30", "yesterday", None, "2026-03-02T23:30:00Z"],
        "category": ["E1", "E1", "E1", ""],
        "lon": [120.105, 120.105, None, 120.105],
        "lat": [30.205, 95.0, None, 30.205],
    }
    write(archive, "a.parquet", table)
    found, _ = file_areas(areas(cells), tmp_path)
    counted = count_archive(archive, rules_for(found.judging, "day,area,category"), crew)
    assert counts(counted) == Counter(
        {
            (date(2026, 3, 2), "A", "E1"): 1,
            (date(2026, 3, 3), "A", ""): 1,
            (None, "", "E1"): 2,
        }
    )
    no_date = "reported_at: 'yesterday' is no date; write 2024-01-05 or 2024-01-05 08:30"
    assert [(one.row, one.reason) for one in counted.bad.first] == [
        (3, f"{no_date}; lat 95 is beyond 90 degrees"),
        (4, "reported_at is empty"),
        (5, "category is empty"),
    ]


def test_an_empty_file_counts_nothing(crew: Crew, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    write(archive, "a.parquet", {"category": pyarrow.array([], pyarrow.string())})
    counted = count_archive(archive, rules_for(None, "category"), crew)
    assert (counted.rows, counted.table.num_rows, counted.files) == (0, 0, 1)


def listening() -> list[str]:
    every = psutil.Process().net_connections("inet")
    return [one.laddr.ip for one in every if one.status == psutil.CONN_LISTEN]


def test_nobody_outside_this_machine_reaches_its_workers(crew: Crew) -> None:
    here = listening()
    there = [ip for ips in crew.ask(listening).values() for ip in ips]
    assert here
    assert there
    assert {*here, *there} == {"127.0.0.1"}


@pytest.mark.proof
def test_a_worker_that_dies_changes_nothing(cells: Path, tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive", files=8, rows=2_000)
    with local_crew(2) as workers:
        expected = count_archive(archive, rules_for(None, "day,category"), workers).table
        pids = list(workers.ask(os.getpid).values())
        killed = []

        def kill_one(step: str, done: int, total: int) -> None:
            if step == "locating" and not killed:
                os.kill(pids[0], signal.SIGKILL)
                killed.append(pids[0])

        out = tmp_path / "out"
        done = locate_archive(asked(archive, cells), out, workers, progress=kill_one)
        assert killed
        assert done.report.rows == 16_000
        located = read(out)
        assert located.select(read(archive).column_names).equals(read(archive))
        again = count_archive(archive, rules_for(None, "day,category"), workers).table
        assert again.equals(expected)
        assert not set(killed) & set(workers.ask(os.getpid).values())
    assert not list(out.glob(".unfinished*"))


def die(*_: object) -> None:
    """Ask for more memory than a worker may have: it is killed."""
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.proof
def test_rows_that_kill_every_worker_are_named(
    cells: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make_archive(tmp_path / "archive", files=1)
    monkeypatch.setattr(archives, "count_part", die)
    monkeypatch.setattr(archives, "locate_archive_file", die)
    at_once = {"distributed.scheduler.allowed-failures": 0}
    with dask.config.set(at_once), local_crew(1) as workers:
        with pytest.raises(LayerError, match=r"cannot be counted: every worker .* died"):
            count_archive(archive, rules_for(None, "day"), workers)
        with pytest.raises(LayerError, match=r"part-0\.parquet: every worker .* died"):
            locate_archive(asked(archive, cells), tmp_path / "out", workers)

"""What is read apart is what is read here, and a file that hangs or bursts ends by itself."""

import gzip
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas
import pyarrow
import pyarrow.parquet
import pyogrio
import pytest
import shapely
from openpyxl import Workbook

from gridmgmt.errors import CRSError, GridMgmtError, LayerError
from gridmgmt.exchange.layers import vectors
from gridmgmt.exchange.reading import confinement, files, reader
from gridmgmt.exchange.reading.limits import ReadingLimits, current_limits, limit_reading
from gridmgmt.exchange.tables import heads, tables
from gridmgmt.geometry.crs.crs import resolve

DATA = Path(__file__).parents[4] / "shared" / "data"
SUFFIXES = ["gpkg", "geojson", "fgb", "kml", "shp"]


@pytest.fixture
def limits() -> Iterator[Callable[[int, int], None]]:
    """Limits of this test alone: megabytes, seconds."""
    before = current_limits()
    yield lambda memory_mb, seconds: limit_reading(ReadingLimits(memory_mb, seconds))
    limit_reading(before)


def layer_file(path: Path) -> Path:
    squares = [shapely.box(120.1 + k, 30.2, 120.2 + k, 30.3) for k in range(3)]
    columns = {
        "code": ["A1", "A2", None],
        "name": ["石桥街道", "东新街道", "𠀀"],
        "people": [1, 2, 3],
        "share": [0.5, None, 1e-9],
    }
    data = geopandas.GeoDataFrame(columns, geometry=squares, crs="EPSG:4326")
    driver = "LIBKML" if path.suffix == ".kml" else None
    pyogrio.write_dataframe(data, path, driver=driver)
    return path


def parts(layer: vectors.Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "path": layer.path,
        "fields": {name: values.tolist() for name, values in layer.fields.items()},
        "types": {name: [type(v) for v in values] for name, values in layer.fields.items()},
        "geom": shapely.to_wkb(layer.geom).tolist(),
        "feature": layer.feature.tolist(),
        "notes": layer.notes,
        "encoding": layer.encoding,
        "features": layer.features,
        "datum": (layer.datum.label, layer.datum.kind, layer.datum.note, layer.datum.crs),
    }


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_layer_read_apart_is_the_layer_read_here(tmp_path: Path, suffix: str) -> None:
    path = layer_file(tmp_path / f"街道.{suffix}")
    assert parts(files.read_layer(path)) == parts(vectors.read_layer(path))
    assert files.list_layers(path) == vectors.list_layers(path)
    head = files.read_layer(path, first=2)
    assert (len(head), head.features) == (2, 3)
    assert head.feature.tolist() == [1, 2]


@pytest.mark.parametrize("said", ["gcj02", "4490", "bd09"])
def test_a_datum_that_a_person_says_goes_there_and_comes_back(
    tmp_path: Path, said: str
) -> None:
    path = layer_file(tmp_path / "a.gpkg")
    apart = files.read_layer(path, datum=resolve(said))
    assert parts(apart) == parts(vectors.read_layer(path, datum=resolve(said)))


def test_a_relative_path_is_found_and_told_as_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer_file(tmp_path / "a.gpkg")
    monkeypatch.chdir(tmp_path)
    assert files.read_layer("a.gpkg").path == Path("a.gpkg")
    with pytest.raises(LayerError, match=r"^b\.gpkg: there is no such file"):
        files.read_layer("b.gpkg")


def table_file(path: Path) -> Path:
    rows = [(f"{n:03}", None if n % 3 else f"第{n}格", f"text {n}") for n in range(11_000)]
    columns = dict(zip(("no", "cell", "text"), map(list, zip(*rows, strict=True)), strict=True))
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(pyarrow.table(columns), path)
    elif path.suffix == ".xlsx":
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in [tuple(columns), *rows]:
            sheet.append(row)
        book.save(path)
    else:
        lines = [",".join(columns), *(",".join(text or "" for text in row) for row in rows)]
        lines[7:7] = ["", '"1,2,3', "a,b,c,d,e"]
        path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.mark.proof
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.parquet"])
def test_a_table_read_apart_is_the_table_read_here(tmp_path: Path, name: str) -> None:
    path = table_file(tmp_path / name)
    assert files.read_table(path) == tables.read_table(path)
    for at_once in (1_000, 1 << 62):
        apart = list(files.read_table_chunks(path, at_once))
        assert apart == list(tables.read_table_chunks(path, at_once))
    assert files.read_head(path, 5) == heads.read_head(path, 5)


def test_errors_come_back_as_they_were_raised(tmp_path: Path) -> None:
    empty, broken = tmp_path / "a.gpkg", tmp_path / "b.csv"
    empty.touch()
    broken.write_text("a,a,b\n1,2,3\n")
    bare = layer_file(tmp_path / "c.shp")
    bare.with_suffix(".prj").unlink()
    for here, apart, path in (
        (vectors.read_layer, files.read_layer, empty),
        (vectors.read_layer, files.read_layer, bare),
        (tables.read_table, files.read_table, broken),
    ):
        with pytest.raises(GridMgmtError) as expected:
            here(path)
        with pytest.raises(GridMgmtError) as raised:
            apart(path)
        assert type(raised.value) is type(expected.value)
        assert vars(raised.value) == vars(expected.value)
    assert type(raised.value) is LayerError
    with pytest.raises(CRSError):
        files.read_layer(bare)


@pytest.mark.parametrize("name", ["hangzhou_xiacheng", "la311"])
def test_real_layers_are_read_apart_as_here(name: str) -> None:
    path = DATA / name / "areas.gpkg"
    if not path.exists():
        pytest.skip(f"real data not found: {path}")
    for layer in vectors.list_layers(path):
        apart, here = files.read_layer(path, layer=layer), vectors.read_layer(path, layer=layer)
        assert parts(apart) == parts(here)


# ---- files that hang or burst


def children() -> list[str]:
    """The processes that read a file right now."""
    server = reader._current()._process.pid
    found = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return [pid for pid in found if Path(f"/proc/{pid}").exists()]


def wait_until(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_rows_that_inflate_past_the_limit_are_refused_and_the_next_file_is_read(
    tmp_path: Path, limits: Callable[[int, int], None]
) -> None:
    columns = {"no": list(range(300_000)), "name": [f"name {n}" for n in range(300_000)]}
    pyarrow.parquet.write_table(
        pyarrow.table(columns), tmp_path / "a.parquet", compression="zstd"
    )
    limits(32, 100)
    with pytest.raises(LayerError, match="more than 32 MB") as refused:
        files.read_table(tmp_path / "a.parquet")
    assert "split the file" in str(refused.value)
    wait_until(lambda: not children())
    assert len(files.read_head(tmp_path / "a.parquet", 5)) == 5


def test_constant_rows_take_no_more_room_than_their_number(tmp_path: Path) -> None:
    rows = 300_000
    pyarrow.parquet.write_table(
        pyarrow.table({"code": ["the same text in every row"] * rows}), tmp_path / "a.parquet"
    )
    read = files.read_table(tmp_path / "a.parquet")
    assert len(set(map(id, read.values["code"]))) < 100


def test_a_file_that_takes_more_memory_than_the_limit_is_refused(
    tmp_path: Path, limits: Callable[[int, int], None]
) -> None:
    # Two values of 60 MB in one row group: nothing can be read of it in chunks.
    text = pyarrow.array(["x" * (60 << 20)] * 2, pyarrow.large_string())
    pyarrow.parquet.write_table(pyarrow.table({"a": text}), tmp_path / "a.parquet")
    limits(50, 100)
    with pytest.raises(LayerError, match="50 MB of memory"):
        files.read_table(tmp_path / "a.parquet")


@pytest.mark.proof
def test_computing_past_the_limit_is_ended(
    tmp_path: Path, limits: Callable[[int, int], None]
) -> None:
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.write("a,b\n")
        file.writelines(f"{n},{n * n}\n" for n in range(1_500_000))
    limits(2048, 1)
    with pytest.raises(LayerError, match=r"longer than [14] seconds") as refused:
        for _ in files.read_table_chunks(path, 1_000):
            pass
    assert str(path) in str(refused.value)
    wait_until(lambda: not children())


def test_a_reading_that_stands_still_is_ended(
    tmp_path: Path, limits: Callable[[int, int], None]
) -> None:
    limits(2048, 1)
    chunks = files.read_table_chunks(table_file(tmp_path / "a.csv"), 100)
    next(chunks)
    os.kill(int(children()[0]), signal.SIGSTOP)
    with pytest.raises(LayerError, match="longer than 4 seconds"):
        list(chunks)
    wait_until(lambda: not children())


def test_a_reader_nobody_listens_to_ends_and_leaves_nothing(tmp_path: Path) -> None:
    path = table_file(tmp_path / "a.csv")
    chunks = files.read_table_chunks(path, 10)
    next(chunks)
    assert children()
    chunks.close()  # type: ignore[attr-defined]
    wait_until(lambda: not children())
    assert not folders()


def test_rows_are_read_only_as_fast_as_they_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w") as file:
        file.write("a\n")
        file.writelines(f"{'x' * 100}{n}\n" for n in range(60_000))
    chunks = files.read_table_chunks(path, 1_000)
    next(chunks)
    time.sleep(0.5)
    [child] = children()
    before = cpu_of(child)
    time.sleep(0.5)
    assert cpu_of(child) == before
    assert sum(map(len, chunks)) == 59_000


def cpu_of(pid: str) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def folders() -> list[Path]:
    """What children of our reading process have on disk."""
    number = reader._current()._process.pid
    return list(Path(tempfile.gettempdir()).glob(f"gridmgmt-reading-{number}-*"))


def test_a_reading_process_that_was_killed_is_started_again(tmp_path: Path) -> None:
    path = layer_file(tmp_path / "a.gpkg")
    chunks = files.read_table_chunks(table_file(tmp_path / "a.csv"), 10)
    next(chunks)
    [child], left = children(), folders()
    os.kill(reader._current()._process.pid, signal.SIGKILL)
    # What it was at ends with it.
    wait_until(lambda: not is_running(child))
    assert files.list_layers(path) == ["a"]
    with pytest.raises(LayerError):
        list(chunks)
    # And what it left behind is removed.
    assert left
    assert not [folder for folder in left if folder.exists()]


def is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_child_that_is_killed_is_told_of_and_others_go_on(tmp_path: Path) -> None:
    path = table_file(tmp_path / "a.csv")
    chunks, others = files.read_table_chunks(path, 10), files.read_table_chunks(path, 10)
    next(chunks)
    [first] = children()
    next(others)
    os.kill(int(first), signal.SIGKILL)
    with pytest.raises(LayerError, match="signal 9"):
        list(chunks)
    assert sum(map(len, others)) > 10_000


def test_threads_are_answered_each_with_its_own_file(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.csv" for n in range(8)]
    for n, path in enumerate(paths):
        path.write_text("a\n" + f"{n}\n" * 5_000)
    found: dict[int, set[str | None]] = {}

    def read(n: int) -> None:
        found[n] = set(files.read_table(paths[n]).values["a"])

    threads = [threading.Thread(target=read, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: {str(n)} for n in range(8)}


def test_a_process_that_forks_off_reads_by_a_reading_process_of_its_own(tmp_path: Path) -> None:
    path = layer_file(tmp_path / "a.gpkg")
    program = (
        "import os, sys\n"
        "from gridmgmt.exchange.reading import confinement, files, reader\n"
        "files.list_layers(sys.argv[1])\n"
        "ours = reader._current()._process.pid\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    files.list_layers(sys.argv[1])\n"
        "    os._exit(reader._current()._process.pid == ours)\n"
        "assert os.waitpid(pid, 0)[1] == 0\n"
        "print(files.list_layers(sys.argv[1]), reader._current()._process.pid == ours)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['a'] True"


def test_the_reading_process_has_one_thread_no_network_and_none_of_our_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GRIDMGMT_SECRET_KEY", "x" * 32)
    process = reader._Process()
    try:
        assert process.isolation.threads == 1
        assert process.isolation.left
        environment = Path(f"/proc/{process._process.pid}/environ").read_text()
        assert "GRIDMGMT_" not in environment
    finally:
        process.close()


def test_a_file_that_may_not_be_opened_is_named(tmp_path: Path) -> None:
    if not confinement.version():
        pytest.skip("this system does not know Landlock")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    folder = tmp_path / "layers"
    folder.mkdir()
    (folder / "a.geojson").symlink_to(elsewhere / "a.geojson")
    for read in (files.read_layer, files.list_layers):
        with pytest.raises(LayerError) as caught:
            read(folder)
        assert "'a.geojson' cannot be opened (Permission denied)" in str(caught.value)
        assert "every file is a plain file that may be read" in caught.value.remedy

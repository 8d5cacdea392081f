from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from gridmgmt.errors import LayerError
from gridmgmt.exchange.tables.parquet_archives import (
    BATCH_ROWS,
    list_archive,
    look_at,
    read_batches,
    read_kept,
    rewrite,
    write_columns,
)

LENGTH = pyarrow.field("length", pyarrow.int64())


def written(folder: Path, name: str, rows: int = 10, **options: object) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pyarrow.table({"no": [f"n{i}" for i in range(rows)], "list": [[1, 2]] * rows})
    table = table.replace_schema_metadata({"geo": "{}"})
    pyarrow.parquet.write_table(table, path, **options)
    return path


def lengths(batch: pyarrow.RecordBatch) -> list[pyarrow.Array]:
    return [pyarrow.array([len(no) for no in batch.column("no").to_pylist()], pyarrow.int64())]


def test_files_are_listed_wherever_they_lie_in_a_folder(tmp_path: Path) -> None:
    for name in (
        "b/x=1/a.parquet",
        "a.pq",
        "B.PARQUET",
        "_temporary/a.parquet",
        "b/.c.parquet",
    ):
        written(tmp_path, name)
    (tmp_path / "notes.txt").write_text("no table")
    assert list_archive(tmp_path) == ["B.PARQUET", "a.pq", "b/x=1/a.parquet"]
    assert list_archive(tmp_path / "a.pq") == ["a.pq"]


@pytest.mark.parametrize("name", ["empty", "absent"])
def test_a_folder_without_files_or_none_at_all_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LayerError):
        list_archive(tmp_path / name)


def test_a_file_tells_its_row_groups(tmp_path: Path) -> None:
    written(tmp_path, "a.parquet", 10, row_group_size=4)
    file, schema = look_at(tmp_path, "a.parquet")
    assert (file.group_rows, file.rows, schema.names) == ((4, 4, 2), 10, ["no", "list"])
    (tmp_path / "bad.parquet").write_bytes(b"PAR1PAR1")
    with pytest.raises(LayerError, match="cannot be read as Parquet"):
        look_at(tmp_path, "bad.parquet")


def test_some_row_groups_are_read_in_bounded_batches(tmp_path: Path) -> None:
    path = written(tmp_path, "a.parquet", 10, row_group_size=4)
    batches = list(read_batches(path, columns=["no"], groups=[1, 2]))
    assert [no for batch in batches for no in batch.column("no").to_pylist()] == [
        f"n{i}" for i in range(4, 10)
    ]
    long = written(tmp_path, "long.parquet", BATCH_ROWS + 1, row_group_size=BATCH_ROWS + 1)
    assert [batch.num_rows for batch in read_batches(long)] == [BATCH_ROWS, 1]


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd", "gzip"])
def test_a_file_is_written_again_with_columns_added(tmp_path: Path, compression: str) -> None:
    source = written(tmp_path, "a.parquet", 10, row_group_size=4, compression=compression)
    target, scratch = tmp_path / "out" / "deep" / "a.parquet", tmp_path / "scratch"
    scratch.mkdir()
    rewrite(
        source, target, scratch=scratch, added=[LENGTH], answer=lengths, kept=lambda: {"n": 1}
    )
    before = pyarrow.parquet.ParquetFile(source)
    after = pyarrow.parquet.ParquetFile(target)
    assert after.read().drop_columns("length").equals(before.read())
    assert after.read().column("length").to_pylist() == [2] * 10
    assert after.schema_arrow.metadata[b"geo"] == b"{}"
    codecs = [one.metadata.row_group(0).column(0).compression for one in (before, after)]
    assert codecs[0] == codecs[1]
    assert read_kept(target) == {"n": 1}
    assert list(scratch.iterdir()) == []


def test_an_empty_file_is_written_again_empty(tmp_path: Path) -> None:
    source = written(tmp_path, "a.parquet", 0)
    target = tmp_path / "b.parquet"
    rewrite(source, target, scratch=tmp_path, added=[LENGTH], answer=lengths, kept=dict)
    assert pyarrow.parquet.ParquetFile(target).read().column_names == ["no", "list", "length"]
    assert read_kept(target) == {}


def test_a_failure_leaves_what_was_there_and_nothing_half(tmp_path: Path) -> None:
    source, target = written(tmp_path, "a.parquet"), written(tmp_path, "b.parquet", 3)
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def fail(batch: pyarrow.RecordBatch) -> list[pyarrow.Array]:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        rewrite(source, target, scratch=scratch, added=[LENGTH], answer=fail, kept=dict)
    assert pyarrow.parquet.ParquetFile(target).read().num_rows == 3
    assert list(scratch.iterdir()) == []


def test_whoever_reads_the_old_file_keeps_reading_it(tmp_path: Path) -> None:
    source, target = written(tmp_path, "a.parquet"), written(tmp_path, "b.parquet", 3)
    before = target.read_bytes()
    with target.open("rb") as reader:
        rewrite(source, target, scratch=tmp_path, added=[LENGTH], answer=lengths, kept=dict)
        assert reader.read() == before
    assert pyarrow.parquet.ParquetFile(target).read().num_rows == 10


def test_only_what_was_kept_whole_is_believed(tmp_path: Path) -> None:
    path = written(tmp_path, "a.parquet")
    assert read_kept(path) is None
    assert read_kept(tmp_path / "absent.parquet") is None
    rewrite(
        path, tmp_path / "b.parquet", scratch=tmp_path, added=[], answer=lambda _: [], kept=dict
    )
    whole = (tmp_path / "b.parquet").read_bytes()
    (tmp_path / "b.parquet").write_bytes(whole[: len(whole) // 2])
    assert read_kept(tmp_path / "b.parquet") is None


def test_a_table_of_columns_is_written_whole(tmp_path: Path) -> None:
    write_columns(tmp_path / "counts.parquet", pyarrow.table({"cases": [1, 2]}))
    assert [path.name for path in tmp_path.iterdir()] == ["counts.parquet"]

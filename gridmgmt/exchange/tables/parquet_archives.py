"""Read folders of Parquet files in batches, and write files completely or not at all."""

import json
import os
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.ipc
import pyarrow.parquet

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.safe_tables import replacing

# The errors when a Parquet file is damaged or has vanished.
UNREADABLE = (pyarrow.ArrowException, OSError, UnicodeDecodeError)

# The number of rows in memory, however long a file is, and the bytes of each column read ahead.
BATCH_ROWS = 131_072
_READ_AHEAD = 1 << 20

# The number of the first row of values, as in a CSV export with a header.
FIRST_ROW = 2

_SUFFIXES = (".parquet", ".parq", ".pq")
_KEPT_UNDER = b"gridmgmt"


@dataclass(frozen=True)
class ArchiveFile:
    """One Parquet file: its name within the folder, and the rows of each row group.

    ``size`` (bytes) and ``mtime_ns`` show whether another file has taken its place.
    """

    name: str
    group_rows: tuple[int, ...]
    size: int
    mtime_ns: int

    @property
    def rows(self) -> int:
        """Return the number of rows of all row groups."""
        return sum(self.group_rows)


def list_archive(folder: Path) -> list[str]:
    """List the Parquet files of an archive, sorted; for a single file, the file.

    Raises
    ------
    LayerError
        when there is no such folder, or no Parquet file in it
    """
    if folder.is_file():
        return [folder.name]
    if not folder.is_dir():
        raise LayerError(folder, "there is no such folder")
    names = parquet_names(folder)
    if not names:
        message = f"holds no Parquet file ({', '.join(_SUFFIXES)})"
        raise LayerError(folder, message)
    return names


def parquet_names(folder: Path) -> list[str]:
    """List the Parquet files of a folder and its subfolders, sorted.

    Names that begin with a dot or an underscore are skipped, as other programs do.
    """
    names = (
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.suffix.lower() in _SUFFIXES and path.is_file()
    )
    return sorted(name for name in names if not _is_hidden(name))


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "_")) for part in name.split("/"))


def archive_path(folder: Path, name: str) -> Path:
    """Return the path of a file in an archive, which may be a single file itself."""
    return folder / name if folder.is_dir() else folder


def open_parquet(path: Path) -> pyarrow.parquet.ParquetFile:
    """Open a file so that reading it needs little memory at a time."""
    return pyarrow.parquet.ParquetFile(path, buffer_size=_READ_AHEAD, pre_buffer=False)


def look_at(folder: Path, name: str) -> tuple[ArchiveFile, pyarrow.Schema]:
    """Read the metadata of a file, but no rows.

    Raises
    ------
    LayerError
        when it is not a Parquet file, or a damaged one
    """
    path = archive_path(folder, name)
    try:
        stat = path.stat()
        with open_parquet(path) as file:
            meta = file.metadata
            groups = tuple(meta.row_group(k).num_rows for k in range(meta.num_row_groups))
            schema = file.schema_arrow
    except UNREADABLE as error:
        raise unreadable(name, error) from error
    return ArchiveFile(name, groups, stat.st_size, stat.st_mtime_ns), schema


def unreadable(name: str, error: BaseException) -> LayerError:
    """Return an error for a file that cannot be read or rewritten, with the reason."""
    said = str(error).strip().splitlines() or [type(error).__name__]
    # The system's message tells why a file cannot be used (a full disk), the library's what is
    # wrong inside.
    is_system = isinstance(error, OSError) and error.errno is not None
    what = "read or written" if is_system else "read as Parquet"
    return LayerError(name, f"cannot be {what} ({said[0]})")


def read_batches(
    path: Path, *, columns: Sequence[str] | None = None, groups: Sequence[int] | None = None
) -> Generator[pyarrow.RecordBatch, None, None]:
    """Read a file, or some row groups, in order, with a limited number of rows at a time."""
    with open_parquet(path) as file:
        yield from file.iter_batches(
            BATCH_ROWS,
            row_groups=None if groups is None else list(groups),
            columns=None if columns is None else list(columns),
            use_threads=False,
        )


def rewrite(
    source: Path,
    target: Path,
    *,
    scratch: Path,
    added: Sequence[pyarrow.Field],
    answer: Callable[[pyarrow.RecordBatch], Sequence[pyarrow.Array]],
    kept: Callable[[], dict[str, Any]],
) -> None:
    """Write a copy of a file with added columns; rows and everything else stay the same.

    The new file gets its name when it is complete and on disk. ``kept`` is called at the end;
    its result is stored in the file, where `read_kept` reads it.

    Parameters
    ----------
    scratch : an existing folder on the same disk as ``target``; if it is gone by the end,
        the new file is given up (OSError)
    answer : returns the values of the added columns for a batch of rows
    """
    with open_parquet(source) as file, _fresh(scratch) as unfinished:
        schema = file.schema_arrow
        for field in added:
            schema = schema.append(field)
        with pyarrow.parquet.ParquetWriter(
            unfinished, schema, compression=_compression(file)
        ) as writer:
            for batch in file.iter_batches(BATCH_ROWS, use_threads=False):
                columns = [*batch.columns, *answer(batch)]
                writer.write_table(pyarrow.Table.from_arrays(columns, schema=schema))
            writer.add_key_value_metadata({_KEPT_UNDER: json.dumps(kept()).encode()})
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished.replace(target)


def write_columns(path: Path, table: pyarrow.Table) -> None:
    """Write a table of columns; the file appears only when it is complete."""
    with replacing(path) as temporary:
        pyarrow.parquet.write_table(table, temporary, compression="zstd")


def in_one_piece(table: pyarrow.Table) -> bytes:
    """Return a table of columns as bytes, for another process."""
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def from_one_piece(content: bytes) -> pyarrow.Table:
    """Return the table that `in_one_piece` converted."""
    return pyarrow.ipc.open_stream(pyarrow.py_buffer(content)).read_all()


@contextmanager
def _fresh(folder: Path) -> Iterator[Path]:
    path = folder / f"{uuid.uuid4().hex}.parquet"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _compression(file: pyarrow.parquet.ParquetFile) -> str:
    meta = file.metadata
    if not (meta.num_row_groups and meta.num_columns):
        return "ZSTD"
    codec = str(meta.row_group(0).column(0).compression)
    return "NONE" if codec == "UNCOMPRESSED" else codec


def read_kept(path: Path) -> dict[str, Any] | None:
    """Return what `rewrite` stored in a file; None if it did not write the file completely."""
    try:
        with open_parquet(path) as file:
            found = (file.metadata.metadata or {}).get(_KEPT_UNDER)
        kept = None if found is None else json.loads(found)
    except (*UNREADABLE, ValueError):
        return None
    return kept if isinstance(kept, dict) else None

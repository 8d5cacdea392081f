"""Read Parquet as rows of text."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pyarrow.types

from gridmgmt.domain.listing import listed
from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.arrow_values import arrow_values
from gridmgmt.exchange.bytes.raw_rows import RawRows, plain_text
from gridmgmt.sentence import Sentence

# A run-length encoded column of 1,000,000,000 rows is a few bytes on disk.
MAX_ROWS = 20_000_000
MAX_BYTES = 4 << 30


def read_parquet(path: Path, at_once: int) -> Iterator[RawRows]:
    """Read a Parquet file; the first row of values is row 2, as in a CSV export.

    It yields chunks of at most ``at_once`` rows; the first chunk may have no rows. One row
    group at a time is kept in memory.

    Columns that are not text, numbers, booleans, dates or times (geometries, lists) are left
    out with a note.
    """
    try:
        file = pyarrow.parquet.ParquetFile(path)
        _check_size(path, file)
        kept, left_out = _columns(file.schema_arrow)
        found = RawRows(kept, 1, encoding="utf-8")
        if left_out:
            told = Sentence("columns left out, not being plain values: {}", listed(left_out))
            found.notes.append(told)
        begin = 2
        for batch in file.iter_batches(min(at_once, MAX_ROWS), columns=kept):
            columns = [_texts(batch.column(name)) for name in kept]
            for number, values in enumerate(zip(*columns, strict=True), start=begin):
                if any(values):
                    found.rows.append(list(values))
                    found.row.append(number)
                else:
                    found.blank += 1
            yield found
            found = found.begin_next()
            begin += batch.num_rows
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise LayerError(
            path, Sentence("is a damaged Parquet file ({})", str(error).splitlines()[0])
        ) from error
    if begin == 2:
        yield found


def _check_size(path: Path, file: pyarrow.parquet.ParquetFile) -> None:
    meta = file.metadata
    size = sum(meta.row_group(k).total_byte_size for k in range(meta.num_row_groups))
    if meta.num_rows > MAX_ROWS or size > MAX_BYTES:
        raise LayerError(
            path,
            Sentence(
                "holds {} rows and {} MiB; the limits are {} rows and {} MiB",
                f"{meta.num_rows:,}",
                f"{size >> 20:,}",
                f"{MAX_ROWS:,}",
                f"{MAX_BYTES >> 20:,}",
            ),
            remedy=Sentence("split the file"),
        )


def _columns(schema: pyarrow.Schema) -> tuple[list[str], list[str]]:
    kept: list[str] = []
    left_out: list[str] = []
    for field in schema:
        kind = field.type
        if pyarrow.types.is_dictionary(kind):
            kind = kind.value_type
        (kept if any(test(kind) for test in _PLAIN) else left_out).append(field.name)
    return kept, left_out


_PLAIN: tuple[Callable[[pyarrow.DataType], bool], ...] = (
    pyarrow.types.is_string,
    pyarrow.types.is_large_string,
    pyarrow.types.is_string_view,
    pyarrow.types.is_integer,
    pyarrow.types.is_floating,
    pyarrow.types.is_decimal,
    pyarrow.types.is_boolean,
    pyarrow.types.is_temporal,
    pyarrow.types.is_null,
)


def _texts(column: pyarrow.Array) -> list[str]:
    if pyarrow.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pyarrow.timestamp("us", column.type.tz), safe=False)
    return [plain_text(value) for value in arrow_values(column)]

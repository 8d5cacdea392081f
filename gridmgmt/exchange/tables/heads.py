"""The beginning of a table, without reading the rest of a long one."""

import tempfile
from dataclasses import replace
from pathlib import Path

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.encodings import codec_name
from gridmgmt.exchange.bytes.streams import chunks, head
from gridmgmt.exchange.tables.tables import Table, read_table, read_table_pieces

# Enough for a header and some rows, however long their texts are.
HEAD_BYTES = 1 << 18

# Workbooks and Parquet files keep their contents elsewhere than at their beginning.
_WHOLE = (b"PK\x03\x04", b"PAR1")
# Encodings whose second bytes may look like a line feed.
_WIDE = ("utf-16", "utf-32")


def read_head(
    path: Path, rows: int, *, encoding: str | None = None, sheet: str | None = None
) -> Table:
    """Read a table as ``read_table`` does, but only its beginning.

    Of a long CSV file that is what stands in its first 256 kB, of a workbook or a Parquet file
    the first ``rows`` rows; of another all of it.

    Raises
    ------
    LayerError
        as ``read_table`` does, as far as the beginning shows
    """
    if path.is_file() and head(path, 4).startswith(_WHOLE):
        return next(read_table_pieces(path, rows, encoding=encoding, sheet=sheet))
    beginning = _beginning(path, encoding) if path.is_file() else None
    if beginning is None:
        return read_table(path, encoding=encoding, sheet=sheet)
    with tempfile.TemporaryDirectory() as folder:
        short = Path(folder) / path.name
        short.write_bytes(beginning)
        try:
            return replace(read_table(short, encoding=encoding, sheet=sheet), path=path)
        except LayerError as error:
            error.path = str(path)
            raise


def _beginning(path: Path, encoding: str | None) -> bytes | None:
    """Return the first lines of a long text file; None for what has to be read whole."""
    wide = encoding is not None and codec_name(encoding).startswith(_WIDE)
    if wide:
        return None
    read = b""
    for chunk in chunks(path):
        read += chunk
        if len(read) >= HEAD_BYTES:
            cut = max(read.rfind(b"\n"), read.rfind(b"\r")) + 1
            return read[:cut] or None
    return None

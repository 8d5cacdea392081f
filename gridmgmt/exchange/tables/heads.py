"""Read the beginning of a table without the rest."""

import tempfile
from dataclasses import replace
from pathlib import Path

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.encodings import codec_name
from gridmgmt.exchange.bytes.streams import chunks, head
from gridmgmt.exchange.tables.tables import Table, read_table, read_table_chunks

# Enough for a header and some rows, however long their texts are.
HEAD_BYTES = 1 << 18

# Workbooks and Parquet files do not store their rows at the beginning.
_WHOLE = (b"PK\x03\x04", b"PAR1")
# Encodings whose second bytes may look like a line feed.
_WIDE = ("utf-16", "utf-32")


def read_head(
    path: Path, rows: int, *, encoding: str | None = None, sheet: str | None = None
) -> Table:
    """Read the beginning of a table like ``read_table``.

    For a long CSV file this is the first 256 kB, for a workbook or a Parquet file the first
    ``rows`` rows. Any other file is read as a whole.

    Raises
    ------
    LayerError
        as ``read_table`` does, as far as the beginning shows
    """
    if path.is_file() and head(path, 4).startswith(_WHOLE):
        return next(read_table_chunks(path, rows, encoding=encoding, sheet=sheet))
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
    """Return the first lines of a long text file; None if the whole file must be read."""
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

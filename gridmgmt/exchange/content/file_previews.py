"""Read the beginning of an uploaded file, so that a person can assign its columns."""

from dataclasses import dataclass
from pathlib import Path

from gridmgmt.exchange.content.import_files import FileOptions, open_layer
from gridmgmt.exchange.reading.files import read_head

ROWS = 5


@dataclass(frozen=True)
class FilePreview:
    """The columns of a table or layer and its first rows; an empty cell is None.

    ``notes`` say how the file was read.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    notes: tuple[str, ...] = ()


def preview_table(
    path: Path, *, encoding: str | None = None, sheet: str | None = None
) -> FilePreview:
    """Read the first rows of a CSV, XLSX or Parquet file.

    Raises
    ------
    LayerError
        when the beginning of the file shows that it cannot be used
    """
    table = read_head(path, ROWS, encoding=encoding, sheet=sheet)
    rows = zip(*(table.values[name][:ROWS] for name in table.columns), strict=True)
    return FilePreview(table.columns, tuple(rows), table.notes)


def preview_layer(path: Path, options: FileOptions) -> FilePreview:
    """Read the first features of a vector layer; raise LayerError if it cannot be used."""
    layer = open_layer(path, options, ROWS)
    rows = zip(*(layer.cells[name][:ROWS] for name in layer.columns), strict=True)
    return FilePreview(layer.columns, tuple(rows), layer.notes)

"""Read rows or features for an import: text by column, and geometry beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gridmgmt.arrays import GeometryArray
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.errors import InputError
from gridmgmt.exchange.layers.vectors import grid_notes, text_values
from gridmgmt.exchange.reading.files import read_layer, read_table
from gridmgmt.geometry.crs.crs import Datum
from gridmgmt.sentence import Sentence

# Those of workbooks that are not read belong to them: the reader of tables names the remedy.
_TABLE_SUFFIXES = (
    *(".csv", ".csv.gz", ".tsv", ".txt", ".xlsx", ".parquet"),
    *(".xls", ".xlsb", ".ods", ".numbers"),
)


@dataclass(frozen=True)
class FileOptions:
    """What a person stated about a file; ``mapping`` is field -> column.

    ``dates`` reads its dates: on the bureau's clock. ``where`` is an OGR SQL condition on the
    features of a layer. ``mend`` makes outlines valid that only the storage grid breaks.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    layer: str | None = None
    datum: Datum | None = None
    encoding: str | None = None
    dates: DateReader = field(default_factory=DateReader)
    where: str | None = None
    mend: bool = False


@dataclass(frozen=True)
class ImportFile:
    """The rows of a table or the features of a layer (``what``).

    ``cells[column][i]`` is stripped text or None, of the row ``number[i]``. ``faults`` are rows
    that could not be read, or not completely, with the reasons. ``geoms`` is lon/lat, or None
    for a table without positions.
    """

    path: Path
    what: str
    columns: tuple[str, ...]
    cells: Mapping[str, list[str | None]]
    number: list[int]
    faults: tuple[tuple[int, str], ...]
    notes: tuple[str, ...]
    geoms: GeometryArray | None = None


def is_table(path: Path) -> bool:
    """Return whether a file is a table by its name; any other file is read as a layer."""
    return path.name.lower().endswith(_TABLE_SUFFIXES)


def open_table(path: Path, options: FileOptions) -> ImportFile:
    """Read a CSV, XLSX or Parquet file.

    Raises
    ------
    LayerError
        when it cannot be used at all
    InputError
        for a condition, which only layers have
    """
    if options.where is not None:
        message = Sentence("{} is a table; only features of layers are chosen so", path.name)
        raise InputError(field="where", message=message)
    table = read_table(path, encoding=options.encoding, sheet=options.layer)
    unread = tuple((rejected.row, rejected.reason) for rejected in table.rejected)
    return ImportFile(path, "row", table.columns, table.values, table.row, unread, table.notes)


def open_layer(path: Path, options: FileOptions, first: int | None = None) -> ImportFile:
    """Read a vector layer, or its first features.

    Raise LayerError if it cannot be used at all.
    """
    layer = read_layer(
        path,
        layer=options.layer,
        where=options.where,
        datum=options.datum,
        encoding=options.encoding,
        first=first,
        mend=options.mend,
    )
    return ImportFile(
        path=path,
        what="feature",
        columns=tuple(layer.fields),
        cells={name: list(text_values(layer, name)) for name in layer.fields},
        number=layer.feature.tolist(),
        faults=(),
        notes=(*layer.notes, *grid_notes(layer)),
        geoms=layer.geom,
    )

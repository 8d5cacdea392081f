"""Look into a File Geodatabase before GDAL does: which tables it announces, and their files.

GDAL leaves out tables whose files are missing, and rows that lie behind the end of a cut file,
without a word.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from gridmgmt.domain.listing import listed
from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.private_copies import private_folder
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence

CATALOGUE = "GDB_SystemCatalog"

_SUFFIX = ".gdb"
_OF_SYSTEM = "GDB_"
_TABLE, _INDEX, _COMPRESSED = ".gdbtable", ".gdbtablx", ".cdf"
_HEADER = 40
# The version of a table's file that counts its rows in eight bytes (ArcGIS Pro 3.2).
_LARGE = 4
_SEND_ALL = Sentence("copy the whole .gdb folder, or zip it, while no program has it open")


def named_as_geodatabase(source: LayerSource, stack: ExitStack) -> LayerSource:
    """Return a source whose folder has the suffix by which GDAL knows it: a link if need be."""
    if source.kind != "File Geodatabase" or source.path.suffix.lower() == _SUFFIX:
        return source
    link = private_folder(stack) / f"{source.path.name}{_SUFFIX}"
    link.symlink_to(source.path.resolve(), target_is_directory=True)
    return replace(source, path=link)


def check_folder(source: LayerSource) -> None:
    """Raise LayerError if GDAL cannot open the geodatabase.

    It has no catalogue, or its tables are compressed.
    """
    catalogue, _ = _files(source.path, 1)
    if not catalogue.is_file():
        raise LayerError(
            source.shown,
            Sentence("the geodatabase lacks {}, the list of its tables", catalogue.name),
            remedy=_SEND_ALL,
        )
    compressed = sorted(file.name for file in source.path.glob(f"a*{_COMPRESSED}"))
    if compressed:
        raise LayerError(
            source.shown,
            Sentence("tables of the geodatabase are compressed: {}", listed(compressed)),
            remedy=Sentence("uncompress it in ArcGIS (Uncompress File Geodatabase Data)"),
        )


def check_tables(source: LayerSource, tables: Iterable[tuple[int, str]]) -> None:
    """Raise LayerError if files of tables are missing that the catalogue names.

    Parameters
    ----------
    tables : the number and the name of each table in the catalogue
    """
    problems = []
    for number, name in tables:
        if name.startswith(_OF_SYSTEM):
            continue
        missing = [file.name for file in _files(source.path, number) if not file.is_file()]
        if missing:
            problems.append(Sentence("table {} lacks {}", repr(name), ", ".join(missing)))
    if problems:
        raise LayerError(
            source.shown,
            Sentence("{} table(s) of the geodatabase cannot be read", len(problems)),
            problems=problems,
            remedy=_SEND_ALL,
        )


def announced_rows(source: LayerSource, number: int) -> int:
    """Return the number of rows a table announces; raise LayerError if its files are cut."""
    table, _ = _files(source.path, number)
    with table.open("rb") as stream:
        header = stream.read(_HEADER)
    size = int.from_bytes(header[24:32], "little")
    there = table.stat().st_size
    if len(header) < _HEADER or there < size:
        raise LayerError(
            source.shown,
            Sentence(
                "its {} is cut: {} bytes announced, {} there",
                table.name,
                f"{size:,}",
                f"{there:,}",
            ),
            remedy=_SEND_ALL,
        )
    if int.from_bytes(header[:4], "little") == _LARGE:
        return int.from_bytes(header[16:24], "little")
    return int.from_bytes(header[4:8], "little")


def _files(folder: Path, number: int) -> tuple[Path, Path]:
    stem = f"a{number:08x}"
    return folder / f"{stem}{_TABLE}", folder / f"{stem}{_INDEX}"

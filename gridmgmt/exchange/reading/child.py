"""The process forked for one file: it limits itself, reads, answers and ends."""

import os
import socket
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyogrio
import pyogrio._err
import pyogrio.errors

from gridmgmt.exchange.bytes.archives import MAX_UNPACKED
from gridmgmt.exchange.layers import vectors
from gridmgmt.exchange.layers.draft_files.marks import mark_of
from gridmgmt.exchange.layers.stated_crs import named_files
from gridmgmt.exchange.reading import failures, frames, values
from gridmgmt.exchange.reading.confinement import beside, confine, of_programs
from gridmgmt.exchange.reading.limits import limit_self
from gridmgmt.exchange.tables import heads, tables

# The number of table rows in one frame.
_ROWS_AT_ONCE = 10_000


def confine_self(request: dict[str, Any], folder: Path) -> None:
    """Give up all files except the one to read, its sidecar files, and a folder to write in.

    Files that a person named stay readable: the grids of the datum they stated.
    """
    # Libraries that need temporary files use this folder.
    os.environ["TMPDIR"] = os.environ["SQLITE_TMPDIR"] = str(folder)
    pyogrio.set_gdal_config_options({"CPL_TMPDIR": str(folder)})
    said = request.get("datum") or {}
    grids = [Path(name) for name in named_files(said.get("crs"))]
    confine([*of_programs(), *beside(Path(request["path"])), *grids], folder)


def answer(request: dict[str, Any], channel: socket.socket, folder: Path) -> None:
    """Do what a request asks and send the result; temporary files go into ``folder``."""
    os.chdir(request["folder"])
    tempfile.tempdir = str(folder)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    limit_self(request["memory"], request["seconds"], MAX_UNPACKED)
    confine_self(request, folder)
    try:
        _ANSWERS[request["what"]](request, channel)
        end: dict[str, Any] = {}
    except MemoryError:
        end = {"too_large": True}
    except failures.TELLING as error:
        told = {"error": failures.as_value(error)}
        end = {"too_large": True} if _lacked_memory(error) else told
    except ConnectionError:
        return  # nobody reads the rest
    except Exception:
        # An unexpected error of a library is an error of this file, not of the whole program.
        end = {"fault": traceback.format_exc(limit=-8)}
    frames.send_end(channel, end)


def _lacked_memory(error: BaseException | None) -> bool:
    """Return whether a file only seemed damaged because memory ran out."""
    while error is not None:
        if isinstance(error, (MemoryError, pyogrio._err.CPLE_OutOfMemoryError)):
            return True
        if isinstance(error, pyogrio.errors.DataSourceError) and "out of memory" in str(error):
            return True
        error = error.__cause__
    return False


def _layer(request: dict[str, Any], channel: socket.socket) -> None:
    said = request["datum"] and values.as_datum(request["datum"])
    layer = vectors.read_layer(
        request["path"],
        layer=request["layer"],
        where=request["where"],
        datum=said,
        encoding=request["encoding"],
        first=request["first"],
        mend=request["mend"],
        code=request["code"],
    )
    for value in values.layer_values(layer, is_datum_said=said is layer.datum):
        frames.send(channel, value)


def _layers(request: dict[str, Any], channel: socket.socket) -> None:
    frames.send(channel, vectors.list_layers(request["path"], encoding=request["encoding"]))


def _draft_mark(request: dict[str, Any], channel: socket.socket) -> None:
    mark = mark_of(Path(request["path"]))
    frames.send(channel, None if mark is None else asdict(mark))


def _table(request: dict[str, Any], channel: socket.socket) -> None:
    chunks = tables.read_table_chunks(
        request["path"],
        request["at_once"] or _ROWS_AT_ONCE,
        encoding=request["encoding"],
        sheet=request["sheet"],
    )
    for chunk in chunks:
        frames.send(channel, values.table_value(chunk))


def _head(request: dict[str, Any], channel: socket.socket) -> None:
    table = heads.read_head(
        Path(request["path"]),
        request["rows"],
        encoding=request["encoding"],
        sheet=request["sheet"],
    )
    frames.send(channel, values.table_value(table))


_ANSWERS: dict[str, Callable[[dict[str, Any], socket.socket], None]] = {
    "layer": _layer,
    "layers": _layers,
    "draft_mark": _draft_mark,
    "table": _table,
    "head": _head,
}

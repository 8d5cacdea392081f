"""Store columns of cases in a file, so that all processes of a machine share their memory."""

import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gridmgmt.array_files import ArrayFileError, open_arrays, save_arrays
from gridmgmt.indicators.case_columns import (
    KINDS,
    MARKS,
    STATUSES,
    Answerer,
    CaseColumns,
    CaseEntries,
    Entries,
    Place,
)
from gridmgmt.services.statistics.column_state import ColumnState
from gridmgmt.store.cases.case_changes import Changed, Snapshot

# Change the number whenever the meaning of anything in the file changes. Marks and statuses are
# stored as their places in these lists, so a file of other lists is none of these.
_KIND = " ".join(("gridmgmt case columns 2", *MARKS, "/", *STATUSES))

# So many of the newest transactions stay in the log of a file: older snapshots than these see
# are rare.
_LOGGED = 1_000
_CHECKSUM = "checksum"


def save_state(state: ColumnState, path: Path) -> None:
    """Write a state to a file, completely or not at all."""
    columns = state.compact()
    kept = sorted(state.log)[-_LOGGED:]
    log_since = state.log_since if len(kept) == len(state.log) else kept[0]
    entries = state.entries
    description = {
        "place": state.place,
        "snapshot": [
            state.snapshot.first_running,
            state.snapshot.next,
            sorted(state.snapshot.running),
        ],
        "log": {str(one): [*state.log[one]] for one in kept},
        "log_since": log_since,
        "places": list(entries.places),
        "answerers": list(entries.answerers),
        "categories": list(entries.categories),
        "channels": list(entries.channels),
    }
    arrays = {name: getattr(columns, name) for name in KINDS}
    checked = {**description, _CHECKSUM: _checksum(description, arrays)}
    save_arrays(path, _KIND, checked, arrays)


def open_state(path: Path) -> ColumnState:
    """Open a file of `save_state`.

    Raises
    ------
    ArrayFileError
        when it is no such file, of another version of the program, or damaged
    FileNotFoundError
    """
    described, arrays = open_arrays(path, _KIND)
    try:
        if described.pop(_CHECKSUM) != _checksum(described, arrays):
            message = "its checksum is another one"
            raise ValueError(message)
        return _state(described, arrays)
    except (KeyError, TypeError, ValueError) as error:
        message = f"{path} does not hold columns of cases: {error}"
        raise ArrayFileError(message) from error


def version_of(path: Path) -> tuple[int, int] | None:
    """Return what tells one version of a file from another; None if there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 (a tenth of the time, at every question)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def _checksum(description: Mapping[str, Any], arrays: Mapping[str, Any]) -> int:
    """Return a number that changes with any bit of a file.

    Compiled loops look up by the numbers in the columns without checking them: a damaged one
    would end the process, and each that is started after it. Some 60 ms for a million cases.
    """
    found = zlib.crc32(json.dumps(description).encode())
    for name, array in arrays.items():
        found = zlib.crc32(f"{name} {array.dtype.str} {array.shape}".encode(), found)
        found = zlib.crc32(np.ascontiguousarray(array).data, found)
    return found


def _state(described: Mapping[str, Any], arrays: Mapping[str, Any]) -> ColumnState:
    first_running, following, running = described["snapshot"]
    snapshot = Snapshot(first_running, following, frozenset(running))
    log = {
        int(one): Changed(tuple(case_nos), tuple(keys))
        for one, (case_nos, keys) in described["log"].items()
    }
    entries = CaseEntries(
        Entries(Place(*one) for one in described["places"]),
        Entries(Answerer(*one) for one in described["answerers"]),
        Entries(described["categories"]),
        Entries(described["channels"]),
    )
    columns = CaseColumns(**{name: arrays[name] for name in KINDS})
    return ColumnState.of(
        columns,
        entries,
        described["place"],
        snapshot,
        log=log,
        log_since=described["log_since"],
    )

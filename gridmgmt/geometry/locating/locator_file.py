"""Store a locator in a file, so that processes share the memory of one that was built once."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridmgmt.array_files import ArrayFileError, open_arrays, save_arrays
from gridmgmt.arrays import IntArray, ObjectArray, objects
from gridmgmt.geometry.locating.borders import Borders
from gridmgmt.geometry.locating.edge_grid import EdgeGrid
from gridmgmt.geometry.locating.label_raster import LabelRaster
from gridmgmt.geometry.locating.locator_index import Locator
from gridmgmt.geometry.locating.tiling import Tiling

# Change this number whenever the meaning of anything in the file changes.
_KIND = "gridmgmt locator 1"


class LocatorFileError(ValueError):
    """The file is not a locator of this program's version, or not the one asked for."""


def save_locator(index: Locator, path: Path, *, fingerprint: str = "") -> None:
    """Write a locator to a file, completely or not at all; folders are made if needed.

    Parameters
    ----------
    fingerprint : identifies what it was built from; `open_locator` compares it
    """
    wkb, lengths = _joined(index.wkb)
    arrays: dict[str, NDArray[Any]] = {
        "labels": index.raster.labels,
        "words": index.raster.words,
        "ends": index.edges.borders.ends,
        "cells": index.edges.borders.cells,
        "starts": index.edges.starts,
        "pieces": index.edges.pieces,
        "wkb": wkb,
        "wkb_lengths": lengths,
    }
    description = {
        "fingerprint": fingerprint,
        "codes": [str(code) for code in index.codes],
        "raster": asdict(index.raster.tiling),
        "grid": asdict(index.edges.tiling),
    }
    save_arrays(path, _KIND, description, arrays)


def open_locator(path: Path, *, fingerprint: str | None = None) -> Locator:
    """Open a file of `save_locator`; all processes that open it share its memory.

    Parameters
    ----------
    fingerprint : refuse a file that was built from something else; None accepts any

    Raises
    ------
    LocatorFileError
        when it is not a locator of this version, is cut short, or was built from something else
    FileNotFoundError
    """
    try:
        description, arrays = open_arrays(path, _KIND)
    except ArrayFileError as error:
        raise LocatorFileError(str(error)) from error
    if fingerprint not in (None, description["fingerprint"]):
        message = f"{path} was built from something else than was asked for"
        raise LocatorFileError(message)
    borders = Borders(arrays["ends"], arrays["cells"])
    codes = objects(description["codes"])
    grid = Tiling(**description["grid"])
    return Locator(
        codes,
        _apart(arrays["wkb"], arrays["wkb_lengths"]),
        LabelRaster(Tiling(**description["raster"]), arrays["labels"], arrays["words"]),
        EdgeGrid(borders, grid, arrays["starts"], arrays["pieces"], len(codes)),
    )


def _joined(wkb: ObjectArray) -> tuple[NDArray[np.uint8], IntArray]:
    """Join the polygons one after the other; a missing polygon has the length -1."""
    lengths = np.array([-1 if one is None else len(one) for one in wkb], dtype=np.int64)
    whole = b"".join(one for one in wkb if one is not None)
    return np.frombuffer(whole, dtype=np.uint8), lengths


def _apart(wkb: NDArray[np.uint8], lengths: IntArray) -> ObjectArray:
    ends = np.cumsum(np.maximum(lengths, 0)).tolist()
    return objects(
        None if length < 0 else wkb[end - length : end].tobytes()
        for end, length in zip(ends, lengths.tolist(), strict=True)
    )

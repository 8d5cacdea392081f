"""A locator kept in a file, so that processes share one that was built once."""

import json
import tempfile
from pathlib import Path

import numpy as np
import shapely

from gridmgmt.geometry.locator import Locator, build_locator

_FORMAT = "gridmgmt locator 1"


class LocatorFileError(ValueError):
    """The file is no locator of this program's version, or another than was asked for."""


def save_locator(index: Locator, path: Path, *, fingerprint: str = "") -> None:
    """Write a locator into a file, whole or not at all.

    Parameters
    ----------
    fingerprint : what it was built from; `open_locator` compares it
    """
    head = json.dumps([_FORMAT, fingerprint, [str(code) for code in index.codes]])
    wkb = [shapely.to_wkb(geom) if geom is not None else b"" for geom in index.geoms]
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        np.savez(file, head=np.array(head), wkb=np.array([b.hex() for b in wkb], dtype=str))
    Path(file.name).replace(path)


def open_locator(path: Path, *, fingerprint: str | None = None) -> Locator:
    """Open what `save_locator` wrote; the processes that do share its memory.

    Raises
    ------
    LocatorFileError
        when it is no locator of this version, or was built from something else
    """
    with np.load(path) as stored:
        form, built_from, codes = json.loads(str(stored["head"]))
        wkb = [bytes.fromhex(text) for text in stored["wkb"].tolist()]
    if form != _FORMAT or fingerprint not in (None, built_from):
        message = f"{path} is not the locator that was asked for"
        raise LocatorFileError(message)
    return build_locator(codes, [shapely.from_wkb(b) if b else None for b in wkb])

"""Compare the parts of a shapefile: shapes, their index and rows must be equally many.

GDAL reads as many shapes as the index (.shx) lists. Where it lists fewer than the .shp holds,
the others would be lost without a word.
"""

import mmap
from pathlib import Path

import numpy as np

from gridmgmt.arrays import IntArray
from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence

_HEADER = 100
_RECORD_HEADER = 8


def check_counts(source: LayerSource, shx: Path, dbf_rows: int) -> None:
    """Raise LayerError with the three counts unless .shp, .shx and .dbf agree.

    Parameters
    ----------
    dbf_rows : number of rows the .dbf holds, those marked as deleted included
    """
    offsets = _index_offsets(shx)
    shapes = _shape_count(source.path, offsets)
    if shapes == len(offsets) == dbf_rows:
        return
    raise LayerError(
        source.shown,
        Sentence(
            "its parts do not belong together: the .shp holds {} shapes, the .shx lists {}, "
            "the .dbf holds {} rows",
            f"{shapes:,}",
            f"{len(offsets):,}",
            f"{dbf_rows:,}",
        ),
        remedy=Sentence(
            "save the layer anew in the program it comes from, and send all the files of that "
            "one export"
        ),
    )


def _index_offsets(shx: Path) -> IntArray:
    """Return where the index says each record begins, in bytes; 0 for a shape left out."""
    data = shx.read_bytes()
    whole = (len(data) - _HEADER) // 8
    table = np.frombuffer(data, ">i4", max(whole, 0) * 2, min(_HEADER, len(data)))
    offsets: IntArray = table[::2].astype(np.int64) * 2
    return offsets


def _shape_count(shp: Path, listed: IntArray) -> int:
    """Count the shapes of a .shp, where its index lists these offsets.

    A shape that grew while somebody edited it is written again at the end, with its number. The
    old record stays and is no shape.
    """
    offsets, numbers = _records(shp)
    empty = int(np.count_nonzero(listed == 0))
    is_listed = np.isin(offsets, listed)
    found = int(np.count_nonzero(np.isin(listed, offsets)))
    # Some programs number every record 0; then a number says nothing.
    numbered = len(np.unique(numbers[is_listed])) == np.count_nonzero(is_listed)
    unlisted = numbers[~is_listed]
    lost = np.setdiff1d(unlisted, numbers[is_listed]) if numbered else unlisted
    return found + empty + len(lost)


def _records(shp: Path) -> tuple[IntArray, IntArray]:
    """Walk the headers of the records; return where each begins and its number."""
    offsets, numbers = [], []
    with (
        shp.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        end = min(len(data), 2 * int.from_bytes(data[24:28], "big"))
        at = _HEADER
        while at + _RECORD_HEADER <= end:
            length = 2 * int.from_bytes(data[at + 4 : at + 8], "big", signed=True)
            # The shortest record is the type of a shape without geometry.
            if length < 4 or at + _RECORD_HEADER + length > end:
                break
            offsets.append(at)
            numbers.append(int.from_bytes(data[at : at + 4], "big"))
            at += _RECORD_HEADER + length
    return np.array(offsets, np.int64), np.array(numbers, np.int64)

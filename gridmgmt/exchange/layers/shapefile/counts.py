"""Compare the parts of a shapefile: shapes, their index and rows must be equally many.

GDAL reads as many shapes as the index (.shx) lists. Where it lists fewer than the .shp holds,
the others would be lost without a word.
"""

import mmap
from pathlib import Path

import numpy as np

from gridmgmt.arrays import IntArray
from gridmgmt.domain.listing import listed
from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence

_HEADER = 100
_RECORD_HEADER = 8
# A record begins with the type of its shape. One of several vertices has its bounds and then
# their number, with that of its parts before it where it has parts.
_POINT_KINDS = (1, 11, 21)
_POINTS_AT, _COUNTS_END = slice(36, 44), 44


def check_counts(source: LayerSource, shx: Path, dbf_rows: int) -> None:
    """Raise LayerError with the three counts unless .shp, .shx and .dbf agree.

    Parameters
    ----------
    dbf_rows : number of rows the .dbf holds, those marked as deleted included
    """
    listed_at = _index_offsets(shx)
    offsets, numbers = _records(source.path)
    shapes = _shape_count(offsets, numbers, listed_at)
    if not shapes == len(listed_at) == dbf_rows:
        raise _not_together(
            source,
            Sentence(
                "the .shp holds {} shapes, the .shx lists {}, the .dbf holds {} rows",
                f"{shapes:,}",
                f"{len(listed_at):,}",
                f"{dbf_rows:,}",
            ),
        )
    astray = np.flatnonzero((listed_at != 0) & ~np.isin(listed_at, offsets)) + 1
    if len(astray):
        raise _not_together(
            source,
            Sentence(
                "the .shx leads to no shape for {} feature(s): {}",
                f"{len(astray):,}",
                listed(astray),
            ),
        )
    # Each record has its number; where some do not, it says nothing.
    order = numbers[np.searchsorted(offsets, listed_at[listed_at != 0])]
    turned = np.flatnonzero(np.diff(order) < 0)
    if len(turned) and len(np.unique(order)) == len(order):
        raise _not_together(
            source,
            Sentence("the .shx lists the shapes in another order than the .shp numbers them"),
        )


def has_shape(shp: Path, shx: Path, feature: IntArray) -> list[bool]:
    """Return whether features have a shape with vertices in the file.

    Parameters
    ----------
    feature : (n,) numbers of the features, from 1
    """
    listed_at = _index_offsets(shx)
    found = []
    with shp.open("rb") as stream:
        for at in listed_at[feature - 1].tolist():
            stream.seek(at + _RECORD_HEADER)
            record = stream.read(_COUNTS_END) if at else b""
            kind = int.from_bytes(record[:4], "little")
            vertices = record[_POINTS_AT] if kind not in _POINT_KINDS else b"\1"
            found.append(bool(kind) and any(vertices))
    return found


def _not_together(source: LayerSource, fault: Sentence) -> LayerError:
    return LayerError(
        source.shown,
        Sentence("its parts do not belong together: {}", fault),
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


def _shape_count(offsets: IntArray, numbers: IntArray, listed_at: IntArray) -> int:
    """Count the shapes of a .shp, where its index lists these offsets.

    A shape that grew while somebody edited it is written again at the end, with its number. The
    old record stays and is no shape.

    Parameters
    ----------
    offsets, numbers : (n,) where each record begins, and its number
    """
    empty = int(np.count_nonzero(listed_at == 0))
    is_listed = np.isin(offsets, listed_at)
    found = int(np.count_nonzero(np.isin(listed_at, offsets)))
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

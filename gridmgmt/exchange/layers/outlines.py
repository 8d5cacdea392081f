"""Read the outlines of features, and say of each that is no outline what is wrong with it."""

import math
import struct
from collections.abc import Iterator, Mapping

import numpy as np
import shapely

from gridmgmt.arrays import GeometryArray, IntArray, ObjectArray
from gridmgmt.errors import GeometryError
from gridmgmt.exchange.bytes.raw_rows import plain_text
from gridmgmt.sentence import Sentence

# A ring of three sides ends where it begins.
_SMALLEST_RING = 4
_LINE, _POLYGON = 2, 3
_COLLECTIONS = (4, 5, 6, 7)


def read_outlines(
    wkb: ObjectArray, feature: IntArray
) -> tuple[GeometryArray, dict[int, Sentence]]:
    """Return geometries, and by number of the feature what is wrong with those that are none.

    These are None: a ring that is not closed, a ring or a line of too few positions.

    Parameters
    ----------
    wkb : (n,) bytes, None where a feature has no geometry
    feature : (n,) numbers of the features
    """
    with np.errstate(invalid="ignore"):  # the caller decides about NaN coordinates
        geom: GeometryArray = shapely.from_wkb(wkb, on_invalid="ignore")
    given = np.array([one is not None for one in wkb], dtype=bool)
    rings, owner = shapely.get_rings(geom, return_index=True)
    sizes = shapely.get_num_coordinates(rings)
    short = np.unique(owner[(sizes > 0) & (sizes < _SMALLEST_RING)])
    broken = np.union1d(np.flatnonzero(shapely.is_missing(geom) & given), short)
    geom[broken] = None
    return geom, {int(feature[row]): _fault(wkb[row]) for row in broken}


def refuse_faults(
    shown: str, faults: Mapping[int, Sentence], feature: IntArray, codes: ObjectArray | None
) -> None:
    """Raise GeometryError that names every feature whose geometry cannot be read, if any.

    Parameters
    ----------
    faults : by the number of a feature, which need not be among these
    feature : (n,) numbers of the features
    codes : (n,) by what messages name them too, None if that is not known
    """
    problems = [
        Sentence(
            "{}: {}",
            named_feature(number, None if codes is None else codes[row]),
            faults[number],
        )
        for row, number in enumerate(feature.tolist())
        if number in faults
    ]
    if problems:
        raise GeometryError(
            shown,
            Sentence("the geometry of {} feature(s) cannot be read", f"{len(problems):,}"),
            problems=problems,
            remedy=Sentence(
                "correct these shapes in the program the layer comes from, or leave the "
                "features out with --where"
            ),
        )


def named_feature(number: int, code: object) -> Sentence:
    """Return the name of a feature for people: its number, and its code if it is known."""
    text = plain_text(code).strip()
    return Sentence("feature {} ({})", number, text) if text else Sentence("feature {}", number)


def _fault(wkb: bytes) -> Sentence:
    try:
        found = next(_faults(wkb, [0]), None)
    except (struct.error, IndexError, ValueError):
        found = None
    return found or Sentence("its geometry cannot be read")


def _faults(wkb: bytes, at: list[int]) -> Iterator[Sentence]:
    """Yield the faults of a geometry; ``at`` is where it begins, and then where it ends."""
    order = "<" if wkb[at[0]] == 1 else ">"
    (code,) = struct.unpack_from(f"{order}I", wkb, at[0] + 1)
    kind = (code & 0xFFFF) % 1000
    has_z = bool(code & 0x80000000) or (code & 0xFFFF) // 1000 in (1, 3)
    has_m = bool(code & 0x40000000) or (code & 0xFFFF) // 1000 in (2, 3)
    width = 2 + has_z + has_m
    at[0] += 5
    if kind not in (_LINE, _POLYGON, *_COLLECTIONS):
        at[0] += 8 * width  # a point
        return
    count = _count(wkb, order, at)
    if kind in _COLLECTIONS:
        for _ in range(count):
            yield from _faults(wkb, at)
    elif kind == _LINE:
        at[0] += 8 * width * count
        if count == 1:
            yield Sentence("a line of it has a single position")
    else:
        for ring in range(1, count + 1):
            size = _count(wkb, order, at)
            values = struct.unpack_from(f"{order}{size * width}d", wkb, at[0])
            at[0] += 8 * width * size
            fault = _ring_fault(ring, size, values[:2], values[len(values) - width :][:2])
            if fault:
                yield fault


def _count(wkb: bytes, order: str, at: list[int]) -> int:
    (count,) = struct.unpack_from(f"{order}I", wkb, at[0])
    at[0] += 4
    return int(count)


def _ring_fault(
    ring: int, size: int, first: tuple[float, ...], last: tuple[float, ...]
) -> Sentence | None:
    if not size:
        return None
    if not all(map(math.isfinite, (*first, *last))):
        return Sentence("its ring {} has a coordinate that is no number", ring)
    if first != last:
        return Sentence(
            "its ring {} is not closed: it begins at {} and ends at {}",
            ring,
            _position(first),
            _position(last),
        )
    if size < _SMALLEST_RING:
        return Sentence("its ring {} has {} position(s), and a ring at least 4", ring, size)
    return None


def _position(xy: tuple[float, ...]) -> str:
    return f"({xy[0]:.8g}, {xy[1]:.8g})" if abs(xy[0]) < 1e3 else f"({xy[0]:.2f}, {xy[1]:.2f})"

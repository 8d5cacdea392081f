"""Let GDAL read all fields of a MapInfo interchange file as text.

The rows are text, which GDAL fits into the types the .mif declares: 330103001001 in a field of
the type Integer becomes 2147483647, 007 becomes 7, 12-3 becomes 12, 20260230 is 2 March.
"""

import re
from datetime import datetime
from itertools import pairwise

_DATA = re.compile(rb"^[ \t]*data[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_COLUMNS = re.compile(rb"^[ \t]*columns[ \t]+\d+[^\n]*\n", re.IGNORECASE | re.MULTILINE)
_DELIMITER = re.compile(rb'^[ \t]*delimiter[ \t]+"?([^"\r\n])', re.IGNORECASE | re.MULTILINE)
# A name, which may be in quotes, and its type: area_m2 Decimal(10,2).
_COLUMN = re.compile(
    rb'^([ \t]*(?:"[^"\r\n]*"|[^\s",(]+)[ \t,]+)([a-z]+)([^\r\n]*)',
    re.IGNORECASE | re.MULTILINE,
)
_TYPES = frozenset(
    b"integer smallint largeint decimal float date time datetime logical".split()
)
_TEXT = b"Char(254)"
# By type: how many digits a value has, and what makes a whole moment of it.
_CLOCKS = {b"date": (8, "{}000000000"), b"time": (9, "20000101{}"), b"datetime": (17, "{}")}
# Where year, month, day, hour, minute, second and millisecond begin in YYYYMMDDHHMMSSmmm.
_PARTS = (0, 4, 6, 8, 10, 12, 14, 17)


def with_text_fields(files: dict[str, bytes]) -> tuple[dict[str, bytes], tuple[int, ...]]:
    """Return a .mif and its .mid with every field declared as text, and which were times.

    Numbers stay as they are written. Dates and times that exist are written in ISO 8601, others
    stay too.

    Parameters
    ----------
    files : content by suffix, in UTF-8; each row of the .mid is one line

    Returns
    -------
    the content by suffix; the positions of the fields declared as dates or times, from 0
    """
    mif, mid = files[".mif"], files[".mid"]
    begin, end = _COLUMNS.search(mif), _DATA.search(mif)
    if begin is None or end is None or begin.end() > end.start():
        return files, ()
    declared = mif[begin.end() : end.start()]
    kinds = [found[2].lower() for found in _COLUMN.finditer(declared)]
    changed = _COLUMN.sub(_as_text, declared)
    clocks = {k: kind for k, kind in enumerate(kinds) if kind in _CLOCKS}
    if clocks:
        stated = _DELIMITER.search(mif, 0, begin.start())
        delimiter = stated[1] if stated else b"\t"
        mid = b"\n".join(
            _with_iso(line, delimiter, len(kinds), clocks) for line in mid.split(b"\n")
        )
    return {".mif": mif[: begin.end()] + changed + mif[end.start() :], ".mid": mid}, tuple(
        clocks
    )


def _as_text(found: re.Match[bytes]) -> bytes:
    return found[1] + _TEXT if found[2].lower() in _TYPES else found[0]


def _with_iso(line: bytes, delimiter: bytes, count: int, clocks: dict[int, bytes]) -> bytes:
    """Return a row of ``count`` values with its dates and times in ISO 8601."""
    values = _values(line, delimiter)
    if len(values) != count:
        return line
    for k, kind in clocks.items():
        values[k] = _iso(values[k], kind)
    return delimiter.join(values)


def _values(line: bytes, delimiter: bytes) -> list[bytes]:
    """Split a row; a delimiter within quotes belongs to the value."""
    values: list[bytes] = []
    is_open = False
    for part in line.split(delimiter):
        if is_open:
            values[-1] += delimiter + part
        else:
            values.append(part)
        is_open ^= part.count(b'"') % 2 == 1
    return values


def _iso(value: bytes, kind: bytes) -> bytes:
    text = value.strip(b' \t\r"')
    digits, whole = _CLOCKS[kind]
    if len(text) != digits or not text.isdigit():
        return value
    stamp = whole.format(text.decode())
    year, month, day, hour, minute, second, milli = (
        int(stamp[at:end]) for at, end in pairwise(_PARTS)
    )
    try:
        moment = datetime(year, month, day, hour, minute, second, milli * 1000)  # noqa: DTZ001
    except ValueError:
        return value
    if kind == b"date":
        written = moment.date().isoformat()
    else:
        accuracy = "milliseconds" if moment.microsecond else "seconds"
        written = moment.isoformat(timespec=accuracy)
        if kind == b"time":
            written = written.partition("T")[2]
    return value.replace(text, written.encode())

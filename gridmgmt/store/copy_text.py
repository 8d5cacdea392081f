"""Write rows in the text format of COPY, column by column according to their types."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY

_NULL = "\\N"

# Characters that mean something to COPY: the end of a value or row, or an escape.
_SPECIAL = "\\\t\n\r"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_IN_ARRAY = str.maketrans({"\\": "\\\\", '"': '\\"'})
_BOOLEANS = {True: "t", False: "f", None: _NULL}

_Values = Sequence[Any]


def copy_lines(columns: Sequence[sa.Column[Any]], rows: Sequence[tuple[Any, ...]]) -> bytes:
    """Return rows as lines of COPY's text format, in UTF-8.

    Parameters
    ----------
    columns : of the table; their types say how a value is written
    rows : values in the order of ``columns``, None for NULL; geometries as EWKB in
        hexadecimal, JSON as its text on one line
    """
    if not rows:
        return b""
    by_column = zip(*rows, strict=True)
    written = [
        _writer(column.type)(values) for column, values in zip(columns, by_column, strict=True)
    ]
    lines = map("\t".join, zip(*written, strict=True))
    return "\n".join([*lines, ""]).encode()


def _writer(kind: sa.types.TypeEngine[Any]) -> Callable[[_Values], Iterable[str]]:
    if isinstance(kind, ARRAY):
        return _arrays
    for known, writer in _WRITERS:
        if isinstance(kind, known):
            return writer
    message = f"nobody said how a value of {kind!r} is copied"
    raise TypeError(message)


def _texts(values: _Values) -> list[str]:
    written = [_NULL if value is None else value for value in values]
    # One search over all texts: hardly any text has such a character.
    everything = "".join([value for value in values if value is not None])
    if any(special in everything for special in _SPECIAL):
        return [value if value is _NULL else value.translate(_ESCAPES) for value in written]
    return written


def _jsons(values: _Values) -> list[str]:
    # Within JSON there are no tabs and line breaks as such.
    return [_NULL if value is None else value.replace("\\", "\\\\") for value in values]


def _numbers(values: _Values) -> list[str]:
    return [_NULL if value is None else repr(value) for value in values]


def _booleans(values: _Values) -> list[str]:
    return [_BOOLEANS[value] for value in values]


def _moments(values: Sequence[datetime | None]) -> list[str]:
    return [_NULL if value is None else value.isoformat() for value in values]


def _arrays(values: Sequence[Sequence[str] | None]) -> list[str]:
    known: dict[tuple[str, ...] | None, str] = {None: _NULL}
    written = []
    for value in values:
        key = None if value is None else tuple(value)
        text = known.get(key)
        if text is None and key is not None:
            items = (f'"{item.translate(_IN_ARRAY)}"' for item in key)
            text = "{" + ",".join(items).translate(_ESCAPES) + "}"
            known[key] = text
        written.append(text or _NULL)
    return written


_WRITERS: tuple[tuple[type[Any], Callable[[_Values], Iterable[str]]], ...] = (
    (Geometry, _texts),
    (sa.Text, _texts),
    (sa.JSON, _jsons),
    (sa.Boolean, _booleans),
    (sa.Integer, _numbers),
    (sa.Float, _numbers),
    (sa.DateTime, _moments),
)

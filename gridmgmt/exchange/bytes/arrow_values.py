"""Return the values of Arrow columns as Python values, with the digits they have."""

import json
import re
from typing import Any

import numpy as np
import pyarrow
import pyarrow.types

from gridmgmt.domain.stored_time import StoredTime
from gridmgmt.exchange.bytes.raw_rows import number_text

# From here on a float of four bytes is no longer every whole number.
_EXACT_BELOW = 2.0**24

_DATE_UNITS = {pyarrow.date32(): "D", pyarrow.date64(): "ms"}


def arrow_values(column: Any) -> list[Any]:
    """Return the values of an array or a chunked array; None for null.

    Times that Python's calendar cannot hold are text, for whoever reads them to refuse by row.

    Floats of four bytes have about seven digits: 0.1 is 0.1 and not 0.10000000149011612. A
    column in which one may have lost digits of a whole number is text, like in ``plain_text``.

    Of a list with a single value this is the value; others are the text they have in JSON.

    Examples
    --------
    >>> arrow_values(pyarrow.array([["007"], ["1", "2"], []]))
    ['007', '["1", "2"]', None]
    >>> arrow_values(pyarrow.array([0.1, None], pyarrow.float32()))
    [0.1, None]
    >>> arrow_values(pyarrow.array([330103001001.0, 1.5], pyarrow.float32()))
    ['3.30103E+11', '1.5']
    >>> arrow_values(pyarrow.array([253402300799], pyarrow.timestamp("s", "Asia/Shanghai")))
    ['9999-12-31T23:59:59Z']
    """
    try:
        values = column.to_pylist()
    except (OverflowError, ValueError):
        return [_value(scalar) for scalar in column]
    if pyarrow.types.is_list(column.type):
        return [_of_list(value) for value in values]
    if column.type not in (pyarrow.float32(), pyarrow.float16()):
        return list(values)
    singles = [None if value is None else float(str(np.float32(value))) for value in values]
    if not any(value is not None and abs(value) >= _EXACT_BELOW for value in singles):
        return singles
    return [None if value is None else number_text(value, _EXACT_BELOW) for value in singles]


def _of_list(value: list[Any] | None) -> Any:
    if value is None or len(value) < 2:
        return value[0] if value else None
    return json.dumps(value, ensure_ascii=False, default=str)


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        kind = scalar.type
        if not (pyarrow.types.is_timestamp(kind) or pyarrow.types.is_date(kind)):
            raise
        unit: Any = _DATE_UNITS.get(kind) or kind.unit
        written = re.sub(r"\.0+$", "", str(np.datetime64(scalar.value, unit)))
        # Times with a zone are stored in UTC.
        return StoredTime(f"{written}Z" if getattr(kind, "tz", None) else written)

"""Read the values of a .dbf or .dat where GDAL changes them: numbers, days and text.

GDAL reads 007 as 7 and 12-3 as 12. Its tables of characters have holes and other characters
than those by which an encoding is proven here: 十 in Big5-HKSCS is 怭, and many characters of
CP950 are for private use.
"""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from gridmgmt.arrays import IntArray, ObjectArray, objects
from gridmgmt.exchange.bytes.raw_rows import has_lost_digits, plain_text
from gridmgmt.exchange.layers.own_fields import own_names
from gridmgmt.exchange.layers.shapefile.dbf import Dbf, NumberField, number_fields

Fields = dict[str, ObjectArray]

# A whole number, in a field with decimals too: 330103001001001001.000 is the same number.
_WHOLE = re.compile(r"(-?(?:0|[1-9][0-9]*))(?:\.0+)?")
# Fields with so many decimals hold doubles, and the digits at the end were no person's choice:
# ArcGIS writes 11 decimals, GDAL and QGIS 15.
_DECIMALS_OF_DOUBLES = 11
_DOUBLE = re.compile(r"-?(?:0|[1-9][0-9]*)\.([0-9]+)([eE][+-][0-9]{2,3})?")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")


def numbers_of_dbf(dbf: Path, fields: Fields, feature: IntArray) -> Fields:
    """Return the fields of numbers and days of which GDAL changed a value.

    Parameters
    ----------
    fields : the values of n features as GDAL reads them
    feature : (n,) numbers of the features in the file, from 1
    """
    names = list(fields)
    rows = (feature - 1).tolist()
    found: Fields = {}
    for field in number_fields(dbf):
        name = names[field.position]
        values = objects(
            _day_value(read, field.texts[i]) if field.is_day else _number_value(read, field, i)
            for read, i in zip(fields[name], rows, strict=True)
        )
        if _differ(values, fields[name]):
            found[name] = values
    return found


def texts_of_dbf(table: Dbf, encoding: str, fields: Fields, feature: IntArray) -> Fields:
    """Return all fields, with names and texts as the encoding reads their bytes.

    Parameters
    ----------
    encoding : in which all of the text was proven valid
    """
    names, columns = list(fields), list(fields.values())
    rows = (feature - 1).tolist()
    for k, texts in table.texts_beyond_ascii(encoding):
        pairs = zip(columns[k], (texts[row] for row in rows), strict=True)
        columns[k] = objects(_text(old, new) for old, new in pairs)
    named = map(_text, names, own_names(table.names(encoding)))
    return dict(zip(named, columns, strict=True))


def _text(read: Any, ours: str) -> Any:
    """Return our text unless there is none, or GDAL knows its characters better.

    For 25 characters of GB18030, Python has characters of private use, and GDAL the real ones.
    """
    if read is None:
        return ours or None
    return read if _PRIVATE_USE.search(ours) and len(read) == len(ours) else ours


def _differ(values: ObjectArray, read: ObjectArray) -> bool:
    return any(a is not b for a, b in zip(values, read, strict=True))


def _day_value(read: Any, text: str) -> Any:
    return text if isinstance(read, date) and f"{read:%Y%m%d}" != text else read


def _number_value(read: Any, field: NumberField, row: int) -> Any:
    """Return what GDAL read if the field says just that, else the text that stands in it.

    GDAL reads 007 as 7 and 12-3 as 12: such text is a code, or a fault that people must see.
    """
    text, shown = field.texts[row], plain_text(read)
    # A field full of asterisks is null.
    if text == shown or not text.strip("*"):
        return read
    holds_doubles = isinstance(read, float) and field.decimals >= _DECIMALS_OF_DOUBLES
    if whole := _WHOLE.fullmatch(text):
        # All the digits of a double are there, which are not those of a code before it.
        if holds_doubles and has_lost_digits(read) and int(whole[1]) == int(read):
            return shown
        return read if whole[1] == shown or read == 0 else whole[1]
    return (
        read if holds_doubles and not has_lost_digits(read) and _is_print(text, read) else text
    )


def _is_print(text: str, value: float) -> bool:
    """Return whether a program writes a double so: its digits, then zeros or its own noise."""
    found = _DOUBLE.fullmatch(text)
    if not found:
        return False
    exact = f"{value:.{len(found[1])}{'e' if found[2] else 'f'}}"
    if text == exact:
        return True
    return Decimal(text) in {Decimal(one) for one in (repr(value), exact, f"{value:.16e}")}

"""Fields of API requests, parsed to values that can be stored."""

import math
from datetime import date, datetime, timedelta
from typing import Any

import marshmallow as ma
from marshmallow import validate

from gridmgmt.domain.cases.case_texts import LONGEST_SHORT
from gridmgmt.domain.codes import LONGEST_CODE, code_fault
from gridmgmt.domain.columns import plain
from gridmgmt.domain.moments import is_in_our_time, is_offset, no_clock, outside_years
from gridmgmt.domain.numbers import number_of
from web.app.transaction import current_settings


def _is_code(text: str) -> None:
    fault = code_fault(text)
    if fault is not None:
        raise ma.ValidationError(str(fault))


def _storable(text: str) -> None:
    """Raise an error for characters that no person types and the database refuses."""
    try:
        plain(text)
    except ValueError as error:
        raise ma.ValidationError(str(error)) from error


class Text(ma.fields.String):
    """Text of 1 to ``most`` characters."""

    def __init__(self, most: int = LONGEST_SHORT, **given: Any) -> None:
        super().__init__(validate=[validate.Length(1, most), _storable], **given)


class Code(ma.fields.String):
    """A code that is stored: 1 to 64 printable characters."""

    def __init__(self, **given: Any) -> None:
        super().__init__(validate=[validate.Length(1, LONGEST_CODE), _is_code], **given)


class DecimalNumber(ma.fields.Float):
    """A number; in a query it is text with the digits 0 to 9."""

    def _format_num(self, value: Any) -> float:
        _check_digits(value)
        return super()._format_num(value)


class WholeNumber(ma.fields.Integer):
    """A whole number; in a query it is text with the digits 0 to 9."""

    def _format_num(self, value: Any) -> int:
        _check_digits(value)
        return super()._format_num(value)


def _check_digits(value: Any) -> None:
    if isinstance(value, str) and math.isnan(number_of(value)):
        message = f"not a number: {value!r}"
        raise ValueError(message)


class Day(ma.fields.Date):
    """A date in a plausible year."""

    def __init__(self, **given: Any) -> None:
        super().__init__(format="iso", validate=_in_our_time, **given)


class Moment(ma.fields.AwareDateTime):
    """A time with its offset, in a plausible year."""

    def __init__(self, **given: Any) -> None:
        super().__init__(format="iso", validate=_in_our_time, **given)


def _in_our_time(moment: date) -> None:
    if isinstance(moment, datetime) and not is_offset(moment.utcoffset() or timedelta()):
        raise ma.ValidationError(str(no_clock(str(moment.tzname()))))
    if not is_in_our_time(moment, current_settings().tz):
        raise ma.ValidationError(str(outside_years(moment.isoformat())))


class AreaKey(ma.fields.String):
    """An area written as ``level:code``, parsed to the pair."""

    def __init__(self, **given: Any) -> None:
        metadata = {
            "pattern": "^[^:]+:.+$",
            "maxLength": LONGEST_SHORT,
            **given.pop("metadata", {}),
        }
        super().__init__(metadata=metadata, **given)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        _storable(text)
        level, colon, code = text.partition(":")
        if not (level and colon and code) or len(text) > LONGEST_SHORT:
            message = "write level:code"
            raise ma.ValidationError(message)
        return level, code

"""Fields of API requests, parsed to values that can be stored."""

import math
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import marshmallow as ma
from marshmallow import validate

from gridmgmt.domain.case_choice import CaseChoice
from gridmgmt.domain.cases.case_texts import LONGEST_SHORT
from gridmgmt.domain.codes import LONGEST_CODE, code_fault
from gridmgmt.domain.columns import plain
from gridmgmt.domain.moments import on_clock, read_day, read_moment, read_written
from gridmgmt.domain.numbers import number_of
from gridmgmt.errors import InputError
from web.app.transaction import current_settings

Value = TypeVar("Value")


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
        # Marshmallow would cut the rest off silently.
        if isinstance(value, float) and not value.is_integer():
            message = f"not a whole number: {value!r}"
            raise ValueError(message)
        return super()._format_num(value)


def _check_digits(value: Any) -> None:
    if isinstance(value, str) and math.isnan(number_of(value)):
        message = f"not a number: {value!r}"
        raise ValueError(message)


class Day(ma.fields.Date):
    """A date in a plausible year, written as in files; an instant is the bureau's day."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:
        return _read(read_day, value)


class Moment(ma.fields.AwareDateTime):
    """A time with its offset, in a plausible year.

    It is read as in files, and told by the bureau's clock.
    """

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        told = None if value is None else on_clock(value, current_settings().tz)
        return super()._serialize(told, attr, obj, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        return _read(_with_offset, value)


def _with_offset(text: str, tz: ZoneInfo) -> datetime:
    if read_written(text).tzinfo is None:
        message = f"{text!r} has no offset; write 2024-01-05T08:30:00+08:00"
        raise ValueError(message)
    return read_moment(text, tz)


def _read(read: Callable[[str, ZoneInfo], Value], value: Any) -> Value:
    if not isinstance(value, str):
        message = f"{value!r} is no text"
        raise ma.ValidationError(message)
    try:
        return read(value, current_settings().tz)
    except ValueError as error:
        raise ma.ValidationError(str(error)) from error


class Chosen(Text):
    """One parameter of a choice of cases, with the same words as in addresses of pages."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        name = self.data_key or attr
        try:
            CaseChoice.read({name: text})
        except InputError as error:
            raise ma.ValidationError(error.message) from error
        return text


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

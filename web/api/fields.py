"""Fields of API requests, parsed to values that can be stored."""

from datetime import date
from typing import Any

import marshmallow as ma
from marshmallow import validate

from gridmgmt.domain.cases.case_texts import LONGEST_SHORT
from gridmgmt.domain.columns import plain
from gridmgmt.domain.moments import is_in_our_time, outside_years
from web.app.transaction import current_settings


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


class Day(ma.fields.Date):
    """A date in a plausible year."""

    def __init__(self, **given: Any) -> None:
        super().__init__(format="iso", validate=_in_our_time, **given)


class Moment(ma.fields.AwareDateTime):
    """A time with its offset, in a plausible year."""

    def __init__(self, **given: Any) -> None:
        super().__init__(format="iso", validate=_in_our_time, **given)


def _in_our_time(moment: date) -> None:
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

"""Values in requests, read into what can be stored and computed with."""

from datetime import date
from typing import Any

import marshmallow as ma
from marshmallow import validate

# Outside these nobody reports a case, and time zones would leave the calendar.
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def _storable(text: str) -> None:
    """Refuse what PostgreSQL cannot keep: a NUL, and halves of characters."""
    if "\0" in text or any("\ud800" <= one <= "\udfff" for one in text):
        message = "holds characters that are no text"
        raise ma.ValidationError(message)


class Text(ma.fields.String):
    """Text of 1 to ``most`` characters."""

    def __init__(self, most: int = 200, **given: Any) -> None:
        super().__init__(validate=[validate.Length(1, most), _storable], **given)


class Day(ma.fields.Date):
    """A day, in a year that is meant."""

    def __init__(self, **given: Any) -> None:
        super().__init__(format="iso", validate=_in_our_time, **given)


class Moment(ma.fields.AwareDateTime):
    """A moment with its offset, in a year that is meant."""

    def __init__(self, **given: Any) -> None:
        super().__init__(format="iso", validate=_in_our_time, **given)


def _in_our_time(moment: date) -> None:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        message = f"lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}"
        raise ma.ValidationError(message)


class AreaKey(ma.fields.String):
    """An area written ``level:code``, read as the pair."""

    def __init__(self, **given: Any) -> None:
        metadata = {"pattern": "^[^:]+:.+$", "maxLength": 200, **given.pop("metadata", {})}
        super().__init__(metadata=metadata, **given)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        _storable(text)
        level, colon, code = text.partition(":")
        if not (level and colon and code) or len(text) > 200:
            message = "write level:code"
            raise ma.ValidationError(message)
        return level, code

"""Editions: published states of all areas, one in force at any instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from gridmgmt.arrays import IntArray, MomentArray
from gridmgmt.domain.moments import as_utc64, read_moment
from gridmgmt.errors import InputError


@dataclass(frozen=True)
class Edition:
    """A published state of all areas, in force from an instant until the next edition.

    ``in_force_until`` is None for the newest. A withdrawn edition was never in force.
    """

    number: int
    label: str
    effective_from: datetime
    in_force_until: datetime | None
    published_at: datetime
    published_by: str
    tolerance_m2: float
    withdrawn_at: datetime | None = None


def first_edition(editions: Sequence[Edition]) -> Edition | None:
    """Return the edition that came into force first, or None if there is none."""
    standing = (edition for edition in editions if edition.withdrawn_at is None)
    return min(standing, key=lambda edition: edition.effective_from, default=None)


def editions_at(editions: Sequence[Edition], at: MomentArray) -> IntArray:
    """Find the edition in force at each instant.

    Parameters
    ----------
    editions : in any order; withdrawn ones are skipped
    at : (n,) datetime64, UTC

    Returns
    -------
    (n,) int64 edition numbers; -1 before the first edition and for NaT
    """
    standing = sorted(
        (edition for edition in editions if edition.withdrawn_at is None),
        key=lambda edition: edition.effective_from,
    )
    numbers = np.array([-1, *(edition.number for edition in standing)], dtype=np.int64)
    starts = as_utc64([edition.effective_from for edition in standing])
    place = np.searchsorted(starts, at.astype("datetime64[us]"), side="right")
    return np.where(np.isnat(at), np.int64(-1), numbers[place])


def edition_at(editions: Sequence[Edition], at: datetime) -> Edition | None:
    """Find the edition in force at an instant (aware); None before the first."""
    number = int(editions_at(editions, as_utc64([at]))[0])
    return next((edition for edition in editions if edition.number == number), None)


def edition_shown(editions: Sequence[Edition], at: datetime) -> Edition | None:
    """Find the edition to show if nobody names one; None without any.

    It is the one in force at an instant (aware); before the first is in force, the newest shows
    what will come rather than nothing.

    Parameters
    ----------
    editions : by number; withdrawn ones must not be among them
    """
    return edition_at(editions, at) or (editions[-1] if editions else None)


def parse_effective_from(text: str, tz: ZoneInfo) -> datetime:
    """Parse the instant from which an edition is in force, on the bureau's clock.

    A bare date means 00:00 in the bureau's time zone; a time without an offset is local too.

    Raises
    ------
    InputError
        when the text is neither a date nor a date and time

    Examples
    --------
    >>> parse_effective_from("2026-01-01", ZoneInfo("Asia/Shanghai")).isoformat()
    '2026-01-01T00:00:00+08:00'
    """
    return parse_moment("effective-from", text, tz)


def parse_moment(field: str, text: str, tz: ZoneInfo) -> datetime:
    """Parse an instant as `parse_effective_from` does; errors name the field.

    Raises
    ------
    InputError
        when the text is neither a date nor a date and time
    """
    try:
        # Not on the clock of the text: messages show it beside other times of the bureau.
        return read_moment(text.strip(), tz).astimezone(tz)
    except ValueError as error:
        raise InputError(field=field, message=str(error)) from None

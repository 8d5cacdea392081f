"""Read duty hours, and name the form that was meant where they cannot be read."""

import re
import unicodedata

from gridmgmt.domain.judging.hours import Hours, parse_hours
from gridmgmt.domain.judging.hours_checks import check_hours
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

# What people write for the signs and days of opening_hours.
_DASHES = re.compile(r"\s*(?:[‐‑‒–—―−~～至到]+|--+)\s*")
_WEEKDAYS = {
    **{f"{week}{day}": short for week in ("周", "星期", "礼拜") for day, short in zip(
        "一二三四五六日天", ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "Su"), strict=True
    )},
    "工作日": "Mo-Fr",
    "每天": "Mo-Su",
    "每日": "Mo-Su",
}  # fmt: skip
_WEEKDAY = re.compile("|".join(_WEEKDAYS))


def read_hours(text: str) -> Hours:
    """Parse duty hours as ``parse_hours`` does; errors name the form that was meant, if any.

    Examples
    --------
    >>> read_hours("周一 ８:00—18:00")
    Traceback (most recent call last):
    gridmgmt.errors.InputError: hours: '周一 ８:00—18:00' cannot be read; write Mo 8:00-18:00
    """
    try:
        return parse_hours(text)
    except InputError:
        plain = _plain(text)
        if plain == text or not _is_read(plain):
            raise
    # Its own faults are the next that a person would read.
    check_hours(plain)
    message = Sentence("{} cannot be read; write {}", repr(text), plain)
    raise InputError(field="hours", message=message)


def _is_read(text: str) -> bool:
    try:
        parse_hours(text)
    except InputError:
        return False
    return True


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(one for one in plain if unicodedata.category(one) != "Cf")
    plain = _DASHES.sub("-", plain).replace("、", ",")
    plain = _WEEKDAY.sub(lambda day: _WEEKDAYS[day[0]], plain)
    plain = re.sub(r"(Mo|Tu|We|Th|Fr|Sa|Su)(?=\d)", r"\1 ", plain)
    # Rules are joined by a comma with a blank behind it.
    plain = re.sub(r"(?<=\d),\s*(?=[A-Z])", ", ", plain)
    return re.sub(r"\s*;[;\s]*", "; ", plain).strip("; ")

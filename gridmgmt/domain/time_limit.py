"""Read the time limits of categories as bureaus write them (处置时限).

The grammar only: what was written. How long that is on a clock is computed elsewhere
(``domain/cases/deadline.py``), and another clock needs no other reading.

====================  ===============================================================
written               read
====================  ===============================================================
``2紧急工作时``        2 hours, urgent, of working time
``1个工作日``          1 day of working time
``3自然日``            3 days of the calendar
``4小时``, ``5天``     4 hours, 5 days; whether of working time is not said
``半天``               half a day
``1紧急工作时制止``    1 hour, urgent, of working time, to do what is called 制止
``种植季节15工作日``   15 days of working time, in the season 种植季节
``2天|15天``           two limits; between them ``| / ； 、 ，`` or 或
``2 business days``   2 days of working time
``及时``, ``种植季节`` a limit without a length
====================  ===============================================================
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from gridmgmt.domain import limit_words
from gridmgmt.domain.numerals import number_in_words
from gridmgmt.sentence import Sentence


class LimitUnit(StrEnum):
    """The unit of a time limit."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """One time limit, as it was written.

    ``number`` and ``unit`` are None together, if no length can be read; ``why_not`` says why.
    ``working``: True for working time, False for time of the calendar, None where the text
    does not say. ``act`` is what must be done by then, ``season`` when the limit holds, each
    as written, or None.
    """

    text: str
    number: Fraction | None = None
    unit: LimitUnit | None = None
    urgent: bool = False
    working: bool | None = None
    act: str | None = None
    season: str | None = None
    why_not: Sentence | None = None

    @property
    def meaning(self) -> tuple[object, ...]:
        """Return what was read, for comparison; of a limit without a length its text."""
        read = (self.number, self.unit, self.urgent, self.working, self.act, self.season)
        return read if self.unit is not None else (self.text,)


# A longer text is no limit but a name or a paragraph in the wrong column.
_LONGEST_PART = 60
_LONGEST = 2_000


@lru_cache(maxsize=4096)
def parse_limits(text: str | None) -> tuple[TimeLimit, ...]:
    """Return the different limits of a text, in their order; none for an empty text or a dash.

    Whatever else is written gives a limit: if its length cannot be read, one without a length.

    Examples
    --------
    >>> [(str(one.number), one.unit.value) for one in parse_limits("2紧急工作时|5天")]
    [('2', 'hour'), ('5', 'day')]
    >>> [one.act for one in parse_limits("1紧急工作时制止/")], parse_limits("—")
    (['制止'], ())
    >>> parse_limits("及时")[0].why_not
    '及时 states no length of time'
    """
    if text is None or len(text) > _LONGEST:
        return () if text is None else (_without_length(text[:_LONGEST_PART]),)
    read: dict[tuple[object, ...], TimeLimit] = {}
    for part in limit_words.parts(text):
        limit = _limit(part)
        read.setdefault(limit.meaning, limit)
    return tuple(read.values())


def _limit(text: str) -> TimeLimit:
    narrow = " ".join(text.translate(limit_words.NARROW).split())
    if len(narrow) > _LONGEST_PART:
        return _without_length(text)
    return _english(text, narrow) or _chinese(text, narrow) or _without_length(text)


def _without_length(text: str) -> TimeLimit:
    narrow = text.translate(limit_words.NARROW)
    season = limit_words.SEASON.fullmatch(narrow)
    is_season = season is not None and not season["act"] and limit_words.WORD.fullmatch(narrow)
    has_length = re.search("[0-9]", narrow) or limit_words.LENGTH.search(narrow)
    return TimeLimit(
        text,
        season=text if is_season else None,
        why_not=Sentence("{} is not understood as a time limit", text)
        if has_length
        else Sentence("{} states no length of time", text),
    )


def _english(text: str, narrow: str) -> TimeLimit | None:
    found = limit_words.ENGLISH.fullmatch(narrow)
    if found is None or limit_words.OTHERWISE_ENGLISH.search(found["after"] or ""):
        return None
    written, unit = found["number"].lower(), found["unit"].lower()
    if written.startswith("half"):
        number = Fraction(1, 2)
    else:
        number = Fraction(limit_words.ENGLISH_NUMBERS.get(written, written))
    return _checked(
        TimeLimit(
            text,
            number,
            _unit(unit),
            urgent=found["urgent"] is not None,
            working=limit_words.ENGLISH_CLOCKS.get((found["clock"] or "").lower()),
            act=found["after"],
        )
    )


def _chinese(text: str, narrow: str) -> TimeLimit | None:
    bare = " ".join(limit_words.BRACKETS.sub(" ", narrow).split())
    beside = [found["inside"].strip() for found in limit_words.BRACKETS.finditer(narrow)]
    if limit_words.TIME_OF_DAY.search(bare):
        return None
    # The first length is not always the limit: 11月至3月15天.
    begin = 0
    while found := limit_words.LENGTH.search(bare, begin):
        before, after = bare[: found.start()], bare[found.end() :]
        if (words := _words(before, after, beside)) is not None:
            return _checked(_of_length(text, found, words))
        begin = found.start() + 1
    return None


@dataclass(slots=True)
class _Words:
    """The words beside a length."""

    act: str | None = None
    season: str | None = None
    urgent: bool = False
    working: bool | None = None

    def add(self, word: str) -> bool:
        """Take in a word; return False if it changes the meaning of the length."""
        season, act = None, word
        if found := limit_words.SEASON.fullmatch(word):
            season, act = found["season"], found["act"]
        rest = limit_words.MONTHS.sub("", season or "") + act
        parts = re.sub("[,、]", " ", rest).split()
        if limit_words.LENGTH.search(rest) or not all(map(limit_words.WORD.fullmatch, parts)):
            return False
        self.season = season or self.season
        self.act = act or self.act
        return True


def _words(before: str, after: str, beside: Sequence[str]) -> _Words | None:
    """Return what the words beside a length say, None if they change its meaning."""
    if limit_words.LEAST.search(before):
        return None
    words = _Words()
    before = limit_words.AT_THE_ENDS.sub("", before)
    after = limit_words.AT_THE_ENDS.sub("", after)
    for mark in ("紧急", "应急"):
        if before.endswith(mark):
            words.urgent, before = True, before.removesuffix(mark)
    if limit_words.OTHERWISE_BEFORE.search(before) or limit_words.OTHERWISE_AFTER.search(after):
        return None
    for inside in beside:
        clock = limit_words.CLOCKS.get(inside.rstrip("天日小时"))
        if clock is not None:
            words.working = clock
        elif inside in ("紧急", "应急"):
            words.urgent = True
        elif not words.add(inside):
            return None
    return words if words.add(before) and words.add(after) else None


def _of_length(text: str, found: re.Match[str], words: _Words) -> TimeLimit | None:
    unit = _unit(found["unit"].lower())
    # Before 半 there may be no number.
    number = number_in_words(found["number"] or "0")
    minutes = number_in_words(found["minutes"] or "0")
    halves = (found["half"] != "") + (found["half_after"] != "")
    if found["half"] and found["number"] and not found["counted"]:
        return None
    # 一个半天 is read as one day and a half, and as one half day.
    if found["half"] and found["number"] and unit is LimitUnit.DAY and not found["clock"]:
        return None
    if found["minutes"] and unit is not LimitUnit.HOUR:
        return None
    if number is None or minutes is None or halves > 1:
        return None
    clock = limit_words.CLOCKS.get(found["clock"] or "", words.working)
    return TimeLimit(
        text,
        number + Fraction(halves, 2) + minutes / 60,
        unit,
        urgent=found["urgent"] is not None or words.urgent,
        working=clock,
        act=words.act,
        season=words.season,
    )


def _unit(written: str) -> LimitUnit:
    for begin in (written, written[:2], written[:1]):
        if name := (limit_words.UNITS | limit_words.ENGLISH_UNITS).get(begin):
            return LimitUnit(name)
    raise ValueError(written)


def _checked(limit: TimeLimit | None) -> TimeLimit | None:
    return limit if limit is not None and limit.number else None

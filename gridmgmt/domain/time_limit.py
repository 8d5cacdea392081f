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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from gridmgmt.domain.numerals import NUMERALS, number_in_words
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

# Full-width letters, digits and signs, and wide blanks, are typed for narrow ones. No other
# compatibility form (NFKC): ① and ² would become digits of the number beside them.
_NARROW = {n: n - 0xFEE0 for n in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}

# Between limits. A number in a circle begins an item of a list.
_BETWEEN = re.compile(
    r"[|/;,、。+&\n\r\u2022\u2460-\u2473\u2776-\u277f]|或者?|(?<=\w)\s+(?:and|or)\s+"
)
_NOTHING = frozenset(("", "-", "--", "—", "——", "–", "无", "N/A", "n/a", "none", "null"))

_UNITS = {
    "分钟": LimitUnit.MINUTE,
    "分": LimitUnit.MINUTE,
    "小时": LimitUnit.HOUR,
    "钟头": LimitUnit.HOUR,
    "时": LimitUnit.HOUR,
    "天": LimitUnit.DAY,
    "日": LimitUnit.DAY,
    "周": LimitUnit.WEEK,
    "星期": LimitUnit.WEEK,
    "礼拜": LimitUnit.WEEK,
    "月": LimitUnit.MONTH,
    "年": LimitUnit.YEAR,
}
_CLOCKS = {"法定工作": True, "工作": True, "自然": False, "日历": False}
_LENGTH = re.compile(
    rf"""(?P<number>
      (?<![0-9.]) [0-9]+ (?:\.[0-9]+)?
      | (?<![{NUMERALS}]) [{NUMERALS}]+ (?:点[{NUMERALS}]+)?
      | (?=半)
    )
    \s* (?P<counted>个?) \s* (?P<half>半?) \s* (?:个\s*)?
    (?P<urgent>紧急|应急)? \s* (?P<clock>{"|".join(_CLOCKS)})? \s*
    (?P<unit>{"|".join(_UNITS)})
    (?P<half_after>半?) \s* (?:零?(?P<minutes>[0-9]+|[{NUMERALS}]+)\s*分钟?)?
    \s* (?:以内|之内|内)?""",
    re.VERBOSE,
)
_ENGLISH_NUMERALS = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
)
_WORDS = dict(zip(_ENGLISH_NUMERALS, range(1, 11), strict=True)) | {"a": 1, "an": 1}
_ENGLISH_CLOCKS = {
    "working": True,
    "business": True,
    "work": True,
    "calendar": False,
    "natural": False,
}
_ENGLISH = re.compile(
    rf"""(?:(?:within|in|up\ to|at\ most|no\ more\ than|max\.?|maximum)\s+|[<≤]=?\s*)?
    (?P<number>[0-9]+(?:\.[0-9]+)?|half(?:\s+an?)?|{"|".join(_WORDS)})
    [\s-]*(?P<urgent>(?:urgent|emergency)\s+)?
    (?P<clock>{"|".join(_ENGLISH_CLOCKS)})?[\s-]*
    (?P<unit>minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|wks?|months?|years?)\.?
    (?:\s+(?P<after>[a-z][a-z ]*))?""",
    re.VERBOSE | re.IGNORECASE,
)
_ENGLISH_UNITS = {
    "mi": LimitUnit.MINUTE,
    "mo": LimitUnit.MONTH,
    "h": LimitUnit.HOUR,
    "d": LimitUnit.DAY,
    "w": LimitUnit.WEEK,
    "y": LimitUnit.YEAR,
}

# Words beside a limit that change nothing about it: it is the longest time, and it counts from
# the report.
_LIMITING = (
    r"(?:处置时限|处理时限|时限|期限|限期|限时|限|不得?超过|不多于|最长|最多|至多|控制|[应须需]"
    r"|在|于|自|[<≤]=?|[:=\s]"
    r"|(?:[接收]到?(?:报|举报|报告|上报|报案|案件|任务|派遣|通知|指令)|上报|受理|立案|派遣|发现)"
    r"之?[日时]?[后起])+"
)
_AT_THE_ENDS = re.compile(rf"^{_LIMITING}|{_LIMITING}$")
# Words that make something else of the length beside them: a rhythm, a rank, a least or rough
# time, one of two ends, another beginning.
_OTHERWISE_BEFORE = re.compile(
    r"每|第|约|次(?!年)|至少|不少|不低|不得少|超|隔|逾|下一|(?:[后起个近多几数至到]|\W)$"
)
_OTHERWISE_AFTER = re.compile(r"^(?:以[上下]|左右|上下|[前后起多余至]|每|\W)|次$")
_MONTHS = re.compile(
    rf"[0-9{NUMERALS}]+月?份?\s*(?:至|到|[-~—–]+)\s*[次翌]?年?[0-9{NUMERALS}]+月份?"
)
_SEASON = re.compile(
    r"(?P<season>.*(?:季节?|期间?|时节|[春夏秋冬][天日]?|月份?|[节假]日))(?P<act>.*)"
)
_WORD = re.compile(r"[^\W\d_][^\W\d_ ]*")
_BRACKETS = re.compile(r"[(\[【〔](?P<inside>[^()\[\]【】〔〕]*)[)\]】〕]")


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
    for part in _parts(text):
        limit = _limit(part)
        read.setdefault(limit.meaning, limit)
    return tuple(read.values())


def _parts(text: str) -> Iterator[str]:
    """Yield the limits of a text as they were written."""
    narrow = text.translate(_NARROW)
    begin = 0
    if narrow.strip() in _NOTHING:
        return
    ends = [(found.start(), found.end()) for found in _BETWEEN.finditer(narrow)]
    for end, next_begin in (*ends, (len(text), len(text))):
        if narrow[begin:end].strip() not in _NOTHING:
            yield text[begin:end].strip()
        begin = next_begin


def _limit(text: str) -> TimeLimit:
    narrow = " ".join(text.translate(_NARROW).split())
    if len(narrow) > _LONGEST_PART:
        return _without_length(text)
    return _english(text, narrow) or _chinese(text, narrow) or _without_length(text)


def _without_length(text: str) -> TimeLimit:
    narrow = text.translate(_NARROW)
    season = _SEASON.fullmatch(narrow)
    is_season = season is not None and not season["act"] and _WORD.fullmatch(narrow)
    has_length = re.search("[0-9]", narrow) or _LENGTH.search(narrow)
    return TimeLimit(
        text,
        season=text if is_season else None,
        why_not=Sentence("{} is not understood as a time limit", text)
        if has_length
        else Sentence("{} states no length of time", text),
    )


def _english(text: str, narrow: str) -> TimeLimit | None:
    found = _ENGLISH.fullmatch(narrow)
    if found is None:
        return None
    written, unit = found["number"].lower(), found["unit"].lower()
    if written.startswith("half"):
        number = Fraction(1, 2)
    else:
        number = Fraction(_WORDS.get(written, written))
    return _checked(
        TimeLimit(
            text,
            number,
            _ENGLISH_UNITS.get(unit[:2]) or _ENGLISH_UNITS[unit[0]],
            urgent=found["urgent"] is not None,
            working=_ENGLISH_CLOCKS.get((found["clock"] or "").lower()),
            act=found["after"],
        )
    )


def _chinese(text: str, narrow: str) -> TimeLimit | None:
    bare = " ".join(_BRACKETS.sub(" ", narrow).split())
    beside = [found["inside"].strip() for found in _BRACKETS.finditer(narrow)]
    # The first length is not always the limit: 11月至3月15天.
    begin = 0
    while found := _LENGTH.search(bare, begin):
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
        if found := _SEASON.fullmatch(word):
            season, act = found["season"], found["act"]
        rest = _MONTHS.sub("", season or "") + act
        if _LENGTH.search(rest) or not all(map(_WORD.fullmatch, rest.split())):
            return False
        self.season = season or self.season
        self.act = act or self.act
        return True


def _words(before: str, after: str, beside: Sequence[str]) -> _Words | None:
    """Return what the words beside a length say, None if they change its meaning."""
    words = _Words()
    before = _AT_THE_ENDS.sub("", before)
    after = _AT_THE_ENDS.sub("", after)
    for mark in ("紧急", "应急"):
        if before.endswith(mark):
            words.urgent, before = True, before.removesuffix(mark)
    if _OTHERWISE_BEFORE.search(before) or _OTHERWISE_AFTER.search(after):
        return None
    for inside in beside:
        clock = _CLOCKS.get(inside.rstrip("天日小时"))
        if clock is not None:
            words.working = clock
        elif not words.add(inside):
            return None
    return words if words.add(before) and words.add(after) else None


def _of_length(text: str, found: re.Match[str], words: _Words) -> TimeLimit | None:
    unit = _UNITS[found["unit"]]
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
    clock = _CLOCKS.get(found["clock"] or "", words.working)
    return TimeLimit(
        text,
        number + Fraction(halves, 2) + minutes / 60,
        unit,
        urgent=found["urgent"] is not None or words.urgent,
        working=clock,
        act=words.act,
        season=words.season,
    )


def _checked(limit: TimeLimit | None) -> TimeLimit | None:
    return limit if limit is not None and limit.number else None

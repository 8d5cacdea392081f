"""Duty hours as people write them: the parts of opening_hours, each in Chinese words.

What files hold and what is typed stays as it is (``domain.judging.hours``).
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from gridmgmt.domain.headings import Language

_WEEKDAYS = dict(zip(("mo", "tu", "we", "th", "fr", "sa", "su"), "一二三四五六日", strict=True))
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = rf"(?:{'|'.join(_WEEKDAYS)})"
_MONTH = rf"(?:{'|'.join(_MONTHS)})"
_NO_TIME = r"(?![\d:])"
_WHOLE_DAY = 24 * 60  # in minutes

Words = Callable[[re.Match[str]], str]

_TIMES = ("span", "open_end")
# A rule without one of these holds on each day.
_SAYS_DAYS = {"date", "year", "week", "weekday", "off", "always"}


def hours_in_words(text: str, language: Language) -> str:
    """Return duty hours in the words of a language; English ones stay opening_hours.

    So do hours with a part that has no words here, such as every second week.

    Examples
    --------
    >>> hours_in_words("Mo-Fr 08:00-18:00; Sa off", "zh")
    '周一至周五 8:00–18:00；周六不值守'
    >>> hours_in_words("22:00-06:00", "zh"), hours_in_words("22:00-06:00", "en")
    ('每日 22:00–次日 6:00', '22:00-06:00')
    >>> hours_in_words("May-Sep 06:00-20:00; 2027 Feb 05-11 Mo,We 10:00-12:00", "zh")
    '5月至9月 6:00–20:00；2027年2月5日至11日 周一、周三 10:00–12:00'
    """
    return (_in_chinese(text) or text) if language == "zh" else text


@lru_cache(maxsize=4096)
def _in_chinese(text: str) -> str | None:
    rules = []
    for rule in re.split(r";(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", text):
        parts = list(_parts(rule.strip()))
        if not parts or None in parts:
            return None
        rules.append(_joined([part for part in parts if part is not None]))
    return "；".join(rules)


def _parts(rule: str) -> Iterator[tuple[str, str] | None]:
    """Yield the parts of a rule as pairs of kind and words, None for one without words."""
    at = 0
    while at < len(rule):
        found = next(
            (
                (kind, match, words)
                for kind, (pattern, words) in _KINDS.items()
                if (match := pattern.match(rule, at)) is not None
            ),
            None,
        )
        if found is None:
            yield None
            return
        kind, match, words = found
        at = match.end()
        yield kind, words(match)


def _joined(parts: list[tuple[str, str]]) -> str:
    """Return the words of a rule, joined as its signs join it."""
    kinds = [kind for kind, _ in parts]
    told = "" if set(kinds) & _SAYS_DAYS else "每日 "
    before = ""
    for at, (kind, words) in enumerate(parts):
        if kind == "blank":
            continue
        if kind == "comma":
            # Behind a time a comma joins times of the same days, or another rule.
            follows = next((one for one in kinds[at + 1 :] if one != "blank"), "")
            is_rule = before in (*_TIMES, "off") and follows not in _TIMES
            told += "，" if is_rule else "、"
        elif before in ("", "comma", "off") or kind in ("off", "comment"):
            told += words
        else:
            told += f" {words}"
        before = kind
    return told


def _span(match: re.Match[str]) -> str:
    begin, end = (
        int(hour) * 60 + int(minute)
        for hour, minute in ((match[1], match[2]), (match[3], match[4]))
    )
    if (begin, end) == (0, _WHOLE_DAY):
        return "全天"
    if end <= begin:
        end += _WHOLE_DAY
    if end <= _WHOLE_DAY:
        return f"{_clock(begin)}–{_clock(end)}"
    return f"{_clock(begin)}–次日 {_clock(end - _WHOLE_DAY)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _date(match: re.Match[str]) -> str:
    year, month, day, last_year, last_month, last_day, same_month_day = match.groups()
    first = _day_of(year, month, day)
    if same_month_day is not None:
        return f"{first}至{int(same_month_day)}日"
    if last_month is None:
        return first
    return f"{first}至{_day_of(last_year, last_month, last_day)}"


def _day_of(year: str | None, month: str, day: str | None) -> str:
    number = _MONTHS.index(month.lower()) + 1
    told = f"{year}年{number}月" if year else f"{number}月"
    return told if day is None else f"{told}{int(day)}日"


def _year(match: re.Match[str]) -> str:
    if match[3]:
        return f"{match[1]}年起"
    return f"{match[1]}年" if match[2] is None else f"{match[1]}年至{match[2]}年"


def _week(match: re.Match[str]) -> str:
    first, last = int(match[1]), match[2]
    return f"第{first}周" if last is None else f"第{first}至{int(last)}周"


def _weekday(match: re.Match[str]) -> str:
    first, number, last = match.groups()
    day = f"周{_WEEKDAYS[first.lower()]}"
    if number is not None:
        return f"每月最后一个{day}" if number == "-1" else f"每月第{number}个{day}"
    return day if last is None else f"{day}至周{_WEEKDAYS[last.lower()]}"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_KINDS: dict[str, tuple[re.Pattern[str], Words]] = {
    "blank": (_pattern(r"\s+"), lambda _: ""),
    "comma": (_pattern(r","), lambda _: "、"),
    "comment": (_pattern(r'"([^"]*)"'), lambda match: f"（{match[1]}）"),
    "span": (
        _pattern(r"(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)(?![\d/+])"),
        _span,
    ),
    "always": (_pattern(r"24/7"), lambda _: "全天"),
    "open_end": (
        _pattern(r"(\d\d?):(\d\d)\s*\+"),
        lambda match: f"{_clock(int(match[1]) * 60 + int(match[2]))} 起",
    ),
    "date": (
        _pattern(
            rf"(?:(\d{{4}})\s+)?({_MONTH})(?:\s+(\d\d?){_NO_TIME})?"
            rf"(?:\s*-\s*(?:(?:(\d{{4}})\s+)?({_MONTH})(?:\s+(\d\d?){_NO_TIME})?"
            rf"|(\d\d?){_NO_TIME}))?(?![\w/+-])"
        ),
        _date,
    ),
    "year": (_pattern(r"(\d{4})(?:-(\d{4})|(\+))?(?![\d:/])"), _year),
    "week": (_pattern(r"week\s*(\d\d?)(?:-(\d\d?))?(?![\d/])"), _week),
    "weekday": (
        _pattern(rf"({_DAY})(?:\[([1-5]|-1)\]|-({_DAY}))?(?![\w\[-])"),
        _weekday,
    ),
    "off": (_pattern(r"(?:off|closed)\b"), lambda _: "不值守"),
}

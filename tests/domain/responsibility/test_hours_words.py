"""Duty hours in words say the same hours."""

import random
from datetime import datetime

import pytest

from gridmgmt.domain.judging.hours import Hours, parse_hours
from gridmgmt.domain.responsibility.hours_words import hours_in_words
from gridmgmt.errors import InputError

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# What a reader of the words takes them for.
BACK = [
    *((f"{n}月至", f"{month}-") for n, month in reversed([*enumerate(MONTHS, 1)])),
    *((f"{n}月", month) for n, month in reversed([*enumerate(MONTHS, 1)])),
    *((f"周{word}", day) for word, day in zip("一二三四五六日", DAYS, strict=True)),
    ("每日 ", ""),
    ("次日 ", ""),
    ("全天", "00:00-24:00"),
    ("不值守", " off"),
    ("；", "; "),
    ("，", ", "),
    ("、", ","),
    ("至", "-"),
    ("–", "-"),
]
MONDAY = datetime(2026, 1, 5)  # noqa: DTZ001 - the wall clock of the bureau


def read_back(words: str) -> str:
    for word, sign in BACK:
        words = words.replace(word, sign)
    return words


def random_hours(dice: random.Random) -> str:
    def days() -> str:
        first, last = sorted(dice.sample(range(7), 2))
        some = [DAYS[at] for at in sorted(dice.sample(range(7), dice.randint(1, 3)))]
        return dice.choice(("", f"{DAYS[first]}-{DAYS[last]} ", ",".join(some) + " "))

    def months() -> str:
        first, last = sorted(dice.sample(range(12), 2))
        return dice.choice(("", "", f"{MONTHS[first]}-{MONTHS[last]} ", f"{MONTHS[first]} "))

    def span() -> str:
        begin, end = dice.randint(0, 22), dice.randint(1, 24)
        return f"{begin:02}:{dice.choice((0, 30)):02}-{end:02}:00"

    rules = [
        months() + days() + ",".join(span() for _ in range(dice.randint(1, 2)))
        for _ in range(dice.randint(1, 3))
    ]
    joint = dice.choice(("; ", ", "))
    return joint.join(rules) + dice.choice(("", "; Su off"))


def some_hours(dice: random.Random) -> tuple[str, Hours]:
    """Hours that are ever open: a later rule may close all of the earlier ones."""
    while True:
        text = random_hours(dice)
        try:
            return text, parse_hours(text)
        except InputError:
            continue


@pytest.mark.parametrize("seed", range(40))
def test_whoever_reads_the_words_has_the_same_hours(seed: int) -> None:
    text, meant = some_hours(random.Random(seed))
    words = hours_in_words(text, "zh")
    assert words != text
    read = parse_hours(read_back(words))
    assert read.open_spans(MONDAY, 366) == meant.open_spans(MONDAY, 366), (text, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("08:00-18:00", "每日 8:00–18:00"),
        ("00:00-24:00", "每日 全天"),
        ("Mo-Fr 08:00-12:00,14:00-18:00", "周一至周五 8:00–12:00、14:00–18:00"),
        ("Mo-Fr 08:00-18:00, Sa 09:00-12:00", "周一至周五 8:00–18:00，周六 9:00–12:00"),
        ("Sa,Su 22:00-26:00", "周六、周日 22:00–次日 2:00"),
        ("Oct 01-07 09:00-21:00", "10月1日至7日 9:00–21:00"),
        ("Dec 24-Jan 02 off", "12月24日至1月2日不值守"),
        ("2026-2028 Mo[1] 10:00-12:00", "2026年至2028年 每月第1个周一 10:00–12:00"),
        ("week 1-20 Fr[-1] 10:00+", "第1至20周 每月最后一个周五 10:00 起"),
        ('Mo 08:00-18:00 "夜市; 季节"; Su off', "周一 8:00–18:00（夜市; 季节）；周日不值守"),
    ],
)
def test_each_part_has_its_words(text: str, words: str) -> None:
    assert hours_in_words(text, "zh") == words


@pytest.mark.parametrize(
    "text",
    [
        "week 1-20/2 08:00-18:00",
        "Mo[1,3] 08:00-10:00",
        "Mo-Fr 08:00-18:00+",
        "easter 08:00-9:00",
    ],
)
def test_what_has_no_words_stays_as_it_is_written(text: str) -> None:
    assert hours_in_words(text, "zh") == text
    assert hours_in_words(text, "en") == text

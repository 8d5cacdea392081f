from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.judging.hours import parse_hours
from gridmgmt.domain.judging.hours_checks import check_hours
from gridmgmt.errors import InputError

HIDDEN_ALWAYS = [
    ("08:00-12:00;14:00-18:00", "join them by ,: 08:00-12:00, 14:00-18:00"),
    ("Mo-Fr 08:00-12:00; Mo-Fr 14:00-18:00", ": Mo-Fr 08:00-12:00, Mo-Fr 14:00-18:00"),
    ("Mo-Fr 08:00-12:00; 14:00-18:00", "'Mo-Fr 08:00-12:00' never counts: '14:00-18:00'"),
    ("Sa 08:00-12:00; Mo-Fr 08:00-12:00; Sa 14:00-18:00", "'Sa 08:00-12:00' never counts"),
    ("22:00-06:00; 10:00-12:00", "join them by ,: 22:00-06:00, 10:00-12:00"),
    ("24/7; 08:00-12:00", "'24/7' never counts"),
    ("2027 Feb 05-11 10:00-22:00; 2027 Feb 05-11 08:00-09:00", "never counts"),
    ("Feb 29 08:00-09:00; Feb 29 10:00-11:00", "never counts"),
    ("Mo-Fr 08:00-12:00; Mo-Fr 11:00-18:00", "never counts"),
    ("Mo 08:00-09:00; Tu 10:00-11:00; Mo off", "'Mo off' after it closes all its hours"),
    ("Oct 01-03 08:00-09:00; Oct 01-07 off", "'Oct 01-07 off' after it closes all its hours"),
    # A semicolon within a comment ends no rule.
    ('08:00-12:00 "a;b"; 14:00-18:00', "'08:00-12:00 \"a;b\"' never counts"),
]

HIDDEN_SOMETIMES = [
    "Mo-Fr 08:00-12:00; We 14:00-18:00",
    "08:00-12:00; Mo-Fr 14:00-18:00",
    "Mo-Fr 08:00-12:00; Oct 01-07 14:00-18:00",
    "22:00-06:00; Sa 10:00-12:00",
    "Mo-Fr 08:00-18:00; We 17:00-21:00",
    "Mo-Fr 08:00-12:00; Mo 11:59-18:00",
    "Mo-Fr 08:00-12:00; 2031 Mar 03 14:00-18:00",
]

SAYS_WHAT_IT_MEANS = [
    *("08:00-12:00,14:00-18:00", "Mo-Fr 08:00-12:00, Mo-Fr 14:00-18:00", "24/7"),
    *("Mo-Fr 08:00-18:00; Sa 09:00-12:00", "08:00-18:00; Sa off", "24/7; Aug off"),
    # A shorter and a longer day in place of the usual one.
    *("08:00-18:00; Sa,Su 09:00-17:00", "08:00-18:00; Sa 07:00-20:00"),
    *("08:00-18:00; We 08:00-20:00", '08:00-12:00 "a;b", 14:00-18:00 "unknown; to me"'),
    *("week 53 Mo 08:00-09:00; Tu 10:00-12:00", "off; Mo 08:00-10:00"),
    # An exception within closed days, and days that are only closed where the others open.
    *("08:00-18:00; Su off; Su 10:00-12:00", "Sa,Su off; Mo-Fr 08:00-18:00"),
    *("week 53 08:00-09:00", "Feb 29 08:00-09:00", "2019 08:00-18:00", "08:00-12:00, Su off"),
    "Jan-Jun 08:00-12:00; Jul-Dec 14:00-18:00",
]


@pytest.mark.parametrize(("text", "words"), HIDDEN_ALWAYS)
def test_a_rule_that_never_counts_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        check_hours(text)
    assert words in str(caught.value)


@pytest.mark.parametrize("text", HIDDEN_SOMETIMES)
def test_a_rule_that_another_replaces_on_some_days_is_warned_of(text: str) -> None:
    (warning,) = check_hours(text)
    remedy = str(warning).rpartition("join them by ,: ")[2]
    assert remedy == text.replace(";", ",")
    assert check_hours(remedy) == ()


@pytest.mark.parametrize("text", SAYS_WHAT_IT_MEANS)
def test_usual_hours_pass_without_a_word(text: str) -> None:
    parse_hours(text)
    assert check_hours(text) == ()


@pytest.mark.parametrize(
    "text",
    ["unknown", "08:00-18:00 unknown", "08:00-18:00; Sa Unknown", "08:00-12:00 || unknown"],
)
def test_unknown_hours_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="says unknown, and then nobody is on duty"):
        check_hours(text)


@pytest.mark.parametrize(
    "text", ["08:00-12:00 || 14:00-18:00", "Mo 08:00-12:00||Mo 14:00-18:00"]
)
def test_a_fallback_is_refused_with_the_hours_joined(text: str) -> None:
    with pytest.raises(InputError, match="of which one counts on a day") as caught:
        check_hours(text)
    joined = str(caught.value).rpartition("join them by ,: ")[2]
    assert check_hours(joined) == ()


@pytest.mark.parametrize("text", ['"on call"', '08:00-18:00; "on call"'])
def test_a_comment_alone_is_no_hours(text: str) -> None:
    parse_hours(text)  # which takes it for 24/7
    with pytest.raises(InputError, match="has a comment without hours"):
        check_hours(text)


@pytest.mark.parametrize(
    "text", ['08:00-18:00, "on call"', '"a", "b"', '"on call", 08:00-18:00']
)
def test_a_comment_alone_between_commas_is_no_hours(text: str) -> None:
    assert parse_hours(text).open_at(datetime(2026, 3, 1, 3))  # noqa: DTZ001
    with pytest.raises(InputError, match="has a comment without hours"):
        check_hours(text)


def test_a_fallback_that_is_a_comment_is_left_out_of_the_remedy() -> None:
    with pytest.raises(InputError) as caught:
        check_hours('Mo-Fr 08:00-18:00 || "call" || Sa 09:00-10:00; Su off')
    joined = str(caught.value).rpartition("join them by ,: ")[2]
    assert joined == "Mo-Fr 08:00-18:00, Sa 09:00-10:00; Su off"
    assert check_hours(joined) == ()


REOPENED = [
    ("Su off; 08:00-12:00", "08:00-12:00; Su off"),
    ("2026 Oct 01-07 off; 08:00-18:00", "08:00-18:00; 2026 Oct 01-07 off"),
    ("Oct 01-07 closed; Mo-Fr 08:00-18:00", "Mo-Fr 08:00-18:00; Oct 01-07 closed"),
    ("12:00-13:00 off; 08:00-18:00", "08:00-18:00; 12:00-13:00 off"),
    ('Aug off "holidays"; 24/7', '24/7; Aug off "holidays"'),
    ("Mo 08:00-09:00; Su off; 08:00-12:00; Sa off", None),
]


@pytest.mark.parametrize(("text", "behind"), REOPENED)
def test_closed_days_that_a_later_rule_opens_are_refused(text: str, behind: str | None) -> None:
    with pytest.raises(InputError, match="never counts") as caught:
        check_hours(text)
    if behind:
        assert str(caught.value).rpartition("write it behind: ")[2] == behind
        assert check_hours(behind) == ()


def test_closed_days_of_which_a_later_rule_opens_some_are_warned_of() -> None:
    (warning,) = check_hours("Mo-Fr 08:00-18:00; Oct 01-07 off; Oct 06-08 10:00-12:00")
    assert "'Oct 01-07 off' closes days that 'Oct 06-08 10:00-12:00' after it opens" in warning


@pytest.mark.parametrize(
    "day", ["Feb 30", "feb30", "Jun 31", "2027 Feb 29", "Sep 29-31", "Sep 31-Oct 07", "Apr 31+"]
)
@pytest.mark.parametrize("hours", ["{} 08:00-18:00", "08:00-18:00; {} off", "{} off; 24/7"])
def test_days_that_no_calendar_has_are_refused(day: str, hours: str) -> None:
    """The library takes 30 February for every day of the year."""
    with pytest.raises(InputError, match="is no day of the year"):
        check_hours(hours.format(day))


@pytest.mark.parametrize("text", ["Oct 01-07 off", "easter off", "2026 off", "We off; Su off"])
def test_hours_that_are_never_open_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="is never open"):
        check_hours(text)


@pytest.mark.parametrize("text", ["08:00-18:00/30", "Mo-Fr 08:00-18:00/00:30"])
def test_moments_that_repeat_are_no_hours(text: str) -> None:
    with pytest.raises(InputError, match="repeats moments") as caught:
        check_hours(text)
    assert check_hours(str(caught.value).rpartition("another: ")[2]) == ()


def test_more_rules_than_can_be_compared_are_refused() -> None:
    with pytest.raises(InputError, match="has 21 rules, at most 20"):
        check_hours("; ".join(["08:00-12:00"] * 21))


@pytest.mark.parametrize("text", ["08:00+", "Mo-Fr 08:00-12:00,14:00+"])
def test_hours_without_an_end_are_warned_of(text: str) -> None:
    (warning,) = check_hours(text)
    assert "has no end and is read as until midnight" in str(warning)


DAYS = st.sampled_from(["", "Mo-Fr ", "Sa ", "Sa,Su ", "We ", "Oct ", "Mo-Su "])
TIMES = st.sampled_from(["08:00-12:00", "14:00-18:00", "11:00-15:00", "22:00-06:00"])
RULES = st.lists(st.builds("{}{}".format, DAYS, TIMES), min_size=2, max_size=3)


@given(RULES)
def test_hours_that_pass_lose_no_whole_day_of_a_rule(rules: list[str]) -> None:
    """By brute force: a day's hours are gone whole only if something was said about it."""
    text = "; ".join(rules)
    try:
        warned = bool(check_hours(text))
    except InputError:
        warned = True
    whole = parse_hours(text)
    alone = [parse_hours(rule) for rule in rules]
    start = datetime(2026, 9, 28)  # noqa: DTZ001 - the wall clock of the bureau
    for day in range(10):
        minutes = [start + timedelta(days=day, minutes=m) for m in range(0, 24 * 60, 30)]
        for k, rule in enumerate(alone):
            said = {at for at in minutes if rule.open_at(at)}
            is_followed = any(later.open_at(at) for later in alone[k + 1 :] for at in minutes)
            if said and is_followed and not any(whole.open_at(at) for at in said):
                assert warned

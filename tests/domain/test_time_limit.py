import re
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gridmgmt.domain.time_limit import LimitUnit, TimeLimit, parse_limits

MINUTE, HOUR, DAY, WEEK, MONTH, YEAR = LimitUnit

# The limits of one city's 519 filing conditions, by category and each once.
_LISTED = """
2紧急工作日|15天 1紧急工作日 1天|3天 3天|1天 2天 1天 2紧急工作时 5天|4小时 4小时 5天 2小时 3天
1紧急工作时制止|3天 2天|1天 2小时|1天 15天 1天|5天 3天|2天|1天 1天|2小时 4小时|1天
1紧急工作时/|5天 1紧急工作时|5天 4小时|1紧急工作时 2小时|1天|5天 2紧急工作时|4小时|2天|5天
2紧急工作时|4小时|2天|5天|1天 2紧急工作时|1天|2天|5天 2紧急工作时|2天|4小时|5天 4紧急工作时|1天
2天|1天|5天 4天|1天|5天 2天|5天|1天 4紧急工作时|5天|1天 1天|2天|2小时|3天 2天|2小时|3天
1天|2天|3天|2小时 2天|1天|7天 1天|5天|3天 1天|2天|3天 5天|1天|7天 2天|5天|1天|10天 3天|4小时
3天|1天|2小时 5天|1天 5天|2天 1天|2天 10天|1紧急工作时|2小时 5天|2天|3天|1天 1天|5天|3天|7天
5天|3天|4小时|1天 2紧急工作时|5天|2天|1天 5天|4小时|2天|1天 3天|5天|1天 4紧急工作时|5天|3天|1天
3天|2天|1天|5天 1天|3天|5天 5天|2天|1天|4小时 3天|1天|2天 5天|4小时|1天 7天|5天 5天|1天|3天
3天|4小时|1天|2天|5天 2天|3天|1天 4紧急工作时|2天|1天 2天|1天|4小时 1天|3天|4小时 1天|2天|5天
1天|3天|2小时 1天|15天|2天 2紧急工作时|1天|3天 2紧急工作时|5天|2天|1天|7天 2天|4小时
2紧急工作时|1天 种植季节15工作日
"""
CITY_LIMITS = _LISTED.split()

UNITS = {
    "小时": (HOUR, False, None),
    "时": (HOUR, False, None),
    "工作时": (HOUR, False, True),
    "工作小时": (HOUR, False, True),
    "紧急工作时": (HOUR, True, True),
    "天": (DAY, False, None),
    "日": (DAY, False, None),
    "工作日": (DAY, False, True),
    "工作天": (DAY, False, True),
    "紧急工作日": (DAY, True, True),
    "自然日": (DAY, False, False),
    "日历天": (DAY, False, False),
    "分钟": (MINUTE, False, None),
    "周": (WEEK, False, None),
}
ACTS = ("", "制止", "修复", "内恢复", "到达现场", "按法定程序拆除")
SEASONS = ("", "种植季节", "非种植季节", "汛期", "冬季", "11月至3月")
SEPARATORS = ("|", "；", ";", "、", "/", "或", "，", "\n", " | ", "／", "｜", "或者")


def one(text: str) -> TimeLimit:
    (limit,) = parse_limits(text)
    return limit


def test_every_limit_of_a_city_is_read():
    for text in CITY_LIMITS:
        limits = parse_limits(text)
        assert [limit.text for limit in limits] == [part.strip("/") for part in text.split("|")]
        for limit in limits:
            assert limit.number is not None
            assert limit.why_not is None
            assert limit.urgent == ("紧急" in limit.text)
            assert limit.unit is (HOUR if "时" in limit.text else DAY)
            assert limit.working is (True if "工作" in limit.text else None)
            assert str(limit.number) in limit.text


@given(
    number=st.integers(1, 400),
    written=st.sampled_from(list(UNITS)),
    act=st.sampled_from(ACTS),
    season=st.sampled_from(SEASONS),
    blanks=st.tuples(*[st.sampled_from(("", " ", "　"))] * 3),
    counted=st.sampled_from(("", "个")),
    is_wide=st.booleans(),
)
def test_a_limit_is_its_number_its_unit_and_the_words_beside_it(
    number, written, act, season, blanks, counted, is_wide
):
    digits = str(number)
    if is_wide:
        digits = "".join(chr(ord(digit) + 0xFEE0) for digit in digits)
    limit = one(season + blanks[0] + digits + blanks[1] + counted + written + blanks[2] + act)
    unit, urgent, working = UNITS[written]
    assert (limit.number, limit.unit) == (number, unit)
    assert (limit.urgent, limit.working) == (urgent, working)
    assert limit.act == (act.removeprefix("内") or None)
    assert limit.season == (season or None)
    assert limit.why_not is None


@given(st.lists(st.sampled_from(CITY_LIMITS), min_size=1), st.sampled_from(SEPARATORS))
def test_several_limits_are_those_between_the_separators_each_once(texts, separator):
    parts = [part for text in texts for part in text.split("|")]
    limits = parse_limits(separator.join(parts))
    assert [limit.meaning for limit in limits] == [
        *dict.fromkeys(one(part).meaning for part in parts)
    ]


@given(
    st.lists(st.sampled_from(CITY_LIMITS), min_size=1), st.sampled_from(("/", "、", "；", " "))
)
def test_a_separator_at_an_end_adds_no_limit(texts, separator):
    text = "|".join(texts)
    assert parse_limits(f"{text}{separator}") == parse_limits(f"{separator}{text}")


@given(st.text(max_size=80))
def test_every_text_is_read_and_says_why_where_it_has_no_length(text):
    for limit in parse_limits(text):
        assert (limit.number is None) == (limit.unit is None) == (limit.why_not is not None)
        assert limit.number is None or limit.number > 0
        assert limit.text
        assert limit.text in text


@given(
    st.text("0123456789.一二三十百半个紧急工作小时日天周月年至-~(（)）每内后 |/、", max_size=14)
)
def test_no_digit_is_passed_over(text):
    for limit in parse_limits(text):
        if limit.number is None:
            continue
        assume(limit.season is None)
        assert not re.search("[0-9]", limit.act or "")
        # Minutes stand behind hours: 1小时30分.
        assert len(re.findall("[0-9.]+", limit.text)) <= 1 + ("分" in limit.text)


@pytest.mark.parametrize(
    ("text", "number", "unit", "working"),
    [
        ("一天", 1, DAY, None),
        ("二个工作日", 2, DAY, True),
        ("两小时", 2, HOUR, None),
        ("十五日", 15, DAY, None),
        ("二十四小时", 24, HOUR, None),
        ("一百二十天", 120, DAY, None),
        ("半天", "1/2", DAY, None),
        ("半个工作日", "1/2", DAY, True),
        ("半小时", "1/2", HOUR, None),
        ("一天半", "3/2", DAY, None),
        ("1个半小时", "3/2", HOUR, None),
        ("1.5工作时", "3/2", HOUR, True),
        ("1小时30分钟", "3/2", HOUR, None),
        ("2小时零5分", "25/12", HOUR, None),
        ("1个月", 1, MONTH, None),
        ("1年", 1, YEAR, None),
        ("3天（工作日）", 3, DAY, True),
        ("3天(自然日)", 3, DAY, False),
        ("应在2小时内", 2, HOUR, None),
        ("处置时限：2小时", 2, HOUR, None),
        ("不超过3天", 3, DAY, None),
        ("≤3天", 3, DAY, None),
        ("接到通知后2小时内", 2, HOUR, None),
        ("自立案之日起7个工作日内", 7, DAY, True),
        ("2天。", 2, DAY, None),
        ("2h", 2, HOUR, None),
        ("接单后24h内", 24, HOUR, None),
        ("30Min内", 30, MINUTE, None),
        ("时限为2天", 2, DAY, None),
        ("最迟2天", 2, DAY, None),
        ("不大于2小时", 2, HOUR, None),
        ("⩽2小时", 2, HOUR, None),
        ("4 hours", 4, HOUR, None),
        ("1 Working Day", 1, DAY, True),
        ("2 business days", 2, DAY, True),
        ("5 calendar days", 5, DAY, False),
        ("within 48 hours", 48, HOUR, None),
        ("72hrs.", 72, HOUR, None),
        ("30 min", 30, MINUTE, None),
        ("2 weeks", 2, WEEK, None),
        ("3 months", 3, MONTH, None),
        ("2-day", 2, DAY, None),
        ("half a day", "1/2", DAY, None),
        ("one day", 1, DAY, None),
    ],
)
def test_numbers_and_units_as_people_write_them(text, number, unit, working):
    limit = one(text)
    assert (limit.number, limit.unit) == (Fraction(number), unit)
    assert limit.working is working
    assert (limit.act, limit.season) == (None, None)


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("停工4工作时/处罚7工作日/拆除20工作日", ["停工", "处罚", "拆除"]),
        ("处置 3紧急工作时 + 核查 1.5工作时", ["处置", "核查"]),
        ("1紧急工作时内制止，3天（修复）", ["制止", "修复"]),
        ("1 hour to stop; 2 days to repair", ["to stop", "to repair"]),
        ("①到场30分钟②2小时", ["到场", None]),
        ("（1）到场30分钟；（2）2小时", ["到场", None]),
        ("4工作时→更换或修复", ["更换或修复"]),
        ("2天内更换、修复/5天", ["更换、修复", None]),
        ("3天，雨天顺延", ["雨天顺延"]),
        ("1紧急工作时/制止|3天/次", ["制止", None]),
        ("重点2小时，统一3天，重大5天，垃圾满溢4小时", ["重点", "统一", "重大", "垃圾满溢"]),
    ],
)
def test_what_must_be_done_stands_before_or_behind(text, acts):
    assert [limit.act for limit in parse_limits(text)] == acts


@pytest.mark.parametrize(
    ("text", "seasons"),
    [
        ("15工作日（种植季节）", ["种植季节"]),
        ("种植季节：15工作日；非种植季节：30工作日", ["种植季节", "非种植季节"]),
        ("11月至次年3月15天，4月至10月7天", ["11月至次年3月", "4月至10月"]),
        ("节假日3天", ["节假日"]),
    ],
)
def test_a_season_may_hold_numbers_of_months(text, seasons):
    assert [limit.season for limit in parse_limits(text)] == seasons


@pytest.mark.parametrize(
    "text", ["及时", "立即", "当天", "次日", "尽快处理", "按计划", "immediately"]
)
def test_words_state_no_length(text):
    assert one(text) == TimeLimit(text, why_not=one(text).why_not)
    assert one(text).why_not == f"{text} states no length of time"


def test_a_season_alone_states_no_length():
    assert one("种植季节").season == "种植季节"
    assert one("种植季节").why_not == "种植季节 states no length of time"


@pytest.mark.parametrize(
    "text",
    [
        *("1-3天", "1～3天", "3天至5天", "一至三天", "2到3小时"),  # two ends
        *("每3天", "3天一次", "第3天", "每月15日", "3次/天"),  # rhythms and ranks
        *("3天以上", "至少3天", "约2小时", "2小时左右", "3天多", "超过3天"),  # rough
        *("雨后2小时", "降雪停止后2小时", "8时前"),  # another beginning
        *("一个半天", "一天2小时", "2天2天", "2天(48小时)", "2²天", "2小时2", "1 2小时"),
        *("1、3天", "1/2天", "1,000小时", "1或3天", "一或三天"),  # numbers alone
        *("三五天", "两三天", "廿四小时", "一千二十小时", "三千五小时", "十5天", "负1天"),
        *("大于2小时", "高于2天", "最少2天", "起码2天", "满3天", "2 days minimum"),  # least
        *("提前2小时", "可延长2天", "延期3天", "巡查周期3天", "有效期1年", "1天/处", "2天/次"),
        *(
            "当日18时",
            "上午9时",
            "两点30分",
            "3点30分",
            "扣5分",
            "2 days before",
            "1 day per case",
        ),
        *("3", "0天", "零天", "2025年1月", "1.2.3天", "一百二天", "x" * 100 + "3天"),
    ],
)
def test_a_length_whose_meaning_other_words_change_is_not_read(text):
    for limit in parse_limits(text):
        assert limit.unit is None
        assert limit.why_not is not None


def test_urgent_may_stand_in_brackets_or_before():
    for text in ("2小时（紧急）", "紧急2小时", "紧急：2小时", "2紧急小时", "(应急)2小时"):
        assert (one(text).urgent, one(text).act) == (True, None)


def test_words_about_time_stay_a_limit_of_their_own():
    for text in (
        "3天|种植季节",
        "种植季节15工作日，非种植季节顺延",
        "3天或及时",
        "立即制止，2日",
    ):
        assert len(parse_limits(text)) == 2


@pytest.mark.parametrize(
    "text", [None, "", " ", "-", "—", "无", "/", "、", "N/A", "#N/A", "NULL", "　"]
)
def test_nothing_is_no_limit(text):
    assert parse_limits(text) == ()


def test_a_text_is_kept_as_it_was_written():
    written = ("２ 紧急工作时", "１５天")
    assert tuple(limit.text for limit in parse_limits("；".join(written))) == written


def test_two_limits_differ_by_every_part_of_their_meaning():
    texts = [
        "2天",
        "2工作日",
        "2紧急工作日",
        "2自然日",
        "2天制止",
        "汛期2天",
        "2小时",
        "3天",
        "及时",
    ]
    limits = [one(text) for text in texts]
    for this, other in product(limits, limits):
        assert (this.meaning == other.meaning) == (this is other)
    assert len(parse_limits("2天|２ 天|两天|2日")) == 1

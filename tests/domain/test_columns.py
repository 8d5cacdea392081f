from datetime import date

import pytest

from gridmgmt.domain.codes import code
from gridmgmt.domain.columns import (
    Column,
    check_days,
    choose_columns,
    headed,
    plain,
    read_cells,
)
from gridmgmt.domain.judging.hours import parse_hours
from gridmgmt.domain.numbers import count, degrees_or_metres, number
from gridmgmt.domain.responsibility.duty import DutyRole
from gridmgmt.domain.value_words import OneOf
from gridmgmt.errors import InputError

COLUMNS = [
    Column("code", code, required=True),
    Column("category_class", plain, aliases=("class",)),
    Column("count", count),
]


def test_a_field_is_found_by_its_name_its_alias_or_what_was_said():
    assert choose_columns(COLUMNS, ["code", "class"], {})[0] == {
        "code": "code",
        "category_class": "class",
    }
    said = {"code": "编号", "category_class": "大类"}
    assert choose_columns(COLUMNS, ["编号", "大类", "class"], said) == (said, [])


def test_a_column_has_the_name_that_it_looks_like() -> None:
    """Layers keep marks in names, and what nobody sees nobody can type."""
    assert choose_columns(COLUMNS, ["\ufeffcode", "class\u200b"], {})[0] == {
        "code": "\ufeffcode",
        "category_class": "class\u200b",
    }
    assert choose_columns(COLUMNS, ["编\u00a0 号\u200b"], {"code": "编 号"})[0]["code"] == (
        "编\u00a0 号\u200b"
    )
    # The same name goes before one that looks the same; two that look the same are none.
    assert choose_columns(COLUMNS, ["code\u200b", "code"], {})[0]["code"] == "code"
    told = choose_columns(COLUMNS, ["code\u200b", "code\u2060"], {})[1]
    assert told == ["there is no column 'code'"]


def test_its_own_name_goes_before_an_alias():
    chosen, _ = choose_columns(COLUMNS, ["code", "class", "category_class"], {})
    assert chosen["category_class"] == "category_class"


NAMED = headed("cases", Column("case_no", code, required=True), Column("channel", plain))


@pytest.mark.parametrize("name", ["case_no", "案件编号", "Case number", "CASE NUMBER"])
def test_a_column_has_the_heading_of_people_in_both_languages(name: str) -> None:
    assert choose_columns(NAMED, [name, "上报渠道"], {}) == (
        {"case_no": name, "channel": "上报渠道"},
        [],
    )


def test_brackets_of_another_width_are_the_same_heading() -> None:
    known = headed("cases", Column("accuracy_m", number))
    assert choose_columns(known, ["定位精度(米)"], {})[0] == {"accuracy_m": "定位精度(米)"}


def test_two_columns_of_one_field_are_a_fault_that_names_both() -> None:
    twice = ["case_no", "案件编号", "Case number"]
    (told,) = choose_columns(NAMED, twice[:2], {})[1]
    assert "'case_no' and '案件编号' all mean case_no" in told
    assert told.endswith("or choose one with --map")
    (told,) = choose_columns(NAMED, twice, {})[1]
    assert "'case_no', '案件编号' and 'Case number'" in told
    # Somebody said which.
    said = {"case_no": "案件编号"}
    assert choose_columns(NAMED, twice, said) == (said, [])
    # An alias of another system is passed over, as ever.
    assert choose_columns(NAMED, ["case_no", "来源", "上报渠道"], {})[1] == []


def test_a_field_nobody_has_is_refused_with_those_there_are():
    with pytest.raises(InputError, match="no field nome; choose of code, category_class"):
        choose_columns(COLUMNS, ["code"], {"nome": "code"})


def test_what_fits_is_read():
    values, problems = read_cells(COLUMNS, {"code": "330103", "count": "3.0"})
    assert (values["code"], values["count"], problems) == ("330103", 3, {})
    assert degrees_or_metres("-3347836.5") == -3347836.5
    assert OneOf(DutyRole)("assist") is DutyRole.ASSIST


def test_a_rule_of_the_domain_gives_its_own_reason():
    hours = Column("hours", lambda text: parse_hours(text).text)
    assert read_cells([hours], {"hours": "8 to 6"})[1]["hours"].startswith(
        "hours: '8 to 6' cannot"
    )


def test_all_missing_columns_are_named():
    _, problems = choose_columns(COLUMNS, ["x"], {"count": "n"})
    assert problems == ["there is no column 'code'", "there is no column 'n'"]


def test_a_row_tells_everything_that_is_wrong_with_it():
    values, problems = read_cells(COLUMNS, {"code": None, "count": "many"})
    assert problems == {
        "code": "code is empty",
        "count": "count: 'many' is no number of 0 or more",
    }
    assert values == {"code": None, "category_class": None, "count": None}


WRONG = [
    (code, "x" * 65, "at most 64"),
    (plain, "a\x00b", "control character"),
    (number, "nan", "no number"),
    (number, "-1", "no number"),
    (number, "1e99", "no number"),
    (count, "2.5", "no count"),
    (count, "99999999999", "no count"),
    (degrees_or_metres, "inf", "no coordinate"),
    (degrees_or_metres, "120°09′", "no coordinate"),
    (OneOf(DutyRole), "own", r"one of dispose \(主办\), assist \(协办\), oversee"),
]


@pytest.mark.parametrize(("parse", "text", "words"), WRONG)
def test_what_cannot_be_read_is_refused_with_a_reason(parse, text, words):
    with pytest.raises(ValueError, match=words):
        parse(text)


def test_text_may_have_lines():
    assert plain("一\n二") == "一\n二"


def test_days_end_no_earlier_than_they_begin():
    check_days(None, date(2026, 1, 1))
    check_days(date(2026, 1, 1), date(2026, 1, 1))
    with pytest.raises(ValueError, match="lies before"):
        check_days(date(2026, 1, 2), date(2026, 1, 1))

import re
from datetime import datetime
from pathlib import Path

import pytest

from gridmgmt.exchange.tables.tables import read_table
from gridmgmt.exchange.tables.xlsx_formats import NumberFormat
from gridmgmt.exchange.tables.xlsx_sections import Kind
from tests.exchange.tables.xlsx_books import SHEET, STYLES, rewritten, strict, workbook


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("000", 1, "001"),
        ("000", 1234, "1234"),
        ("0000000", 30103, "0030103"),
        ('"ZJ-"000', 7, "ZJ-007"),
        ("00-00", 801, "08-01"),
        ("00\\-00", 12345, "123-45"),
        ("00:00", 801, "08:01"),
        ("##-##", 801, "8-01"),
        ('"SQ"0', 1, "SQ1"),
        ('0"号"', 12, "12号"),
        ("000;-000", -5, "-005"),
        ("000", -5, "-005"),
        ("[<=9999]0000;000000", 12, "0012"),
        ("[<=9999]0000;000000", 12345, "012345"),
        ("[Red]000", 1, "001"),
        ("000_ ", 1, "001 "),
        ("[$-10404]00000", 101, "00101"),
        ("[$-409]00000", 101, "00101"),
        ('[$-804]"SQ"0', 1, "SQ1"),
        ("[$¥-804]000", 1, "¥001"),
        ("[DBNum1]000", 7, "007"),
        ("[DBNum2][$-804]000", 7, "007"),
        ("0####", 103, "00103"),
        ("0#", 9, "09"),
        ("#0##", 9, "009"),
        ("0?", 9, "09"),
        ("0-##", 9, "0-09"),
        ('"SQ"General', 104, "SQ104"),
        ('"SQ"General', 10.5, "SQ10.5"),
        ('"SQ"General', 0, "SQ0"),
        ('General"号"', 12, "12号"),
        ('"SQ"G/通用格式', 104, "SQ104"),
        ("000,000", 1030, "001,030"),
        ('"SQ"000,000', 1234567, "SQ1,234,567"),
        ("0,000", 12, "0,012"),
        ("#,#00", 5, "05"),
        ("00.00", 8.02, "08.02"),
        ("00.00", 8, "08.00"),
        ("00.00", -8.5, "-08.50"),
        ("00.00", 120.5, "120.50"),
        ("00.##", 8.5, "08.5"),
        ("000.00", 12.34567, "012.34567"),
        ("0,000.0", 12.5, "0,012.5"),
        ('"K"0+000.0', 12345.5, "K12+345.5"),
        ('"v"0.0', 2, "v2.0"),
        ("000;@", -5, "-005"),
    ],
)
def test_zeros_and_letters_of_a_format_are_the_code(
    code: str, value: float, shown: str
) -> None:
    made = NumberFormat(code)
    assert made.kind(value) is Kind.TEXT
    assert made.text(value) == shown


@pytest.mark.parametrize(
    "code",
    [
        *("General", "0", "0.00", "#,##0", "#,##0.00", "0%", "0.00E+00", "# ?/?", "@", "##0"),
        *('"¥"#,##0', '"¥"0', "[$¥-804]0", '0"元"', '0"㎡"', '0" 人"', "0;-0", "(0)", "$0"),
        *('_(* #,##0_);_(* \\(#,##0\\);_(* "-"_);_(@_)', "[DBNum1]0", "G/通用格式", "Standard"),
        *("0.0000000", "", ";;;", "##.00", "#.##", "000%", "000.0E+00", "000,", '0.00" km²"'),
        *(
            "[$-804]0",
            "[$-409]#,##0.00",
            '[DBNum2]"人民币"General"元整"',
            'General"元"',
            '"SQ"@',
        ),
        *('"US$"#,##0.00', '"HK$"0.00', '"Rp"#,##0', '0.00"万公顷"'),
    ],
)
def test_ordinary_formats_keep_the_stored_number(code: str) -> None:
    assert NumberFormat(code).kind(12) is Kind.NUMBER


@pytest.mark.parametrize(
    "code",
    [
        *("yyyy-mm-dd", "m/d/yy h:mm", '[$-804]yyyy"年"m"月"d"日"', "aaaa", "[$-804]aaa;@"),
        *(
            '[DBNum1][$-804]yyyy"年"m"月"d"日"',
            '上午/下午h"时"mm"分"',
            "h:mm AM/PM",
            "e\\.m\\.d",
        ),
        *("mm:ss", "yyyy/m/d;@", "[$-F800]dddd, mmmm dd, yyyy"),
    ],
)
def test_formats_of_dates_and_times_are_moments(code: str) -> None:
    assert NumberFormat(code).kind(46082.5) is Kind.MOMENT


@pytest.mark.parametrize("number", [*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)])
def test_built_in_formats_of_dates_are_moments(number: int) -> None:
    assert NumberFormat("", number).kind(46082.5) is Kind.MOMENT


@pytest.mark.parametrize("number", [*range(14), *range(37, 45), 48, 49, 164, 9999])
def test_built_in_formats_of_numbers_are_numbers(number: int) -> None:
    assert NumberFormat("", number).kind(46082.5) is Kind.NUMBER


def test_a_table_has_the_codes_that_are_shown(tmp_path: Path) -> None:
    rows: list[list[object]] = [["code", "m2", "at"], [1, 350, 46082.5], [1.5, 12.25, 46083]]
    path = workbook(tmp_path / "t.xlsx", rows, formats=["000", '0"㎡"', "h:mm"])
    text = 'numFmtId="31"'
    rewritten(
        path,
        lambda name, part: re.sub(r'numFmtId="20"', text, part) if name == STYLES else part,
    )
    read = read_table(path)
    assert read.values["code"] == ["001", "1.5"]
    assert read.values["m2"] == ["350", "12.25"]
    assert read.values["at"] == ["2026-03-01T12:00:00", "2026-03-02"]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ('"SQ"@', "SQ105"),
        ('@"号"', "105号"),
        ('0;-0;0;"SQ"@', "SQ105"),
        ('0;"SQ"@', "SQ105"),
        ("\\S\\Q-@", "SQ-105"),
        ('[Red]"SQ"@', "SQ105"),
        *((code, "105") for code in ("@", "_(@_)", '@"元"', "General", '"SQ"0', ";;;")),
    ],
)
def test_text_has_the_letters_of_its_format(tmp_path: Path, code: str, shown: str) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a", "b"], ["105", "x"]], formats=[code])
    assert read_table(path).values["a"] == [shown]
    # As other programs write text: in the cell itself.
    rewritten(
        path,
        lambda name, part: (
            re.sub(
                r'(<c r="A2"[^>]*) t="s"><v>\d+</v>',
                r'\1 t="inlineStr"><is><t>105</t></is>',
                part,
            )
            if name == SHEET
            else part
        ),
    )
    assert read_table(path).values["a"] == [shown]


def test_a_fraction_keeps_its_digits_where_a_format_rounds_it() -> None:
    assert NumberFormat("000").kind(1.5) is Kind.NUMBER
    assert NumberFormat("00.00").text(8.0234) == "08.0234"


def test_thousands_are_text_only_where_zeros_pad_them() -> None:
    assert NumberFormat("0,000.0").kind(999.5) is Kind.TEXT
    assert NumberFormat("0,000.0").kind(1000.5) is Kind.NUMBER
    assert NumberFormat("000,000").kind(1234567) is Kind.NUMBER


def test_a_number_that_is_no_moment_stays_one(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a", "b"], [99999999, 1.5]], formats=["yyyy-mm-dd"])
    read = read_table(path)
    assert read.values["a"] == ["99999999"]


def test_a_duration_beyond_a_day_is_hours(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a", "b"], [1.5, "x"]], formats=["[h]:mm"])
    assert read_table(path).values["a"] == ["36:00:00"]


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("3.3010200000000102E+17", "3.30102000000001E+17"),
        ("330102000000001000", "3.30102000000001E+17"),
        ("330102000000001234", "330102000000001234"),
        ("330102000000", "330102000000"),
        ("3.30102E+11", "330102000000"),
    ],
)
def test_digits_that_may_be_rounded_are_no_code(tmp_path: Path, stored: str, text: str) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a", "b"], [77, "x"]])
    rewritten(
        path,
        lambda name, part: (
            part.replace("<v>77</v>", f"<v>{stored}</v>") if name == SHEET else part
        ),
    )
    assert read_table(path).values["a"] == [text]


def test_a_strict_workbook_is_read_with_its_dates(tmp_path: Path) -> None:
    rows: list[list[object]] = [["code", "at", "time"], [1, 77, 78], [None, 79, 80]]
    path = strict(workbook(tmp_path / "t.xlsx", rows, merge=["A2:A3"], formats=["000"]))
    moments = {
        77: "2026-01-01T00:00:00.000",
        78: "1899-12-30T08:30:00.000",
        79: "2026-01-02T08:30:00",
        80: "not a moment",
    }

    def with_moments(name: str, part: str) -> str:
        for number, moment in moments.items() if name == SHEET else ():
            found = rf't="n"><v>{number}</v>'
            assert re.search(found, part)
            part = re.sub(found, f't="d"><v>{moment}</v>', part)
        return part

    read = read_table(rewritten(path, with_moments))
    assert read.values["code"] == ["001", "001"]
    assert read.values["at"] == ["2026-01-01", "2026-01-02T08:30:00"]
    assert read.values["time"] == ["08:30:00", "not a moment"]


def test_escaped_characters_are_read_as_written(tmp_path: Path) -> None:
    rows = [["a", "b"], ["_x005F_x0041_", "x005F_"], ["one_x000A_two", "y"]]
    read = read_table(workbook(tmp_path / "t.xlsx", rows))
    assert read.values == {"a": ["_x0041_", "one\ntwo"], "b": ["x005F_", "y"]}


def test_a_moment_of_every_minute_is_exact(tmp_path: Path) -> None:
    first = datetime.fromisoformat("2026-03-01T00:00:30")
    at = [[46082 + (60 * k + 30) / 86400, "x"] for k in range(1440)]
    path = workbook(tmp_path / "t.xlsx", [["at", "b"], *at], formats=["h:mm:ss"])
    texts = read_table(path).values["at"]
    assert texts[0] == first.isoformat()
    assert len({text for text in texts if text and text.endswith(":30")}) == 1440

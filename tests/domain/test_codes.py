import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.codes import (
    LONGEST_CODE,
    code,
    code_fault,
    codes,
    may_be_rounded,
    plain_form,
)

CODES = [
    "330103001001001001",
    "A 1",
    "08:01",
    "2024-02-31",
    "1E5",
    "4E-02",
    "甲-1",
    "垃圾（生活）",
    "𠀀（𠀁）",
    "井盖：缺失",
    "m²",
    "①",
    "Улица",
    "λ",
    "𠀀",
    "x" * LONGEST_CODE,
]

# What is written, the position of the odd character, and what to write.
ODD = [
    ("3301\u200b03", 5, "330103"),
    ("\ufeffA1", 1, "A1"),
    ("A\u00a01", 2, "A 1"),
    ("A1\u00a0", 3, "A1"),
    ("甲\u30001", 2, "甲 1"),
    ("A\u202e1", 2, "A1"),
    ("A\u2066B\u2069", 2, "AB"),
    ("A\u00ad1", 2, "A1"),
    ("A\t1", 2, "A1"),
    ("A\n1", 2, "A1"),
    ("A\x001", 2, "A1"),
    ("A\ue0001", 2, "A1"),
    ("A\u28001", 2, "A1"),
    ("A\u31641", 2, "A1"),
    ("A1\ufe0f", 3, "A1"),
    ("33０103", 3, "330103"),
    ("Ａ1", 1, "A1"),
    ("A－1", 2, "A-1"),
    ("A（1）", 2, "A(1)"),
    ("𝟏2", 1, "12"),
    ("ｱ1", 1, "ア1"),
    ("Ⅲ-1", 1, "III-1"),
    ("⼀1", 1, "一1"),
    ("\uf9001", 1, "\u8c481"),
    ("e\u0301", 2, "é"),
    ("А1", 1, "A1"),  # Cyrillic
    ("1Ο", 2, "1O"),  # Greek
    ("А\u0301", 2, "Á"),  # Cyrillic, with an accent
    ("A\u0661", 2, "A1"),  # Arabic
    ("\u0967\u0968", 1, "12"),  # Devanagari
    ("＇007", 1, "007"),
    *((f"A{dash}1", 2, "A-1") for dash in "\u2010\u2011\u2012\u2013\u2014\u2212"),
]


@pytest.mark.parametrize("text", CODES)
def test_printable_texts_are_codes(text):
    assert code(text) == text
    assert codes([text, None]) == [text, None]


@pytest.mark.parametrize(("text", "at", "plain"), ODD)
def test_unseen_and_look_alike_characters_are_refused_with_the_plain_form(text, at, plain):
    with pytest.raises(ValueError, match=f"character {at} ") as refused:
        code(text)
    assert str(refused.value).endswith(f"write {plain!r}")
    assert codes(["A1", text]) is None
    assert code(plain) == plain


@pytest.mark.parametrize("rest", ["007", "330103001", "=A1", "-x", "+86", "@x", "0\n1"])
def test_the_apostrophe_of_a_spreadsheet_is_refused_with_the_code_behind_it(rest):
    fault = code_fault(f"'{rest}")
    assert fault is not None
    assert repr(plain_form(rest)) in str(fault)
    assert code_fault(plain_form(rest)) is None


@pytest.mark.parametrize("text", ["'a'", "'", "''", "O'1", "1'"])
def test_other_apostrophes_are_part_of_a_code(text):
    assert code(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "3.30103E+11",
        "3.30103001001001E+17",
        "3.30103001e+17",
        "3.30103E11",
        "1E+17",
        "-3.3E+11",
        "３.3E+11",
    ],
)
def test_a_number_in_short_form_is_no_code(text):
    with pytest.raises(ValueError, match="its last digits are lost"):
        code(text)
    assert codes([text]) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1 to 64 printable"),
        ("\u200b", "1 to 64 printable"),
        ("x" * 65, "a code of 65 characters; at most 64"),
        ("x" * 9_999, "a code of 9999 characters"),
        ("\u200b" * 9_999, "a code of 9999 characters"),
        (" A", "begins or ends with a space; write 'A'"),
        ("A ", "begins or ends with a space; write 'A'"),
        ("甲\ufffd1", "character 2 was lost"),
        ('="0082"', "is a formula of a spreadsheet; write '0082'"),
    ],
)
def test_other_faults_have_a_reason(text, words):
    with pytest.raises(ValueError, match=words):
        code(text)
    assert codes([text]) is None


@given(st.text(max_size=70))
def test_the_form_proposed_is_a_code_itself(text):
    plain = plain_form(text)
    assert plain_form(plain) == plain
    if code_fault(text) is None:
        assert plain == text
        assert text.isprintable()
    assert (codes([text]) is None) == (code_fault(text) is not None)


@given(st.text(st.sampled_from("0123456789ABCXYZabcxyz-_./:#() 区街道中文号"), min_size=1))
def test_letters_digits_signs_and_ideographs_are_codes(text):
    is_code = len(text) <= LONGEST_CODE and text == text.strip()
    assert (code_fault(text) is None) == is_code


@pytest.mark.parametrize(
    ("text", "is_rounded"),
    [
        ("330103001001001024", True),  # the double itself
        ("330103001001001000", True),  # the shortest number that is read as it
        ("330103001001000101", False),
        ("900719925474099", False),  # 15 digits: every one is a double
        ("9007199254740994", True),
        ("9007199254740993", False),
        ("0330103001001001", False),
        ("33010300100100A960", False),
        ("３３０１０３００１００１０００９６０", False),
    ],
)
def test_codes_of_many_digits_may_be_rounded(text, is_rounded):
    assert may_be_rounded(text) == is_rounded


def test_no_character_has_two_codes_that_look_the_same():
    """Every character of Unicode is printable and its own plain form, or refused."""
    for point in range(0x110000):
        one = chr(point)
        if code_fault(one) is None:
            assert one.isprintable()
            assert unicodedata.normalize("NFC", one) == one

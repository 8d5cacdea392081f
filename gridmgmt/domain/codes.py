"""The one reader of codes: whatever a person or a file gives as a code is read here.

A code is 1 to 64 printable characters. Two codes that look the same on paper must be the same
text, or an area, a duty and a case that belong together never meet. So characters that nobody
sees, and characters that only look like others, are refused with the form to write instead. So
are dates and times that a program made of a code.
"""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from gridmgmt.domain.stored_time import StoredTime, time_fault
from gridmgmt.sentence import Sentence

# No bureau writes longer ones: the longest of the national standards has 18 digits.
LONGEST_CODE = 64
# Longer texts are refused for their length alone.
_MOST_LOOKED_AT = 1_000

# Every whole number of so many digits is a double.
_EXACT_DIGITS = 15

# What a spreadsheet or a program shows in the place of a long number: 3.30103E+11, 1E+17. Codes
# like 1E5 and 4E-02 are left alone.
_SHORTENED = re.compile(r"[+-]?(?:[0-9]\.[0-9]+[eE][+-]?[0-9]+|[0-9][eE]\+[0-9]{2,})")

# Nearly all codes that are not ASCII: no ideograph here has another form.
_CHINESE = re.compile("[ -~\u4e00-\u9fff]*")

# Printable for Unicode, and blank for people: fillers, variation selectors, the empty Braille
# cell.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)

# A character that was lost when a text was read in a wrong encoding.
_LOST = "\ufffd"

# Compatibility characters that differ from their plain form by width or font alone.
_STYLES = ("wide", "narrow", "font", "small", "vertical", "initial", "medial", "final")
_LOOKS_ALIKE = frozenset(f"<{style}>" for style in (*_STYLES, "isolated"))

# The wide forms are the usual ones in Chinese text: 垃圾（生活）.
_CHINESE_SIGNS = frozenset("！（），：；？～—")

# Hyphens, dashes and the minus sign; — is usual between Chinese characters.
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"))

# What people write into CSV files so that a spreadsheet keeps the zeros: ="0082".
_FORMULA = re.compile(r'="([^"]*)"')

# What people type so that a spreadsheet keeps the zeros or calculates nothing: '0082.
_MARKED = re.compile(r"'([0-9=+\-@].*)", re.DOTALL)

# Letters of other scripts that are drawn like Latin ones (the capitals, then the small ones).
_TWINS = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "ABESIJKMHOPCTYXaesijopcyxABEZHIKMNOPTYXo",
)


def code(text: str) -> str:
    r"""Return a code, or raise ValueError that says what to write instead.

    Examples
    --------
    >>> code("330103001"), code("垃圾（生活）")
    ('330103001', '垃圾（生活）')
    >>> code("A\u200b1")
    Traceback (most recent call last):
    ValueError: 'A\u200b1': character 2 cannot be seen (ZERO WIDTH SPACE); write 'A1'
    """
    fault = None if _is_plain(text) else code_fault(text)
    if fault is not None:
        raise ValueError(fault)
    return text


def codes(texts: Sequence[str | None]) -> Sequence[str | None] | None:
    """Return codes like ``code``, or None if one may be invalid; None is an empty cell.

    Examples
    --------
    >>> codes(["A1", None]), codes(["A1", "3.30103E+11"])
    (['A1', None], None)
    """
    odd = {text for text in texts if text is not None and not _is_plain(text)}
    return None if any(map(code_fault, odd)) else texts


def code_fault(text: str) -> Sentence | None:
    """Return why a text is no code, or None if it is one."""
    if isinstance(text, StoredTime):
        return time_fault(text)
    if len(text) > _MOST_LOOKED_AT:
        return _too_long(text)
    plain = plain_form(text)
    if _LOST in text:
        return Sentence(
            "{}: character {} was lost when the text was saved in another encoding; write the "
            "code anew",
            repr(text),
            text.index(_LOST) + 1,
        )
    formula = _FORMULA.fullmatch(text.strip())
    if formula is not None:
        return Sentence(
            "{} is a formula of a spreadsheet; write {}", repr(text), repr(formula[1])
        )
    if not plain:
        return Sentence("{}: a code has 1 to {} printable characters", repr(text), LONGEST_CODE)
    if len(plain) > LONGEST_CODE:
        return _too_long(text)
    if _SHORTENED.fullmatch(plain):
        return Sentence(
            "{} is a number in short form: its last digits are lost; make the column text and "
            "write the whole code",
            repr(text),
        )
    if _MARKED.fullmatch(text) and plain == text[1:]:
        return Sentence(
            "{} begins with the ' by which spreadsheets mark text; write {}",
            repr(text),
            repr(plain),
        )
    return None if text == plain else _odd_character(text, plain)


def may_be_rounded(text: str) -> bool:
    """Return whether a code of digits can be what a number field made of another one.

    A double has 15 to 17 digits. Of the codes with 18 digits it keeps one in 64.

    Examples
    --------
    >>> may_be_rounded("330103001001000960"), may_be_rounded("330103001001001000")
    (True, True)
    >>> may_be_rounded("330103001001000101"), may_be_rounded("330103001001")
    (False, False)
    """
    if not (text.isascii() and text.isdigit() and len(text.lstrip("0")) > _EXACT_DIGITS):
        return False
    value = float(text)
    return int(text) in (int(value), int(Decimal(repr(value))))


def _is_plain(text: str) -> bool:
    """Return whether a text is surely a code: nearly all are, and this is fast."""
    return (
        type(text) is str
        and 0 < len(text) <= LONGEST_CODE
        and ((text.isascii() and text.isprintable()) or _CHINESE.fullmatch(text) is not None)
        and " " not in (text[0], text[-1])
        and not text.startswith(('="', "'"))
        and not (text[0] in "+-0123456789" and _SHORTENED.fullmatch(text))
    )


def _too_long(text: str) -> Sentence:
    return Sentence("a code of {} characters; at most {}", len(text), LONGEST_CODE)


def _odd_character(text: str, plain: str) -> Sentence:
    at = next(i for i in range(len(text)) if not plain.startswith(text[: i + 1]))
    # A letter and its accent as two characters: the accent is the odd one.
    if unicodedata.combining(text[at + 1 : at + 2] or " "):
        at += 1
    name = unicodedata.name(text[at], f"U+{ord(text[at]):04X}")
    if text[at] == " ":
        return Sentence("{} begins or ends with a space; write {}", repr(text), repr(plain))
    if is_unseen(text[at]):
        return Sentence(
            "{}: character {} cannot be seen ({}); write {}",
            repr(text),
            at + 1,
            name,
            repr(plain),
        )
    return Sentence(
        "{}: character {} only looks like another ({}); write {}",
        repr(text),
        at + 1,
        name,
        repr(plain),
    )


def plain_form(text: str) -> str:
    r"""Return the code that a text looks like.

    Examples
    --------
    >>> plain_form("\ufeffＡ\u00a01"), plain_form("\u200b")
    ('A 1', '')
    """
    seen = without_unseen(text).replace(_LOST, "").strip(" ")
    is_chinese = any("\u3400" <= one <= "\u9fff" or one >= "\U00020000" for one in seen)
    keeps = _CHINESE_SIGNS if is_chinese else frozenset()
    plain = "".join(
        one if one in keeps else _without_style(one).translate(_DASHES) for one in seen
    )
    plain = unicodedata.normalize("NFC", plain)
    if not _has_own_letters(plain):
        plain = unicodedata.normalize("NFC", plain.translate(_TWINS))
    marked = _MARKED.fullmatch(plain)
    return marked[1] if marked else plain


def without_unseen(text: str) -> str:
    r"""Return a text without characters that nobody sees; every kind of space is a plain one.

    Examples
    --------
    >>> without_unseen("\ufeffA\u00a01\u200b")
    'A 1'
    """
    spaced = (" " if unicodedata.category(one) == "Zs" else one for one in text)
    return "".join(one for one in spaced if not is_unseen(one))


def is_unseen(character: str) -> bool:
    """Return whether a character shows nothing; kinds of spaces too, but for the plain one."""
    return not character.isprintable() or _BLANK.match(character) is not None


def _without_style(character: str) -> str:
    # The digits of all scripts are read as 0 to 9 by programs.
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    kind, _, _ = unicodedata.decomposition(character).partition(" ")
    plain = unicodedata.normalize("NFKC", character)
    if kind in _LOOKS_ALIKE:
        return plain
    # Roman numerals like Ⅲ, and radicals that are drawn like the ideograph of their name.
    is_sign_of_letters = kind == "<compat>" and plain.isascii() and plain.isalnum()
    is_radical = kind == "<compat>" and len(plain) == 1 and "\u4e00" <= plain <= "\u9fff"
    return plain if is_sign_of_letters or is_radical else character


def _has_own_letters(text: str) -> bool:
    """Return whether a text has Greek or Cyrillic letters that no Latin one looks like."""
    return any(
        "\u0370" <= one <= "\u052f" and one.isalpha() and ord(one) not in _TWINS for one in text
    )

"""Names of text encodings: as people and files write them, and as they are read."""

import codecs

from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

# Codecs of Python that are not text encodings, and are slow or strange if used as one.
_NO_ENCODINGS = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)
# GB18030 contains these encodings: all their text is read in the same way.
_WITHIN_GB18030 = ("gbk", "gb2312")
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def codec_name(encoding: str) -> str:
    """Return the canonical name of an encoding; GBK and GB2312 are read as GB18030.

    Raises
    ------
    InputError
        when there is no encoding with this name

    Examples
    --------
    >>> codec_name("UTF8"), codec_name("cp936")
    ('utf-8', 'gb18030')
    """
    try:
        codec = codecs.lookup(encoding)
        name = codec.name
        if name in _NO_ENCODINGS or not codec._is_text_encoding:
            raise LookupError(encoding)
    except (LookupError, ValueError) as error:
        raise InputError(
            field="encoding",
            message=Sentence("there is no encoding {}; try utf-8 or gb18030", repr(encoding)),
        ) from error
    return "gb18030" if name in _WITHIN_GB18030 else name


def shown_name(encoding: str) -> str:
    """Return the name of an encoding as people write it.

    Examples
    --------
    >>> shown_name("gb18030"), shown_name("utf-8")
    ('GB18030', 'UTF-8')
    """
    return encoding.upper()


def encoding_by_bytes(start: bytes) -> str | None:
    r"""Return the encoding that the first bytes of a text show: UTF-16 or UTF-32, else None.

    They are a byte order mark, or an ASCII character among zero bytes.

    Examples
    --------
    >>> [encoding_by_bytes(start) for start in (b"\xff\xfe{\0", b"\0{\0 ", b"{\0\0\0", b'{"a"')]
    ['utf-16', 'utf-16-be', 'utf-32-le', None]
    """
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    where = "".join("x" if byte else "0" for byte in start[:4])
    found = _BY_ZEROS.get(where)
    return found if found and max(start[:4]) < 0x80 else None


# Of the first four bytes, those that are not zero.
_BY_ZEROS = {"000x": "utf-32-be", "x000": "utf-32-le", "0x0x": "utf-16-be", "x0x0": "utf-16-le"}

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

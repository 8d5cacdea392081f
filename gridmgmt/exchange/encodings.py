"""Names of text encodings: what a person or a file says, and what is read."""

import codecs

from gridmgmt.errors import InputError

# GB18030 contains them: whatever they can say is read the same.
_WITHIN_GB18030 = ("gbk", "gb2312")


def codec_name(encoding: str) -> str:
    """Give the canonical name of an encoding; GBK and GB2312 are read as GB18030.

    Raises
    ------
    InputError
        when there is no encoding of that name

    Examples
    --------
    >>> codec_name("UTF8"), codec_name("cp936")
    ('utf-8', 'gb18030')
    """
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        message = f"there is no encoding {encoding!r}; try utf-8 or gb18030"
        raise InputError(field="encoding", message=message) from error
    return "gb18030" if name in _WITHIN_GB18030 else name


def shown_name(encoding: str) -> str:
    """Give the name of an encoding as people write it.

    Examples
    --------
    >>> shown_name("gb18030"), shown_name("utf-8")
    ('GB18030', 'UTF-8')
    """
    return encoding.upper()

"""The names of columns as people see them."""

import re
from collections.abc import Sequence

from gridmgmt.domain.codes import is_unseen, without_unseen
from gridmgmt.sentence import Sentence

# Headings are broken into lines to make columns narrow.
_LINE_BREAK = re.compile(r"\s*[\r\n]\s*")
# Chinese has no blanks between words.
_CHINESE = "\u2e80-\u9fff\uff00-\uffef"
_WITHIN_CHINESE = re.compile(f"(?<=[{_CHINESE}])\n(?=[{_CHINESE}])")


def heading(text: str) -> str:
    r"""Return the name of a column as it is seen, since nothing else can be typed.

    Examples
    --------
    >>> heading("\ufeffcode"), heading("案件\n编号"), heading("case\r\nno"), heading("a\u00a0b")
    ('code', '案件编号', 'case no', 'a b')
    """
    lines = _LINE_BREAK.sub("\n", text.strip())
    return without_unseen(_WITHIN_CHINESE.sub("", lines).replace("\n", " ")).strip()


def unseen_headings(names: Sequence[str]) -> list[str]:
    """Return a note on each name that has characters nobody sees."""
    return [
        Sentence("the column {} is read as {}", ascii(name.strip()), repr(heading(name)))
        for name in names
        if any(is_unseen(one) and not one.isspace() for one in name)
    ]

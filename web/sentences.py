"""Sentences of the services in Chinese.

Services state facts in English sentences, for the log, the command line and the pages alike.
A catalogue holds these sentences with ``{}`` for the facts in them; a sentence made of several
is taken apart at its colons and semicolons. What the catalogue does not know stays English.
"""

import re
from functools import cache, lru_cache
from pathlib import Path

from babel.messages import pofile
from flask import Flask

from web.languages import language

CATALOGUE = Path(__file__).parent / "translations" / "zh" / "LC_MESSAGES" / "sentences.po"
_JOINTS = (("; ", "；"), (": ", "："))
# What stands before an item of a list.
_MARK = re.compile(r"\s*(?:- )?")
# A fact within a sentence goes over no joint, unless it is quoted; one at the end is a list.
_FACT = r"""((?>'[^']*'|"[^"]*"|(?![;:] ).)+?)(?<!:)"""
_LAST_FACT = "(.+)"


def said(text: object) -> str:
    """Say a service's sentence in the language of this request."""
    return in_chinese(str(text)) if language() == "zh" else str(text)


def in_chinese(text: str) -> str:
    """Say a text in Chinese, line by line.

    Examples
    --------
    >>> in_chinese("row 3: due_at is empty")
    '第 3 行：due_at 为空'
    """
    lines = []
    for line in text.split("\n"):
        mark = _MARK.match(line)
        start = mark.end() if mark else 0
        lines.append(line[:start] + _clause(line[start:]))
    return "\n".join(lines)


@lru_cache(maxsize=4096)
def _clause(text: str) -> str:
    if not re.search("[a-z]{2}", text):
        return text
    for pattern, chinese in _patterns():
        found = pattern.fullmatch(text)
        if found:
            # What is quoted is data, never a sentence.
            facts = [one if one[:1] in "'\"" else _clause(one) for one in found.groups()]
            return chinese.format(*facts)
    for joint, chinese_joint in _JOINTS:
        first, found_joint, rest = text.partition(joint)
        if found_joint:
            parts = (_clause(first), _clause(rest))
            if parts != (first, rest):
                return chinese_joint.join(parts)
    return text


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    with CATALOGUE.open("rb") as file:
        catalogue = pofile.read_po(file, locale="zh")
    known = [(str(one.id), str(one.string)) for one in catalogue if one.id and one.string]
    # The sentence that says most itself comes first: of two that fit, it is the one meant.
    known.sort(key=lambda pair: -len(pair[0].replace("{}", "")))
    return [(_pattern(english), chinese) for english, chinese in known]


def _pattern(english: str) -> re.Pattern[str]:
    *before, last = map(re.escape, english.split("{}"))
    if not last and before:
        return re.compile(_FACT.join(before) + _LAST_FACT)
    return re.compile(_FACT.join([*before, last]))


def init_app(app: Flask) -> None:
    """Let templates say what services said."""
    app.jinja_env.filters["said"] = said

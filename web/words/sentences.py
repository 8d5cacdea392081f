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

from web.words.languages import language

CATALOGUE = Path(__file__).parents[1] / "translations" / "zh" / "LC_MESSAGES" / "sentences.po"
_JOINTS = (("; ", "；"), (": ", "："))
# What stands before an item of a list.
_MARK = re.compile(r"\s*(?:- )?")
# A fact within a sentence goes over no joint, unless it is quoted; one at the end is a list.
_FACT = r"""((?>'[^']*'|"[^"]*"|(?![;:] ).)+?)(?<!:)"""
_LAST_FACT = "(.+)"
# Sentences may repeat what somebody sent. Recognising one costs more than in proportion to its
# length, so longer ones are not looked at; no sentence of the services is, but for its lists.
MOST_CHARACTERS = 500
# So much of a text of many lines; the rest stays English.
MOST_OF_A_TEXT = 20_000
# A fact that is a sentence, within a fact that is one.
_MOST_NESTED = 3


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
    left = MOST_OF_A_TEXT
    for line in text.split("\n"):
        mark = _MARK.match(line)
        start = mark.end() if mark else 0
        left -= len(line)
        fits = left >= 0 and len(line) - start <= MOST_CHARACTERS
        lines.append(line[:start] + _clause(line[start:]) if fits else line)
    return "\n".join(lines)


@lru_cache(maxsize=4096)
def _clause(text: str, nested: int = 0) -> str:
    if nested > _MOST_NESTED or not re.search("[a-z]{2}", text):
        return text
    for pattern, chinese in _patterns():
        found = pattern.fullmatch(text)
        if found:
            # What is quoted is data, never a sentence.
            facts = [
                one if one[:1] in "'\"" else _clause(one, nested + 1) for one in found.groups()
            ]
            return chinese.format(*facts)
    for joint, chinese_joint in _JOINTS:
        first, found_joint, rest = text.partition(joint)
        if found_joint:
            parts = (_clause(first, nested + 1), _clause(rest, nested))
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

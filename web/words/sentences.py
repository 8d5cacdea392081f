"""Say sentences of the services in the words of the pages, Chinese or English.

Services state facts in English sentences, for the log, the command line and the pages alike. A
``Sentence`` keeps its template, and the catalogue of a language has the templates. A text that
was stored, or that arrived as plain text, is recognised: the templates of the catalogue are
matched against it. If the catalogue does not have the whole sentence, it is split at its colons
and semicolons. A part that is not in the catalogue stays as it is.

The Chinese catalogue has every template. The English one has those that name a command: a
person at a page cannot type it, so the page says what to press or whom to ask.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path

from babel.messages import pofile
from flask import Flask

from gridmgmt.sentence import Sentence
from web.words.languages import language
from web.words.option_words import with_options_named

_TRANSLATIONS = Path(__file__).parents[1] / "translations"
CATALOGUES = {
    name: _TRANSLATIONS / name / "LC_MESSAGES" / "sentences.po" for name in ("zh", "en")
}
# What separates the clauses of a sentence, and what stands there in another language.
_JOINTS = {"zh": (("; ", "；"), (": ", "：")), "en": (("; ", "; "), (": ", ": "))}
# The text before an item of a list.
_MARK = re.compile(r"\s*(?:- )?")
# A fact within a sentence contains no colon or semicolon, unless it is quoted; a fact at the
# end may be a list.
_FACT = r"""((?>'[^']*'|"[^"]*"|(?![;:] ).)+?)(?<!:)"""
_LAST_FACT = "(.+)"
# Chinese characters and their punctuation, quotation marks too.
_WIDE = "[\u201c\u201d\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
_ONE_QUOTED = re.compile(r"""'[^']*'|"[^"]*\"""")
_ALL_QUOTED = re.compile(rf"(?:{_ONE_QUOTED.pattern})(?:, (?:{_ONE_QUOTED.pattern}))*")
_PLACE = re.compile(r"\{(\d+)\}")
# Sentences may repeat what somebody sent, and the cost of recognising one grows faster than its
# length. So longer ones are not translated; except for their lists, the services have none.
MOST_CHARACTERS = 500
# At most so many characters of a text with many lines; the rest stays English.
MOST_OF_A_TEXT = 20_000
# How deep sentences may be nested as facts in sentences.
_MOST_NESTED = 3
# How many semicolons of a text are tried as the end of its first sentence.
_MOST_JOINTS = 4


def said(text: object) -> str:
    """Return a service's sentence in the language of this request and the words of pages."""
    return with_options_named(page_text(str(text), language()))


def in_chinese(text: str) -> str:
    """Return a text in Chinese, line by line.

    Examples
    --------
    >>> in_chinese("row 3: due_at is empty")
    '第 3 行：due_at 为空'
    >>> in_chinese(Sentence("row {}: {}", 3, Sentence("{} is empty", "due_at")))
    '第 3 行：due_at 为空'
    """
    return page_text(text, "zh")


def page_text(text: str, to: str) -> str:
    """Return a text in the words of the pages of a language, line by line.

    Examples
    --------
    >>> page_text("row 3: bring its schema up with: gridmgmt db migrate", "en")
    'row 3: ask those who run the platform to bring the schema of its database up'
    """
    if isinstance(text, Sentence):
        return _sentence(text, to)
    lines = []
    left = MOST_OF_A_TEXT
    for line in text.split("\n"):
        mark = _MARK.match(line)
        start = mark.end() if mark else 0
        left -= len(line)
        fits = left >= 0 and len(line) - start <= MOST_CHARACTERS
        lines.append(line[:start] + _clause(line[start:], to) if fits else line)
    return "\n".join(lines)


def _sentence(sentence: Sentence, to: str) -> str:
    lines = []
    facts = iter(sentence.facts)
    for line in sentence.template.split("\n"):
        mark = _MARK.match(line)
        start = mark.end() if mark else 0
        clause = Sentence(line[start:], *islice(facts, line.count("{}")))
        lines.append(line[:start] + _made(clause, to))
    return "\n".join(lines)


def _made(clause: Sentence, to: str) -> str:
    """Return a clause as pages say it by its template, which is looked up and never matched."""
    if clause.template == "{}":
        return page_text(clause.facts[0], to)
    facts = [_fact(one, to) for one in clause.facts]
    translated = catalogue(to).get(clause.template)
    if translated is not None:
        return _filled(translated, facts)
    for joint, other_joint in _JOINTS[to]:
        first, found_joint, rest = clause.template.partition(joint)
        if found_joint:
            count = first.count("{}")
            halves = (
                Sentence(first, *clause.facts[:count]),
                Sentence(rest, *clause.facts[count:]),
            )
            parts = (_made(halves[0], to), _made(halves[1], to))
            if parts != halves:
                return other_joint.join(parts)
    return str.__str__(Sentence(clause.template, *facts))


def _filled(template: str, facts: Sequence[str]) -> str:
    """Put facts into a template; a Chinese one has spaces around them for Latin letters.

    There is no space between Chinese and a Chinese fact. Facts stay as they are.
    """
    filled, *rest = _PLACE.split(template)
    before = filled
    for number, after in zip(rest[::2], rest[1::2], strict=True):
        fact = facts[int(number)]
        stands_behind = filled if fact[:1] == "“" else before
        if re.search(f"{_WIDE} $", stands_behind) and re.match(_WIDE, fact):
            filled = filled[:-1]
        touches = re.search(f"{_WIDE}$", fact) and re.match(f" {_WIDE}", after)
        filled += fact + (after[1:] if touches else after)
        before = after
    return filled


def _fact(fact: str, to: str) -> str:
    if isinstance(fact, Sentence):
        return _sentence(fact, to)
    # Quoted text is data, never a sentence.
    if fact[:1] in "'\"":
        return _quoted(fact, to)
    return fact if len(fact) > MOST_CHARACTERS else _clause(fact, to, 1)


def _quoted(fact: str, to: str) -> str:
    """Return quoted data, or a list of it, in the quotation marks of a language."""
    if to != "zh" or not _ALL_QUOTED.fullmatch(fact):
        return fact
    return "、".join(f"“{one[1:-1]}”" for one in _ONE_QUOTED.findall(fact))


@lru_cache(maxsize=4096)
def _clause(text: str, to: str, nested: int = 0) -> str:
    if nested > _MOST_NESTED or not re.search("[a-z]{2}", text):
        return text
    known = _recognised(text, to, nested)
    if known is not None:
        return known
    # Several reasons, of which each may have semicolons of its own.
    joints = islice(re.finditer("; ", text), _MOST_JOINTS)
    for found in joints:
        known = _recognised(text[: found.start()], to, nested)
        if known is not None:
            joint = _JOINTS[to][0][1]
            return f"{known}{joint}{_clause(text[found.end() :], to, nested)}"
    for joint, other_joint in _JOINTS[to]:
        first, found_joint, rest = text.partition(joint)
        if found_joint:
            parts = (_clause(first, to, nested + 1), _clause(rest, to, nested))
            if parts != (first, rest):
                return other_joint.join(parts)
    return text


def _recognised(text: str, to: str, nested: int) -> str | None:
    """Return a sentence as pages say it, alone or behind the name of a field, else None."""
    whole = _whole(text, to, nested)
    field, colon, rest = text.partition(": ")
    if whole is not None or not colon or "; " in field:
        return whole
    whole = _whole(rest, to, nested)
    return (
        None if whole is None else f"{_clause(field, to, nested + 1)}{_JOINTS[to][1][1]}{whole}"
    )


def _whole(text: str, to: str, nested: int) -> str | None:
    """Return a text as pages say it if it is one sentence of the catalogue, else None."""
    for pattern, translated in _patterns(to):
        found = pattern.fullmatch(text)
        if found:
            # Quoted text is data, never a sentence.
            facts = [
                _quoted(one, to) if one[:1] in "'\"" else _clause(one, to, nested + 1)
                for one in found.groups()
            ]
            return _filled(translated, facts)
    return None


@cache
def catalogue(of: str) -> dict[str, str]:
    """Return what pages of a language say for each template that its catalogue has."""
    with CATALOGUES[of].open("rb") as file:
        catalogue = pofile.read_po(file, locale=of)
    return {str(one.id): str(one.string) for one in catalogue if one.id and one.string}


@cache
def _patterns(of: str) -> list[tuple[re.Pattern[str], str]]:
    # The sentence with the most fixed text comes first: if two fit, this one is meant.
    known = sorted(catalogue(of).items(), key=lambda pair: -len(pair[0].replace("{}", "")))
    return [(_pattern(english), translated) for english, translated in known]


def _pattern(english: str) -> re.Pattern[str]:
    *before, last = map(re.escape, english.split("{}"))
    if not last and before:
        return re.compile(_FACT.join(before) + _LAST_FACT)
    return re.compile(_FACT.join([*before, last]))


def init_app(app: Flask) -> None:
    """Make translated sentences available in templates."""
    app.jinja_env.filters["said"] = said

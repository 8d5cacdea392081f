"""Words of values and headings of fields on pages: those of files for people."""

from enum import StrEnum

from flask_babel import LazyString, get_locale

from gridmgmt.domain.headings import HEADINGS, Heading
from gridmgmt.domain.value_words import WORDS, Word


def names_of(values: type[StrEnum]) -> dict[str, LazyString]:
    """Return the word of every member, which is said when it is shown."""
    return {member: LazyString(_said, WORDS[values][member]) for member in values}


def heading_of(noun: str, field: str) -> LazyString:
    """Return the heading of a field, which is said when it is shown."""
    return LazyString(_said, HEADINGS[noun][field])


def _said(word: Word | Heading) -> str:
    return word.said("zh" if str(get_locale()) == "zh" else "en")

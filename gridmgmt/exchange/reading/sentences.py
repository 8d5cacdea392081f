"""Sentences as values that can travel, and back."""

from typing import Any

from gridmgmt.sentence import Sentence


def text_value(text: str) -> Any:
    """Write down a text; a sentence with its template and its facts.

    Examples
    --------
    >>> text_value(Sentence("row {}: {}", 3, Sentence("is empty")))
    {'template': 'row {}: {}', 'facts': ['3', {'template': 'is empty', 'facts': []}]}
    """
    if not isinstance(text, Sentence):
        return text
    return {"template": text.template, "facts": [text_value(fact) for fact in text.facts]}


def as_text(value: Any) -> str:
    """Make the text of what ``text_value`` wrote.

    Examples
    --------
    >>> as_text(text_value(Sentence("{} is empty", "lon"))).template
    '{} is empty'
    """
    if isinstance(value, dict):
        return Sentence(value["template"], *map(as_text, value["facts"]))
    return str(value)

"""Sentences for people that keep the template and the facts they were made of.

Errors, notes and warnings are English sentences with facts in them: ``row 3: due_at is empty``.
The command line, the log and JSON print them; the pages show them in the language of the
request. A finished sentence cannot be translated reliably, so it keeps its template.
"""

from collections.abc import Callable, Iterable
from typing import Self

# Data of a sentence may be as long as the longest text of a case; of longer data a person reads
# the beginning only.
_MOST_OF_A_FACT = 2_000
_KEPT_OF_A_FACT = 200


class Sentence(str):
    """A finished sentence, with the template and the facts it was made of.

    It is the English text wherever a ``str`` is needed, and ``str(sentence)`` is the sentence
    itself, so it survives ``str(error)``. Joining it by ``+``, ``join`` or an f-string leaves
    plain text; use a template or ``joined`` for that.

    Parameters
    ----------
    template
        English with ``{}`` for each fact, in their order. It is the key of the translation, so
        it is written out where the sentence is made; formats and ``!r`` belong to the facts.
    facts
        data, or sentences and errors, which are translated on their own; of data longer than
        2,000 characters (an outline, a whole cell of text) only the beginning is kept

    Examples
    --------
    >>> problem = Sentence("{} is empty", "due_at")
    >>> told = Sentence("row {}: {}", 3, problem)
    >>> told
    'row 3: due_at is empty'
    >>> told.template, told.facts
    ('row {}: {}', ('3', 'due_at is empty'))
    >>> told.facts[1].template
    '{} is empty'
    """

    __slots__ = ("facts", "template")

    template: str
    facts: tuple[str, ...]

    def __new__(cls, template: str, *facts: object) -> Self:
        """Put the facts into the template; raise ValueError if their number differs."""
        texts = tuple(_short(str(fact)) for fact in facts)
        # Never str.format: a template may come from another process, and has no formats.
        first, *others = template.split("{}")
        between = zip(texts, others, strict=True)
        made = super().__new__(cls, first + "".join(fact + text for fact, text in between))
        made.template = template
        made.facts = texts
        return made

    def with_data(self, change: Callable[[str], str]) -> "Sentence":
        """Return the sentence with its data changed: every fact that is not a sentence."""
        facts = (
            fact.with_data(change) if isinstance(fact, Sentence) else change(fact)
            for fact in self.facts
        )
        return Sentence(self.template, *facts)

    def __str__(self) -> str:
        return self

    def __reduce__(self) -> tuple[type[Self], tuple[str, ...]]:
        return type(self), (self.template, *self.facts)


def _short(fact: str) -> str:
    """Return a fact, or the beginning of long data and how much more there was.

    What was made here is short enough to be left as it is by another process.
    """
    if isinstance(fact, Sentence) or len(fact) <= _MOST_OF_A_FACT:
        return fact
    more = len(fact) - _KEPT_OF_A_FACT
    return Sentence("{} … and {} more characters", fact[:_KEPT_OF_A_FACT], f"{more:,}")


def joined(joint: str, parts: Iterable[object]) -> Sentence:
    """Join parts like ``str.join``, and keep the parts.

    Examples
    --------
    >>> joined("; ", [Sentence("{} is empty", "lon"), Sentence("{} is empty", "lat")])
    'lon is empty; lat is empty'
    """
    several = list(parts)
    return Sentence(joint.join(["{}"] * len(several)), *several)

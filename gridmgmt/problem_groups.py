"""Group problems by kind, so that a person can read any number of them.

A kind is a sentence without its data: 500 rows with "role: 'boss' is unknown" are one kind, and
"name is empty" is another. The command line and the pages show a few examples of each kind and
how many there are; files and JSON have all of them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gridmgmt.sentence import Sentence

# A screen full: longer lists show examples of each kind, and so many kinds.
MOST_SHOWN = 20
EXAMPLES = 3
MOST_KINDS = 20

_LEFT_OUT = "…"
# Words of the program itself in the place of data: names of fields, levels and severities.
_NAME = re.compile(r"[a-z]+(_[a-z0-9]+)*")
_DATA = re.compile(r"""'[^']*'|"[^"]*"|[0-9]+(?:[.,:/-][0-9]+)*""")


@dataclass(frozen=True)
class ProblemGroup:
    """The problems of one kind; ``examples`` are the first of them, ``count`` is of all."""

    kind: str
    count: int
    examples: tuple[str, ...]

    @property
    def more(self) -> int:
        """Return how many are not among the examples."""
        return self.count - len(self.examples)


def group_problems(problems: Iterable[str], examples: int = EXAMPLES) -> list[ProblemGroup]:
    """Return the kinds of problems, the most frequent first.

    Kinds of one frequency keep the order in which they first appeared.

    Examples
    --------
    >>> empty = Sentence("{} is empty", "lon")
    >>> problems = [Sentence("row {}: {}", row, empty) for row in (2, 5, 6)]
    >>> for group in group_problems(["no header", *problems], examples=2):
    ...     print(group.count, group.kind, group.examples)
    3 row …: lon is empty ('row 2: lon is empty', 'row 5: lon is empty')
    1 no header ('no header',)
    """
    counts: dict[str, int] = {}
    kinds: dict[str, str] = {}
    first: dict[str, list[str]] = {}
    for problem in problems:
        kind = kind_of(problem)
        key = str(kind)
        counts[key] = counts.get(key, 0) + 1
        kinds.setdefault(key, kind)
        shown = first.setdefault(key, [])
        if len(shown) < examples:
            shown.append(problem)
    # Sorting keeps the order of equals.
    return [
        ProblemGroup(kinds[key], count, tuple(first[key]))
        for key, count in sorted(counts.items(), key=lambda pair: -pair[1])
    ]


def kind_of(problem: str) -> str:
    """Return a problem without its data; names of fields and levels are not data.

    Examples
    --------
    >>> kind_of(Sentence("{}: {}", "lon", Sentence("{} is no number", repr("12a"))))
    'lon: … is no number'
    >>> kind_of("row 12: '2026-13-01' is no date")
    'row …: … is no date'
    """
    if isinstance(problem, Sentence):
        return problem.with_data(_blanked)
    # A text that was stored has lost its template.
    return _DATA.sub(_LEFT_OUT, problem)


def _blanked(fact: str) -> str:
    return fact if _NAME.fullmatch(fact) else _LEFT_OUT


def single_problems(reason: str) -> list[str]:
    """Return the problems of a row, of which the reason joins several by ``;``.

    Examples
    --------
    >>> from gridmgmt.sentence import joined
    >>> single_problems(joined("; ", [Sentence("{} is empty", "lon"), "no date"]))
    ['lon is empty', 'no date']
    """
    if isinstance(reason, Sentence) and re.fullmatch(r"\{\}(; \{\})*", reason.template):
        return [one for fact in reason.facts for one in single_problems(fact)]
    return [reason]


def digest(problems: Sequence[str], all_in: str = "") -> list[str]:
    """Return the lines of a list of problems: examples of each kind, and how many there are.

    A list that is short anyway stays as it is.

    Parameters
    ----------
    all_in : where all the problems are; "" if nowhere

    Examples
    --------
    >>> digest([f"row {row}: no date" for row in range(2, 90)], "rows-problems.csv")[2:]
    ['row 4: no date', '… and 85 more; all in rows-problems.csv']
    """
    if is_short(problems):
        return list(problems)
    groups = group_problems(problems)
    lines: list[str] = []
    for group in groups[:MOST_KINDS]:
        lines += group.examples
        if group.more:
            lines.append(_more(f"{group.more:,}", all_in))
    others = groups[MOST_KINDS:]
    if others:
        count = sum(group.count for group in others)
        of_kinds = Sentence("{} of {} other kinds", f"{count:,}", f"{len(others):,}")
        lines.append(_more(of_kinds, all_in))
    return lines


def _more(many: str, all_in: str) -> Sentence:
    if not all_in:
        return Sentence("… and {} more", many)
    return Sentence("… and {} more; all in {}", many, all_in)


def is_rest(line: str) -> bool:
    """Return whether a line of a digest says how many problems there are besides.

    Examples
    --------
    >>> [is_rest(line) for line in digest([f"row {row}: no date" for row in range(2, 90)])]
    [False, False, False, True]
    """
    return isinstance(line, Sentence) and line.template.startswith("… and")


def is_short(problems: Sequence[str]) -> bool:
    """Return whether a list of problems is shown whole."""
    return len(problems) <= MOST_SHOWN or not any(one.more for one in group_problems(problems))

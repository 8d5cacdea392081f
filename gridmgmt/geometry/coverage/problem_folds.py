"""Fold problems within the tolerance into one counted line for each kind and level."""

from collections.abc import Sequence
from dataclasses import dataclass

from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity, amount_text
from gridmgmt.problem_groups import EXAMPLES, MOST_SHOWN
from gridmgmt.sentence import Sentence

# So few are shown one by one.
FEW = 3


@dataclass(frozen=True)
class ProblemFold:
    """Problems of one kind and level that are within the tolerance.

    ``largest`` is the one with the largest amount, ``count`` is of all.
    """

    largest: Problem
    count: int

    @property
    def sentence(self) -> Sentence:
        """Return how many there are, and the largest amount."""
        one = self.largest
        what = _NAMES[one.kind]
        amount = amount_text(one.amount or 0.0, one.unit)
        return Sentence(
            "{} level: {} {}, the largest {}", one.level, f"{self.count:,}", what, amount
        )


_NAMES = {
    ProblemKind.OVERLAP: Sentence("overlaps below the tolerance"),
    ProblemKind.OUTSIDE_PARENT: Sentence("overhangs below the tolerance"),
    ProblemKind.GAP: Sentence("gaps below the tolerance"),
    ProblemKind.PINHOLE: Sentence("pinholes"),
}


@dataclass(frozen=True)
class ProblemsOfKind:
    """Problems of one level, kind and severity: the first of them, and the count of all."""

    examples: tuple[Problem, ...]
    count: int

    @property
    def more(self) -> int:
        """Return how many are not among the examples."""
        return self.count - len(self.examples)


def by_kind(problems: Sequence[Problem]) -> tuple[ProblemsOfKind, ...]:
    """Group problems by severity, level and kind: those that block first, then the most.

    Returns
    -------
    with all of them as examples if they are few, else with the first `EXAMPLES` of each kind
    """
    groups: dict[tuple[Severity, str, ProblemKind], list[Problem]] = {}
    for one in problems:
        groups.setdefault((one.severity, one.level, one.kind), []).append(one)
    most = len(problems) if len(problems) <= MOST_SHOWN else EXAMPLES
    ordered = sorted(
        groups.values(),
        key=lambda found: (found[0].severity is not Severity.ERROR, -len(found)),
    )
    return tuple(ProblemsOfKind(tuple(found[:most]), len(found)) for found in ordered)


def fold(problems: Sequence[Problem]) -> tuple[list[Problem], list[ProblemFold]]:
    """Separate problems that deserve a line each from those that are only counted.

    Borders of two surveys meet with overlaps of some thousandths of a square metre along
    every neighbour: hundreds of lines that nobody acts on hide the one that matters.

    Returns
    -------
    the problems to show one by one, in their order; the others by kind and level. More than
    `FEW` overlaps, gaps, pinholes or overhangs of a level that do not block are folded.
    """
    small: dict[tuple[str, ProblemKind], list[Problem]] = {}
    for one in problems:
        if one.severity is Severity.WARNING and one.kind in _NAMES:
            small.setdefault((one.level, one.kind), []).append(one)
    folded = {key: found for key, found in small.items() if len(found) > FEW}
    kept = [
        one
        for one in problems
        if one.severity is not Severity.WARNING or (one.level, one.kind) not in folded
    ]
    folds = [
        ProblemFold(max(found, key=lambda one: one.amount or 0.0), len(found))
        for found in folded.values()
    ]
    return kept, folds

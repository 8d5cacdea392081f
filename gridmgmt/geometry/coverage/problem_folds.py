"""Fold problems within the tolerance into one counted line for each kind and level."""

from collections.abc import Sequence
from dataclasses import dataclass

from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity, amount_text
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
}


def fold(problems: Sequence[Problem]) -> tuple[list[Problem], list[ProblemFold]]:
    """Separate problems that deserve a line each from those that are only counted.

    Borders of two surveys meet with overlaps of some thousandths of a square metre along
    every neighbour: hundreds of lines that nobody acts on hide the one that matters.

    Returns
    -------
    the problems to show one by one, in their order; the others by kind and level. More than
    `FEW` overlaps, gaps or overhangs of a level that do not block are folded.
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

"""Count the rejected rows of an import by reason, for the summary that people read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gridmgmt.exchange.tables.tables import Rejected
from gridmgmt.problem_groups import MOST_KINDS, kind_of, single_problems
from gridmgmt.sentence import Sentence


@dataclass(frozen=True)
class RejectReason:
    """A kind of reason: how many rows have it, and the first of them."""

    rows: int
    row: int
    reason: str

    @property
    def sentence(self) -> Sentence:
        """Return the count and the example as a sentence."""
        return Sentence(
            "{} row(s) rejected, for example row {}: {}",
            f"{self.rows:,}",
            self.row,
            self.reason,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON."""
        return {"rows": self.rows, "row": self.row, "reason": self.reason}


def reject_reasons(rejected: Sequence[Rejected]) -> list[RejectReason]:
    """Return the kinds of reasons of rejected rows, the most frequent first.

    A row with several faults counts in each of their kinds, and once in each. At most as many
    kinds are returned as a list of problems shows.

    Examples
    --------
    >>> rows = [Rejected(row, f"lon '{row}x' is no number") for row in (2, 3, 4)]
    >>> [(one.rows, one.row, one.reason) for one in reject_reasons(rows)]
    [(3, 2, "lon '2x' is no number")]
    """
    found: dict[str, RejectReason] = {}
    for one in rejected:
        for kind, reason in {kind_of(why): why for why in single_problems(one.reason)}.items():
            known = found.get(kind)
            found[kind] = (
                RejectReason(1, one.row, reason)
                if known is None
                else RejectReason(known.rows + 1, known.row, known.reason)
            )
    return sorted(found.values(), key=lambda one: -one.rows)[:MOST_KINDS]

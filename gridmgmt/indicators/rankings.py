"""Rank areas by how their cases kept their deadlines; small numbers are listed apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gridmgmt.indicators.rates import DeadlineCounts

# With fewer due cases than this, one case changes a rate by more than three points.
SMALL_NUMBER = 30


class RankedBy(StrEnum):
    """The figure by which areas are ranked."""

    RATE = "rate"
    CASES = "cases"
    MISSED = "missed"
    OVERDUE = "overdue"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class RankedArea:
    """An area with the counts of its cases; ``rank`` is by the rate, from 1.

    Areas with equal rates share a rank. An area with few due cases, or none, has no rank: its
    rate means little.
    """

    code: str
    name: str
    counts: DeadlineCounts
    rank: int | None

    @property
    def is_small(self) -> bool:
        """Return whether too few cases are due for the rate to mean much."""
        return self.counts.due < SMALL_NUMBER


def ranked_by_rate(
    counts: Mapping[str, DeadlineCounts], names: Mapping[str, str]
) -> list[RankedArea]:
    """Rank areas by their on-time rate; areas with small numbers come last, without a rank.

    Examples
    --------
    >>> large, small = DeadlineCounts(90, on_time=80, late=10), DeadlineCounts(2, on_time=2)
    >>> counts = {"A": large, "B": small}
    >>> [(one.code, one.rank, one.is_small) for one in ranked_by_rate(counts, {})]
    [('A', 1, False), ('B', None, True)]
    """
    areas = [
        RankedArea(code, names.get(code, code), found, None) for code, found in counts.items()
    ]
    large = sorted((one for one in areas if not one.is_small), key=_best_first)
    rates = [one.counts.on_time_rate.value for one in large]
    first = {rate: number for number, rate in reversed(list(enumerate(rates, start=1)))}
    ranked = [
        RankedArea(one.code, one.name, one.counts, first[rate])
        for one, rate in zip(large, rates, strict=True)
    ]
    return [*ranked, *sorted((one for one in areas if one.is_small), key=_best_first)]


def _best_first(area: RankedArea) -> tuple[float, int, str]:
    rate = area.counts.on_time_rate.value
    return (-1.0 if rate is None else rate) * -1, -area.counts.due, area.code

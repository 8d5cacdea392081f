"""Duplicates: open cases that may tell of one and the same matter. Nothing is merged."""

from dataclasses import dataclass

# How far apart two cases may lie and be reported, unless a deployment says otherwise.
DUPLICATE_M = 50.0
DUPLICATE_HOURS = 24.0


@dataclass(frozen=True)
class DuplicateRule:
    """Which open cases may be the same: of one minor class, near in space and in time.

    A category without a minor class is a class of its own. Both limits are inclusive; 0
    ``metres`` ask for no hint at all.
    """

    metres: float = DUPLICATE_M
    hours: float = DUPLICATE_HOURS

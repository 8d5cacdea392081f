"""Demolitions of unlawful structures."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class DemolitionMode(StrEnum):
    """Who demolished the structure."""

    SELF = "self"
    ASSISTED = "assisted"
    FORCED = "forced"


@dataclass(frozen=True)
class Demolition:
    """An unlawful structure; ``demolished_on`` None: it still stands.

    ``claimed_m2`` is the reported area, ``measured_m2`` the geodesic area of its footprint,
    None if only a point is known. 起, 处 and 户 are three different counts, never converted
    into one another.
    """

    code: str
    name: str | None = None
    address: str | None = None
    mode: DemolitionMode | None = None
    demolished_on: date | None = None
    claimed_m2: float | None = None
    measured_m2: float | None = None
    cases_count: int | None = None
    sites_count: int | None = None
    households_count: int | None = None

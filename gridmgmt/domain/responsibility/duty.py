"""Duties: who answers where, for what, when, and in which role."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class DutyRole(StrEnum):
    """The roles 主办, 协办 and 督办; exactly one responder disposes."""

    DISPOSE = "dispose"
    ASSIST = "assist"
    OVERSEE = "oversee"


class DutyTarget(StrEnum):
    """The kind of place a duty points at."""

    AREA = "area"
    GROUP = "group"
    ROAD_SEGMENT = "road_segment"
    ZONE = "zone"


@dataclass(frozen=True)
class Duty:
    """A line of a responsibility letter.

    ``categories`` None means every category. ``hours`` None means always; otherwise it is
    OpenStreetMap opening_hours syntax in the bureau's time zone. The duty is valid on days in
    ``[valid_from, valid_to]``, None = open.
    """

    id: int
    responder_code: str
    role: DutyRole
    target: DutyTarget
    level: str | None
    target_code: str
    categories: frozenset[str] | None
    hours: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    letter_no: str | None = None

    def holds_on(self, day: date) -> bool:
        """Return whether the letter is valid on a day, whatever its hours."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)

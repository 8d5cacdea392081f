"""Decisions: who gets a case, by which rule, and which duties were considered."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gridmgmt.domain.cases.case import CaseMark, UnroutedReason
from gridmgmt.domain.responsibility.duty import DutyRole, DutyTarget

COMPONENT = "component"
ZONE = "zone"
ROAD_SEGMENT = "road_segment"
GROUP = "group"
TERRITORIAL_FALLBACK = "territorial_fallback"
FORCED_ADJUDICATION = "forced_adjudication"

# Traces that are stored keep the word of their time.
_KEYS = {"disposers": "owners"}


def area_rule(level: str) -> str:
    """Return the name of the precedence class of a level's areas.

    Examples
    --------
    >>> area_rule("cell")
    'area:cell'
    """
    return f"area:{level}"


class WhyNot(StrEnum):
    """The reasons why a duty that points at where a case lies does not apply to it."""

    OUTSIDE_HOURS = "outside_hours"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    OTHER_CATEGORY = "other_category"
    NEARER_ROAD_SEGMENT = "nearer_road_segment"
    ZONE_EXPIRED = "zone_expired"
    ZONE_NOT_YET_VALID = "zone_not_yet_valid"


@dataclass(frozen=True)
class Considered:
    """A duty that points at where a case lies; ``applies`` is whether it holds for it now.

    A duty that applies may still lose to one with higher precedence: the rule of the decision
    shows this.
    """

    duty_id: int
    responder: str
    role: DutyRole
    target: DutyTarget
    level: str | None
    code: str
    letter_no: str | None
    hours: str | None
    applies: bool
    why_not: WhyNot | None = None


@dataclass(frozen=True)
class Decision:
    """Who disposes of a case, or why nobody was chosen; exactly one of the two is set.

    ``rule`` is the precedence class that decided (``zone``, ``area:cell`` …), also if it has
    several disposers. ``fallback`` repeats it if no duty decided, but the office of an area.
    ``component`` is the component of the case, also if its owner is unknown and duties decided.
    ``marks`` do not affect who has the case.

    If the position is too uncertain, ``would_be`` is who answers at the position itself, and
    ``answers`` are all who may, each with their share of the possible positions, the largest
    first.
    """

    responder: str | None
    reason: UnroutedReason | None
    rule: str | None = None
    fallback: str | None = None
    duty_ids: tuple[int, ...] = ()
    overseers: tuple[str, ...] = ()
    assistants: tuple[str, ...] = ()
    disposers: tuple[str, ...] = ()
    considered: tuple[Considered, ...] = ()
    component: str | None = None
    marks: tuple[CaseMark, ...] = ()
    would_be: str | None = None
    answers: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        if (self.responder is None) == (self.reason is None):
            message = "a decision names either a responder or the reason why there is none"
            raise ValueError(message)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values for the trace of a case.

        Examples
        --------
        >>> decision = Decision("S1", None, rule="area:cell", duty_ids=(7,))
        >>> Decision.from_json(decision.to_json()) == decision
        True
        """
        # Not dataclasses.asdict: it copies every value deeply, and a city has many decisions.
        data = {_KEYS.get(name, name): value for name, value in vars(self).items()}
        data["considered"] = [dict(vars(entry)) for entry in self.considered]
        for name in ("duty_ids", "overseers", "assistants", "owners", "marks"):
            data[name] = list(data[name])
        data["answers"] = [list(answer) for answer in self.answers]
        # Most decisions have none of these, and the traces of a city take much space.
        for name in ("component", "marks", "would_be", "answers"):
            if not data[name]:
                del data[name]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Decision":
        """Return the object that ``to_json`` wrote."""
        reason = data["reason"]
        return cls(
            responder=data["responder"],
            reason=None if reason is None else UnroutedReason(reason),
            rule=data["rule"],
            fallback=data["fallback"],
            duty_ids=tuple(data["duty_ids"]),
            overseers=tuple(data["overseers"]),
            assistants=tuple(data["assistants"]),
            disposers=tuple(data["owners"]),
            considered=tuple(_considered(entry) for entry in data["considered"]),
            component=data.get("component"),
            marks=tuple(CaseMark(mark) for mark in data.get("marks", ())),
            would_be=data.get("would_be"),
            answers=tuple((code, share) for code, share in data.get("answers", ())),
        )


def _considered(entry: Mapping[str, Any]) -> Considered:
    why_not = entry["why_not"]
    return Considered(
        **{
            **entry,
            "role": DutyRole(entry["role"]),
            "target": DutyTarget(entry["target"]),
            "why_not": None if why_not is None else WhyNot(why_not),
        }
    )

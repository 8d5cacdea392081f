"""The rules by which a bureau judges cases: one value, made once from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gridmgmt.domain.cases.case import CONFIDENCE
from gridmgmt.domain.responsibility.component import COMPONENT_M


@dataclass(frozen=True)
class JudgingRules:
    """The bureau's time zone, by which duties are judged, and how far a position may be off.

    Parameters
    ----------
    candidate_m : every area within this distance in metres, inclusive, is a candidate; also how
        far off a position may be whose accuracy nobody stated
    snap_m : a position outside every area goes to the nearest one within this distance in
        metres, inclusive; 0 never snaps
    component_m : how far in metres, inclusive, a component may be from a case about it
    confidence : for which part of where a case may lie, 0 to 1, an answer must hold
    home : where locators of editions are kept; None builds them anew
    """

    tz: ZoneInfo
    candidate_m: float = 1.0
    snap_m: float = 30.0
    component_m: float = COMPONENT_M
    confidence: float = CONFIDENCE
    home: Path | None = None

    def to_json(self) -> dict[str, float]:
        """Return the numbers among the rules, as a trace keeps them."""
        return {
            "candidate_m": self.candidate_m,
            "snap_m": self.snap_m,
            "component_m": self.component_m,
            "confidence": self.confidence,
        }

    def as_in(self, trace: Mapping[str, Any]) -> "JudgingRules":
        """Return these rules with the numbers by which a case was judged.

        Examples
        --------
        >>> rules = JudgingRules(ZoneInfo("Asia/Shanghai"))
        >>> rules.as_in({"settings": {"candidate_m": 2.0, "snap_m": 5.0}}).snap_m
        5.0
        """
        # Traces of the first versions know neither of the other two: components were as far
        # off as they may be today, and every answer was sure enough.
        known = {"component_m": COMPONENT_M, "confidence": 0.0, **trace["settings"]}
        return replace(self, **{name: known[name] for name in self.to_json()})

"""The rules by which a bureau judges cases: one object, made once from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gridmgmt.domain.cases.case import CONFIDENCE
from gridmgmt.domain.responsibility.component import COMPONENT_M


@dataclass(frozen=True)
class JudgingRules:
    """The bureau's time zone, for duties, and the limits for positions.

    Parameters
    ----------
    candidate_m : every area within this distance in metres, inclusive, is a candidate; also the
        assumed accuracy of a position without a stated one
    snap_m : a position outside every area goes to the nearest one within this distance in
        metres, inclusive; 0 never snaps
    component_m : largest distance in metres, inclusive, of a component from a case about it
    confidence : share of the possible positions, 0 to 1, for which an answer must hold
    home : folder of the locators of editions; None builds them again
    """

    tz: ZoneInfo
    candidate_m: float = 1.0
    snap_m: float = 30.0
    component_m: float = COMPONENT_M
    confidence: float = CONFIDENCE
    home: Path | None = None

    def to_json(self) -> dict[str, float]:
        """Return the numbers among the rules, as a trace stores them."""
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
        # Traces of the first versions lack the other two: components had the same limit as
        # today, and every answer was accepted.
        known = {"component_m": COMPONENT_M, "confidence": 0.0, **trace["settings"]}
        return replace(self, **{name: known[name] for name in self.to_json()})

"""What a person asks for when a file of cases is to be taken in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gridmgmt.domain.cases.duplicates import DuplicateRule
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.geometry.crs.crs import WGS84, Datum

# What is judged and stored at once: enough for whole columns to pay, little enough to hold.
ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class CaseImport:
    """A file of cases and how it is to be understood.

    ``mapping`` says by field which column holds it, where the two are called differently.
    ``source_tz`` is for times without an offset; None: the bureau's own. ``datum`` None: nobody
    said, WGS 84 is taken. ``update_known``: known cases take over what the file says otherwise.
    ``now`` is the instant that counts as the present. ``rows_at_once`` changes nothing but how
    much is held in memory.
    """

    path: Path
    actor: str
    rules: JudgingRules
    mapping: Mapping[str, str] = field(default_factory=dict)
    source_tz: ZoneInfo | None = None
    datum: Datum | None = None
    encoding: str | None = None
    sheet: str | None = None
    update_known: bool = False
    duplicates: DuplicateRule = field(default_factory=DuplicateRule)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    rows_at_once: int = ROWS_AT_ONCE

    def crs_label(self, x: float | None) -> str | None:
        """Name the datum in which a position was read, None where there is no position."""
        return None if x is None else (self.datum or WGS84).label

    def to_json(self) -> dict[str, Any]:
        """Give what decides about the outcome, for telling whether two imports are the same."""
        return {
            "tz": self.rules.tz.key,
            "mapping": dict(self.mapping),
            "source_tz": None if self.source_tz is None else self.source_tz.key,
            "crs": None if self.datum is None else self.datum.label,
            "encoding": self.encoding,
            "sheet": self.sheet,
            "update_known": self.update_known,
            **self.rules.to_json(),
        }

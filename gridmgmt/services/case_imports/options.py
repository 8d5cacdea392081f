"""The options of an import of cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gridmgmt.domain.cases.duplicates import DuplicateRule
from gridmgmt.domain.date_format import DateFormat
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.geometry.crs.crs import WGS84, Datum

# The number of rows judged and stored at once: enough to work with whole columns, few enough
# for the memory.
ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class CaseImport:
    """A file of cases and how to read it.

    ``mapping`` maps fields to columns with other names. ``source_tz`` is the time zone of times
    without an offset; None means the bureau's own. ``date_formats`` are those that somebody
    stated. ``datum`` None means that nobody stated it, and WGS 84 is assumed. ``update_known``
    lets known cases take over values of the file. ``now`` is the present. ``rows_at_once`` only
    changes how much is kept in memory.
    """

    path: Path
    actor: str
    rules: JudgingRules
    mapping: Mapping[str, str] = field(default_factory=dict)
    source_tz: ZoneInfo | None = None
    date_formats: tuple[DateFormat, ...] = ()
    datum: Datum | None = None
    encoding: str | None = None
    sheet: str | None = None
    update_known: bool = False
    duplicates: DuplicateRule = field(default_factory=DuplicateRule)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    rows_at_once: int = ROWS_AT_ONCE

    @property
    def dates(self) -> DateReader:
        """Return the reader of the dates in the file."""
        return DateReader(self.source_tz or self.rules.tz, self.date_formats, can_state=True)

    def crs_label(self, x: float | None) -> str | None:
        """Return the name of the datum of a position, or None without a position."""
        return None if x is None else (self.datum or WGS84).label

    def to_json(self) -> dict[str, Any]:
        """Return everything that decides the result, for comparing two imports."""
        return {
            "tz": self.rules.tz.key,
            "mapping": dict(self.mapping),
            "source_tz": None if self.source_tz is None else self.source_tz.key,
            "date_format": "\n".join(one.stated for one in self.date_formats) or None,
            "crs": None if self.datum is None else self.datum.label,
            "encoding": self.encoding,
            "sheet": self.sheet,
            "update_known": self.update_known,
            **self.rules.to_json(),
        }

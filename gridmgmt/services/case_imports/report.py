"""The report of an import of cases, as facts and as sentences with remedies."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from gridmgmt.domain.cases.case import UnlocatedReason
from gridmgmt.domain.listing import listed
from gridmgmt.exchange.tables.tables import Rejected
from gridmgmt.services.case_imports.repeats import Heap, Repeats


@dataclass(kw_only=True)
class ImportCounts:
    """Counts of the rows of a file, or of all rows so far.

    The counts of locations and routes are those of new cases and of cases that were judged
    again. ``ends_early`` counts cases disposed or closed before they were reported: systems
    that store only the day of an end write 00:00. ``forgotten`` counts known cases whose
    personal data are in the file but were deleted here. ``new_open`` are the numbers of new
    cases that are neither disposed of nor closed; for a whole file at most one more than are
    compared with others.
    """

    new: int = 0
    unchanged: int = 0
    updated: int = 0
    known_differing: int = 0
    inside: int = 0
    on_boundary: int = 0
    snapped: int = 0
    unlocated: Counter[str] = field(default_factory=Counter)
    editions: Counter[int] = field(default_factory=Counter)
    routed: int = 0
    unrouted: Counter[str] = field(default_factory=Counter)
    rerouted: int = 0
    unknown_categories: Counter[str] = field(default_factory=Counter)
    ends_early: int = 0
    forgotten: int = 0
    new_open: list[str] = field(default_factory=list)

    def add(self, other: "ImportCounts") -> None:
        """Add the counts of another."""
        for counted in fields(ImportCounts):
            here, there = getattr(self, counted.name), getattr(other, counted.name)
            if isinstance(here, Counter):
                here.update(there)
            else:
                setattr(self, counted.name, here + there)

    def kept(self) -> dict[str, Any]:
        """Return the counts as JSON that keeps the order in which things first appeared."""
        values = ((one.name, getattr(self, one.name)) for one in fields(ImportCounts))
        return {
            # Pairs and not a JSON object, which turns edition numbers into text.
            name: {"counted": [*value.items()]} if isinstance(value, Counter) else value
            for name, value in values
        }

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any]) -> "ImportCounts":
        """Return the counts that ``kept`` wrote.

        Examples
        --------
        >>> counts = ImportCounts(new=2, editions=Counter({1: 2}), new_open=["C1"])
        >>> ImportCounts.from_kept(counts.kept()) == counts
        True
        """
        values: dict[str, Any] = {
            name: Counter(dict(value["counted"])) if isinstance(value, dict) else value
            for name, value in kept.items()
        }
        return cls(**values)


@dataclass(kw_only=True)
class CaseImportReport(ImportCounts):
    """The result for a file of cases.

    ``rows`` = ``new`` + ``unchanged`` + ``updated`` + identical repeats + ``rejected``. All
    rows up to ``row`` are handled; repeats and heaps are known when all rows are.
    ``interrupted_at`` is set for an import that continues.
    """

    file: str
    datum: str
    encoding: str
    rows: int
    columns_not_stored: tuple[str, ...]
    first_edition_from: datetime | None = None
    rejected: list[Rejected] = field(default_factory=list)
    repeats: Repeats = field(default_factory=Repeats)
    alike: int = 0
    heaps: list[Heap] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    row: int = 0
    interrupted_at: datetime | None = None

    @property
    def changed(self) -> bool:
        """Return whether anything was stored so far."""
        return bool(self.new or self.updated)

    @property
    def is_useless(self) -> bool:
        """Return whether all rows were invalid."""
        usable = self.new + self.unchanged + self.updated + self.known_differing
        return not usable and bool(self.rejected)

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON; rejected rows by number and reason."""
        repeats = self.repeats
        return {
            "file": self.file,
            "datum": self.datum,
            "encoding": self.encoding,
            "rows": self.rows,
            "new": self.new,
            "unchanged": self.unchanged,
            "updated": self.updated,
            "rejected": [{"row": one.row, "reason": one.reason} for one in self.rejected],
            "repeated_numbers": repeats.numbers,
            "repeated_numbers_differing": repeats.differing,
            "repeated_rows_identical": repeats.identical_rows,
            "repeated_rows_differing": repeats.differing_rows,
            "known_differing": self.known_differing,
            "inside": self.inside,
            "on_boundary": self.on_boundary,
            "snapped": self.snapped,
            "unlocated": dict(self.unlocated),
            "editions": {str(number): n for number, n in sorted(self.editions.items())},
            "routed": self.routed,
            "unrouted": dict(self.unrouted),
            "rerouted": self.rerouted,
            "unknown_categories": dict(self.unknown_categories),
            "heaps": [{"x": heap.x, "y": heap.y, "rows": heap.rows} for heap in self.heaps],
            "ends_early": self.ends_early,
            "forgotten": self.forgotten,
            "alike": self.alike,
            "columns_not_stored": list(self.columns_not_stored),
            "warnings": self.warnings_said(),
            "notes": self.notes,
        }

    def sentences(self) -> list[str]:
        """Return what was done, what to check, and what was assumed."""
        return [
            *self._done(),
            *(f"warning: {sentence}" for sentence in self.warnings_said()),
            *(f"note: {sentence}" for sentence in self.notes_said()),
        ]

    def _done(self) -> list[str]:
        summary = (
            f"{self.file}: {self.rows:,} rows: new {self.new:,}, unchanged {self.unchanged:,}, "
            f"updated {self.updated:,}, rejected {len(self.rejected):,}, "
            f"identical repeats {self.repeats.identical_rows:,}"
        )
        told = [summary]
        if self.changed:
            nowhere = ", ".join(f"{reason} {n:,}" for reason, n in self.unlocated.most_common())
            told.append(
                f"located {self.inside + self.snapped:,} (on a boundary {self.on_boundary:,}, "
                f"snapped {self.snapped:,}), unlocated {self.unlocated.total():,}"
                + (f" ({nowhere})" if nowhere else "")
            )
            nobody = ", ".join(f"{reason} {n:,}" for reason, n in self.unrouted.most_common())
            told.append(
                f"given to a responder {self.routed:,}, to a person for triage "
                f"{self.unrouted.total():,}" + (f" ({nobody})" if nobody else "")
            )
        return told

    def warnings_said(self) -> list[str]:
        """Return what a person should check, with remedies."""
        told = list(self.warnings)
        told += self._repeats_said()
        if self.known_differing:
            told.append(
                f"{self.known_differing:,} known case(s) come with other content and were left "
                "as they are: to take it over, add --on-existing update"
            )
        outside = self.unlocated[UnlocatedReason.OUTSIDE]
        if outside:
            share = outside / (self.new + self.updated)
            told.append(f"{outside:,} position(s) ({share:.1%}) lie outside every area")
        early = self.unlocated[UnlocatedReason.BEFORE_FIRST_EDITION]
        if early:
            told.append(f"{early:,} case(s) were reported {self._before_first_edition()}")
        told += [
            f"{heap.rows:,} rows share the coordinate {heap.x:.10g} {heap.y:.10g}: most likely "
            "a geocoder's default, not where they happened"
            for heap in self.heaps
        ]
        if self.unknown_categories:
            unknown = (f"{code} ({n:,})" for code, n in self.unknown_categories.most_common())
            told.append(
                f"{len(self.unknown_categories)} categories are unknown; they are kept as "
                f"unmapped and routed only by duties for all categories: {listed(unknown)}"
            )
        return told

    def _before_first_edition(self) -> str:
        if self.first_edition_from is None:
            return "and no edition is published: publish one (gridmgmt draft publish)"
        return (
            f"before the first edition ({self.first_edition_from:%Y-%m-%d}): publish one with "
            "an earlier --effective-from to locate them"
        )

    def _repeats_said(self) -> list[str]:
        repeats = self.repeats
        if not repeats.numbers:
            return []
        told = (
            f"{repeats.numbers:,} case number(s) stand in the file more than once, "
            f"{repeats.differing:,} of them with differing content: the first row was taken, "
            f"{repeats.differing_rows:,} row(s) rejected, "
            f"{repeats.identical_rows:,} identical row(s) passed over"
        )
        return [told]

    def notes_said(self) -> list[str]:
        """Return what was assumed."""
        told = [f"read as {self.encoding}, positions as {self.datum}", *self.notes]
        missing = self.unlocated[UnlocatedReason.NO_POSITION]
        if missing:
            told.append(f"{missing:,} case(s) have no coordinates and are stored unlocated")
        by_address = self.unlocated[UnlocatedReason.ADDRESS_ONLY]
        if by_address:
            told.append(
                f"{by_address:,} case(s) have only an address: a person puts them on the map"
            )
        if self.alike:
            told.append(
                f"{self.alike:,} new case(s) may be the same as an open one reported before:"
                " gridmgmt case duplicates lists them"
            )
        if self.ends_early:
            told.append(
                f"{self.ends_early:,} case(s) were disposed or closed before they were "
                "reported (ends kept by the day only are taken as 00:00)"
            )
        if self.forgotten:
            told.append(
                f"{self.forgotten:,} case(s) were closed long ago and their personal data"
                " forgotten: those of the file were left out"
            )
        if self.columns_not_stored:
            told.append(f"columns not stored: {', '.join(self.columns_not_stored)}")
        return told

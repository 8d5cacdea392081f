"""The report of an import of cases, as facts and as sentences with remedies."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, tzinfo
from typing import Any

from gridmgmt.domain.areas.edition import Edition
from gridmgmt.domain.cases.case import UnlocatedReason
from gridmgmt.domain.listing import listed
from gridmgmt.exchange.tables.tables import Rejected
from gridmgmt.sentence import Sentence
from gridmgmt.services.case_imports.reject_reasons import reject_reasons
from gridmgmt.services.case_imports.repeats import Heap, Repeats


@dataclass(kw_only=True)
class ImportCounts:
    """Counts of the rows of a file, or of all rows so far.

    The counts of locations and routes are those of new cases and of cases that were judged
    again. ``early`` are the days, on the bureau's clock, on which cases were reported before
    the first edition. ``ends_early`` counts cases disposed or closed before they were reported:
    systems that store only the day of an end write 00:00. ``due_early`` counts those that were
    due before: most likely another column has their deadline. ``forgotten`` counts known cases
    whose personal data are in the file but were deleted here. ``at_default`` counts the cases
    at an accepted default position. ``new_open`` are the numbers of
    new cases that are neither disposed of nor closed; for a whole file at most one more than
    are compared with others.
    """

    new: int = 0
    unchanged: int = 0
    updated: int = 0
    known_differing: int = 0
    inside: int = 0
    on_boundary: int = 0
    snapped: int = 0
    unlocated: Counter[str] = field(default_factory=Counter)
    early: Counter[str] = field(default_factory=Counter)
    editions: Counter[int] = field(default_factory=Counter)
    routed: int = 0
    unrouted: Counter[str] = field(default_factory=Counter)
    rerouted: int = 0
    unknown_categories: Counter[str] = field(default_factory=Counter)
    ends_early: int = 0
    due_early: int = 0
    forgotten: int = 0
    at_default: int = 0
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
    first_edition: Edition | None = None
    tz: tzinfo = UTC
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
    def proposed(self) -> list[Heap]:
        """Return the coordinates that a person may accept as default positions."""
        return [heap for heap in self.heaps if not heap.is_accepted]

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
            "heaps": [heap.to_json() for heap in self.heaps],
            **({"at_default": self.at_default} if self.at_default else {}),
            "ends_early": self.ends_early,
            "due_early": self.due_early,
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
            *(one.sentence for one in reject_reasons(self.rejected)),
            *(Sentence("warning: {}", sentence) for sentence in self.warnings_said()),
            *(heap.remedy for heap in self.proposed),
            *(Sentence("note: {}", sentence) for sentence in self.notes_said()),
        ]

    def _done(self) -> list[str]:
        summary = Sentence(
            "{}: {} rows: new {}, unchanged {}, updated {}, rejected {}, identical repeats {}",
            self.file,
            f"{self.rows:,}",
            f"{self.new:,}",
            f"{self.unchanged:,}",
            f"{self.updated:,}",
            f"{len(self.rejected):,}",
            f"{self.repeats.identical_rows:,}",
        )
        told: list[str] = [summary]
        if self.changed:
            nowhere = ", ".join(f"{reason} {n:,}" for reason, n in self.unlocated.most_common())
            told.append(
                Sentence(
                    "located {} (on a boundary {}, snapped {}), unlocated {}",
                    f"{self.inside + self.snapped:,}",
                    f"{self.on_boundary:,}",
                    f"{self.snapped:,}",
                    f"{self.unlocated.total():,} ({nowhere})" if nowhere else "0",
                )
            )
            nobody = ", ".join(f"{reason} {n:,}" for reason, n in self.unrouted.most_common())
            told.append(
                Sentence(
                    "given to a responder {}, to a person for triage {}",
                    f"{self.routed:,}",
                    f"{self.unrouted.total():,} ({nobody})" if nobody else "0",
                )
            )
        return told

    def warnings_said(self) -> list[str]:
        """Return what a person should check, with remedies."""
        told = list(self.warnings)
        told += self._repeats_said()
        if self.known_differing:
            told.append(
                Sentence(
                    "{} known case(s) differ from the file and were not changed: "
                    "to take over the file's values, add --on-existing update",
                    f"{self.known_differing:,}",
                )
            )
        outside = self.unlocated[UnlocatedReason.OUTSIDE]
        if outside:
            # Known cases that did not change were counted when they were first imported.
            share = outside / (self.new + self.updated)
            told.append(
                Sentence(
                    "{} position(s) ({}) lie outside every area", f"{outside:,}", f"{share:.1%}"
                )
            )
        early = self.unlocated[UnlocatedReason.BEFORE_FIRST_EDITION]
        if early:
            told.append(self._before_first_edition(early))
        told += [heap.said() for heap in self.proposed]
        if self.unknown_categories:
            unknown = (f"{code} ({n:,})" for code, n in self.unknown_categories.most_common())
            told.append(
                Sentence(
                    "unknown categories: {}, kept as unmapped and routed only by duties for "
                    "all categories: {}",
                    len(self.unknown_categories),
                    listed(unknown),
                )
            )
        return told

    def _before_first_edition(self, count: int) -> str:
        if self.first_edition is None:
            return Sentence(
                "{} case(s) were reported and no edition is published: publish one (gridmgmt "
                "draft publish)",
                f"{count:,}",
            )
        return Sentence(
            "{} case(s) were reported before the first edition ({}): let it begin earlier to "
            "locate them (gridmgmt edition extend {} --from {} --commit)",
            f"{count:,}",
            self.first_edition.effective_from.astimezone(self.tz).date().isoformat(),
            self.first_edition.number,
            min(self.early),
        )

    def _repeats_said(self) -> list[str]:
        repeats = self.repeats
        if not repeats.numbers:
            return []
        return [
            Sentence(
                "{} case number(s) appear more than once in the file, {} of "
                "them with different content: the first row was taken, {} "
                "row(s) rejected, {} identical row(s) skipped",
                f"{repeats.numbers:,}",
                f"{repeats.differing:,}",
                f"{repeats.differing_rows:,}",
                f"{repeats.identical_rows:,}",
            )
        ]

    def notes_said(self) -> list[str]:
        """Return what was assumed."""
        # Always said: text in a wrong encoding and positions in a wrong datum may look right in
        # every other line of the report.
        told = [Sentence("read as {}, positions as {}", self.encoding, self.datum), *self.notes]
        missing = self.unlocated[UnlocatedReason.NO_POSITION]
        if missing:
            told.append(
                Sentence(
                    "{} case(s) have no coordinates and are stored unlocated", f"{missing:,}"
                )
            )
        by_address = self.unlocated[UnlocatedReason.ADDRESS_ONLY]
        if by_address:
            told.append(
                Sentence(
                    "{} case(s) have only an address: a person puts them on the map",
                    f"{by_address:,}",
                )
            )
        if self.alike:
            told.append(
                Sentence(
                    "{} new case(s) may be the same as an open one reported before: gridmgmt "
                    "case duplicates lists them",
                    f"{self.alike:,}",
                )
            )
        told += self._times_said()
        if self.at_default:
            told.append(
                Sentence(
                    "{} case(s) lie at an accepted default coordinate and are marked",
                    f"{self.at_default:,}",
                )
            )
        if self.forgotten:
            told.append(
                Sentence(
                    "{} case(s) were closed long ago and their personal data were "
                    "deleted: the personal data in the file were left out",
                    f"{self.forgotten:,}",
                )
            )
        if self.columns_not_stored:
            told.append(Sentence("columns not stored: {}", listed(self.columns_not_stored)))
        return told

    def _times_said(self) -> list[str]:
        told: list[str] = []
        if self.ends_early:
            told.append(
                Sentence(
                    "{} case(s) were disposed of or closed before they were "
                    "reported (a date without a time counts as 00:00)",
                    f"{self.ends_early:,}",
                )
            )
        if self.due_early:
            told.append(
                Sentence(
                    "{} case(s) were due before they were reported, so they count as late; "
                    "look whether due_at is the right column",
                    f"{self.due_early:,}",
                )
            )
        return told

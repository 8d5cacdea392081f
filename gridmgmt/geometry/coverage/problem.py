"""Problems of the areas of a level, as data for maps and tables."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from shapely.geometry.base import BaseGeometry

from gridmgmt.domain.listing import listed
from gridmgmt.sentence import Sentence


class ProblemKind(StrEnum):
    """The kind of a problem; a report lists them in this order."""

    DUPLICATE_CODE = "duplicate_code"
    REUSED_CODE = "reused_code"
    EMPTY_GEOMETRY = "empty_geometry"
    INVALID_RING = "invalid_ring"
    MISSING_PARENT = "missing_parent"
    OVERLAP = "overlap"
    OUTSIDE_PARENT = "outside_parent"
    MISSING_CELL = "missing_cell"
    GAP = "gap"
    PINHOLE = "pinhole"
    ENCLAVE = "enclave"
    SLIVER = "sliver"
    MALFORMED_CODE = "malformed_code"
    UNUSUAL_SIZE = "unusual_size"


# What an operation can mend; all other kinds ask a person what is meant.
MENDABLE = frozenset(
    {
        ProblemKind.OVERLAP,
        ProblemKind.OUTSIDE_PARENT,
        ProblemKind.GAP,
        ProblemKind.PINHOLE,
    }
)


class Severity(StrEnum):
    """An error blocks publishing; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


_REMEDIES = {
    ProblemKind.DUPLICATE_CODE: Sentence(
        "give each its own code, or dissolve the parts of one area"
    ),
    ProblemKind.REUSED_CODE: Sentence("give this area a code that no area ever had"),
    ProblemKind.EMPTY_GEOMETRY: Sentence("draw the area or remove the feature"),
    ProblemKind.INVALID_RING: Sentence("correct the outline there"),
    ProblemKind.MISSING_PARENT: Sentence("name a parent that exists, or add the parent"),
    ProblemKind.OVERLAP: Sentence("give the shared ground to one of them"),
    ProblemKind.OUTSIDE_PARENT: Sentence("cut the area back, or move the parent's border"),
    ProblemKind.MISSING_CELL: Sentence(
        "draw the missing area, fill it from a neighbour, or allow the gap if it is meant"
    ),
    ProblemKind.GAP: Sentence(
        "fill it by a neighbour's border, or allow it if it is meant to be there"
    ),
    ProblemKind.PINHOLE: Sentence("fill it from the area with the longest border"),
    ProblemKind.ENCLAVE: Sentence(
        "draw an area there, or allow it if the ground belongs to somebody else"
    ),
    ProblemKind.SLIVER: Sentence("merge it into a neighbour unless it is meant"),
    ProblemKind.MALFORMED_CODE: Sentence("correct the code, or the level's pattern"),
    ProblemKind.UNUSUAL_SIZE: Sentence(
        "split or merge where that is not meant, or set the level's size"
    ),
}


@dataclass(frozen=True)
class Problem:
    """One problem, with its place and its amount.

    ``codes`` are areas of ``level``. For a gap and a missing cell they are the parent (of the
    level above) whose ground no area of ``level`` covers. ``geom`` is the place in lon/lat.
    """

    kind: ProblemKind
    severity: Severity
    level: str
    codes: tuple[str, ...]
    amount: float | None
    unit: Literal["m2", "m"] | None
    geom: BaseGeometry | None
    detail: str

    @property
    def sentence(self) -> str:
        """Return an English sentence: the problem, its place, its amount, and what to do.

        Examples
        --------
        >>> Problem(ProblemKind.OVERLAP, Severity.WARNING, "street", ("CM", "SQ"), 0.172, "m2",
        ...         None, "overlap").sentence
        'street CM, SQ: overlap (0.172 m²); give the shared ground to one of them'
        """
        remedy = _REMEDIES[self.kind]
        if self.amount is None:
            return Sentence("{}: {}; {}", self._subject, self.detail, remedy)
        amount = amount_text(self.amount, self.unit)
        return Sentence("{}: {} ({}); {}", self._subject, self.detail, amount, remedy)

    @property
    def names_parents(self) -> bool:
        """Return whether the codes are of the level above: of ground that no area covers."""
        return self.kind in (ProblemKind.GAP, ProblemKind.MISSING_CELL)

    @property
    def _subject(self) -> str:
        shown = listed((code or "(no code)" for code in self.codes), most=4)
        if self.names_parents:
            return Sentence("{} level, parent {}", self.level, shown)
        return Sentence("{} {}", self.level, shown)


def amount_text(amount: float, unit: str | None) -> str:
    """Return an amount with its unit, rounded so that a person can read it.

    Examples
    --------
    >>> amount_text(6201.24, "m2"), amount_text(0.00123, "m2"), amount_text(3.0, "m")
    ('6,201 m²', '0.00123 m²', '3 m')
    """
    shown = f"{amount:,.0f}" if abs(amount) >= 100 else f"{amount:.3g}"
    return f"{shown} {'m²' if unit == 'm2' else unit or ''}".rstrip()

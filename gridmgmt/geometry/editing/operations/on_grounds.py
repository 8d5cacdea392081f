"""Operations on grounds: who has which, and in which area above."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from gridmgmt.geometry.editing import deriving, gap_edits, ground_edits, overlap_edits
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.ground_edits import NewCodes
from gridmgmt.geometry.editing.operations.operation import EditRules, LonLat, Operation
from gridmgmt.geometry.editing.outline import Ring, whole
from gridmgmt.sentence import Sentence


@dataclass(frozen=True)
class Split(Operation):
    """Split an area by a line; the largest piece keeps its code, the others get new ones."""

    op: ClassVar[str] = "split"
    code: str
    line: tuple[LonLat, ...]
    codes: tuple[str, ...] = ()

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        return ground_edits.split(
            state,
            self.level,
            self.code,
            whole(self.line),
            new_codes=_given(self.codes) if self.codes else rules.new_codes,
            border_m=rules.border_m,
        )


@dataclass(frozen=True)
class Merge(Operation):
    """Merge neighbours into one of them, which keeps its code, name and parent."""

    op: ClassVar[str] = "merge"
    codes: tuple[str, ...]
    into: str

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        return ground_edits.merge(
            state, self.level, self.codes, self.into, border_m=rules.border_m
        )


@dataclass(frozen=True)
class Reassign(Operation):
    """Put areas under another parent, whose ground follows, as does that of the old one."""

    op: ClassVar[str] = "reassign"
    codes: tuple[str, ...]
    to: str

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        return ground_edits.reassign(
            state, self.level, self.codes, self.to, border_m=rules.border_m
        )


@dataclass(frozen=True)
class ReassignWithin(Operation):
    """Put all areas that lie by more than half in an outline under another parent."""

    op: ClassVar[str] = "reassign_within"
    ring: tuple[LonLat, ...]
    to: str

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        return ground_edits.reassign_within(
            state, self.level, _open(whole(self.ring)), self.to, border_m=rules.border_m
        )


@dataclass(frozen=True)
class Derive(Operation):
    """Give areas the ground of the areas in them, and so on upwards; without codes: all."""

    op: ClassVar[str] = "derive"
    codes: tuple[str, ...] = ()

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        return deriving.derive(state, self.level, self.codes)


@dataclass(frozen=True)
class Give(Operation):
    """Give what a line cuts off from an area to the neighbour it lies beside."""

    op: ClassVar[str] = "give"
    code: str
    to: str
    line: tuple[LonLat, ...]

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        return ground_edits.give(
            state, self.level, self.code, self.to, whole(self.line), border_m=rules.border_m
        )


@dataclass(frozen=True)
class Draw(Operation):
    """Draw a new area into a gap; it gets what no other area has of its outline."""

    op: ClassVar[str] = "draw"
    ring: tuple[LonLat, ...]
    name: str
    parent: str | None = None
    code: str | None = None

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        code = self.code or rules.new_codes(self.level, self.parent, 1)[0]
        outline = ((_open(whole(self.ring)),),)
        drawn = DraftArea(self.level, code, self.name, self.parent, outline)
        return overlap_edits.draw(state, self.level, drawn, border_m=rules.border_m)


@dataclass(frozen=True)
class AddPart(Operation):
    """Add ground to an area, taken from the areas that have it; it may lie apart."""

    op: ClassVar[str] = "add_part"
    code: str
    ring: tuple[LonLat, ...]

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        return overlap_edits.add_part(
            state, self.level, self.code, _open(whole(self.ring)), border_m=rules.border_m
        )


@dataclass(frozen=True)
class Trim(Operation):
    """Take the ground that two areas have from one of them."""

    op: ClassVar[str] = "trim"
    keep: str
    give_up: str

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        return overlap_edits.trim(
            state, self.level, self.keep, self.give_up, border_m=rules.border_m
        )


@dataclass(frozen=True)
class Fill(Operation):
    """Give the gap around a place to the area beside it with the longest border, or to `to`."""

    op: ClassVar[str] = "fill"
    at: LonLat
    to: str | None = None

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        [at] = whole([self.at])
        gap_edits.refuse_allowed(state, self.level, at)
        return overlap_edits.fill(state, self.level, at, self.to, border_m=rules.border_m)


@dataclass(frozen=True)
class AllowGap(Operation):
    """Allow the gap around a place as far as it reaches now: a lake, a yard that is meant."""

    op: ClassVar[str] = "allow_gap"
    at: LonLat
    name: str
    reason: str

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        [at] = whole([self.at])
        return gap_edits.allow_gap(state, self.level, at, self.name, self.reason)


@dataclass(frozen=True)
class ForbidGap(Operation):
    """Take back that gaps at a place are allowed."""

    op: ClassVar[str] = "forbid_gap"
    at: LonLat

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        [at] = whole([self.at])
        return gap_edits.forbid_gap(state, self.level, at)


def _open(ring: Ring) -> Ring:
    """Return a ring without its first vertex repeated at the end.

    Raises
    ------
    EditError
        when fewer than three vertices of it differ
    """
    if len({*map(tuple, ring.tolist())}) < 3:
        raise EditError(Sentence("an outline needs at least three different vertices"))
    return ring[:-1] if (ring[0] == ring[-1]).all() else ring


def _given(codes: Sequence[str]) -> NewCodes:
    def new_codes(level: str, parent: str | None, count: int) -> Sequence[str]:
        return codes

    return new_codes

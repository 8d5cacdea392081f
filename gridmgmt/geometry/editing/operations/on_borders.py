"""Operations on borders: their vertices, and stretches of them."""

from dataclasses import dataclass
from typing import ClassVar

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing import border_edits, line_edits
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.operations.operation import EditRules, LonLat, Operation
from gridmgmt.geometry.editing.outline import whole
from gridmgmt.sentence import Sentence


@dataclass(frozen=True)
class MoveVertex(Operation):
    """Move a vertex; every neighbour and every level above with that border follows."""

    op: ClassVar[str] = "move_vertex"
    at: LonLat
    to: LonLat

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        at, to = whole([self.at, self.to])
        return border_edits.move_vertex(state, self.level, at, to, border_m=rules.border_m)


@dataclass(frozen=True)
class InsertVertex(Operation):
    """Put a vertex into the border at a place, for all areas that have the border."""

    op: ClassVar[str] = "insert_vertex"
    at: LonLat

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        [at] = whole([self.at])
        return border_edits.insert_vertex(state, self.level, at, border_m=rules.border_m)


@dataclass(frozen=True)
class DeleteVertex(Operation):
    """Delete a vertex in which no third border ends."""

    op: ClassVar[str] = "delete_vertex"
    at: LonLat

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        [at] = whole([self.at])
        return border_edits.delete_vertex(state, self.level, at, border_m=rules.border_m)


@dataclass(frozen=True)
class Reshape(Operation):
    """Redraw a border between the ends of a line as that line.

    The ends may lie up to `within_m` metres from it (default: the tolerance of borders).
    """

    op: ClassVar[str] = "reshape"
    line: tuple[LonLat, ...]
    within_m: float | None = None

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        within_m = rules.border_m if self.within_m is None else self.within_m
        return border_edits.reshape(
            state, self.level, whole(self.line), within_m=within_m, border_m=rules.border_m
        )


@dataclass(frozen=True)
class Align(Operation):
    """Draw a border along a line of another layer, where both stay within `within_m` metres.

    The border is that `between` two areas, or that between two places (`ends`). The `layer` is
    `road`, `zone`, a level or `file`, a file given beside; `feature` is a code or a name in it.
    What is taken of it stands in `lines` afterwards; given there, it is not looked up.
    """

    op: ClassVar[str] = "align"
    within_m: float
    between: tuple[str, ...] = ()
    ends: tuple[LonLat, ...] = ()
    layer: str | None = None
    feature: str | None = None
    lines: tuple[tuple[LonLat, ...], ...] = ()

    def box(self, state: EditState) -> IntArray:
        """Return where lines matter for it, (4,) whole steps.

        Raises
        ------
        EditError
            when it does not name two neighbours in the draft, or two places
        """
        if bool(self.between) == bool(self.ends):
            raise EditError(
                Sentence("name either the two areas (between) or two places (ends)")
            )
        if self.between:
            return line_edits.between_box(state, self.level, self.between, self.within_m)
        return line_edits.stretch_box([*whole(self.ends)], self.within_m)

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        self.box(state)
        lines = [whole(line) for line in self.lines]
        if not lines:
            raise EditError(Sentence("there is no line to align to near that border"))
        given = {"within_m": self.within_m, "border_m": rules.border_m}
        if self.between:
            return line_edits.align_between(state, self.level, self.between, lines, **given)
        return line_edits.align_stretch(state, self.level, [*whole(self.ends)], lines, **given)

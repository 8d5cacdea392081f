"""Import the file of a draft that was edited elsewhere: only what was edited is a change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.edit_log import LoggedEdit
from gridmgmt.errors import DraftError, InputError, ProblemsError
from gridmgmt.exchange.content.draft_features import read_levels
from gridmgmt.exchange.layers.draft_files.marks import DraftMark
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import Edited, compared, fault
from gridmgmt.geometry.editing.gap_keepers import with_keepers
from gridmgmt.geometry.merging.divergence import Take
from gridmgmt.geometry.merging.merging import merged
from gridmgmt.geometry.merging.upper_levels import followed
from gridmgmt.geometry.merging.vertex_snaps import NearVertex, near_vertices, snapped
from gridmgmt.sentence import Sentence
from gridmgmt.services.drafts.divergences import Conflict, conflicts, who_of
from gridmgmt.services.drafts.drafts import LARGE_DROP
from gridmgmt.services.drafts.edit_logs import IMPORT, log_edit
from gridmgmt.services.drafts.locked_drafts import open_draft
from gridmgmt.services.workbench.draft_files import declared_of, exported_state
from gridmgmt.services.workbench.drawn_states import drawn_state
from gridmgmt.services.workbench.edit_storing import refuse_retired, store
from gridmgmt.services.workbench.editing import new_codes_in
from gridmgmt.services.workbench.open_drafts import OpenDraft, opened, sides_of
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas.attributes import declared_attributes
from gridmgmt.store.areas.draft_edits import read_log


class EditedFileConflictError(ProblemsError, DraftError):
    """Others changed in a draft what was changed in a file that was made of it before."""

    def __init__(self, label: str, found: Sequence[Conflict]) -> None:
        super().__init__(label, found)
        self.label = self.subject_name = label
        self.conflicts = tuple(found)
        self.listed = tuple(one.sentence() for one in found)
        self.remedy = Sentence(
            "import it with --take theirs to keep what is in the draft at these places, with"
            " --take mine to keep what is in the file; the rest of the file is imported either"
            " way"
        )

    def _headline(self) -> Sentence:
        return Sentence("draft {} was changed since the file was made of it", repr(self.label))


@dataclass(frozen=True)
class ImportedEdits:
    """What an edited file changed in a draft, as one entry of its log.

    ``number`` is that of the entry, None if the file changes nothing. ``near`` are vertices
    near borders of others and not on them, ``snapped`` how many were put on each other.
    ``fault`` is what is worse than before in the draft, None if nothing is. ``leaving`` of the
    ``standing`` areas of levels that lose many are not in the file.
    """

    number: int | None
    edited: Edited
    near: tuple[NearVertex, ...]
    snapped: int
    fault: str | None
    notes: tuple[str, ...]
    leaving: int
    standing: int

    def refuse_unconfirmed(self, leaving: int | None) -> None:
        """Raise InputError if many areas leave and a person has not said how many."""
        if not self.leaving or leaving == self.leaving:
            return
        raise InputError(
            field="drop",
            message=Sentence(
                "this would drop {} of {} area(s), since they are not in the file any more:"
                " --drop {} confirms it",
                f"{self.leaving:,}",
                f"{self.standing:,}",
                self.leaving,
            ),
        )


def import_edits(
    conn: Connection,
    label: str,
    path: Path,
    mark: DraftMark,
    *,
    border_m: float,
    actor: str,
    snap_m: float = 0.0,
    take: Take | None = None,
) -> ImportedEdits:
    """Import what was edited in a file that `draft_files.export` made of an open draft.

    What the file changed since it was made is changed in the draft as it is today; areas that
    it did not change keep their bytes, and what others changed meanwhile stays. Levels above
    follow where they ran along a redrawn border, unless the file redraws them itself.

    Parameters
    ----------
    border_m : the largest distance between lines that are one border, metres
    snap_m : vertices of neighbours nearer than this are put on each other, metres; 0: none
    take : whose version stands where both changed the same; None: nothing is imported then

    Raises
    ------
    NotFoundError, DraftError, InputError, LayerError
        when there is no such draft, it cannot be changed, the file is not of this draft, its
        features cannot become areas, or a new one has the code of an area of another edition
    EditedFileConflictError
        when others changed the same borders, names or parents since
    """
    draft = open_draft(conn, label)
    opened_draft = opened(conn, draft)
    now = opened_draft.state
    log = read_log(conn, draft.id)
    exported = exported_state(conn, draft, mark, now, log)
    features = read_levels(path, exported.levels, declared_of(conn))
    drawn = drawn_state(exported, features, path, partial(new_codes_in, conn))
    mine, count = _snapped(exported, drawn.state, snap_m)
    near = [one for level in mine.levels for one in near_vertices(exported, mine, level)]
    mine = with_keepers(exported, followed(exported, mine, border_m))
    found = merged(exported, mine, now, take)
    if found.divergences:
        who = who_of(_changed_since(conn, draft, mark, log))
        sides, known = (exported, mine, now), declared_attributes(conn)
        told = conflicts(found.divergences, who, sides, known, Sentence("the file"))
        raise EditedFileConflictError(label, told)
    edited = compared(now, found.state)
    number = None
    if edited.areas:
        arguments = {"file": path.name, "revision": mark.revision, "vertex_snap_m": snap_m}
        number = _kept(conn, draft, opened_draft, edited, arguments, actor)
    left = _leaving(now, edited)
    return ImportedEdits(
        number, edited, tuple(near), count, fault(now, edited), drawn.notes, *left
    )


def _kept(
    conn: Connection,
    draft: Draft,
    opened_draft: OpenDraft,
    edited: Edited,
    arguments: Mapping[str, Any],
    actor: str,
) -> int:
    """Store what an import changes; return its number in the log."""
    refuse_retired(conn, draft, edited)
    number = log_edit(conn, draft, IMPORT, arguments, edited.sides(), by=actor)
    store(conn, draft, opened_draft, edited.state, edited.keys)
    detail = {"file": arguments["file"], "altered": len(edited.areas)}
    audit.record(conn, actor, "import_areas", draft.label, detail)
    return number


def _snapped(exported: EditState, drawn: EditState, snap_m: float) -> tuple[EditState, int]:
    """Return the state with near vertices on each other, and how many there were."""
    if snap_m <= 0:
        return drawn, 0
    count = 0
    for level in drawn.levels:
        there = near_vertices(exported, drawn, level, snap_m)
        drawn = snapped(exported, drawn, level, snap_m)
        count += len(there) - len(near_vertices(exported, drawn, level, snap_m))
    return drawn, count


def _changed_since(
    conn: Connection, draft: Draft, mark: DraftMark, log: list[LoggedEdit]
) -> dict[tuple[str, str], str]:
    """Return who changed each area last since a file was made."""
    found: dict[tuple[str, str], str] = {}
    for entry in log:
        if entry.number > mark.revision:
            said = Sentence("edit {}, {} by {}", entry.number, entry.operation, entry.made_by)
            for side in sides_of(conn, draft, entry):
                found.update({(one.level, one.code): said for one in side})
    return found


def _leaving(before: EditState, edited: Edited) -> tuple[int, int]:
    """Return how many areas leave the levels that lose many, and how many these had."""
    leaving = standing = 0
    for level in before.levels:
        gone = sum(1 for one in edited.areas if one.level == level and one.after is None)
        had = sum(1 for _ in before.codes(level))
        if gone > LARGE_DROP * had:
            leaving, standing = leaving + gone, standing + had
    return leaving, standing

"""Drafts: open them, import areas, look at them, check them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Action, Draft
from gridmgmt.errors import DraftError, InputError
from gridmgmt.exchange.content.area_layers import AreaFile, read_areas
from gridmgmt.exchange.layers.positions import without_datum_doubt
from gridmgmt.geometry.coverage.changes import LevelChanges, applied, difference, no_areas, pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.sentence import Sentence
from gridmgmt.services.drafts import scope as draft_scope
from gridmgmt.services.drafts.alterations import Alteration, altered
from gridmgmt.services.drafts.edit_logs import IMPORT, log_edit
from gridmgmt.services.drafts.file_fit import OtherDatum, file_fit
from gridmgmt.services.drafts.locked_drafts import open_draft
from gridmgmt.services.drafts.scope import Scope
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas import draft_edits, draft_reviews, drafts
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.attributes import declared_attributes
from gridmgmt.store.areas.draft_records import read_records
from gridmgmt.store.areas.editions import newest_edition
from gridmgmt.store.areas.levels import get_level, list_levels

# All levels from the topmost down, also those without areas.
State = dict[str, LevelAreas]

DEFAULT_TOLERANCE_M2 = 1.0

# An import that drops a larger part of a level is mostly a file that was never meant to state
# the whole of it.
LARGE_DROP = 0.05
_TOLD_ALTERATIONS = 20


@dataclass(frozen=True)
class Imported:
    """The result of an import at a level, compared with the draft's base edition.

    ``leaving`` of the ``standing`` areas that the level had in the draft until now are not in
    it any more: unlike ``dropped`` it counts those of an earlier import that is replaced, too.
    ``alterations`` tells what is different about the first of the altered areas. By
    ``other_datum`` the file would coincide with what is stored, as it was taken it does not.
    """

    level: str
    added: int
    altered: int
    dropped: int
    unchanged: int
    leaving: int
    standing: int
    notes: tuple[str, ...]
    alterations: tuple[Alteration, ...] = ()
    other_datum: OtherDatum | None = None

    @property
    def must_confirm(self) -> bool:
        """Return whether so many areas leave that a person must say how many."""
        return self.leaving > LARGE_DROP * self.standing

    def refuse_unconfirmed(self, leaving: int | None) -> None:
        """Refuse to let many areas go, unless a person said how many.

        Raises
        ------
        InputError
            when the number is missing or another one
        """
        if self.must_confirm and leaving != self.leaving:
            raise InputError(
                field="drop",
                message=Sentence(
                    "this would drop {} of the {} areas of level {}, since they are not in the "
                    "file: --merge keeps them, --drop {} confirms it",
                    f"{self.leaving:,}",
                    f"{self.standing:,}",
                    self.level,
                    self.leaving,
                ),
            )

    def refuse_other_datum(self) -> None:
        """Refuse areas that lie off what they replace and would not by another datum.

        Raises
        ------
        InputError
            naming both datums
        """
        other = self.other_datum
        if other is not None:
            raise InputError(
                field="crs",
                message=Sentence(
                    "{}: say --crs {}; if the stored areas are wrong, add --crs-is-right",
                    other.told,
                    other.label,
                ),
            )


def create(conn: Connection, label: str, *, actor: str) -> Draft:
    """Open a draft based on the newest edition that was not withdrawn, in force or not.

    Raises
    ------
    InputError, DraftError
        when the label is blank, or already used
    """
    if not label.strip():
        raise InputError(field="label", message=Sentence("a draft needs a label"))
    if drafts.has_draft(conn, label):
        raise DraftError(Sentence("there is a draft {} already", repr(label)))
    newest = newest_edition(conn)
    # Not the one in force: a later one may wait for its day, and the next edition follows that.
    base = None if newest is None else newest.number
    drafts.add_draft(conn, label, base, actor)
    audit.record(conn, actor, "create_draft", label, {"base_edition": base})
    return drafts.get_draft(conn, label)


def delete(conn: Connection, label: str, *, actor: str) -> int:
    """Delete an open draft; return its number of changes."""
    draft = open_draft(conn, label)
    # The audit entry is all that stays of a deleted draft.
    counts = {level: len(found) for level, found in drafts.read_changes(conn, draft.id).items()}
    for record in read_records(conn, draft.id).values():
        counts[record.kind] = counts.get(record.kind, 0) + 1
    draft_edits.delete_log(conn, draft.id)
    draft_reviews.delete_reviews(conn, draft.id)
    drafts.delete_draft(conn, draft.id)
    audit.record(conn, actor, "delete_draft", label, {"changes": counts})
    return sum(counts.values())


def state_of(
    conn: Connection, base_edition: int | None, changes: dict[str, LevelChanges]
) -> State:
    """Return the areas after changes to an edition: all levels, from the topmost down."""
    return state_after(conn, areas_in(conn, base_edition), changes)


def state_after(
    conn: Connection, base: Mapping[str, LevelAreas], changes: Mapping[str, LevelChanges]
) -> State:
    """Return areas after changes: all levels, from the topmost down."""
    state: State = {}
    for level in list_levels(conn):
        standing = base.get(level.name, no_areas(level.name))
        found = changes.get(level.name)
        state[level.name] = standing if found is None else applied(standing, found)
    return state


def import_areas(
    conn: Connection,
    label: str,
    level: str,
    file: AreaFile,
    *,
    actor: str,
    merge: bool = False,
    within: str | None = None,
) -> Imported:
    """Import areas of a level into a draft from a file.

    The file states the whole level: areas missing in it are dropped, and earlier changes of the
    draft at this level are replaced. Attributes without a field in it stay as they are in the
    draft. With ``merge`` this is true only for the codes in the
    file, with ``within`` only for the children of that parent; all others stay as they are in
    the draft. If the file has no parents, they are found by the largest overlap.

    Raises
    ------
    LayerError
        when the file cannot be used; nothing of it is stored
    """
    if merge and within is not None:
        raise InputError(
            field="within", message=Sentence("--merge and --within exclude each other")
        )
    draft = open_draft(conn, label)
    base = areas_in(conn, draft.base_edition)
    state = state_after(conn, base, drafts.read_changes(conn, draft.id))
    get_level(conn, level)
    declared = tuple(declared_attributes(conn).get(level, {}).values())
    given = read_areas(file, level, declared)
    kept = draft_scope.keeping(given.areas, state[level], given.attributes)
    given = replace(given, areas=kept)
    scope = _scope(given.areas, state, file, merge=merge, within=within)
    before = base.get(level, no_areas(level))
    if scope.codes is not None:
        before = pick(before, scope.codes)
    # Compared with the base edition and not with the draft, so that a second import replaces
    # the first.
    changes = difference(before, scope.areas)
    sources = [given.sources.get(code) for code in changes.codes]
    drafts.replace_changes(conn, draft.id, changes, sources, instead_of=scope.codes)
    standing = state[level] if scope.codes is None else pick(state[level], scope.codes)
    told_file = {"level": level, "file": file.path.name}
    log_edit(conn, draft, IMPORT, told_file, {level: (standing, scope.areas)}, by=actor)
    fit = file_fit(given.areas, scope, base, state, said=file.datum)
    given_notes = without_datum_doubt(given.notes) if fit.settled else given.notes
    notes = (*given_notes, *scope.notes, *fit.notes)
    told = _first_altered(before, scope.areas, changes)
    imported = replace(
        _counted(changes, scope, state[level], notes),
        alterations=told,
        other_datum=fit.elsewhere,
    )
    _record(conn, actor, label, file, imported, merge=merge, within=within)
    return imported


def _scope(
    areas: LevelAreas, state: State, file: AreaFile, *, merge: bool, within: str | None
) -> Scope:
    if within is not None:
        return draft_scope.within(areas, within, state, parents_given=file.parent is not None)
    notes: tuple[str, ...] = ()
    if file.parent is None:
        derived = draft_scope.derive_parents(areas, state)
        areas, notes = derived.areas, derived.notes
    scope = draft_scope.merged(areas) if merge else draft_scope.whole_level(areas)
    return Scope(scope.areas, scope.codes, notes)


def _first_altered(
    before: LevelAreas, after: LevelAreas, changes: LevelChanges
) -> tuple[Alteration, ...]:
    first = changes.codes_of(Action.ALTER)[:_TOLD_ALTERATIONS]
    return altered(pick(before, first), pick(after, first))


def _counted(
    changes: LevelChanges, scope: Scope, standing: LevelAreas, notes: tuple[str, ...]
) -> Imported:
    added, altered = changes.count(Action.ADD), changes.count(Action.ALTER)
    replaced = set(standing.codes)
    if scope.codes is not None:
        replaced &= scope.codes
    return Imported(
        level=changes.level,
        added=added,
        altered=altered,
        dropped=changes.count(Action.DROP),
        unchanged=len(scope.areas.codes) - added - altered,
        leaving=len(replaced.difference(scope.areas.codes)),
        standing=len(standing.codes),
        notes=notes,
    )


def _record(
    conn: Connection,
    actor: str,
    label: str,
    file: AreaFile,
    imported: Imported,
    *,
    merge: bool,
    within: str | None,
) -> None:
    detail = {
        "file": file.path.name,
        "layer": file.layer,
        "level": imported.level,
        "where": file.where,
        "datum": None if file.datum is None else file.datum.label,
        "merge": merge,
        "within": within,
        "added": imported.added,
        "altered": imported.altered,
        "dropped": imported.dropped,
        "unchanged": imported.unchanged,
    }
    audit.record(conn, actor, "import_areas", label, detail)

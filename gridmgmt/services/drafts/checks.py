"""Check a draft: the areas that it would make, its codes, and its other rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Draft, DraftStatus
from gridmgmt.geometry.coverage.changes import LevelChanges
from gridmgmt.geometry.coverage.coverage import check_coverage
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.coverage.problem import Problem, Severity
from gridmgmt.sentence import Sentence
from gridmgmt.services.draft_records.publication import row_problems
from gridmgmt.services.drafts.drafts import DEFAULT_TOLERANCE_M2, State, state_after, state_of
from gridmgmt.services.drafts.outer_ground import ground_notes
from gridmgmt.services.drafts.reused_codes import reused_codes
from gridmgmt.store.areas import drafts
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.draft_records import read_records
from gridmgmt.store.areas.editions import newest_edition
from gridmgmt.store.areas.levels import list_levels


@dataclass(frozen=True)
class Checked:
    """All problems of a draft's resulting state, and how many areas were checked.

    ``own_tolerances_m2`` are those of levels that have one.
    """

    problems: tuple[Problem, ...]
    areas: dict[str, int]
    notes: tuple[str, ...] = ()
    own_tolerances_m2: Mapping[str, float] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return the problems that block publishing."""
        return tuple(one for one in self.problems if one.severity is Severity.ERROR)


def check(
    conn: Connection, label: str, *, tolerance_m2: float = DEFAULT_TOLERANCE_M2
) -> Checked:
    """Check the areas as a draft would make them, and return all problems."""
    draft = drafts.get_draft(conn, label)
    changes = drafts.read_changes(conn, draft.id)
    base = areas_in(conn, draft.base_edition)
    _, checked = check_changes(conn, draft, changes, base, tolerance_m2=tolerance_m2)
    return replace(checked, notes=(*checked.notes, *_news(conn, draft)))


def check_changes(
    conn: Connection,
    draft: Draft,
    changes: Mapping[str, LevelChanges],
    base: Mapping[str, LevelAreas],
    *,
    tolerance_m2: float,
) -> tuple[State, Checked]:
    """Return the areas after changes of a draft to some areas, and what is wrong with them."""
    state = state_after(conn, base, changes)
    # The whole state and not only its changes: splitting a cell leaves a vertex missing in a
    # neighbour that nobody touched. The database holds valid outlines alone, though.
    drawn = {level: found.codes for level, found in changes.items()}
    checked = check_state(conn, state, tolerance_m2=tolerance_m2, drawn=drawn)
    problems = (*reused_codes(conn, changes, draft.base_edition), *checked.problems)
    notes = (*checked.notes, *ground_notes(base, changes, state))
    return state, replace(checked, problems=problems, notes=notes)


def check_rows(conn: Connection, label: str, now: datetime) -> list[str]:
    """Return what is wrong with the rows of a draft beside its areas, published on a day.

    Parameters
    ----------
    now : an instant of the day in the bureau's time zone
    """
    draft = drafts.get_draft(conn, label)
    if draft.status is DraftStatus.PUBLISHED or not read_records(conn, draft.id):
        return []
    state = state_of(conn, draft.base_edition, drafts.read_changes(conn, draft.id))
    areas = ((level, str(code)) for level, found in state.items() for code in found.codes)
    return row_problems(conn, draft, areas, now.date(), now.tzinfo or UTC)


def _news(conn: Connection, draft: Draft) -> tuple[str, ...]:
    newest = newest_edition(conn)
    if draft.status is DraftStatus.PUBLISHED or newest is None:
        return ()
    if newest.number == draft.base_edition:
        return ()
    return (
        Sentence(
            "edition {} ({}) was published since this draft was opened; publishing "
            "compares the two",
            newest.number,
            newest.label,
        ),
    )


def check_state(
    conn: Connection,
    state: State,
    *,
    tolerance_m2: float,
    drawn: Mapping[str, Collection[str]] | None = None,
) -> Checked:
    """Check areas by the rules of the deployment's levels.

    Parameters
    ----------
    drawn : level to the codes whose outlines may be invalid, as for `check_coverage`
    """
    levels = list_levels(conn)
    own = {one.name: one.tolerance_m2 for one in levels if one.tolerance_m2 is not None}
    problems = check_coverage(
        list(state.values()),
        tolerance_m2=tolerance_m2,
        tolerances_m2=own,
        patterns={one.name: one.code_pattern for one in levels if one.code_pattern},
        sizes_m2={one.name: one.size_m2 for one in levels if one.size_m2},
        drawn=drawn,
    )
    counts = {name: len(areas.codes) for name, areas in state.items() if len(areas.codes)}
    used = {level: own[level] for level in counts if level in own}
    told = ", ".join(f"{level} {m2:,.10g} m²" for level, m2 in used.items())
    notes = (Sentence("levels with a tolerance of their own: {}", told),) if used else ()
    return Checked(tuple(problems), counts, notes, used)

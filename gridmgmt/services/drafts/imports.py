"""Import a layer into a draft on a page: first rehearse it with its problems, then save."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.engine import Connection

from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.geometry.coverage.problem import Problem
from gridmgmt.services.drafts import checks, drafts
from gridmgmt.services.drafts.changes import refuse_unseen, size
from gridmgmt.services.drafts.drafts import Imported
from gridmgmt.services.drafts.locked_drafts import open_draft
from gridmgmt.services.files.rehearsals import rehearsal

_NEARLY_ALL = 0.95


class Extent(StrEnum):
    """What a file states: the whole level, its own codes, or the children of one area."""

    LEVEL = "level"
    MERGE = "merge"
    WITHIN = "within"


def usual_extent(features: int, standing: int) -> Extent:
    """Return what a file most likely states: a few areas of a level, or all of them.

    Parameters
    ----------
    features : how many features the file has
    standing : how many areas the level has until now
    """
    return Extent.MERGE if features < _NEARLY_ALL * standing else Extent.LEVEL


@dataclass(frozen=True)
class LayerImport:
    """The areas of a file to import; ``within`` is only used for that extent."""

    file: AreaFile
    level: str
    extent: Extent = Extent.LEVEL
    within: str | None = None


@dataclass(frozen=True)
class RehearsedImport:
    """What an import would do, and the problems of the draft after it.

    ``problems`` are None if the draft is too large to be checked in a request.
    """

    imported: Imported
    problems: tuple[Problem, ...] | None


def rehearse(
    conn: Connection,
    label: str,
    wanted: LayerImport,
    *,
    seen: int,
    actor: str,
    check_up_to: int,
) -> RehearsedImport:
    """Import, check the draft, and roll everything back.

    Parameters
    ----------
    seen : the revision of the draft that the person looked at
    check_up_to : with more areas than this, the check is skipped

    Raises
    ------
    LayerError, InputError, DraftError, NotFoundError
        as `drafts.import_areas`
    """
    # The import itself, rolled back: a preview computed in another way could differ from it.
    with rehearsal(conn):
        imported = _import(conn, label, wanted, seen=seen, actor=actor)
        # A check of a whole city takes longer than a person waits for a page.
        small = size(conn, label) <= check_up_to
        problems = checks.check(conn, label).problems if small else None
    return RehearsedImport(imported, problems)


def save(
    conn: Connection,
    label: str,
    wanted: LayerImport,
    *,
    seen: int,
    actor: str,
    leaving: int | None = None,
) -> Imported:
    """Import a layer into the state of a draft that the person saw.

    Parameters
    ----------
    leaving : how many areas leave the draft, as the person typed it

    Raises
    ------
    DraftChangedError
        when somebody has changed the draft since
    LayerError, InputError, DraftError, NotFoundError
        as `drafts.import_areas` and `Imported.refuse_unconfirmed`
    """
    imported = _import(conn, label, wanted, seen=seen, actor=actor)
    imported.refuse_unconfirmed(leaving)
    return imported


def _import(
    conn: Connection, label: str, wanted: LayerImport, *, seen: int, actor: str
) -> Imported:
    open_draft(conn, label)
    refuse_unseen(conn, label, seen)
    return drafts.import_areas(
        conn,
        label,
        wanted.level,
        wanted.file,
        actor=actor,
        merge=wanted.extent is Extent.MERGE,
        within=wanted.within if wanted.extent is Extent.WITHIN else None,
    )

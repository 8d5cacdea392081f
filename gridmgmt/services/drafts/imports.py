"""A layer into a draft as a person does it: rehearsed with its problems first, then saved."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.engine import Connection

from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.geometry.coverage.problem import Problem
from gridmgmt.services.drafts import drafts
from gridmgmt.services.drafts.changes import refuse_unseen, size
from gridmgmt.services.drafts.drafts import Imported
from gridmgmt.services.files.rehearsals import rehearsal


class Extent(StrEnum):
    """What a file speaks of: the whole level, its own codes, the children of one area."""

    LEVEL = "level"
    MERGE = "merge"
    WITHIN = "within"


@dataclass(frozen=True)
class LayerImport:
    """Which areas of a file a person wants in a draft; ``within`` is for that extent only."""

    file: AreaFile
    level: str
    extent: Extent = Extent.LEVEL
    within: str | None = None


@dataclass(frozen=True)
class RehearsedImport:
    """What an import would do, and what would be wrong with the draft after it.

    ``problems`` are None when the draft is too large to be checked in passing.
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
    """Do an import, check the draft, and take everything back.

    Parameters
    ----------
    seen : the revision of the draft that the person looked at
    check_up_to : with more areas than this the check is left out

    Raises
    ------
    LayerError, InputError, DraftError, NotFoundError
        as `save`
    """
    with rehearsal(conn):
        imported = save(conn, label, wanted, seen=seen, actor=actor)
        small = size(conn, label) <= check_up_to
        problems = drafts.check(conn, label).problems if small else None
    return RehearsedImport(imported, problems)


def save(
    conn: Connection, label: str, wanted: LayerImport, *, seen: int, actor: str
) -> Imported:
    """Import a layer into the state of a draft that somebody looked at.

    Raises
    ------
    DraftChangedError
        when somebody worked on the draft since
    LayerError, InputError, DraftError, NotFoundError
        as `drafts.import_areas`
    """
    drafts.open_draft(conn, label)
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

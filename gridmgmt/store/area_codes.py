"""Which area codes the standing editions have, without their shapes."""

from sqlalchemy.engine import Connection

from gridmgmt.domain.known_areas import KnownArea, KnownAreas
from gridmgmt.store.levels import list_levels
from gridmgmt.store.statements import statement


def known_areas(conn: Connection) -> KnownAreas:
    """Read the codes of all areas of the editions that were not withdrawn."""
    rows = conn.execute(statement("known_areas"))
    return KnownAreas(
        [level.name for level in list_levels(conn)],
        [KnownArea(row.level, row.code, row.standing) for row in rows],
    )

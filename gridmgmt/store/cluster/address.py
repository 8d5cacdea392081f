"""Where the bureau's data are."""

from pathlib import Path

from gridmgmt.store.cluster.private import Cluster
from gridmgmt.store.cluster.programs import forget_libpq_variables


def database_url(given: str | None, *, home: Path, database: str) -> str:
    """Return the address of the server given, else of the private cluster kept in ``home``."""
    if given:
        return given
    # What the shell says of some other server must not lead to it.
    forget_libpq_variables()
    return Cluster(home).url(database)

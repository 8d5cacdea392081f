"""The URL of the bureau's database."""

from pathlib import Path

from gridmgmt.store.cluster.private import Cluster
from gridmgmt.store.cluster.programs import forget_libpq_variables


def database_url(given: str | None, *, home: Path, database: str) -> str:
    """Return the URL of the given server, or else of the private cluster in ``home``."""
    if given:
        return given
    # The PG… variables of the shell may name another server; they must not redirect this
    # connection.
    forget_libpq_variables()
    return Cluster(home).url(database)

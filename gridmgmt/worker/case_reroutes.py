"""The job that reroutes open cases to the edition in force, or tries it out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.progress import Progress
from gridmgmt.services.accounts import accounts
from gridmgmt.services.files.rehearsals import rehearsal
from gridmgmt.services.judging.reroutes import RerouteAsked, reroute
from gridmgmt.settings import Settings


def case_reroute(
    conn: Connection,
    arguments: Mapping[str, Any],
    progress: Progress,
    actor: str,
    settings: Settings,
) -> dict[str, Any]:
    """Reroute the open cases, or report what that would do and roll everything back.

    ``arguments``: ``edition`` and ``commit``. The result is that of ``Reroute.to_json``.

    Raises
    ------
    NotAllowedError
        when the account may not reroute cases any more
    EditionError
        when the edition is not in force (any more)
    """
    accounts.allowed(conn, actor, Permission.REROUTE_CASES)
    asked = RerouteAsked(arguments["edition"], settings.judging_rules, actor, datetime.now(UTC))
    if arguments["commit"]:
        return reroute(conn, asked, progress).to_json()
    with rehearsal(conn):
        return reroute(conn, asked, progress).to_json()

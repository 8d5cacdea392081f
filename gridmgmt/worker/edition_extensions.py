"""The job that lets the first edition begin earlier, or tries it out."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.progress import Progress
from gridmgmt.services.accounts import accounts
from gridmgmt.services.cases.edition_extensions import ExtensionAsked, extend_first_edition
from gridmgmt.services.files.rehearsals import rehearsal
from gridmgmt.settings import Settings


def edition_extension(
    conn: Connection,
    arguments: Mapping[str, Any],
    progress: Progress,
    actor: str,
    settings: Settings,
) -> dict[str, Any]:
    """Let the first edition begin earlier, or report what that would do and roll it back.

    ``arguments``: ``edition``, ``from`` (a day of the bureau's clock) and ``commit``. The
    result is that of ``Extension.to_json``.

    Raises
    ------
    NotAllowedError
        when the account may not publish any more
    EditionError
        when the edition is not the first, is withdrawn, or begins no later than asked
    """
    accounts.allowed(conn, actor, Permission.PUBLISH_DRAFTS)
    start = datetime.combine(date.fromisoformat(arguments["from"]), time(), settings.tz)
    asked = ExtensionAsked(
        arguments["edition"], start, settings.judging_rules, actor, datetime.now(UTC)
    )
    if arguments["commit"]:
        return extend_first_edition(conn, asked, progress).to_json()
    with rehearsal(conn):
        return extend_first_edition(conn, asked, progress).to_json()

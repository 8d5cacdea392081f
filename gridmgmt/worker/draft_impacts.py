"""The job that measures the impact of a large draft."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.progress import Progress
from gridmgmt.services.accounts import accounts
from gridmgmt.services.workbench.impact import DraftImpact
from gridmgmt.services.workbench.impact_cases import ImpactAsked
from gridmgmt.settings import Settings


def draft_impact(
    conn: Connection,
    arguments: Mapping[str, Any],
    progress: Progress,
    actor: str,
    settings: Settings,
) -> dict[str, Any]:
    """Measure what a draft would change; nothing is stored but the result.

    ``arguments``: ``label``. The result is that of ``Impact.to_json``.

    Raises
    ------
    NotAllowedError
        when the account may neither edit nor review drafts any more
    NotFoundError, DraftError
        when there is no such draft (any more), or it is published
    """
    accounts.allowed(conn, actor, Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
    asked = ImpactAsked(settings.judging_rules, datetime.now(UTC))
    return DraftImpact(conn, arguments["label"], asked).measured(progress).to_json()

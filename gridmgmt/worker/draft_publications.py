"""The job that publishes a large draft, or tries it out."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.edition import parse_effective_from
from gridmgmt.domain.areas.review import ON_PAGES
from gridmgmt.progress import Progress
from gridmgmt.services.accounts import accounts
from gridmgmt.services.workbench import rehearsed_publishing
from gridmgmt.settings import Settings


def draft_publish(
    conn: Connection,
    arguments: Mapping[str, Any],
    progress: Progress,
    actor: str,
    settings: Settings,
) -> dict[str, Any]:
    """Publish the state of a draft that a person saw, or report what that would do.

    ``arguments``: ``label``, ``effective_from`` as a person writes it, ``tolerance_m2``,
    ``seen`` (the revision of the draft) and ``commit``. The result names the ``edition``, or is
    a rehearsal.

    Raises
    ------
    NotAllowedError
        when the account may not publish any more
    """
    accounts.allowed(conn, actor, Permission.PUBLISH_DRAFTS)
    at = parse_effective_from(arguments["effective_from"], settings.tz)
    label, tolerance_m2 = arguments["label"], float(arguments["tolerance_m2"])
    progress("publishing", 0, 1)
    if not arguments["commit"]:
        rehearsed = rehearsed_publishing.rehearse(
            conn,
            label,
            at,
            tolerance_m2=tolerance_m2,
            rules=settings.judging_rules,
            actor=actor,
        )
        return rehearsed.to_json()
    done = rehearsed_publishing.publish_seen(
        conn,
        label,
        at,
        tolerance_m2=tolerance_m2,
        rules=settings.judging_rules,
        seen=arguments["seen"],
        actor=actor,
        # The pages have asked for it.
        approval=ON_PAGES[settings.review],
    )
    # The last moment to cancel: what follows is stored.
    progress("publishing", 1, 1)
    return {"edition": done.edition.number}

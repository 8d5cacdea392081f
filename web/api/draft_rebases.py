"""Drafts in the API: put one on the newest edition, and what mends its problems."""

from typing import Any

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.geometry.coverage.problem_report import sentence_with_place
from gridmgmt.geometry.merging.divergence import Take
from gridmgmt.services.drafts import rebasing
from gridmgmt.services.drafts.drafts import DEFAULT_TOLERANCE_M2
from gridmgmt.services.workbench.operation_files import to_json
from gridmgmt.services.workbench.repairs import proposed
from web.api import rebase_schemas, schemas
from web.api.operations import Operations
from web.app.transaction import connection, current_settings
from web.door.access import actor, allow

bp = Operations("api_draft_rebases", __name__, description="Drafts and newer editions")

_RULE = "/drafts/<path:label>"
_FACTS = ("base", "mine", "theirs", "mine_m2", "theirs_m2", "at")


@bp.operation(
    "GET",
    f"{_RULE}/rebase",
    query=schemas.NoArguments,
    gives={200: rebase_schemas.PendingRebaseSchema},
    refuses=(404,),
)
@allow(Permission.EDIT_DRAFTS)
def pending(args: dict[str, Any], label: str) -> Any:
    """Return what a draft and the editions since its base changed differently."""
    onto, conflicts, worse = rebasing.pending(connection(), label, current_settings().tz)
    told = [{**dict.fromkeys(_FACTS), **one.to_json()} for one in conflicts]
    return {"onto": onto, "conflicts": told, "worse": worse}


@bp.operation(
    "POST",
    f"{_RULE}/rebase",
    query=rebase_schemas.RebaseArguments,
    gives={200: rebase_schemas.RebasedSchema},
    refuses=(404, 409),
)
@allow(Permission.EDIT_DRAFTS)
def rebase(args: dict[str, Any], label: str) -> Any:
    """Put a draft on the newest edition, together with what was published since its base.

    Without ``take`` it is refused where both changed the same differently. It is an entry of
    the log, which ``undo`` takes back.
    """
    take = None if "take" not in args else Take(args["take"])
    tz = current_settings().tz
    done = rebasing.rebase(connection(), label, actor=actor(), tz=tz, take=take)
    return {
        "onto": done.onto,
        "combined": [{"level": level, "code": code} for level, code in done.combined],
    }


@bp.operation(
    "GET",
    f"{_RULE}/repairs",
    query=schemas.NoArguments,
    gives={200: rebase_schemas.RepairsSchema},
    refuses=(404,),
)
@allow(Permission.EDIT_DRAFTS)
def repairs(args: dict[str, Any], label: str) -> Any:
    """Propose operations that mend what the check of a draft finds; nothing is changed."""
    found = proposed(
        connection(),
        label,
        tolerance_m2=DEFAULT_TOLERANCE_M2,
        border_m=current_settings().border_m,
    )
    return {
        "problems": len(found.problems),
        "repairs": [
            {
                "operation": to_json(one.operation),
                "problem": sentence_with_place(one.problem),
                "moved_m2": one.moved_m2,
            }
            for one in found.repairs
        ],
        "left": [sentence_with_place(one) for one in found.left],
    }

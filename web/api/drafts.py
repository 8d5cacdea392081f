"""Drafts in the API: edit the borders of one, undo, redo, and what was done so far."""

from dataclasses import asdict
from typing import Any

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.edit_log import LoggedEdit, stacks
from gridmgmt.services.workbench import editing
from gridmgmt.services.workbench.editing import DraftEdit
from gridmgmt.services.workbench.operation_files import read_operations
from web.api import draft_schemas, schemas
from web.api.operations import Operations
from web.app.transaction import connection, current_settings
from web.door import bodies
from web.door.access import actor, allow
from web.door.row_permissions import refuse_rows

bp = Operations("api_drafts", __name__, description="Drafts of areas")

_RULE = "/drafts/<path:label>/edits"


@bp.operation(
    "GET",
    _RULE,
    query=schemas.NoArguments,
    gives={200: draft_schemas.EditLogSchema},
    refuses=(404,),
)
@allow(Permission.EDIT_DRAFTS)
def history(args: dict[str, Any], label: str) -> Any:
    """List what was done to a draft, oldest first, and what of it stands."""
    log = editing.history(connection(), label)
    known = stacks(log)
    return {"edits": [_entry(one) for one in log], "done": known.done, "undone": known.undone}


@bp.operation(
    "POST",
    _RULE,
    query=schemas.NoArguments,
    body=draft_schemas.EditSchema,
    most_bytes=bodies.EDITS,
    gives={201: draft_schemas.EditedSchema},
    refuses=(404, 409, 413, 415, 422),
)
@allow(Permission.EDIT_DRAFTS)
def edit(args: dict[str, Any], given: dict[str, Any], label: str) -> Any:
    """Apply operations to a draft, all of them or none.

    An operation is what a line of a file of ``draft edit`` is; its JSON Schema is printed by
    ``draft edit --schema``. With ``seen``, the number of the last edit the author saw, an
    operation is refused that takes away what others have drawn since. Operations on duties
    need the permission to edit duties, those on zones, groups and road segments that to import
    layers.
    """
    operations = read_operations(given["operations"])
    refuse_rows(operations)
    done = editing.edit(
        connection(),
        label,
        operations,
        border_m=current_settings().border_m,
        actor=actor(),
        reason=given.get("reason"),
        seen=given.get("seen"),
    )
    return {"edits": [_edited(one) for one in done]}


@bp.operation(
    "POST",
    f"{_RULE}/undo",
    query=schemas.NoArguments,
    gives={200: draft_schemas.LoggedEditSchema},
    refuses=(404, 409),
)
@allow(Permission.EDIT_DRAFTS)
def undo(args: dict[str, Any], label: str) -> Any:
    """Undo the last edit of a draft that stands, whoever made it; return that edit."""
    return _entry(editing.undo(connection(), label, actor=actor()))


@bp.operation(
    "POST",
    f"{_RULE}/redo",
    query=schemas.NoArguments,
    gives={200: draft_schemas.LoggedEditSchema},
    refuses=(404, 409),
)
@allow(Permission.EDIT_DRAFTS)
def redo(args: dict[str, Any], label: str) -> Any:
    """Redo the edit of a draft that was undone last; return that edit."""
    return _entry(editing.redo(connection(), label, actor=actor()))


def _entry(one: LoggedEdit) -> dict[str, Any]:
    return asdict(one)


def _edited(one: DraftEdit) -> dict[str, Any]:
    return {
        "number": one.number,
        "operation": one.operation.op,
        "areas": [
            {
                "level": area.level,
                "code": area.code,
                "existed": area.before is not None,
                "exists": area.after is not None,
                "moved_m2": area.moved_m2,
            }
            for area in one.edited.areas
        ],
        "row": None
        if one.record is None
        else {
            "kind": one.record.known.kind,
            "name": one.record.known.name,
            "before": None if one.record.before is None else one.record.before.after,
            "after": None if one.record.after is None else one.record.after.after,
        },
    }

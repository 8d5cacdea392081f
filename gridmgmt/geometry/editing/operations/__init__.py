"""The operations on a draft, each as what it is given and what it does; callers use this."""

from gridmgmt.geometry.editing.operations.on_borders import (
    Align,
    DeleteVertex,
    InsertVertex,
    MoveVertex,
    Reshape,
)
from gridmgmt.geometry.editing.operations.on_grounds import (
    AddPart,
    AllowGap,
    Derive,
    Draw,
    Fill,
    ForbidGap,
    Give,
    Merge,
    Reassign,
    ReassignWithin,
    Split,
    Trim,
)
from gridmgmt.geometry.editing.operations.on_names import (
    Recode,
    Rename,
    Retire,
    SetAttributes,
)
from gridmgmt.geometry.editing.operations.operation import EditRules, LonLat, Operation

__all__ = [
    "OPERATIONS",
    "AddPart",
    "Align",
    "AllowGap",
    "DeleteVertex",
    "Derive",
    "Draw",
    "EditRules",
    "Fill",
    "ForbidGap",
    "Give",
    "InsertVertex",
    "LonLat",
    "Merge",
    "MoveVertex",
    "Operation",
    "Reassign",
    "ReassignWithin",
    "Recode",
    "Rename",
    "Reshape",
    "Retire",
    "SetAttributes",
    "Split",
    "Trim",
]

OPERATIONS: dict[str, type[Operation]] = {
    one.op: one
    for one in (
        MoveVertex,
        InsertVertex,
        DeleteVertex,
        Reshape,
        Align,
        Split,
        Merge,
        Reassign,
        ReassignWithin,
        Derive,
        Give,
        Draw,
        AddPart,
        Trim,
        Fill,
        AllowGap,
        ForbidGap,
        Rename,
        Recode,
        SetAttributes,
        Retire,
    )
}

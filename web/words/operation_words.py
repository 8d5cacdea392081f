"""Words for the operations that edit a draft, in the language of a request."""

from collections.abc import Iterable
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.areas.edit_log import REDO, UNDO, LoggedEdit, LoggedSides
from web.words.languages import moment

OPERATIONS = {
    "import": _l("imported a layer"),
    "take_back": _l("took back changes"),
    "revert": _l("brought back the areas of an edition"),
    "rebase": _l("put the draft on the newest edition"),
    "move_vertex": _l("moved a vertex"),
    "insert_vertex": _l("inserted a vertex"),
    "delete_vertex": _l("deleted a vertex"),
    "reshape": _l("redrew a border"),
    "align": _l("aligned a border"),
    "split": _l("split an area"),
    "merge": _l("merged areas"),
    "reassign": _l("put areas under another"),
    "reassign_within": _l("put areas of a place under another"),
    "derive": _l("derived borders from the areas below"),
    "give": _l("gave ground to a neighbour"),
    "draw": _l("drew an area"),
    "add_part": _l("added a part to an area"),
    "trim": _l("removed an overlap"),
    "fill": _l("filled a gap"),
    "allow_gap": _l("allowed a gap"),
    "forbid_gap": _l("took back that a gap is allowed"),
    "rename": _l("renamed an area"),
    "recode": _l("gave an area another code"),
    "set_attributes": _l("set attributes"),
    "retire": _l("retired an area"),
    "set_duty": _l("stated a duty"),
    "end_duty": _l("ended a duty"),
    "set_zone": _l("stated a zone"),
    "end_zone": _l("ended a zone"),
    "set_group_member": _l("put an area into a group"),
    "end_group_member": _l("took an area out of a group"),
    "set_road_segment": _l("stated a road segment"),
    "take_back_record": _l("took back what was stated of a record"),
    "keep_record": _l("kept what was stated of a record"),
}
# So many different operations of an edit are named.
_MOST_NAMED = 5


def operations_said(names: Iterable[str]) -> str:
    """Return the operations of an edit in words, each kind once; of many kinds the first."""
    kinds = list(dict.fromkeys(names))
    told = str(_(", ")).join(str(OPERATIONS.get(one, one)) for one in kinds[:_MOST_NAMED])
    return told if len(kinds) <= _MOST_NAMED else f"{told}…"


def entry_told(entry: LoggedEdit, sides: LoggedSides) -> dict[str, Any]:
    """Return an entry of a draft's log for scripts, with a sentence that says what was done."""
    return {
        "number": entry.number,
        "operation": entry.operation,
        "said": entry_said(entry),
        "by": entry.made_by,
        "at": moment(entry.made_at),
        "of": entry.of,
        "areas": [
            {"level": one.level, "code": one.code, "name": one.name} for one in sides.areas
        ],
        "rows": list(sides.rows),
    }


def entry_said(entry: LoggedEdit) -> str:
    """Return what an entry of a draft's log did."""
    if entry.operation == UNDO:
        return str(_("undid edit %(number)s", number=entry.of))
    if entry.operation == REDO:
        return str(_("redid edit %(number)s", number=entry.of))
    return operations_said([entry.operation])


def init_app(app: Flask) -> None:
    """Make the words for operations available in templates."""
    app.jinja_env.filters["operations_said"] = operations_said

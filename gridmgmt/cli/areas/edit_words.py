"""The words for what an edit changed."""

from typing import TYPE_CHECKING

from gridmgmt.domain.areas.draft_record import FIRST_DAY, GEOMETRY, LAST_DAY, differences

if TYPE_CHECKING:
    from gridmgmt.domain.areas.draft_record import DraftRecord
    from gridmgmt.geometry.editing.edits import Edited

# So many areas of one edit are named; the log has all.
_TOLD_AREAS = 12


def told_areas(edited: "Edited") -> str:
    """Return the areas that an edit changed with their m², some of many."""
    told = []
    for one in edited.areas:
        if one.before is None:
            change = "new"
        elif one.after is None:
            change = "gone"
        else:
            change = ""
        # Adding zero turns -0.0 into 0.0.
        moved = f"{round(one.moved_m2, 2) + 0.0:+,.2f} m²"
        told.append(" ".join(filter(None, (one.level, one.code, change, moved))))
    more = len(told) - _TOLD_AREAS
    shown_areas = ", ".join(told[:_TOLD_AREAS])
    return f"{shown_areas} and {more} more" if more > 0 else shown_areas


def told_row(kind: str, name: str, stated: "DraftRecord | None") -> str:
    """Return what a draft states about a row beside its areas."""
    if stated is None:
        return f"{kind} {name}: as it is stored"
    fields = differences(stated.before, stated.after)
    if stated.before is None:
        fields = [one for one in fields if one in (FIRST_DAY, LAST_DAY)]
    told = "new" if stated.before is None else ""
    days = [f"{one} {_value(stated, one)}" for one in fields]
    return f"{kind} {name}: {', '.join(filter(None, [told, *days]))}"


def _value(stated: "DraftRecord", column: str) -> str:
    if column == GEOMETRY:
        return "redrawn"
    return stated.after.get(column) or "–"

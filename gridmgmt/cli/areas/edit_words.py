"""The words for what an edit changed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

"""The words for what an edit changed."""

from typing import TYPE_CHECKING

from gridmgmt.domain.areas.attributes import told as told_attribute
from gridmgmt.domain.areas.draft_record import FIRST_DAY, GEOMETRY, LAST_DAY, differences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmgmt.domain.areas.attributes import AttributeValue
    from gridmgmt.domain.areas.draft_record import DraftRecord
    from gridmgmt.geometry.editing.edit_state import DraftArea
    from gridmgmt.geometry.editing.edits import AreaEdited, Edited

# So many areas of one edit are named; the log has all.
_TOLD_AREAS = 12
# Less ground than this moves where a neighbour only gets a vertex; a hundredth is told.
_NO_M2 = 0.005


def told_areas(edited: "Edited") -> str:
    """Return the areas that an edit changed with their m², some of many."""
    told = [_told_area(one) for one in edited.areas]
    more = len(told) - _TOLD_AREAS
    shown_areas = "; ".join(told[:_TOLD_AREAS])
    return f"{shown_areas} and {more} more" if more > 0 else shown_areas


def _told_area(one: "AreaEdited") -> str:
    change = "new" if one.before is None else "gone" if one.after is None else ""
    before, after = one.before, one.after
    if before is not None and after is not None and before.outline is after.outline:
        return f"{one.level} {one.code} {_told_facts(before, after)}"
    moved = f"{one.moved_m2:+,.2f} m²"
    if abs(one.moved_m2) < _NO_M2 and not change:
        moved = "(vertices only)"
    return " ".join(filter(None, (one.level, one.code, change, moved)))


def _told_facts(before: "DraftArea", after: "DraftArea") -> str:
    """Return what differs of an area whose borders stay."""
    told = [
        f"{what} {then or '–'} -> {now or '–'}"
        for what, then, now in (
            ("name", before.name, after.name),
            ("in", before.parent_code, after.parent_code),
        )
        if then != now
    ]
    values = {
        name: after.attributes.get(name)
        for name in sorted({*before.attributes, *after.attributes})
        if before.attributes.get(name) != after.attributes.get(name)
    }
    return ", ".join(filter(None, [*told, told_values(values)]))


def told_values(values: "Mapping[str, AttributeValue | None]") -> str:
    """Return attributes with their values; what an area has no more is a dash."""
    return ", ".join(
        f"{name} {'–' if value is None else told_attribute(name, value)}"
        for name, value in values.items()
    )


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

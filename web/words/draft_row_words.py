"""Words for the rows beside its areas that a draft changes."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.areas.draft_record import GEOMETRY
from gridmgmt.domain.headings import HEADINGS
from web.words.languages import NOTHING, language

KINDS = {
    "duty": _l("Duty"),
    "group_member": _l("Group of areas"),
    "road_segment": _l("Road segment"),
    "zone": _l("Special zone"),
}
_NOUNS = {
    "duty": "duties",
    "group_member": "groups",
    "road_segment": "road_segments",
    "zone": "zones",
}


def differences(row: Mapping[str, Any]) -> list[str]:
    """Return what differs about a row that is changed, one text for each column."""
    headings = HEADINGS[_NOUNS[row["kind"]]]
    found = []
    for column, before, after in row["fields"]:
        if column == GEOMETRY:
            found.append(_("drawn anew"))
            continue
        heading = headings[column].said(language())
        found.append(f"{heading} {before or NOTHING} → {after or NOTHING}")
    return found

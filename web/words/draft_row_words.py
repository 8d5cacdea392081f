"""Words for the rows beside its areas that a draft changes."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.areas.draft_record import (
    FIRST_DAY,
    GEOMETRY,
    LAST_DAY,
    ON_PUBLICATION,
)
from gridmgmt.domain.headings import HEADINGS
from gridmgmt.services.accounts.audit import AuditNames
from web.words.audit_words import area_name, value_name
from web.words.duty_sentences import duty_sentence
from web.words.languages import NOTHING, language
from web.words.names import with_code

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
# No column of these rows that may differ has codes that have names.
_NO_NAMES = AuditNames()


def titled(row: Mapping[str, Any], names: AuditNames) -> str:
    """Return what a row is called.

    A duty is called by who has it where and for what, an area of a group by both, others by
    name and code.
    """
    record = dict(row.get("record") or {})
    for day in (FIRST_DAY, LAST_DAY):
        record.pop(day, None)
    if row["kind"] == "group_member" and record:
        code = str(record["group_code"])
        group = with_code(code, record.get("name") or names.places.get(("group", code)))
        area = area_name((record["level"], record["area_code"]), names)
        return f"{group}{_('; ')}{area}"
    if record.get("code"):
        return with_code(str(record["code"]), record.get("name"))
    return duty_sentence(record, names) or str(row["name"])


def differences(row: Mapping[str, Any]) -> list[str]:
    """Return what differs about a row that is changed, one text for each column.

    Of a new row, which its name tells, these are its days.
    """
    headings = HEADINGS[_NOUNS[row["kind"]]]
    found = []
    for column, before, after in row["fields"]:
        if row["is_new"] and column not in (FIRST_DAY, LAST_DAY):
            continue
        if column == GEOMETRY:
            found.append(_("drawn anew"))
            continue
        heading = headings[column].said(language())
        told = _value(column, after)
        if not row["is_new"]:
            told = f"{_value(column, before)} → {told}"
        found.append(f"{heading}{_(': ')}{told}")
    return found


def _value(column: str, value: str | None) -> str:
    if value == ON_PUBLICATION:
        if column == FIRST_DAY:
            return str(_("the day the edition takes effect"))
        return str(_("the day before the edition takes effect"))
    if not value:
        return NOTHING
    if column == "tolerance_m":
        return f"{float(value):g}"
    return str(value_name(column, value, _NO_NAMES))

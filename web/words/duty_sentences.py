"""Duties that an entry of the audit log names, in sentences with names beside codes."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _

from gridmgmt.services.accounts.audit import AuditNames
from web.words.audit_words import area_name
from web.words.duty_words import ROLES, TARGETS, hours_said
from web.words.names import with_code

# What a record must have to be a duty.
_FIELDS = {"responder_code", "role", "target", "target_code"}
# More are counted.
_MOST_CATEGORIES = 3


def duty_sentence(record: Mapping[str, Any], names: AuditNames) -> str:
    """Return who has which role where, for what, when and by which letter.

    It is empty for a record that is no duty.
    """
    if not record.keys() >= _FIELDS:
        return ""
    who = str(record["responder_code"])
    role = record["role"]
    facts = {
        "who": with_code(who, names.responders.get(who)),
        "role": ROLES.get(role, role),
        "where": _where(record, names),
    }
    said = str(_("%(who)s %(role)s: %(where)s", **facts))
    return str(_("; ")).join((said, *_limits(record, names)))


def _where(record: Mapping[str, Any], names: AuditNames) -> str:
    target, level, code = record["target"], record.get("level"), str(record["target_code"])
    if level:
        return area_name((level, code), names)
    return f"{TARGETS.get(target, target)} {with_code(code, names.places.get((target, code)))}"


def _limits(record: Mapping[str, Any], names: AuditNames) -> Iterator[str]:
    yield _categories(record.get("categories"), names)
    if record.get("hours"):
        yield hours_said(record["hours"])
    first, last = record.get("valid_from"), record.get("valid_to")
    if first and last:
        yield str(_("%(first)s to %(last)s", first=first, last=last))
    elif first:
        yield str(_("from %(day)s on", day=first))
    elif last:
        yield str(_("until %(day)s", day=last))
    if record.get("letter_no"):
        yield str(_("letter %(letter)s", letter=record["letter_no"]))


def _categories(codes: list[str] | None, names: AuditNames) -> str:
    if codes is None:
        return str(_("All categories"))
    if len(codes) > _MOST_CATEGORIES:
        return str(_("%(count)s categories", count=len(codes)))
    return str(_(", ")).join(with_code(one, names.categories.get(one)) for one in codes)

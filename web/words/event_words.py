"""The history of a case in sentences: what each event did, with names beside codes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from gridmgmt.domain.cases.case import CaseEvent, CaseEventKind
from gridmgmt.services.cases.stories import WITHHELD
from web.words import reasons
from web.words.case_words import FIELDS, value_of
from web.words.names import with_code


@dataclass(frozen=True)
class EventNames:
    """The names of the codes in events; ``areas`` by (edition, level, code)."""

    responders: Mapping[str, str]
    areas: Mapping[tuple[int, str, str], str]

    def responder(self, code: str) -> str:
        """Return a responder as text: its name and code."""
        return with_code(code, self.responders.get(code))

    def area(self, outcome: Mapping[str, Any]) -> str:
        """Return the area of an outcome as text: its name and code."""
        code = outcome["area"]
        edition, level = outcome.get("edition"), outcome.get("level")
        name = self.areas.get((edition, level, code)) if edition and level else None
        return with_code(code, name)


def told(event: CaseEvent, names: EventNames) -> list[str]:
    """Return what an event did to its case, in sentences; personal data stay withheld."""
    detail = event.detail
    sentences = list(_source(detail))
    if detail.get("changed"):
        sentences += [
            _change(field, *pair) for field, pair in sorted(detail["changed"].items())
        ]
    if detail.get("position"):
        sentences.append(_position(*detail["position"]))
    if detail.get("from") and detail.get("to"):
        sentences += _outcome(event, detail["from"], detail["to"], names)
    elif event.kind is CaseEventKind.REPORTED:
        nothing = {"area": None, "responder": None}
        sentences += _outcome(event, nothing, detail, names)
    sentences += _because(detail)
    if detail.get("suggested"):
        who = names.responder(detail["suggested"])
        sentences.append(str(_("%(who)s was suggested instead", who=who)))
    return sentences


def _source(detail: Mapping[str, Any]) -> Iterator[str]:
    if detail.get("file"):
        yield str(
            _("File %(name)s, row %(row)s", name=detail["file"], row=detail.get("row", ""))
        )


def _because(detail: Mapping[str, Any]) -> Iterator[str]:
    if detail.get("by_edition"):
        number = detail["by_edition"]
        yield str(_("Open cases followed edition %(number)s", number=number))
    if detail.get("extended_edition"):
        number = detail["extended_edition"]
        yield str(_("Edition %(number)s, the first, was made to begin earlier", number=number))


def _change(field: str, before: object, after: object) -> str:
    label = FIELDS.get(field, field)
    if WITHHELD in (before, after):
        return str(_("%(label)s: %(value)s", label=label, value=_("changed (not shown)")))
    was, now = value_of(before, field), value_of(after, field)
    if before is None:
        value = _("filled in as %(after)s", after=now)
    elif after is None:
        value = _("emptied, it was %(before)s", before=was)
    else:
        value = _("from %(before)s to %(after)s", before=was, after=now)
    return str(_("%(label)s: %(value)s", label=label, value=value))


def _position(before: list[float] | None, after: list[float]) -> str:
    now = f"{after[0]}, {after[1]}"
    if not before:
        return str(_("Put at %(position)s", position=now))
    was = f"{before[0]}, {before[1]}"
    return str(_("Moved from %(before)s to %(after)s", before=was, after=now))


def _outcome(
    event: CaseEvent, before: Mapping[str, Any], after: Mapping[str, Any], names: EventNames
) -> Iterator[str]:
    if before["area"] != after["area"]:
        yield _area(before, after, names)
    if before["responder"] != after["responder"]:
        yield _responder(event, before["responder"], after, names)
    elif after["responder"] is None and before.get("unrouted") != after.get("unrouted"):
        yield _waits(after)


def _area(before: Mapping[str, Any], after: Mapping[str, Any], names: EventNames) -> str:
    if after["area"] is None:
        return str(_("No longer in %(area)s", area=names.area(before)))
    if before["area"] is None:
        return str(_("Located in %(area)s", area=names.area(after)))
    was, now = names.area(before), names.area(after)
    return str(_("Area changed from %(before)s to %(after)s", before=was, after=now))


def _responder(
    event: CaseEvent, before: str | None, after: Mapping[str, Any], names: EventNames
) -> str:
    now = after["responder"]
    if now is None:
        assert before is not None
        who = names.responder(before)
        if event.kind is CaseEventKind.BOUNCED:
            return str(_("Returned by %(who)s, waits for a person", who=who))
        return str(_("No longer with %(who)s", who=who)) + str(_("; ")) + _waits(after)
    who = names.responder(now)
    if before is None:
        return str(_("Dispatched to %(who)s", who=who))
    was = names.responder(before)
    return str(_("Dispatched to %(who)s instead of %(before)s", who=who, before=was))


def _waits(after: Mapping[str, Any]) -> str:
    reason = reasons.UNROUTED.get(after.get("unrouted") or "", "")
    return str(_("waits for a person: %(reason)s", reason=reason))

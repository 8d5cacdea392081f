"""Who has a case and why, in one sentence for a page that has room for no more."""

from flask_babel import gettext as _

from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.trace import ASSIGNED, BOUNCED
from gridmgmt.services.cases.details import CaseDetail
from web.words import reasons


def in_short(shown: CaseDetail) -> str:
    """Return who disposes of a case and by which letters, or why nobody does."""
    case, decision = shown.case, shown.decision
    code = case.responder_code
    if code is None:
        by = shown.explained.trace.get(BOUNCED, {}).get("from")
        name = shown.people[by].name if by in shown.people else by
        return reasons.no_disposer(case.unrouted_reason, name)
    who = shown.people[code].name if code in shown.people else code
    if ASSIGNED in shown.explained.trace:
        return by_hand(who)
    return by_letters(who, decision)


def by_hand(who: str) -> str:
    """Return that somebody disposes of a case because a person chose so."""
    return str(_("%(who)s disposes of it: a person chose so", who=who))


def by_letters(who: str, decision: Decision) -> str:
    """Return that somebody disposes of a case, and by which letters if any were given."""
    decided = [one for one in decision.considered if one.duty_id in decision.duty_ids]
    letters = dict.fromkeys(one.letter_no for one in decided if one.letter_no is not None)
    if letters:
        by = ", ".join(letters)
        return str(_("%(who)s disposes of it: by letter %(letter)s", who=who, letter=by))
    return str(_("%(who)s disposes of it", who=who))


def to_call(shown: CaseDetail, own: str | None) -> tuple[str, str] | None:
    """Return name and phone of whom to call about a case, None where no phone is shown.

    That is its responder or, for an account that acts for it (``own``), the nearest overseer.
    """
    people = [shown.case.responder_code, *shown.decision.overseers]
    for code in people:
        phone = shown.explained.phones.get(code or "")
        if code is not None and code != own and phone is not None:
            name = shown.people[code].name if code in shown.people else code
            return name, phone
    return None

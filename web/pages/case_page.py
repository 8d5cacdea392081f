"""The page of one case with its map and the actions of the account."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import ALL_CASES
from gridmgmt.domain.auditing.replay import explain_replay
from gridmgmt.domain.cases.case import CaseAction
from gridmgmt.domain.cases.duplicates import DuplicateRule
from gridmgmt.domain.headings import Language
from gridmgmt.domain.judging import explanation
from gridmgmt.domain.judging.candidates import Candidate
from gridmgmt.domain.judging.due_explanation import explain_due
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.judging.trace import judged_last
from gridmgmt.domain.responsibility.responder import Responder
from gridmgmt.errors import InputError
from gridmgmt.maps.document import MapParts
from gridmgmt.maps.small import MapSource, small_map
from gridmgmt.sentence import Sentence
from gridmgmt.services.cases import details
from gridmgmt.services.cases.details import CaseDetail
from gridmgmt.services.cases.lists import names_of
from gridmgmt.services.cases.shapes import CasePart
from gridmgmt.services.cases.stories import WITHHELD, WRITTEN
from gridmgmt.services.responsibility.responder_lists import responder_choices
from gridmgmt.services.responsibility.responder_search import meant
from gridmgmt.store.cases.duplicates import cases_alike
from web.app import params
from web.app.transaction import connection, current_settings
from web.door.access import account, case_scope
from web.pages.base_map import base_map
from web.pages.position_map import position_map
from web.words import decision_words, event_words
from web.words.event_words import EventNames
from web.words.languages import language
from web.words.names import person


def rules() -> JudgingRules:
    """Return the judging rules of this deployment."""
    return current_settings().judging_rules


def duplicates() -> DuplicateRule:
    """Return the rule for duplicates."""
    settings = current_settings()
    return DuplicateRule(settings.duplicate_m, settings.duplicate_hours)


def page(
    conn: Connection,
    case_no: str,
    *,
    failed: CaseAction | None = None,
    problem: str = "",
) -> str:
    """Return the page of a case.

    ``failed`` is the action whose form is shown again with its values, ``problem`` the reason.
    """
    settings = current_settings()
    shown = details.detail(conn, case_no, account(), rules=rules(), case_scope=case_scope())
    here = language()
    return render_template(
        "cases/detail.html",
        shown=shown,
        case=shown.case,
        names=names_of(conn, [shown.case]),
        candidates=_candidates(conn, shown),
        now=datetime.now(UTC),
        sentences=_sentences(shown, here),
        replay=explain_replay(shown.explained.replay, shown.explained.names, here),
        elsewhere=_elsewhere(conn, case_no),
        alike=cases_alike(conn, [case_no], duplicates(), case_scope=case_scope()),
        alike_rule=duplicates(),
        map=_map(shown),
        told=partial(event_words.told, names=_event_names(shown)),
        person_name=partial(person, people=shown.actors),
        failed=failed,
        problem=problem,
        typed=request.form,
        local_now=datetime.now(settings.tz).strftime("%Y-%m-%dT%H:%M:%S"),
        in_short=decision_words.in_short(shown),
        to_call=decision_words.to_call(shown, account().responder_code),
        WITHHELD=WITHHELD,
        WRITTEN=WRITTEN,
    )


def _event_names(shown: CaseDetail) -> EventNames:
    responders = {code: one.name for code, one in shown.people.items()}
    return EventNames(responders, shown.areas)


def _candidates(conn: Connection, shown: CaseDetail) -> list[Candidate]:
    """Return the candidates for the case to whom this account may give it."""
    if CaseAction.ASSIGN not in shown.actions:
        return []
    offered = choices(conn)
    return [one for one in shown.candidates if one.code in offered]


def choices(conn: Connection) -> dict[str, Responder]:
    """Return the responders to whom this account may give a case, or may propose, by code.

    An account limited to an area may choose the responders of this area and all their
    superiors.
    """
    found = responder_choices(conn, within=account().area, case_scope=ALL_CASES)
    return {one.code: one for one in found}


def chosen(field: str) -> str | None:
    """Return the responder that was typed into a field, or None if none was.

    Raises
    ------
    InputError
        when the text means several, or the account may not choose it; then the message is that
        it does not exist
    """
    typed = request.form.get(field, "").strip()
    if not typed:
        return None
    code = meant(choices(connection()), typed, field=field)
    if code is None:
        raise InputError(field=field, message=Sentence("there is no responder {}", repr(typed)))
    return code


def chosen_for_case() -> str:
    """Return the responder who is to have a case: a candidate, or one that was typed.

    Raises
    ------
    InputError
        when neither is given, both are and differ, or the typed one is as for `chosen`
    """
    typed, candidate = chosen("responder"), request.form.get("candidate") or None
    if typed is not None and candidate not in (None, typed):
        message = Sentence("choose one of the list or type another, not both")
        raise InputError(field="responder", message=message)
    code = typed or candidate
    if code is None:
        raise InputError(field="responder", message=Sentence("choose who is to have the case"))
    if code not in choices(connection()):
        raise InputError(
            field="responder", message=Sentence("there is no responder {}", repr(code))
        )
    return code


def _sentences(shown: CaseDetail, language: Language) -> list[str]:
    explained, tz = shown.explained, current_settings().tz
    told = explanation.explain(
        shown.case.given.case_no,
        explained.trace,
        explained.names,
        language,
        explained.reasons,
        default=explained.default,
        tz=tz,
    )
    return [*told, *explain_due(shown.case.given, language, tz)]


def _elsewhere(conn: Connection, case_no: str) -> details.CaseElsewhere | None:
    edition = params.whole(request.args, "edition")
    if edition is None:
        return None
    return details.would_go(conn, case_no, edition, rules=rules(), case_scope=case_scope())


def _map(shown: CaseDetail) -> MapParts:
    case_no = shown.case.given.case_no

    def source(part: CasePart, style: Any, label: str) -> MapSource:
        return MapSource(url_for("cases.around", case_no=case_no, part=part), style, label)

    is_to_place = CaseAction.PLACE in shown.actions
    sources: list[MapSource] = []
    # Where a position is chosen, all areas and roads are drawn below.
    if not is_to_place:
        around = _("What it lies in") if shown.case.location.area_code else _("The grid")
        sources.append(source(CasePart.AROUND, "parent", around))
    if shown.case.location.area_code is not None:
        sources.append(source(CasePart.AREA, "area", _("Its area")))
    if len(shown.case.location.candidates) > 1:
        sources.append(source(CasePart.CANDIDATES, "candidate", _("Other candidates")))
    if "components" in (judged_last(shown.explained.trace)["place"] or {}):
        url = url_for("cases.components", case_no=case_no)
        sources.append(MapSource(url, "component", _("Components of its class")))
    if shown.case.location.lon is not None:
        url = url_for("cases.position", case_no=case_no)
        sources.append(MapSource(url, "case", _("The case")))
    if is_to_place:
        # By the areas by which it will be judged.
        return position_map(sources, edition=shown.edition)
    return small_map(sources, base=base_map())

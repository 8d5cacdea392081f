"""Cases in the API: report, list, read and explain cases."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from flask import url_for

from gridmgmt.domain.accounts.case_scope import sees_all_personal
from gridmgmt.domain.accounts.permission import SEEING_CASES, Permission
from gridmgmt.domain.auditing.replay import explain_replay
from gridmgmt.domain.cases.case import Case, CaseStatus
from gridmgmt.domain.judging.due_explanation import explain_due
from gridmgmt.domain.judging.explanation import explain as explain_trace
from gridmgmt.domain.period import Period, in_order
from gridmgmt.errors import InputError, NotAllowedError, NotFoundError
from gridmgmt.services.cases import reports
from gridmgmt.services.cases import stories as services
from gridmgmt.services.cases.due_limits import Due
from gridmgmt.services.cases.questions import Asker, CaseQuestion, find
from gridmgmt.services.files.datums import remote_datum
from gridmgmt.store.cases.case_filter import CaseFilter, filter_of
from gridmgmt.store.cases.cases import get_case, list_cases
from web.api import schemas
from web.api.operations import Operations
from web.app.transaction import connection, current_settings
from web.door import bodies
from web.door.access import account, actor, allow, case_scope
from web.pages.case_page import duplicates, rules
from web.words.sentences import in_chinese

bp = Operations("api_cases", __name__, description="Cases")


@bp.operation(
    "POST",
    "/cases",
    query=schemas.NoArguments,
    body=schemas.ReportSchema,
    most_bytes=bodies.CASE,
    gives={201: schemas.ReportedSchema, 200: schemas.ReportedSchema},
    refuses=(409, 413, 415, 422),
)
@allow(Permission.REPORT_CASES)
def report(args: dict[str, Any], given: dict[str, Any]) -> Any:
    """Report a case, which is located and routed at once.

    Status 201 means that the case is new. A case that is sent again with the same number and
    the same content changes nothing; with other content it is refused. ``alike`` are open cases
    that may be duplicates, nearest first; nothing is merged.

    A case without ``due_at`` gets the deadline of its category's time limit. If there are
    several limits, or the only one has no plain length, none is set, and ``due_note`` says so.
    """
    settings = current_settings()
    datum = remote_datum(given.pop("crs", None), settings.crs_table)
    done = reports.report(
        connection(),
        reports.Report(
            cells={name: _text(value) for name, value in given.items()},
            actor=actor(),
            rules=rules(),
            datum=datum,
            via="api",
            case_scope=case_scope(),
            duplicates=duplicates(),
        ),
    )
    case = services.without_personal(done.case)
    where = url_for("api_cases.show", case_no=case.given.case_no)
    alike = [
        {"case_no": one.case_no, "metres": one.metres, "hours": one.hours} for one in done.alike
    ]
    told = {**_case(case, personal=False), "alike": alike, **_due(done.due)}
    return told, 201 if done.is_new else 200, {"Location": where}


@bp.operation(
    "GET",
    "/cases",
    query=schemas.CaseArguments,
    gives={200: schemas.CasePageSchema},
    refuses=(404, 409),
)
@allow(*SEEING_CASES)
def index(args: dict[str, Any]) -> Any:
    """List cases, newest first, without personal data."""
    conn = connection()
    limit, after = args["limit"], args.get("after")
    if after is not None:
        _check_seen(after)
    found = list_cases(conn, _filter(args), limit=limit + 1, after=after)
    page = [_case(services.without_personal(one), personal=False) for one in found[:limit]]
    return {"cases": page, "next": page[-1]["case_no"] if len(found) > limit else None}


@bp.operation(
    "GET",
    "/cases/<path:case_no>",
    query=schemas.OneCaseArguments,
    gives={200: schemas.CaseStorySchema},
    refuses=(404,),
)
@allow(*SEEING_CASES)
def show(args: dict[str, Any], case_no: str) -> Any:
    """Return a case with its history."""
    personal = _personal(args)
    story = services.show(
        connection(), case_no, personal=personal, actor=actor(), case_scope=case_scope()
    )
    return {**_case(story.case, personal=personal), "events": story.events}


@bp.operation(
    "GET",
    "/cases/<path:case_no>/explanation",
    query=schemas.OneCaseArguments,
    gives={200: schemas.ExplanationSchema},
    refuses=(404,),
)
@allow(*SEEING_CASES)
def explanation(args: dict[str, Any], case_no: str) -> Any:
    """Return why a case went to its responder: as sentences, and as the stored trace."""
    personal = _personal(args)
    told = services.explain(
        connection(),
        case_no,
        rules=rules(),
        personal=personal,
        actor=actor(),
        case_scope=case_scope(),
    )
    answer = {
        "case_no": case_no,
        "sentences": {language: _sentences(told, language) for language in ("zh", "en")},
        "trace": told.trace,
        "same_again": told.replay.is_same,
    }
    return {**answer, "phones": told.phones} if personal else answer


def _due(due: Due | None) -> dict[str, Any]:
    """Return what the time limits of its category gave a case; nothing for a known case."""
    note = None if due is None else due.note
    return {
        "due_limits": [] if due is None else due.limits,
        "due_note": None if note is None else {"zh": in_chinese(note), "en": note},
    }


def _sentences(told: services.Explanation, language: Any) -> list[str]:
    return [
        *explain_trace(
            told.case.given.case_no,
            told.trace,
            told.names,
            language,
            default=told.default,
        ),
        *explain_due(told.case.given, language, current_settings().tz),
        *explain_replay(told.replay, told.names, language),
    ]


def _personal(args: dict[str, Any]) -> bool:
    """Return whether personal data are requested; raise an error if they are not allowed."""
    wanted: bool = args["personal"]
    if wanted and not sees_all_personal(account(), case_scope()):
        message = "your role does not read personal data"
        raise NotAllowedError(message)
    return wanted


def _filter(args: dict[str, Any]) -> CaseFilter:
    """Return the filter of a request, with the same meaning as in the list on the pages."""
    first, last = args.get("first"), args.get("last")
    if first and last:
        in_order(first, last)
    status = args.get("status")
    wanted = replace(
        filter_of(args["choice"], current_settings().tz, datetime.now(UTC)),
        status=None if status is None else CaseStatus(status),
        since=None if first is None else _day(first).begin,
        until=None if last is None else _day(last).end,
        unlocated=args["unlocated"],
    )
    return find(
        connection(),
        CaseQuestion(wanted, args.get("area"), args.get("edition")),
        Asker(actor(), case_scope()),
    )


def _day(day: date) -> Period:
    return Period(day, day, current_settings().tz)


def _check_seen(case_no: str) -> None:
    try:
        get_case(connection(), case_no, case_scope=case_scope())
    except NotFoundError as error:
        raise InputError(field="after", message=str(error)) from error


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _case(case: Case, *, personal: bool) -> dict[str, Any]:
    given, location = case.given, case.location
    told = {
        "case_no": given.case_no,
        "category": given.category,
        "status": case.status,
        "reported_at": given.reported_at,
        "due_at": given.due_at,
        "due_limit": given.due_limit,
        "due_provisional": given.due_provisional,
        "disposed_at": given.disposed_at,
        "closed_at": given.closed_at,
        "channel": given.channel,
        "position": None
        if location.lon is None
        else {"lon": location.lon, "lat": location.lat},
        "given": None
        if given.x is None
        else {"x": given.x, "y": given.y, "crs": case.given_crs},
        "accuracy_m": given.accuracy_m,
        "edition": location.edition,
        "level": location.level,
        "area": location.area_code,
        "on_boundary": location.on_boundary,
        "snapped": location.snapped,
        "distance_m": location.distance_m,
        "candidates": location.candidates,
        "unlocated_reason": location.unlocated_reason,
        "responder": case.responder_code,
        "unrouted_reason": case.unrouted_reason,
        "marks": case.marks,
    }
    if personal:
        told |= {"description": given.description, "address": given.address}
    return told

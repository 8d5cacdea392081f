"""Report one case: by a person with a form, or by a program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psycopg
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import ALL_CASES, CaseScope
from gridmgmt.domain.cases import case_changes
from gridmgmt.domain.cases.case import Case, GivenCase
from gridmgmt.domain.cases.case_rows import RowReader
from gridmgmt.domain.cases.duplicates import Alike, DuplicateRule
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.time_limit import TimeLimit
from gridmgmt.errors import CaseError, InputError, NotFoundError, StoreError
from gridmgmt.exchange.content.given_positions import GivenPositions
from gridmgmt.geometry.crs.crs import WGS84, Datum
from gridmgmt.progress import no_progress
from gridmgmt.sentence import Sentence, joined
from gridmgmt.services.cases.due_limits import Due, chosen_limit, due_by_limit, limits_of
from gridmgmt.services.judging.case_leaves import CaseLeaves
from gridmgmt.services.judging.judge import Judge, judged_case
from gridmgmt.store.accounts import audit
from gridmgmt.store.cases import case_copy, cases
from gridmgmt.store.cases.duplicates import cases_alike

Cells = Mapping[str, str | None]

# Read in the place of a number that is still to be given.
_NOT_NUMBERED = "-"


@dataclass(frozen=True)
class Report:
    """The report of a case, as text by field, with the names and formats of a case file.

    ``case_no`` and ``reported_at`` may be missing: then the case gets a number and the present
    time. Without ``due_at`` it gets the deadline of its category's time limit (of the one named
    by ``due_limit``, if there are several), unless ``is_due_stated``: it has none on purpose.
    ``datum`` None: WGS 84. ``via`` is the way it came in. ``case_scope`` is which existing
    cases the reporter may see; ``duplicates`` is the rule for duplicates.
    """

    cells: Cells
    actor: str
    rules: JudgingRules
    datum: Datum | None = None
    via: str = "form"
    is_due_stated: bool = False
    case_scope: CaseScope = ALL_CASES
    duplicates: DuplicateRule = field(default_factory=DuplicateRule)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class ReportedCase:
    """The case, and whether it is new (False if the same was reported before).

    ``alike`` are visible open cases that may be duplicates, nearest first: only a hint.
    ``due`` is what the time limits of its category gave a new case.
    """

    case: Case
    is_new: bool
    alike: tuple[Alike, ...] = ()
    due: Due | None = None


def report(conn: Connection, asked: Report) -> ReportedCase:
    """Store one reported case: located, routed and stored like a row of a file.

    A case that is reported again with its number and the same content changes nothing.

    Raises
    ------
    InputError
        listing everything that is invalid; nothing is stored then
    CaseError
        when its number belongs to a case with other content
    """
    given, limits = _read(conn, asked)
    lonlat = _position(given, asked.datum or WGS84)
    due = _due(asked, given, limits)
    if given.case_no and cases.cases_by_no(conn, [given.case_no]):
        return _repeated(conn, asked, due.given)
    stored = _store(conn, asked, _numbered(conn, asked, due.given), lonlat)
    return replace(stored, due=due) if stored.is_new else stored


def _due(asked: Report, given: GivenCase, limits: Sequence[TimeLimit]) -> Due:
    """Return the case with its deadline; ``due_limit`` of ``given`` is what somebody chose."""
    bare = replace(given, due_limit=None, due_provisional=False)
    return due_by_limit(bare, limits, given.due_limit, is_stated=asked.is_due_stated)


def _read(conn: Connection, asked: Report) -> tuple[GivenCase, Sequence[TimeLimit]]:
    """Return the case as it was given, and the time limits of its category."""
    texts = {name: (text or "").strip() or None for name, text in asked.cells.items()}
    reader = RowReader(DateReader(asked.rules.tz), asked.now)
    unknown = sorted(texts.keys() - {column.name for column in reader.columns})
    if unknown:
        raise InputError(
            field="case", message=Sentence("there is no field {}", ", ".join(unknown))
        )
    case_no = texts.get("case_no")
    numbered = {**texts, "case_no": case_no or _NOT_NUMBERED}
    # To the second, as clocks show it; no list or file then has parts of seconds.
    now = asked.now.isoformat(timespec="seconds")
    numbered["reported_at"] = texts.get("reported_at") or now
    outcome = reader.read(numbered)
    problems = outcome if isinstance(outcome, list) else []
    limits, faults = _limits(conn, texts.get("category"), texts.get("due_limit"))
    problems = [*problems, *faults]
    if asked.via == "form" and not isinstance(outcome, list) and _is_due_too_early(outcome):
        problems = [
            *problems,
            Sentence("{} {} lies before reported_at", "due_at", texts["due_at"]),
        ]
    if problems or isinstance(outcome, list):
        raise InputError(field="case", message=joined("; ", problems), problems=problems)
    return replace(outcome, case_no=case_no or ""), limits


def _limits(
    conn: Connection, category: str | None, due_limit: str | None
) -> tuple[Sequence[TimeLimit], list[str]]:
    """Return the time limits of a category, and what is wrong with it or the chosen limit."""
    if category is None:
        return (), []
    try:
        limits = limits_of(conn, category)
    except NotFoundError:
        return (), [Sentence("there is no category {}", category)]
    try:
        if due_limit is not None:
            chosen_limit(category, limits, due_limit)
    except InputError as error:
        return limits, [error.message]
    return limits, []


def _is_due_too_early(given: GivenCase) -> bool:
    # Data of another system are stored as they are; a person who types has probably mistaken
    # the date.
    return given.due_at is not None and given.due_at < given.reported_at


def _position(given: GivenCase, datum: Datum) -> tuple[float, float] | None:
    if given.x is None:
        return None
    positions = GivenPositions(
        path="the report",
        columns=("lon", "lat"),
        swap="",
        x=np.array([given.x], dtype=np.float64),
        y=np.array([given.y], dtype=np.float64),
        said=datum,
    )
    if positions.nowhere()[0]:
        raise InputError(field="position", message=positions.why_nowhere(0))
    lon, lat = positions.lonlat()
    return float(lon[0]), float(lat[0])


def _numbered(conn: Connection, asked: Report, given: GivenCase) -> GivenCase:
    """Return the case with a number: R, the bureau's day of the report, a running number."""
    day = given.reported_at.astimezone(asked.rules.tz)
    while not given.case_no:
        number = f"R{day:%Y%m%d}-{cases.next_number(conn):06d}"
        # A file of another system may have a number of this form; then the next one is used.
        if not cases.cases_by_no(conn, [number]):
            given = replace(given, case_no=number)
    return given


def _store(
    conn: Connection, asked: Report, given: GivenCase, lonlat: tuple[float, float] | None
) -> ReportedCase:
    cases.begin_writing(conn)
    judge = Judge(conn, asked.rules)
    judged = judge.judge_one(given, lonlat)
    crs = None if given.x is None else (asked.datum or WGS84).label
    case = judged_case(given, crs, judged, last_seq=0)
    source = {"via": asked.via}
    events = case_changes.first_events(case, actor=asked.actor, source=source)
    case = replace(case, last_seq=len(events))
    new = case_copy.NewCases([(case, judge.trace(given, crs, judged))], events)
    try:
        # A savepoint: a unique violation must not abort the whole transaction, in which the
        # known case is still to be read.
        with conn.begin_nested():
            case_copy.copy_in(conn, new, no_progress)
            CaseLeaves(conn, asked.rules).add([case])
    except StoreError as error:
        # Somebody else reported the same case at the same moment, and was first.
        if not isinstance(error.__cause__, psycopg.errors.UniqueViolation):
            raise
        return _repeated(conn, asked, given)
    told: dict[str, Any] = {**source, "status": case.status, **case_changes.outcome(case)}
    audit.record(conn, asked.actor, "report_case", f"case {given.case_no}", told)
    alike = cases_alike(conn, [given.case_no], asked.duplicates, case_scope=asked.case_scope)
    return ReportedCase(case, is_new=True, alike=tuple(alike))


def _repeated(conn: Connection, asked: Report, given: GivenCase) -> ReportedCase:
    number = given.case_no
    try:
        known = cases.get_case(conn, number, case_scope=asked.case_scope)
    except NotFoundError:
        # Such a case exists, but the reporter must not learn about it.
        raise CaseError(Sentence("the number {} is taken", number)) from None
    # Only stated fields are compared: a shorter report of the same case is not a contradiction.
    fields = [name for name, text in asked.cells.items() if (text or "").strip()]
    crs = None if given.x is None else (asked.datum or WGS84).label
    differing = case_changes.differences(known, given, crs, fields)
    if differing:
        raise CaseError(
            Sentence("case {} is known and differs in {}", number, ", ".join(differing))
        )
    return ReportedCase(known, is_new=False)

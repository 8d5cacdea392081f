"""Cases in: a file becomes located, routed cases, each with its trace and first event."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.case import CONFIDENCE, Case, GivenCase, Placed, status_of
from gridmgmt.domain.category import Category
from gridmgmt.domain.component import COMPONENT_M
from gridmgmt.domain.trace import by_hand
from gridmgmt.geometry.crs import WGS84, Datum
from gridmgmt.progress import Progress, no_progress
from gridmgmt.services import case_changes
from gridmgmt.services.case_files import CaseFile, CaseRow, first_of_each, read_case_file
from gridmgmt.services.case_import_report import CaseImportReport
from gridmgmt.services.case_locating import CaseLocator
from gridmgmt.services.case_positions import Positions, read_positions
from gridmgmt.services.case_routing import CaseRouter
from gridmgmt.services.case_traces import TraceWriter, owner, position_by_hand, to_judge
from gridmgmt.store import audit, cases
from gridmgmt.store.categories import list_categories, put_categories


@dataclass(frozen=True)
class CaseImport:
    """What a person asks for when a file of cases is to be taken in.

    ``mapping`` says by field which column holds it, where the two are called differently.
    ``source_tz`` is for times without an offset, ``tz`` the bureau's own, by which duties are
    judged. ``datum`` None: nobody said, WGS 84 is taken. ``update_known``: known cases take
    over what the file says otherwise. ``now`` is the instant that counts as the present.
    """

    path: Path
    actor: str
    tz: ZoneInfo
    mapping: Mapping[str, str] = field(default_factory=dict)
    source_tz: ZoneInfo | None = None
    datum: Datum | None = None
    encoding: str | None = None
    sheet: str | None = None
    update_known: bool = False
    candidate_m: float = 1.0
    snap_m: float = 30.0
    component_m: float = COMPONENT_M
    confidence: float = CONFIDENCE
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class _Task:
    """A case to be judged: as given, where its position is, and its row in the file.

    ``known`` is the case as it stood before, None for a new one; ``differing`` then names what
    the file says otherwise, and ``judge`` whether it has to be placed and routed again.
    """

    row: CaseRow
    given: GivenCase
    lonlat: tuple[float, float]
    edition: int
    known: Case | None = None
    differing: tuple[str, ...] = ()
    judge: bool = True


def import_cases(
    conn: Connection, asked: CaseImport, progress: Progress = no_progress
) -> CaseImportReport:
    """Take in a file of cases; what is known already and the same changes nothing.

    One import works at a time: another waits for the end of this transaction and then sees
    its cases as known.

    Raises
    ------
    InputError, LayerError, CRSError
        when the file as a whole cannot be used; nothing is stored then
    """
    cases.wait_for_turn(conn)
    progress("reading", 0, 0)
    file = read_case_file(
        asked.path,
        mapping=asked.mapping,
        tz=asked.source_tz or asked.tz,
        now=asked.now,
        encoding=asked.encoding,
        sheet=asked.sheet,
    )
    locator = CaseLocator(conn, candidate_m=asked.candidate_m, snap_m=asked.snap_m)
    progress("locating", 0, 0)
    positions = read_positions(file, locator, asked.datum, asked.path)
    report = _begin_report(asked, file, positions, locator)
    kept, rejected, report.repeats = first_of_each(file, positions.rows)
    report.rejected += rejected
    tasks = _sort_known(conn, asked, file, positions, kept, report)
    _judge_and_store(conn, asked, locator, file, tasks, report, progress)
    report.rejected.sort(key=lambda one: one.row)
    if report.new or report.updated:
        done = {
            name: report.to_json()[name] for name in ("rows", "new", "unchanged", "updated")
        }
        audit.record(conn, asked.actor, "import_cases", report.file, done)
    return report


def _begin_report(
    asked: CaseImport, file: CaseFile, positions: Positions, locator: CaseLocator
) -> CaseImportReport:
    datum = asked.datum or WGS84
    return CaseImportReport(
        file=asked.path.name,
        datum=datum.label + ("" if asked.datum else " (nobody said)"),
        encoding=file.table.encoding,
        rows=len(file.table) + len(file.table.rejected),
        columns_not_stored=file.columns_not_stored,
        first_edition_from=locator.first_day,
        rejected=[*file.rejected, *positions.rejected],
        heaps=positions.heaps,
        warnings=positions.warnings,
        notes=[*file.table.notes, *([datum.note] if datum.note else [])],
    )


def _sort_known(
    conn: Connection,
    asked: CaseImport,
    file: CaseFile,
    positions: Positions,
    kept: Sequence[CaseRow],
    report: CaseImportReport,
) -> list[_Task]:
    """Tell the new cases and those to be updated from those that are known and stay."""
    # Those that may be changed are locked, so that nobody acts on them in the meantime.
    numbers = [row.case.case_no for row in kept]
    known = cases.cases_by_no(conn, numbers, lock=asked.update_known)
    at = {row.index: i for i, row in enumerate(positions.rows)}
    lonlat = list(zip(positions.lon.tolist(), positions.lat.tolist(), strict=True))
    tasks = []
    for row in kept:
        i = at[row.index]
        task = _Task(row, row.case, lonlat[i], int(positions.editions[i]))
        before = known.get(row.case.case_no)
        if before is None:
            tasks.append(task)
            continue
        crs = _crs_label(asked, row.case)
        differing = case_changes.differences(before, row.case, crs, file.fields)
        if not differing:
            report.unchanged += 1
        elif not asked.update_known:
            report.known_differing += 1
            reason = (
                f"case_no {row.case.case_no} is known and differs in {', '.join(differing)}"
            )
            report.rejected.append(file.reject(row, reason))
        elif lost := case_changes.taken_back(before, row.case, differing):
            reason = f"{', '.join(lost)} is empty here but known: an import takes no end back"
            report.rejected.append(file.reject(row, reason))
        else:
            tasks.append(
                replace(
                    task,
                    given=case_changes.merged(before, row.case, file.fields),
                    known=before,
                    differing=differing,
                    judge=case_changes.needs_judging(differing, placed=before.placed),
                )
            )
    return tasks


def _crs_label(asked: CaseImport, given: GivenCase) -> str | None:
    return None if given.x is None else (asked.datum or WGS84).label


def _judge_and_store(
    conn: Connection,
    asked: CaseImport,
    locator: CaseLocator,
    file: CaseFile,
    tasks: Sequence[_Task],
    report: CaseImportReport,
    progress: Progress,
) -> None:
    if not tasks:
        return
    mapped = _add_unknown_categories(conn, tasks, report)
    again = [task.given.case_no for task in tasks if task.known and task.judge]
    old_traces = cases.traces_by_no(conn, again)
    judged = [
        replace(
            task,
            lonlat=position_by_hand(old_traces.get(task.given.case_no, {}), task.lonlat),
        )
        for task in tasks
        if task.judge
    ]
    given = [to_judge(task.given, old_traces.get(task.given.case_no, {})) for task in judged]
    placed = _place(locator, judged, given)
    router = CaseRouter(
        conn,
        tz=asked.tz,
        mapped=mapped,
        component_m=asked.component_m,
        candidate_m=asked.candidate_m,
        confidence=asked.confidence,
    )
    routes = router.route(given, placed, progress)
    traces = TraceWriter(
        candidate_m=asked.candidate_m,
        snap_m=asked.snap_m,
        component_m=asked.component_m,
        confidence=asked.confidence,
    )
    outcomes: dict[int, tuple[Case, str]] = {}
    for task, where, (place, decision) in zip(judged, placed, routes, strict=True):
        crs = _crs_label(asked, task.given)
        decided = by_hand(old_traces.get(task.given.case_no, {}))
        responder, reason = owner(decision, decided)
        case = Case(
            given=task.given,
            given_crs=crs,
            placed=where,
            responder_code=responder,
            unrouted_reason=reason,
            status=status_of(responder, task.given.disposed_at, task.given.closed_at),
            last_seq=0,
            marks=decision.marks,
        )
        trace = traces.write(task.given, crs, where, place, decision, decided)
        outcomes[task.row.index] = case, trace
    _store(conn, asked, file, tasks, outcomes, old_traces, report, progress)
    _count(report, [case for case, _ in outcomes.values()], tasks)


def _place(
    locator: CaseLocator, tasks: Sequence[_Task], given: Sequence[GivenCase]
) -> list[Placed]:
    lonlat = np.array([task.lonlat for task in tasks], dtype=np.float64).reshape(-1, 2)
    editions = np.array([task.edition for task in tasks], dtype=np.int64)
    accuracy_m = [np.nan if g.accuracy_m is None else g.accuracy_m for g in given]
    return locator.place(
        editions,
        lonlat[:, 0],
        lonlat[:, 1],
        accuracy_m=np.array(accuracy_m, dtype=np.float64),
        has_address=np.array([g.address is not None for g in given], dtype=bool),
    )


def _add_unknown_categories(
    conn: Connection, tasks: Sequence[_Task], report: CaseImportReport
) -> set[str]:
    """Add the categories nobody knows as unmapped ones; return those that are mapped."""
    known = {category.code: category.mapped for category in list_categories(conn)}
    given = Counter(task.given.category for task in tasks)
    unknown = [code for code in given if code not in known]
    put_categories(conn, [Category(code, code, mapped=False) for code in sorted(unknown)])
    report.unknown_categories.update(
        {code: n for code, n in given.items() if not known.get(code, False)}
    )
    return {code for code, is_mapped in known.items() if is_mapped}


def _store(
    conn: Connection,
    asked: CaseImport,
    file: CaseFile,
    tasks: Sequence[_Task],
    outcomes: Mapping[int, tuple[Case, str]],
    old_traces: Mapping[str, Mapping[str, Any]],
    report: CaseImportReport,
    progress: Progress,
) -> None:
    new = cases.NewCases()
    changed: list[tuple[Case, str | None]] = []
    for task in tasks:
        source = {"file": report.file, "row": file.number(task.row)}
        if task.known is None:
            case, trace = outcomes[task.row.index]
            events = case_changes.first_events(case, actor=asked.actor, source=source)
            new.cases.append((replace(case, last_seq=len(events)), trace))
            new.events += events
            continue
        after = _after(task, outcomes)
        events = case_changes.change_events(
            task.known,
            after[0],
            task.differing,
            at=asked.now,
            actor=asked.actor,
            source=source,
            old_trace=old_traces.get(task.given.case_no),
        )
        report.rerouted += any(event.kind == "rerouted" for event in events)
        changed.append(
            (replace(after[0], last_seq=task.known.last_seq + len(events)), after[1])
        )
        new.events += events
    cases.copy_in(conn, new, progress)
    cases.update_cases(conn, changed)
    cases.check_now(conn)
    report.new, report.updated = len(new.cases), len(changed)


def _after(task: _Task, outcomes: Mapping[int, tuple[Case, str]]) -> tuple[Case, str | None]:
    """Give the new state of a known case; one that is not judged again keeps its trace."""
    if task.judge:
        return outcomes[task.row.index]
    assert task.known is not None
    given = task.given
    status = status_of(task.known.responder_code, given.disposed_at, given.closed_at)
    return replace(task.known, given=given, status=status), None


def _count(report: CaseImportReport, judged: Sequence[Case], tasks: Sequence[_Task]) -> None:
    for case in judged:
        placed = case.placed
        if placed.unlocated_reason is not None:
            report.unlocated[placed.unlocated_reason] += 1
        elif placed.snapped:
            report.snapped += 1
        else:
            report.inside += 1
        report.on_boundary += placed.on_boundary
        if placed.edition is not None:
            report.editions[placed.edition] += 1
        if case.unrouted_reason is None:
            report.routed += 1
        else:
            report.unrouted[case.unrouted_reason] += 1
    report.ends_early = sum(_ends_early(task.given) for task in tasks)


def _ends_early(given: GivenCase) -> bool:
    return any(
        end is not None and end < given.reported_at
        for end in (given.disposed_at, given.closed_at)
    )

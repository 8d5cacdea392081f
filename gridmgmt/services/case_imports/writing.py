"""Prepare judged cases for storing: the cases, their traces and their events."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.domain.cases import case_changes
from gridmgmt.domain.cases.case import Case, CaseMark, GivenCase, UnlocatedReason, status_of
from gridmgmt.domain.judging.judged import Judged
from gridmgmt.domain.judging.trace import by_hand
from gridmgmt.gc_pause import gc_paused
from gridmgmt.services.case_imports.chunks import JudgedChunk, Task
from gridmgmt.services.case_imports.options import CaseImport
from gridmgmt.services.case_imports.report import ImportCounts
from gridmgmt.services.judging.case_leaves import CaseLeaves
from gridmgmt.services.judging.judge import judged_case
from gridmgmt.services.judging.traces import TraceWriter
from gridmgmt.store.cases import case_copy, cases
from gridmgmt.store.upkeep.table_sizes import look_at_new_tables

# Cases that become lines together.
_AT_ONCE = 100

_NO_DECISION: Mapping[str, Any] = {}


@dataclass
class WrittenChunk:
    """What to store of some rows: lines for COPY, and known cases with their new states.

    ``new`` are the cases that the lines hold.
    """

    cases: list[bytes] = field(default_factory=list)
    events: list[bytes] = field(default_factory=list)
    changed: list[tuple[Case, str | None]] = field(default_factory=list)
    new: list[Case] = field(default_factory=list)


def store(conn: Connection, written: WrittenChunk, leaves: CaseLeaves) -> None:
    """Store it, and check the constraints that are deferred to the end of the transaction."""
    case_copy.copy_lines_in(conn, "cases", *written.cases)
    # Events and updates look up cases by number, and cases look up their last event: the
    # planner needs statistics before it keeps a plan for that.
    look_at_new_tables(conn)
    case_copy.copy_lines_in(conn, "case_events", *written.events)
    look_at_new_tables(conn)
    case_copy.update_cases(conn, written.changed)
    leaves.add(written.new)
    leaves.replace([case for case, _ in written.changed])
    # A dry run is rolled back and never reaches the deferred constraints.
    cases.check_now(conn)


class ChunkWriter:
    """Prepares the batches of one file; uses no database."""

    def __init__(self, asked: CaseImport) -> None:
        self._asked = asked
        self._traces = TraceWriter(asked.rules)
        # Encoded once, without its closing bracket: the detail of every event of the file
        # begins with it.
        self._source = json.dumps({"file": asked.path.name}, ensure_ascii=False)[:-1]
        self._outcomes: dict[tuple[Any, ...], str] = {}

    @gc_paused()
    def write(self, result: JudgedChunk) -> WrittenChunk:
        """Prepare a chunk, and count its results."""
        written = WrittenChunk()
        again: dict[int, tuple[Case, str]] = {}
        both = list(zip(result.judged, result.judgements, strict=True))
        # So many at a time: what is in between stays in the cache of the processor.
        for start in range(0, len(both), _AT_ONCE):
            self._write_some(both[start : start + _AT_ONCE], result, written, again)
        written.changed, events = self._changes(result, again)
        written.events.append(case_copy.event_lines(events))
        result.counts.new, result.counts.updated = len(written.new), len(written.changed)
        result.counts.ends_early = sum(_ends_early(task.given) for task in result.tasks)
        result.counts.due_early = sum(_due_early(task.given) for task in result.tasks)
        return written

    def _write_some(
        self,
        some: Sequence[tuple[Task, Judged]],
        result: JudgedChunk,
        written: WrittenChunk,
        again: dict[int, tuple[Case, str]],
    ) -> None:
        """Add the new ones of some cases to the lines, and the known ones to ``again``."""
        new: list[tuple[Case, str]] = []
        events: list[case_copy.EventRow] = []
        for task, judged in some:
            old = result.old_traces.get(task.given.case_no)
            decided = _NO_DECISION if old is None else by_hand(old)
            given = task.given
            crs = self._asked.crs_label(given.x)
            steps = case_changes.first_steps(given)
            case = judged_case(given, crs, judged, last_seq=len(steps), decided=decided)
            trace = self._traces.write(given, crs, judged, decided)
            if task.known is None:
                new.append((case, trace))
                events += self._first_events(task, case, steps)
                if len(steps) == 1:
                    result.counts.new_open.append(given.case_no)
            else:
                again[task.row] = case, trace
            _count(result.counts, case, self._asked.rules.tz)
        written.cases.append(case_copy.case_lines(new))
        written.events.append(case_copy.event_lines(events))
        written.new += [case for case, _ in new]

    def _first_events(
        self, task: Task, case: Case, steps: list[case_changes.CaseStep]
    ) -> list[case_copy.EventRow]:
        """Return the events that a case was reported and ended, like ``first_events``."""
        source = f'{self._source}, "row": {task.row}'
        told = f"{source}, {self._outcome(case)}", source
        return [
            (
                task.given.case_no,
                seq,
                kind,
                when,
                self._asked.actor,
                told[seq > 1] + "}",
            )
            for seq, (kind, when) in enumerate(steps, start=1)
        ]

    def _outcome(self, case: Case) -> str:
        """Return where a case went, as JSON without its brackets.

        The text is cached, since many cases go to the same place.
        """
        outcome = case_changes.outcome(case)
        key = tuple(outcome.values())
        if key not in self._outcomes:
            self._outcomes[key] = json.dumps(outcome, ensure_ascii=False)[1:-1]
        return self._outcomes[key]

    def _changes(
        self, result: JudgedChunk, again: Mapping[int, tuple[Case, str]]
    ) -> tuple[list[tuple[Case, str | None]], list[case_copy.EventRow]]:
        """Return known cases with their new states, and the events that lead there."""
        events: list[case_copy.EventRow] = []
        changed: list[tuple[Case, str | None]] = []
        for task in result.tasks:
            if task.known is None:
                continue
            case, trace = again.get(task.row) or _not_judged(task.known, task.given)
            happened = case_changes.change_events(
                task.known,
                case,
                task.differing,
                at=self._asked.now,
                actor=self._asked.actor,
                source={"file": self._asked.path.name, "row": task.row},
                old_trace=result.old_traces.get(task.given.case_no),
            )
            result.counts.rerouted += any(event.kind == "rerouted" for event in happened)
            last_seq = task.known.last_seq + len(happened)
            changed.append((replace(case, last_seq=last_seq), trace))
            events += [case_copy.event_row(event) for event in happened]
        return changed, events


def _not_judged(known: Case, given: GivenCase) -> tuple[Case, None]:
    """Return the new state of a known case that keeps its trace."""
    status = status_of(known.responder_code, given.disposed_at, given.closed_at)
    return replace(known, given=given, status=status), None


def _count(counts: ImportCounts, case: Case, tz: tzinfo) -> None:
    location = case.location
    if location.unlocated_reason is not None:
        counts.unlocated[location.unlocated_reason] += 1
        if location.unlocated_reason is UnlocatedReason.BEFORE_FIRST_EDITION:
            counts.early[case.given.reported_at.astimezone(tz).date().isoformat()] += 1
    elif location.snapped:
        counts.snapped += 1
    else:
        counts.inside += 1
    counts.on_boundary += location.on_boundary
    counts.at_default += CaseMark.DEFAULT_POSITION in case.marks
    if location.edition is not None:
        counts.editions[location.edition] += 1
    if case.unrouted_reason is None:
        counts.routed += 1
    else:
        counts.unrouted[case.unrouted_reason] += 1


def _ends_early(given: GivenCase) -> bool:
    return any(
        end is not None and end < given.reported_at
        for end in (given.disposed_at, given.closed_at)
    )


def _due_early(given: GivenCase) -> bool:
    return given.due_at is not None and given.due_at < given.reported_at

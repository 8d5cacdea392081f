"""Judge some rows of a file of cases: separate new from known cases, locate and route them.

What needs the database is asked first and apart, so that judging itself can go on while the
database stores other rows.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases import case_changes
from gridmgmt.domain.cases.case import Case, GivenCase
from gridmgmt.domain.judging.judged import Judged
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.exchange.tables.tables import Rejected
from gridmgmt.gc_pause import gc_paused
from gridmgmt.sentence import Sentence
from gridmgmt.services.case_imports.options import CaseImport
from gridmgmt.services.case_imports.report import ImportCounts
from gridmgmt.services.case_imports.survey import ReadChunk
from gridmgmt.services.judging.judge import Judge
from gridmgmt.services.judging.traces import position_by_hand, to_judge
from gridmgmt.store.cases import cases
from gridmgmt.store.responsibility.categories import list_categories, put_categories


@dataclass(slots=True)
class Task:
    """A case to be imported: as given, its position, and its row in the file.

    ``known`` is the stored case, None for a new one. ``differing`` names the fields that
    differ, and ``judge`` says whether the case must be located and routed again.
    """

    row: int
    given: GivenCase
    lonlat: tuple[float, float]
    known: Case | None = None
    differing: tuple[str, ...] = ()
    judge: bool = True


@dataclass
class JudgedChunk:
    """The result for some rows: ``judged`` are the tasks, with one of ``judgements`` each.

    ``old_traces`` say, by case number, how known cases were judged before.
    """

    tasks: list[Task] = field(default_factory=list)
    judged: list[Task] = field(default_factory=list)
    judgements: list[Judged] = field(default_factory=list)
    old_traces: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    counts: ImportCounts = field(default_factory=ImportCounts)


class ChunkJudge:
    """Judges the rows of one file; reads areas and duties when they are first needed."""

    def __init__(self, conn: Connection, asked: CaseImport, judge: Judge) -> None:
        self._conn = conn
        self._asked = asked
        self._judge = judge

    @gc_paused()
    def look_up(self, chunk: ReadChunk) -> JudgedChunk:
        """Separate new from known rows, add unknown categories, and read what judging needs.

        The cases themselves are not stored here.
        """
        result = JudgedChunk(rejected=list(chunk.rejected))
        _sort_known(self._conn, self._asked, chunk, result)
        if not result.tasks:
            return result
        _add_unknown_categories(self._conn, result)
        again = [task.given.case_no for task in result.tasks if task.known and task.judge]
        if again:
            result.old_traces = cases.traces_by_no(self._conn, again)
        result.judged = [task for task in result.tasks if task.judge]
        self._judge.prepare([task.given for task in result.judged])
        return result

    @gc_paused()
    def judge(self, result: JudgedChunk) -> None:
        """Judge the rows that were looked up, in the same transaction; use no database."""
        if not result.judged:
            return
        given = []
        for task in result.judged:
            trace = result.old_traces.get(task.given.case_no)
            if trace is not None:
                # Where a person put a case outlives every import (DECISIONS 22).
                task.lonlat = position_by_hand(trace, task.lonlat)
            given.append(task.given if trace is None else to_judge(task.given, trace))
        lonlat = np.array([task.lonlat for task in result.judged], dtype=np.float64)
        result.judgements = self._judge.judge_many(given, *lonlat.reshape(-1, 2).T)


def _sort_known(
    conn: Connection, asked: CaseImport, chunk: ReadChunk, result: JudgedChunk
) -> None:
    """Separate new cases and cases to update from known cases that do not change."""
    rows, positions = chunk.positions.rows, chunk.positions
    numbers = [rows[i].case.case_no for i in chunk.kept]
    # Cases that may change are locked, so that nobody acts on them in the meantime.
    known = cases.cases_by_no(conn, numbers, lock=asked.update_known)
    lonlat = list(zip(positions.lon.tolist(), positions.lat.tolist(), strict=True))
    number_of, fields = chunk.file.table.row, chunk.file.fields
    for i in chunk.kept:
        row = rows[i]
        before = known.get(row.case.case_no)
        if before is None:
            result.tasks.append(Task(number_of[row.index], row.case, lonlat[i]))
            continue
        result.counts.forgotten += case_changes.brings_back(before, row.case)
        differing = case_changes.differences(
            before, row.case, asked.crs_label(row.case.x), fields
        )
        if not differing:
            result.counts.unchanged += 1
        elif reason := _rejection(asked, before, row.case, differing):
            result.counts.known_differing += not asked.update_known
            result.rejected.append(chunk.file.reject(row, reason))
        else:
            number = chunk.file.number(row)
            task = _update(number, before, row.case, lonlat[i], differing, fields)
            result.tasks.append(task)


def _rejection(
    asked: CaseImport, before: Case, given: GivenCase, differing: Sequence[str]
) -> str:
    """Return why a row may not change a known case, or "" if it may."""
    # The default: a file with an error must not change known cases without a word.
    if not asked.update_known:
        return Sentence(
            "case_no {} is known and differs in {}", given.case_no, ", ".join(differing)
        )
    if lost := case_changes.taken_back(before, given, differing):
        return Sentence(
            "{} is empty in the file but stored: an import never removes the end of a case",
            ", ".join(lost),
        )
    return ""


def _update(
    row: int,
    before: Case,
    given: GivenCase,
    lonlat: tuple[float, float],
    differing: tuple[str, ...],
    fields: Sequence[str],
) -> Task:
    """Return the task that brings a known case to what the file says."""
    merged = case_changes.merged(before, given, fields)
    needed = case_changes.needs_judging(differing, location=before.location)
    if merged.due_at != before.given.due_at and "due_at" not in differing:
        differing = (*differing, "due_at")
    return Task(row, merged, lonlat, before, differing, needed)


def _add_unknown_categories(conn: Connection, result: JudgedChunk) -> None:
    """Add unknown categories as unmapped categories."""
    known = {category.code: category.mapped for category in list_categories(conn)}
    given = Counter(task.given.category for task in result.tasks)
    unknown = [code for code in given if code not in known]
    # Rejecting the rows would lose the cases. An unmapped category only matches duties for all
    # categories, and the report names it.
    put_categories(conn, [Category(code, code, mapped=False) for code in sorted(unknown)])
    result.counts.unknown_categories.update(
        {code: n for code, n in given.items() if not known.get(code, False)}
    )

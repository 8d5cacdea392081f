"""Let the first edition begin earlier, for cases that were reported before it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.edition import Edition, first_edition
from gridmgmt.domain.cases.case import Case, CaseEvent, CaseEventKind
from gridmgmt.domain.cases.case_changes import outcome
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.judging.trace import by_hand
from gridmgmt.domain.moments import shown
from gridmgmt.errors import EditionError
from gridmgmt.progress import Progress, no_progress
from gridmgmt.sentence import Sentence
from gridmgmt.services.judging.case_leaves import CaseLeaves
from gridmgmt.services.judging.judge import Judge, judged_case
from gridmgmt.services.judging.traces import to_judge
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas import editions
from gridmgmt.store.cases import case_copy, cases
from gridmgmt.store.cases.early_cases import count_early, lock_early

AT_ONCE = 5_000


@dataclass(frozen=True)
class ExtensionAsked:
    """Which edition is to begin when; ``now`` is the present."""

    edition: int
    effective_from: datetime
    rules: JudgingRules
    actor: str
    now: datetime


@dataclass
class Extension:
    """The first edition, its new beginning, and what became of the cases that waited for it.

    ``unlocated`` and ``unrouted`` count cases by the reason. ``earlier`` is the number of cases
    that were reported before the new beginning too, the first of them at ``earliest``.
    """

    edition: Edition
    effective_from: datetime
    judged: int = 0
    unlocated: Counter[str] = field(default_factory=Counter)
    unrouted: Counter[str] = field(default_factory=Counter)
    earlier: int = 0
    earliest: datetime | None = None

    @property
    def located(self) -> int:
        """Return how many cases have an area now."""
        return self.judged - self.unlocated.total()

    @property
    def routed(self) -> int:
        """Return how many cases have a responder now."""
        return self.judged - self.unrouted.total()

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "edition": self.edition.number,
            "effective_from": self.effective_from.isoformat(),
            "effective_from_before": self.edition.effective_from.isoformat(),
            "judged": self.judged,
            "located": self.located,
            "unlocated": dict(self.unlocated),
            "routed": self.routed,
            "unrouted": dict(self.unrouted),
            "still_earlier": self.earlier,
        }


def extend_first_edition(
    conn: Connection, asked: ExtensionAsked, progress: Progress = no_progress
) -> Extension:
    """Let the first edition begin earlier, and judge the cases that waited for it.

    They are judged as if it had begun then when they came in: by its areas and the duties of
    the day of their report, whatever their status. What a person decided stays.

    Raises
    ------
    NotFoundError
        when there is no such edition
    EditionError
        when it is not the first, is withdrawn, or begins no later than asked
    """
    # The same locks in the same order as a reroute: nothing is published and no case comes in
    # meanwhile.
    editions.wait_for_turn(conn)
    cases.wait_for_turn(conn)
    edition = editions.get_edition(conn, asked.edition)
    _refuse(conn, edition, asked)
    editions.begin_earlier(conn, edition, asked.effective_from)
    done = Extension(edition, asked.effective_from)
    # Made now, so that it knows the new beginning.
    judge = Judge(conn, asked.rules)
    numbers = lock_early(conn, asked.effective_from)
    for start in range(0, len(numbers), AT_ONCE):
        _judge(conn, judge, asked, numbers[start : start + AT_ONCE], done)
        progress("judging", min(start + AT_ONCE, len(numbers)), len(numbers))
    # A dry run is rolled back and never reaches the deferred constraints.
    cases.check_now(conn)
    done.earlier, done.earliest = count_early(conn)
    audit.record(conn, asked.actor, "extend_edition", str(edition.number), done.to_json())
    return done


def _refuse(conn: Connection, edition: Edition, asked: ExtensionAsked) -> None:
    first = first_edition(editions.list_editions(conn))
    number = edition.number
    if edition.withdrawn_at is not None:
        raise EditionError(Sentence("edition {} is withdrawn", f"{number} ({edition.label})"))
    assert first is not None
    if first.number != number:
        raise EditionError(
            Sentence(
                "edition {} is not the first, and none can begin before the end of another: "
                "the first is edition {} ({})",
                number,
                first.number,
                first.label,
            )
        )
    if edition.effective_from <= asked.effective_from:
        raise EditionError(
            Sentence(
                "edition {} takes effect on {} already; name an earlier day",
                number,
                shown(edition.effective_from, asked.rules.tz),
            )
        )


def _judge(
    conn: Connection,
    judge: Judge,
    asked: ExtensionAsked,
    numbers: Sequence[str],
    done: Extension,
) -> None:
    known = cases.cases_by_no(conn, numbers)
    traces = cases.traces_by_no(conn, numbers)
    waiting = [known[no] for no in numbers]
    given = [to_judge(case.given, traces[case.given.case_no]) for case in waiting]
    # None becomes NaN: no position.
    lonlat = [(case.location.lon, case.location.lat) for case in waiting]
    lon, lat = np.array(lonlat, dtype=np.float64).reshape(-1, 2).T
    changed: list[tuple[Case, str | None]] = []
    new = case_copy.NewCases()
    for case, judged in zip(waiting, judge.judge_many(given, lon, lat), strict=True):
        trace = traces[case.given.case_no]
        decided = by_hand(trace)
        seq = case.last_seq + 1
        after = judged_case(case.given, case.given_crs, judged, last_seq=seq, decided=decided)
        changed.append((after, judge.trace(case.given, case.given_crs, judged, decided)))
        new.events.append(_event(asked, case, after, trace))
        _count(done, after)
    case_copy.copy_in(conn, new, no_progress)
    case_copy.update_cases(conn, changed)
    CaseLeaves(conn, asked.rules).replace([after for after, _ in changed])


def _event(
    asked: ExtensionAsked, before: Case, after: Case, trace: Mapping[str, Any]
) -> CaseEvent:
    return CaseEvent(
        case_no=after.given.case_no,
        seq=after.last_seq,
        kind=CaseEventKind.REROUTED,
        happened_at=asked.now,
        actor=asked.actor,
        detail={
            "extended_edition": asked.edition,
            "from": outcome(before),
            "to": outcome(after),
            # The trace is overwritten; the event keeps the old one, since history is never
            # edited.
            "trace_before": trace,
        },
    )


def _count(done: Extension, case: Case) -> None:
    done.judged += 1
    if case.location.unlocated_reason is not None:
        done.unlocated[case.location.unlocated_reason] += 1
    if case.unrouted_reason is not None:
        done.unrouted[case.unrouted_reason] += 1

"""The impact of a draft: what changes if its areas take the place of those of its base.

Nothing is stored and nothing locked: a draft with faults has an impact, too. What is compared
is the base edition by the duties of today with the draft by those that it would leave today, so
that only the draft makes a difference.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from sqlalchemy.engine import Connection

from gridmgmt.domain.auditing.leaf_answers import LeafAnswering
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.errors import DraftError
from gridmgmt.progress import Progress, no_progress
from gridmgmt.sentence import Sentence
from gridmgmt.services.drafts.locked_drafts import refuse_published
from gridmgmt.services.judging.directory import directory
from gridmgmt.services.workbench.impact_balances import Balances, add_ground
from gridmgmt.services.workbench.impact_cases import AffectedCases, ImpactAsked, JudgedTwice
from gridmgmt.services.workbench.impact_duties import Inheritance, bare_areas, left_duties
from gridmgmt.services.workbench.impact_places import moved_demolitions, moved_zones
from gridmgmt.services.workbench.impact_result import (
    MOST_LISTED,
    Impact,
    MovingCase,
    listed_moves,
)
from gridmgmt.services.workbench.impact_sides import DraftSides
from gridmgmt.services.workbench.impact_streets import LeafMoves, in_year, street_rates
from gridmgmt.store.areas.draft_changes import count_changes
from gridmgmt.store.areas.drafts import get_draft

# More cases than this, or more leaf areas, are work for a job.
MOST_CASES = 20_000
MOST_LEAVES = 1_000


class DraftImpact:
    """Measures the impact of a draft.

    Raises
    ------
    NotFoundError
        when no draft has this label
    DraftError
        when it is published
    """

    def __init__(self, conn: Connection, label: str, asked: ImpactAsked) -> None:
        self._draft = get_draft(conn, label)
        refuse_published(self._draft)
        self._conn = conn
        self._asked = asked

    @cached_property
    def _sides(self) -> DraftSides:
        return DraftSides.read(self._conn, self._draft, self._asked.today)

    @cached_property
    def _affected(self) -> AffectedCases:
        return AffectedCases(self._conn, self._sides, self._asked)

    @cached_property
    def leaf_areas(self) -> int:
        """Return how many leaf areas the draft touches."""
        return len({*self._sides.old.codes, *self._sides.new.codes})

    @property
    def is_large(self) -> bool:
        """Return whether it takes longer than somebody at a page waits."""
        # Counted first: to compare thousands of outlines takes seconds.
        counted = count_changes(self._conn, self._draft.id).values()
        if max((sum(one.values()) for one in counted), default=0) > MOST_LEAVES:
            return True
        return self.leaf_areas > MOST_LEAVES or self._affected.count > MOST_CASES

    def refuse_large(self) -> None:
        """Raise DraftError if the draft is large."""
        if self.is_large:
            label = repr(self._draft.label)
            raise DraftError(
                Sentence("draft {} touches very much: let a job measure its impact", label)
            )

    def measured(self, progress: Progress = no_progress) -> Impact:
        """Return the impact."""
        conn, sides, today = self._conn, self._sides, self._asked.today
        tally = _Tally(sides, self._asked)
        for some in self._affected.judged(progress):
            tally.add(some)
        progress("measuring", 0, 0)
        near = self._affected.near
        mapped = [one.code for one in directory(conn).categories.values() if one.mapped]
        answering, then = (
            LeafAnswering(router.book, mapped, today) for router in self._affected.routers
        )
        balances = tally.balances()
        add_ground(conn, sides, near, (answering, then), balances)
        inheritance = Inheritance(conn, sides)
        streets, others = street_rates(conn, sides, tally.leaf_moves)
        return Impact(
            draft=sides.draft.label,
            base_edition=sides.draft.base_edition,
            now=self._asked.now,
            since=self._asked.since,
            leaf_areas=self.leaf_areas,
            judged=tally.judged,
            moving=tally.moves.total(),
            held=tally.held,
            moves=listed_moves(tally.moves),
            cases=tuple(sorted(tally.moving, key=lambda one: one.case_no)[:MOST_LISTED]),
            responders=tuple(balances.listed()),
            left_duties=tuple(left_duties(conn, sides, inheritance, today)),
            bare_areas=tuple(bare_areas(conn, sides, inheritance, (answering, then), today)),
            demolitions=tuple(moved_demolitions(conn, sides, near)),
            zones=tuple(moved_zones(conn, sides, near)),
            streets=tuple(streets),
            other_streets=others,
        )


_Pair = tuple[Decision, Decision]


class _Tally:
    """Adds up the cases that were judged before and after a draft."""

    def __init__(self, sides: DraftSides, asked: ImpactAsked) -> None:
        self._asked = asked
        self.judged = 0
        self.held = 0
        self.moves: Counter[tuple[str | None, str | None]] = Counter()
        self.moving: list[MovingCase] = []
        self._pairs: dict[tuple[int, int], tuple[_Pair, Counter[str]]] = {}
        self.leaf_moves = LeafMoves(sides, asked)

    def add(self, some: Sequence[JudgedTwice]) -> None:
        """Add some cases."""
        self.judged += len(some)
        self.leaf_moves.add(some)
        for one in some:
            # Cases with the same answer share it.
            if one.before.decision is not one.after.decision:
                self._add(one)

    def _add(self, judged: JudgedTwice) -> None:
        case, before, after = judged
        # What a person decided stays (``reroutes``).
        is_movable = case.is_open and not case.is_decided
        # Decisions are shared by similar cases: few pairs of them stand for all.
        pair = before.decision, after.decision
        counted = self._pairs.setdefault((id(pair[0]), id(pair[1])), (pair, Counter()))[1]
        counted["open"] += is_movable
        counted["year"] += in_year(case, self._asked)
        move = pair[0].responder, pair[1].responder
        if move[0] == move[1]:
            return
        if is_movable:
            self.moves[move] += 1
            self.moving.append(
                MovingCase(
                    case.case_no, *move, before.location.area_code, after.location.area_code
                )
            )
        elif case.is_open:
            self.held += 1

    def balances(self) -> Balances:
        """Return what responders lose and gain of these cases."""
        found = Balances()
        for (before, after), counted in self._pairs.values():
            if counted.total():
                found.add_cases(
                    before, after, open_cases=counted["open"], year_cases=counted["year"]
                )
        return found

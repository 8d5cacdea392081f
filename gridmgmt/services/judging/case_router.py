"""Route located cases, with their traces."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

import numpy as np
from sqlalchemy.engine import Connection, RootTransaction

from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.domain.cases.case import CaseLocation, GivenCase
from gridmgmt.domain.judging.certainty import weigh
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.duty_table import UNLOCATED
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.moments import as_utc64
from gridmgmt.services.judging.location_batch import CategoryColumn
from gridmgmt.services.judging.router import Router
from gridmgmt.services.judging.router_cache import router_for
from gridmgmt.services.judging.trial_editions import TrialEdition
from gridmgmt.store.responsibility.categories import mapped_codes

_AT_ONCE = 20_000


class CaseRouter:
    """Routes cases by the areas of their editions and the duties of their days.

    ``trials`` are as those of `Judge`.
    """

    def __init__(
        self,
        conn: Connection,
        rules: JudgingRules,
        trials: Mapping[int, TrialEdition | None] | None = None,
    ) -> None:
        self._trials = trials or {}
        self._conn = conn
        self._rules = rules
        self._mapped: frozenset[str] = frozenset()
        self._routers: dict[int, Router] = {}
        self._transaction: RootTransaction | None = None

    def prepare(self, editions: Sequence[int]) -> None:
        """Read the duties of editions, for the rest of this transaction."""
        self._begin()
        for edition in editions:
            self._router(edition)

    def route(
        self,
        given: Sequence[GivenCase],
        locations: Sequence[CaseLocation],
        valid_on: date | None = None,
    ) -> list[tuple[Surroundings | None, Decision]]:
        """Return for each case what lies at its position, and who answers for it.

        ``valid_on`` is the day whose duties count, instead of the days of the reports.
        """
        self._begin()
        route = partial(self._route, valid_on)
        outcome = route(given, locations)
        weigh(given, locations, outcome, route, self._rules.confidence)
        return outcome

    def _route(
        self,
        valid_on: date | None,
        given: Sequence[GivenCase],
        locations: Sequence[CaseLocation],
    ) -> list[tuple[Surroundings | None, Decision]]:
        """Route cases at their positions as if these were exact."""
        outcome: list[tuple[Surroundings | None, Decision]] = [(None, UNLOCATED)] * len(given)
        by_edition: dict[int, list[int]] = {}
        for i, where in enumerate(locations):
            if where.area_code is not None and where.edition is not None:
                by_edition.setdefault(where.edition, []).append(i)
        # Each edition has its own router, and chunks limit the memory of the arrays.
        for edition, at in sorted(by_edition.items()):
            for start in range(0, len(at), _AT_ONCE):
                some = at[start : start + _AT_ONCE]
                for i, answer in zip(
                    some, self._some(edition, valid_on, some, given, locations), strict=True
                ):
                    outcome[i] = answer
        return outcome

    def _some(
        self,
        edition: int,
        valid_on: date | None,
        at: Sequence[int],
        given: Sequence[GivenCase],
        locations: Sequence[CaseLocation],
    ) -> list[tuple[Surroundings | None, Decision]]:
        router = self._router(edition)
        categories = CategoryColumn.from_codes([given[i].category for i in at], self._mapped)
        surroundings = router.surroundings_batch(
            np.array([locations[i].lon for i in at], dtype=np.float64),
            np.array([locations[i].lat for i in at], dtype=np.float64),
            router.cells_of(locations[i].area_code for i in at),
            categories,
            component_m=self._rules.component_m,
            apart_m=np.array(
                # An accuracy that nobody stated, or a better one, counts as candidate_m.
                [max(given[i].accuracy_m or 0.0, self._rules.candidate_m) for i in at]
            ),
        )
        routed = router.route_batch(
            surroundings,
            categories,
            as_utc64([given[i].reported_at for i in at]),
            valid_on=valid_on,
        )
        return list(zip(surroundings.each(), routed.each(), strict=True))

    def _begin(self) -> None:
        """Forget what was read in a transaction that has ended."""
        transaction = self._conn.get_transaction()
        # Another transaction may see other duties and categories.
        if transaction is None or transaction is not self._transaction:
            self._routers.clear()
            self._mapped = mapped_codes(self._conn)
            # Only now: where there was none, that statement has begun one.
            self._transaction = self._conn.get_transaction()

    def _router(self, edition: int) -> Router:
        trial = self._trials.get(edition)
        if trial is not None:
            return trial.router
        if edition not in self._routers:
            self._routers[edition] = router_for(self._conn, edition, tz=self._rules.tz)
        return self._routers[edition]

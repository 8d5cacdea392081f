"""Compute who disposes where of what on a day: leaf areas by categories, and sums of these."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from gridmgmt.arrays import IntArray
from gridmgmt.domain.areas.area import Chain
from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.domain.auditing.duty_audit import FindingKind
from gridmgmt.domain.auditing.naming import CategoryList, Naming
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.judging.targets import TargetHere
from gridmgmt.domain.responsibility.duty import DutyRole


@dataclass(frozen=True)
class DutyVerdict:
    """Who disposes of one category in one leaf area, at any hour of the day.

    ``disposers`` are those whose duty makes them dispose at some hour, also the rivals of a
    duplicate. ``falls_to`` answers if no duty does: an office, which is not an owner.
    """

    disposers: tuple[str, ...]
    kinds: frozenset[FindingKind]
    falls_to: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """Some leaf areas by some categories.

    ``pairs`` is their number. ``disposers`` counts how many of them each responder disposes of,
    the most first. ``kinds`` counts the faults, and ``falls_to`` has to whom the gaps fall, by
    code.
    """

    pairs: int
    disposers: Mapping[str, int]
    kinds: Mapping[FindingKind, int]
    falls_to: tuple[str, ...]


_Lists = tuple[CategoryList, ...]
_Facts = tuple[tuple[object, ...], ...]


class _Claims(NamedTuple):
    """What decides in an area: its duties to dispose, and the fallback.

    ``lists`` are their categories, ``facts`` all else of them that a verdict depends on.
    """

    surroundings: Surroundings
    lists: _Lists
    facts: _Facts
    fallback: tuple[str | None, tuple[str, ...]]


class DutyMatrix:
    """Every leaf area by every category, judged by the precedence of the duty book.

    Equal inputs are judged once: leaf areas on the same targets with duties to dispose,
    categories that the same duties name, and duties that differ only in what no verdict shows.

    Parameters
    ----------
    chains : leaf area -> the area itself and the areas above it, the deepest first
    """

    def __init__(self, book: DutyBook, chains: Mapping[str, Chain], day: date) -> None:
        self._book = book
        self._day = day
        self._claims_of: dict[str, int] = {}
        self._claims: list[_Claims] = []
        self._on: dict[TargetHere, tuple[_Lists, _Facts]] = {}
        # A verdict by its number, and for a class of categories those of all claims.
        self._verdicts: list[DutyVerdict] = []
        self._number_of: dict[tuple[object, ...], int] = {}
        self._columns: dict[int, IntArray] = {}
        self._naming = Naming()
        known: dict[tuple[object, ...], int] = {}
        for leaf, chain in chains.items():
            claims = self._gather(Surroundings(chain))
            nth = known.setdefault(claims[1:], len(known))
            if nth == len(self._claims):
                self._claims.append(claims)
            self._claims_of[leaf] = nth

    def verdict(self, leaf: str, category: str) -> DutyVerdict:
        """Judge one category in one leaf area."""
        number: int = self._column(category)[self._claims_of[leaf]]
        return self._verdicts[number]

    def verdicts(
        self, leaves: Iterable[str], categories: Sequence[str]
    ) -> Iterator[tuple[tuple[str, ...], dict[DutyVerdict, tuple[str, ...]]]]:
        """Group leaf areas by verdict, for each class of categories judged alike."""
        claims = [(leaf, self._claims_of[leaf]) for leaf in leaves]
        for alike in self._book.index.alike(categories):
            column = self._column(alike[0]).tolist()
            by_number: dict[int, list[str]] = {}
            for leaf, nth in claims:
                by_number.setdefault(column[nth], []).append(leaf)
            # Duties that differ may come to equal verdicts.
            found: dict[DutyVerdict, tuple[str, ...]] = {}
            for number, some in by_number.items():
                verdict = self._verdicts[number]
                found[verdict] = (*found.get(verdict, ()), *some)
            yield alike, found

    def cell(self, leaves: Iterable[str], categories: Sequence[str]) -> Cell:
        """Sum some leaf areas by some categories."""
        claims = np.array([self._claims_of[leaf] for leaf in leaves], dtype=np.int64)
        alike = self._book.index.alike(categories)
        columns = [self._column(some[0]) for some in alike]
        times = np.zeros(len(self._verdicts), dtype=np.int64)
        for column, some in zip(columns, alike, strict=True):
            times += len(some) * np.bincount(column[claims], minlength=len(times))
        disposers: Counter[str] = Counter()
        faults: Counter[FindingKind] = Counter()
        falls_to: set[str] = set()
        for nth in np.flatnonzero(times).tolist():
            verdict, pairs = self._verdicts[nth], int(times[nth])
            disposers.update(dict.fromkeys(verdict.disposers, pairs))
            faults.update(dict.fromkeys(verdict.kinds, pairs))
            falls_to.update(verdict.falls_to)
        most_first = sorted(disposers.items(), key=lambda item: (-item[1], item[0]))
        kinds = {kind: faults[kind] for kind in FindingKind if faults[kind]}
        return Cell(
            len(claims) * len(categories), dict(most_first), kinds, tuple(sorted(falls_to))
        )

    def _column(self, category: str) -> IntArray:
        """Return the number of the verdict on a category for each of the claims."""
        kind = self._book.index.kind(category)
        column = self._columns.get(kind)
        if column is None:
            numbers = [self._number(claims, category) for claims in self._claims]
            column = self._columns[kind] = np.array(numbers, dtype=np.int64)
        return column

    def _gather(self, surroundings: Surroundings) -> _Claims:
        lists: list[CategoryList] = []
        facts: list[tuple[object, ...]] = []
        for here in self._book.finder.at(surroundings, self._day):
            if here not in self._on:
                self._on[here] = self._duties_on(here)
            some_lists, some_facts = self._on[here]
            lists += some_lists
            facts += some_facts
        fallback = self._book.fallback(surroundings)
        return _Claims(surroundings, tuple(lists), tuple(facts), fallback)

    def _number(self, claims: _Claims, category: str) -> int:
        counting = self._naming.of(claims.lists, category)
        key = (tuple([claims.facts[nth] for nth in counting]), claims.fallback)
        number = self._number_of.get(key)
        if number is None:
            number = self._number_of[key] = len(self._verdicts)
            decisions = self._book.decide_through(claims.surroundings, category, self._day)
            self._verdicts.append(verdict_of(decisions))
        return number

    def _duties_on(self, here: TargetHere) -> tuple[_Lists, _Facts]:
        """Return the duties to dispose on a target that are valid on the day."""
        found = [
            duty
            for duty in self._book.duties_on(here)
            if duty.role is DutyRole.DISPOSE and duty.holds_on(self._day)
        ]
        return (
            tuple(duty.categories for duty in found),
            tuple(
                (here.rank, duty.categories is None, duty.responder_code, duty.hours)
                for duty in found
            ),
        )


def verdict_of(decisions: Iterable[Decision]) -> DutyVerdict:
    """Sum up the decisions at all combinations of duty hours."""
    disposers: dict[str, None] = {}
    falls_to: dict[str, None] = {}
    kinds: set[FindingKind] = set()
    uncovered = False
    for decision in decisions:
        found = disposers_of(decision)
        if not decision.duty_ids:
            uncovered = True
            falls_to.update(dict.fromkeys(found))
            continue
        disposers.update(dict.fromkeys(found))
        if len(found) > 1:
            kinds.add(FindingKind.DOUBLE)
    if uncovered:
        kinds.add(FindingKind.PARTLY if disposers else FindingKind.HOLE)
    return DutyVerdict(tuple(sorted(disposers)), frozenset(kinds), tuple(falls_to))


def disposers_of(decision: Decision) -> tuple[str, ...]:
    """Return the one who disposes, or the rivals, or nobody; a fallback counts too."""
    return decision.disposers or tuple(filter(None, (decision.responder,)))

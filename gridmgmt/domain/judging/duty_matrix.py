"""Compute who disposes where of what on a day: leaf areas by categories, and sums of these."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gridmgmt.domain.areas.area import Chain
from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.domain.judging.duty_audit import FindingKind
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.judging.targets import TargetHere
from gridmgmt.domain.responsibility.duty import Duty, DutyRole


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
    the most first. ``kinds`` counts the faults, and ``falls_to`` to whom the gaps fall.
    """

    pairs: int
    disposers: Mapping[str, int]
    kinds: Mapping[FindingKind, int]
    falls_to: tuple[str, ...]


# A duty that counts in an area, and the precedence of its kind of target there.
_Claim = tuple[int, int]


class _Claims(NamedTuple):
    """What decides in an area: claims on named categories, on all of them, and the fallback."""

    surroundings: Surroundings
    naming: Mapping[str, tuple[_Claim, ...]]
    for_all: tuple[_Claim, ...]
    fallback: tuple[str | None, tuple[str, ...]]


class DutyMatrix:
    """Every leaf area by every category, judged by the precedence of the duty book.

    Equal inputs are judged once: leaf areas on the same targets with duties to dispose, and
    categories that the same duties name.

    Parameters
    ----------
    chains : leaf area -> the area itself and the areas above it, the deepest first
    """

    def __init__(self, book: DutyBook, chains: Mapping[str, Chain], day: date) -> None:
        self._book = book
        self._day = day
        self._claims_of: dict[str, int] = {}
        self._claims: list[_Claims] = []
        self._verdicts: dict[tuple[object, ...], DutyVerdict] = {}
        self._disposing: dict[tuple[object, ...], list[Duty]] = {}
        known: dict[tuple[object, ...], int] = {}
        for leaf, chain in chains.items():
            surroundings = Surroundings(chain)
            targets_here = [
                here for here in book.finder.at(surroundings, day) if self._duties_on(here)
            ]
            fallback = book.fallback(surroundings)
            nth = known.setdefault((tuple(targets_here), fallback), len(known))
            if nth == len(self._claims):
                self._claims.append(self._gather(surroundings, targets_here, fallback))
            self._claims_of[leaf] = nth

    def verdict(self, leaf: str, category: str) -> DutyVerdict:
        """Judge one category in one leaf area."""
        return self._verdict(self._claims_of[leaf], category)

    def cell(self, leaves: Iterable[str], categories: Sequence[str]) -> Cell:
        """Sum some leaf areas by some categories."""
        by_claims = Counter(self._claims_of[leaf] for leaf in leaves)
        disposers: Counter[str] = Counter()
        faults: Counter[FindingKind] = Counter()
        falls_to: dict[str, None] = {}
        for nth, areas in by_claims.items():
            alike = Counter(self._verdict(nth, category) for category in categories)
            for verdict, times in alike.items():
                disposers.update(dict.fromkeys(verdict.disposers, areas * times))
                faults.update(dict.fromkeys(verdict.kinds, areas * times))
                falls_to.update(dict.fromkeys(verdict.falls_to))
        most_first = sorted(disposers.items(), key=lambda item: (-item[1], item[0]))
        pairs = by_claims.total() * len(categories)
        return Cell(pairs, dict(most_first), dict(faults), tuple(falls_to))

    def _duties_on(self, here: TargetHere) -> list[Duty]:
        """Return the duties to dispose on a target that are valid on the day."""
        key = (here.target, here.level, here.code)
        found = self._disposing.get(key)
        if found is None:
            found = [
                duty
                for duty in self._book.duties_on(here)
                if duty.role is DutyRole.DISPOSE and duty.holds_on(self._day)
            ]
            self._disposing[key] = found
        return found

    def _gather(
        self,
        surroundings: Surroundings,
        targets_here: Sequence[TargetHere],
        fallback: tuple[str | None, tuple[str, ...]],
    ) -> _Claims:
        naming: dict[str, tuple[_Claim, ...]] = {}
        for_all: tuple[_Claim, ...] = ()
        for here in targets_here:
            for duty in self._duties_on(here):
                claim = (here.rank, duty.id)
                if duty.categories is None:
                    for_all += (claim,)
                for category in duty.categories or ():
                    naming[category] = (*naming.get(category, ()), claim)
        return _Claims(surroundings, naming, for_all, fallback)

    def _verdict(self, nth: int, category: str) -> DutyVerdict:
        claims = self._claims[nth]
        key = (claims.naming.get(category, ()), claims.for_all, claims.fallback)
        if key not in self._verdicts:
            self._verdicts[key] = self._judge(claims.surroundings, category)
        return self._verdicts[key]

    def _judge(self, surroundings: Surroundings, category: str) -> DutyVerdict:
        disposers: dict[str, None] = {}
        falls_to: dict[str, None] = {}
        kinds: set[FindingKind] = set()
        uncovered = False
        for decision in self._book.decide_through(surroundings, category, self._day):
            found = decision.disposers or tuple(filter(None, (decision.responder,)))
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

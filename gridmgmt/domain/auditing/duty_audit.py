"""The duty audit: find where nobody, or more than one responder, would dispose."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import NamedTuple

from gridmgmt.domain.areas.area import AreaKey, Chain
from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.domain.auditing.naming import Naming
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.judging.hours import open_together
from gridmgmt.domain.judging.precedence import Precedence, first_class, precedence_of
from gridmgmt.domain.judging.targets import TargetHere
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget


class FindingKind(StrEnum):
    """The kinds of findings: nobody ever, nobody at some hours, two with equal precedence."""

    HOLE = "hole"
    PARTLY = "partly"
    DOUBLE = "double"


class Outcome(NamedTuple):
    """A fault, and the responders involved.

    ``disposers`` are the rivals of a duplicate. ``hours`` are theirs, or the covered hours.
    ``falls_to`` answers in a gap: a fallback, which is not an owner; empty without a fallback.
    """

    kind: FindingKind
    rule: str | None
    disposers: tuple[str, ...]
    hours: tuple[str, ...]
    fallback: str | None = None
    falls_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Whole:
    """An area of which all leaf areas are meant."""

    level: str
    code: str
    leaves: int


@dataclass(frozen=True)
class Finding:
    """One outcome for some categories in some places.

    Areas are grouped: ``whole`` areas from the topmost down, and the codes of single leaf
    areas. ``places`` are the zones or the road segment of a finding that has no area.
    """

    outcome: Outcome
    categories: tuple[str, ...]
    target: DutyTarget
    whole: tuple[Whole, ...] = ()
    leaves: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    leaf_count: int = 0


@dataclass(frozen=True)
class DutyAudit:
    """All findings of a day; ``pairs`` counts (leaf area, category) by kind.

    ``stale`` are duties valid that day whose area is not in the edition in force. ``leaf`` is
    the level of the leaf areas.
    """

    day: date
    areas: int
    categories: int
    findings: tuple[Finding, ...]
    pairs: Mapping[FindingKind, int]
    stale: tuple[Duty, ...] = ()
    leaf: str | None = None


class _Claim(NamedTuple):
    """A duty to dispose on a target; ``fact`` is all of it that an outcome depends on."""

    precedence: Precedence
    rule: str
    duty: Duty
    fact: tuple[object, ...]


_Fallback = tuple[str | None, tuple[str, ...]]


def audit_duties(
    book: DutyBook,
    chains: Sequence[Chain],
    categories: Sequence[str],
    zone_sets: Iterable[tuple[str, ...]],
    road_segments: Iterable[str],
    day: date,
    *,
    every: Sequence[Chain] | None = None,
) -> DutyAudit:
    """Find who would dispose of each category in each leaf area, on one day at any hour.

    Parameters
    ----------
    chains : the leaf areas of an edition, each with the areas above it, the deepest first
    categories : the mapped ones
    zone_sets : each zone, and each set of zones that overlap each other
    road_segments : only the nearest counts, so each is checked alone
    every : all leaf areas of the edition, if ``chains`` are some: an area is found whole
        only if all of these in it are
    """
    by_facts: dict[tuple[object, ...], tuple[tuple[_Claim, ...], _Fallback, list[Chain]]] = {}
    claims_at = _Claims(book, day)
    for chain in chains:
        surroundings = Surroundings(chain)
        claims, fallback = claims_at(surroundings), book.fallback(surroundings)
        facts = (*[(claim.fact, claim.duty.categories) for claim in claims], fallback)
        by_facts.setdefault(facts, (claims, fallback, []))[2].append(chain)
    # Leaf areas with equal duties belong to the same findings, and so do categories that the
    # same duties name.
    judge = _Judge(book.index.alike(categories), day)
    same: dict[tuple[Outcome, tuple[str, ...]], list[int]] = {}
    groups = list(by_facts.values())
    for nth, (claims, fallback, _) in enumerate(groups):
        for alike, outcomes in judge(claims, fallback):
            for outcome in outcomes:
                same.setdefault((outcome, alike), []).append(nth)
    merged: dict[tuple[Outcome, tuple[int, ...]], list[str]] = {}
    for (outcome, alike), where in same.items():
        merged.setdefault((outcome, tuple(where)), []).extend(alike)
    compress = Compression(chains if every is None else every)
    findings = [
        compress.finding(outcome, named, [chain for nth in where for chain in groups[nth][2]])
        for (outcome, where), named in merged.items()
    ]
    pairs: Counter[FindingKind] = Counter()
    for found in findings:
        pairs[found.outcome.kind] += found.leaf_count * len(found.categories)
    findings += _doubles_on(claims_at, zone_sets, DutyTarget.ZONE, judge)
    segments = ((code,) for code in road_segments)
    findings += _doubles_on(claims_at, segments, DutyTarget.ROAD_SEGMENT, judge)
    return DutyAudit(day, len(chains), len(categories), tuple(findings), pairs)


class _Claims:
    """The duties to dispose at a place on a day, gathered once for each target."""

    def __init__(self, book: DutyBook, day: date) -> None:
        self._book = book
        self._day = day
        self._on: dict[TargetHere, tuple[_Claim, ...]] = {}

    def __call__(self, surroundings: Surroundings) -> tuple[_Claim, ...]:
        found: list[_Claim] = []
        for here in self._book.finder.at(surroundings, self._day):
            if here not in self._on:
                self._on[here] = self._gather(here)
            found += self._on[here]
        return tuple(found)

    def _gather(self, here: TargetHere) -> tuple[_Claim, ...]:
        if here.why_not is not None:
            return ()
        return tuple(
            _Claim(
                precedence := precedence_of(duty, here.rank),
                here.rule,
                duty,
                (precedence, here.rule, duty.responder_code, duty.hours),
            )
            for duty in self._book.duties_on(here)
            if duty.role is DutyRole.DISPOSE and duty.holds_on(self._day)
        )


class _Judge:
    """Judges claims for each class of categories that all duties treat alike."""

    def __init__(self, classes: Sequence[tuple[str, ...]], day: date) -> None:
        self._classes = classes
        self._day = day
        self._naming = Naming()
        self._outcomes: dict[tuple[object, ...], list[Outcome]] = {}

    def __call__(
        self, claims: tuple[_Claim, ...], fallback: _Fallback
    ) -> Iterator[tuple[tuple[str, ...], list[Outcome]]]:
        facts = [claim.fact for claim in claims]
        lists = tuple(claim.duty.categories for claim in claims)
        for alike in self._classes:
            counting = self._naming.of(lists, alike[0])
            key = (tuple([facts[nth] for nth in counting]), fallback)
            found = self._outcomes.get(key)
            if found is None:
                some = [claims[nth] for nth in counting]
                found = self._outcomes[key] = _outcomes(some, fallback, self._day)
            yield alike, found


def _outcomes(claims: list[_Claim], fallback: _Fallback, day: date) -> list[Outcome]:
    """Judge claims on one category at every possible combination of open hours."""
    found: dict[Outcome, None] = {}
    covered: set[str] = set()
    uncovered = False
    for first in _first_classes(claims, day):
        disposers = sorted({claim.duty.responder_code for claim in first})
        if not disposers:
            uncovered = True
        elif len(disposers) > 1:
            found[_double(first, tuple(disposers))] = None
        covered.update(claim.duty.hours for claim in first if claim.duty.hours)
    if uncovered:
        # Who covers the other hours does not matter: cells differ only by the hours left open.
        kind = FindingKind.PARTLY if covered else FindingKind.HOLE
        found[Outcome(kind, None, (), tuple(sorted(covered)), *fallback)] = None
    return sorted(found)


def _first_classes(claims: Sequence[_Claim], day: date) -> Iterator[list[_Claim]]:
    """Yield the claims that win, at every possible combination of open hours."""
    texts = tuple(sorted({claim.duty.hours for claim in claims if claim.duty.hours}))
    for is_open in open_together(texts, datetime.combine(day, time())):
        closed = {text for text, opened in zip(texts, is_open, strict=True) if not opened}
        yield first_class(claim for claim in claims if claim.duty.hours not in closed)


def _double(claims: list[_Claim], disposers: tuple[str, ...]) -> Outcome:
    hours = tuple(sorted({claim.duty.hours for claim in claims if claim.duty.hours}))
    return Outcome(FindingKind.DOUBLE, claims[0].rule, disposers, hours)


def rivals(
    book: DutyBook,
    places: Iterable[Surroundings],
    categories: Sequence[str],
    disposers: tuple[str, ...],
    day: date,
) -> list[Duty]:
    """Return the duties by which these rivals would both dispose, by id.

    Parameters
    ----------
    places : where the rivals meet
    categories : about which they meet
    """
    found: dict[int, Duty] = {}
    classes = book.index.alike(categories)
    claims_at = _Claims(book, day)
    known: set[tuple[int, ...]] = set()
    for there in places:
        claims = claims_at(there)
        numbers = tuple(claim.duty.id for claim in claims)
        if numbers in known:
            continue
        known.add(numbers)
        for alike in classes:
            about = [
                claim
                for claim in claims
                if claim.duty.categories is None or alike[0] in claim.duty.categories
            ]
            for first in _first_classes(about, day):
                if tuple(sorted({claim.duty.responder_code for claim in first})) == disposers:
                    found.update((claim.duty.id, claim.duty) for claim in first)
    return [found[number] for number in sorted(found)]


def _doubles_on(
    claims_at: _Claims,
    place_sets: Iterable[tuple[str, ...]],
    target: DutyTarget,
    judge: _Judge,
) -> list[Finding]:
    """Find duplicates among duties on zones or road segments; gaps there are no fault."""
    found: dict[tuple[Outcome, tuple[str, ...]], list[str]] = {}
    for codes in place_sets:
        if target is DutyTarget.ZONE:
            surroundings = Surroundings((), zones=codes)
        else:
            surroundings = Surroundings((), road_segments=tuple((code, 0.0) for code in codes))
        claims = claims_at(surroundings)
        if len({claim.duty.target_code for claim in claims}) < len(codes):
            continue
        for alike, outcomes in judge(claims, (None, ())):
            for outcome in outcomes:
                if outcome.kind is FindingKind.DOUBLE:
                    found.setdefault((outcome, codes), []).extend(alike)
    return [
        Finding(outcome, tuple(sorted(named)), target, places=codes)
        for (outcome, codes), named in found.items()
    ]


class Compression:
    """Replaces the list of all leaf areas of a street by the street itself."""

    def __init__(self, chains: Sequence[Chain]) -> None:
        self._leaves_of: Counter[AreaKey] = Counter()
        for chain in chains:
            self._leaves_of.update(chain[1:])

    def grouped(self, chains: Sequence[Chain]) -> tuple[tuple[Whole, ...], tuple[str, ...]]:
        """Return the areas of which all leaf areas are among these, and the other leaves."""
        here = Counter(area for chain in chains for area in chain[1:])
        whole: dict[AreaKey, int] = {}
        leaves = []
        for chain in chains:
            complete = [a for a in chain[1:] if here[a] == self._leaves_of[a]]
            if complete:
                whole[complete[-1]] = here[complete[-1]]
            else:
                leaves.append(chain[0][1])
        grouped = tuple(Whole(*area, count) for area, count in sorted(whole.items()))
        return grouped, tuple(sorted(leaves))

    def finding(self, outcome: Outcome, categories: list[str], chains: list[Chain]) -> Finding:
        """Return the finding of an outcome, with its leaf areas grouped."""
        whole, leaves = self.grouped(chains)
        return Finding(
            outcome=outcome,
            categories=tuple(sorted(categories)),
            target=DutyTarget.AREA,
            whole=whole,
            leaves=leaves,
            leaf_count=len(chains),
        )

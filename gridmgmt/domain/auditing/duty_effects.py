"""Compare two states of the duties: who disposes of what, where, at which hours, on a day."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import NamedTuple

from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.domain.auditing.duty_audit import FindingKind
from gridmgmt.domain.auditing.duty_matrix import DutyVerdict, disposers_of, verdict_of
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.judging.hours import open_together
from gridmgmt.domain.judging.targets import TargetKey
from gridmgmt.domain.responsibility.duty import Duty, DutyRole

# The kind of a place and its code; two codes where two zones overlap.
PlaceKey = tuple[str, ...]


class HoursSpan(NamedTuple):
    """The times at which some duty hours are open and others closed; without any: always."""

    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


class OwnerChange(NamedTuple):
    """Who disposes before and after, at some hours; nobody: only a fallback answers."""

    hours: HoursSpan
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Effect:
    """One change of owners, for some categories in some places."""

    change: OwnerChange
    categories: tuple[str, ...]
    places: tuple[PlaceKey, ...]


@dataclass
class DutyEffects:
    """What a change of duties alters; counts are pairs of a place and a category.

    ``opened`` and ``closed`` count the faults that come and go.
    """

    day: date
    pairs: int = 0
    effects: list[Effect] = field(default_factory=list)
    opened: Counter[FindingKind] = field(default_factory=Counter)
    closed: Counter[FindingKind] = field(default_factory=Counter)


class _Pair(NamedTuple):
    changes: tuple[OwnerChange, ...]
    opened: frozenset[FindingKind]
    closed: frozenset[FindingKind]


def duty_effects(
    before: DutyBook,
    after: DutyBook,
    places: Mapping[PlaceKey, Surroundings],
    categories: Sequence[str],
    day: date,
) -> DutyEffects:
    """Compare who disposes in some places, at every combination of duty hours of a year.

    Equal inputs are judged once: places with the same duties, categories that the same of
    these duties name.

    Parameters
    ----------
    before, after : all duties, without and with the change
    places : what lies in each place; without areas, nobody's ground is no fault
    categories : the mapped ones
    """
    alike: dict[tuple[object, ...], list[PlaceKey]] = {}
    duties_of: dict[PlaceKey, list[Duty]] = {}
    for code, there in places.items():
        keys = [here.key for here in after.finder.at(there, day) if here.why_not is None]
        counting = _disposing(before, keys, day), _disposing(after, keys, day)
        duties_of[code] = [*counting[0], *counting[1]]
        # Areas and zones never have the same duties, unless they have none.
        alike.setdefault((*map(tuple, counting),), []).append(code)
    found = DutyEffects(day)
    merged: dict[tuple[OwnerChange, tuple[PlaceKey, ...]], list[str]] = {}
    for codes in alike.values():
        first = codes[0]
        pairs: dict[frozenset[Duty], _Pair] = {}
        for category in categories:
            naming = frozenset(
                duty
                for duty in duties_of[first]
                if duty.categories is None or category in duty.categories
            )
            if naming not in pairs:
                pairs[naming] = _pair(before, after, places[first], category, day, naming)
            pair = pairs[naming]
            found.pairs += len(codes) if pair.changes else 0
            for kinds, counted in ((pair.opened, found.opened), (pair.closed, found.closed)):
                counted.update(dict.fromkeys(kinds, len(codes)))
            for change in pair.changes:
                merged.setdefault((change, tuple(codes)), []).append(category)
    found.effects = _folded(merged)
    return found


def _folded(
    merged: Mapping[tuple[OwnerChange, tuple[PlaceKey, ...]], list[str]],
) -> list[Effect]:
    """Join places with the same change of the same categories; the largest effects first."""
    places: dict[tuple[OwnerChange, tuple[str, ...]], list[PlaceKey]] = {}
    for (change, codes), named in merged.items():
        places.setdefault((change, tuple(named)), []).extend(codes)
    folded = [
        Effect(change, named, tuple(sorted(codes))) for (change, named), codes in places.items()
    ]
    return sorted(
        folded, key=lambda one: (-len(one.places) * len(one.categories), one.change, one.places)
    )


def _disposing(book: DutyBook, keys: Iterable[TargetKey], day: date) -> list[Duty]:
    return [
        duty
        for key in keys
        for duty in book.index.duties_on(key)
        if duty.role is DutyRole.DISPOSE and duty.holds_on(day)
    ]


def _pair(
    before: DutyBook,
    after: DutyBook,
    there: Surroundings,
    category: str,
    day: date,
    naming: Iterable[Duty],
) -> _Pair:
    """Compare one category in one place."""
    faults = [
        _faults(verdict_of(book.decide_through(there, category, day)), there)
        for book in (before, after)
    ]
    texts = tuple(sorted({duty.hours for duty in naming if duty.hours}))
    owners: dict[tuple[bool, ...], tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for is_open in open_together(texts, datetime.combine(day, time())):
        opened = {text for text, here in zip(texts, is_open, strict=True) if here}
        owners[is_open] = (
            _owners(before, there, category, day, opened),
            _owners(after, there, category, day, opened),
        )
    changes = tuple(
        OwnerChange(hours, *both)
        for both in sorted(set(owners.values()))
        if both[0] != both[1]
        for hours in _spans(texts, owners, both)
    )
    return _Pair(changes, faults[1] - faults[0], faults[0] - faults[1])


def _faults(verdict: DutyVerdict, there: Surroundings) -> frozenset[FindingKind]:
    # On a zone or a road segment nobody's hours are those of the area below.
    return verdict.kinds if there.areas else verdict.kinds & {FindingKind.DOUBLE}


def _owners(
    book: DutyBook, there: Surroundings, category: str, day: date, opened: set[str]
) -> tuple[str, ...]:
    decision = book.decide_at(
        book.key(there), category, day, lambda hours: hours.text in opened
    )
    return tuple(sorted(disposers_of(decision))) if decision.duty_ids else ()


def _spans(
    texts: Sequence[str],
    owners: Mapping[tuple[bool, ...], object],
    both: object,
) -> list[HoursSpan]:
    """Return the times with these owners, by as few duty hours as tell them from all others."""
    others = [states for states, here in owners.items() if here != both]
    spans: dict[HoursSpan, None] = {}
    for states in sorted(owners):
        if owners[states] != both:
            continue
        kept = dict(enumerate(states))
        for nth in range(len(texts)):
            without = {other: state for other, state in kept.items() if other != nth}
            if not any(all(one[n] == state for n, state in without.items()) for one in others):
                kept = without
        spans[
            HoursSpan(
                tuple(texts[nth] for nth, state in kept.items() if state),
                tuple(texts[nth] for nth, state in kept.items() if not state),
            )
        ] = None
    return list(spans)

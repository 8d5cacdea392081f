"""Who disposes of what in an area: the duty matrix of its leaf areas, by responder."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gridmgmt.domain.areas.area import Chain
from gridmgmt.domain.auditing.duty_audit import FindingKind
from gridmgmt.domain.auditing.duty_matrix import DutyMatrix
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.duty import Duty, DutyRole
from gridmgmt.domain.responsibility.responder import Responder


@dataclass(frozen=True, slots=True)
class CategoryThere:
    """A category and the number of leaf areas of an area in which something holds for it."""

    category: Category
    leaves: int


@dataclass(frozen=True, slots=True)
class Disposer:
    """A responder who disposes by duties, at some hour of the day.

    ``leaves`` counts the leaf areas in which it disposes of anything. ``everywhere`` means each
    of its categories in all leaf areas, ``all_categories`` that all mapped ones are among its.
    ``places`` are the names of zones and road segments of its duties there; one that only
    disposes in these has 0 leaf areas.
    """

    responder: Responder
    categories: tuple[CategoryThere, ...]
    leaves: int
    everywhere: bool
    all_categories: bool
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DisposalFault:
    """A fault of the duty audit in an area: nobody, nobody at some hours, or two.

    ``leaves`` counts the leaf areas with the fault, the same for all its categories.
    ``concerned`` are those to whom a gap falls without a duty, or the rivals of a duplicate.
    """

    kind: FindingKind
    categories: tuple[CategoryThere, ...]
    leaves: int
    concerned: tuple[Responder, ...]


@dataclass(frozen=True, slots=True)
class Disposal:
    """Who disposes in an area on a day, who has most first; and where duties leave faults.

    ``leaves`` counts the leaf areas; without any, the others are empty.
    """

    leaves: int
    disposers: tuple[Disposer, ...]
    faults: tuple[DisposalFault, ...]


class _Tally:
    """The leaf areas in which something holds, by category."""

    def __init__(self) -> None:
        self.by_category: Counter[str] = Counter()
        self.where: set[str] = set()
        self.concerned: dict[str, None] = {}

    def add(
        self, categories: Iterable[str], leaves: Sequence[str], concerned: Iterable[str] = ()
    ) -> None:
        for category in categories:
            self.by_category[category] += len(leaves)
        self.where.update(leaves)
        self.concerned.update(dict.fromkeys(concerned))

    def join(self, other: "_Tally") -> None:
        self.by_category.update(other.by_category)
        self.where |= other.where
        self.concerned.update(other.concerned)

    def told(self, categories: Mapping[str, Category]) -> tuple[CategoryThere, ...]:
        return tuple(
            CategoryThere(one, self.by_category[code])
            for code, one in categories.items()
            if code in self.by_category
        )


def disposal(
    matrix: DutyMatrix,
    leaf_chains: Mapping[str, Chain],
    categories: Sequence[Category],
    people: Mapping[str, Responder],
    at_places: Sequence[tuple[Duty, str]],
) -> Disposal:
    """Sum up a duty matrix.

    Parameters
    ----------
    leaf_chains : the leaf areas of the area, all of them in ``matrix``
    categories : the mapped ones
    at_places : the duties on zones and road segments that hold in the area, each with the name
        of its place; they go before those of the matrix for the cases there
    """
    by_code = {one.code: one for one in categories}
    owners: dict[str, _Tally] = {}
    faults: dict[tuple[FindingKind, frozenset[str]], _Tally] = {}
    for alike, verdicts in matrix.verdicts(leaf_chains, list(by_code)):
        at_fault: dict[FindingKind, _Tally] = {}
        for verdict, leaves in verdicts.items():
            for disposer in verdict.disposers:
                owners.setdefault(disposer, _Tally()).add(alike, leaves)
            for kind in verdict.kinds:
                double = kind is FindingKind.DOUBLE
                concerned = verdict.disposers if double else verdict.falls_to
                at_fault.setdefault(kind, _Tally()).add(alike, leaves, concerned)
        # Apart where they hold in other leaf areas: a fault of ten categories in a few must not
        # look like one of the whole area.
        for kind, tally in at_fault.items():
            key = kind, frozenset(tally.where)
            faults.setdefault(key, _Tally()).join(tally)
    places = _add_at_places(owners, at_places, by_code.keys())
    every = len(leaf_chains)
    disposers = [
        Disposer(
            responder=people[code],
            categories=tally.told(by_code),
            leaves=len(tally.where),
            everywhere=all(count == every for count in tally.by_category.values()),
            all_categories=len(tally.by_category) == len(by_code),
            places=tuple(places.get(code, ())),
        )
        for code, tally in sorted(owners.items())
    ]
    disposers.sort(key=lambda one: -owners[one.responder.code].by_category.total())
    return Disposal(
        leaves=every,
        disposers=tuple(disposers),
        faults=_faults(faults, by_code, people),
    )


def _add_at_places(
    owners: dict[str, _Tally], at_places: Sequence[tuple[Duty, str]], known: Collection[str]
) -> dict[str, dict[str, None]]:
    """Add those who dispose on zones and road segments; return the names of their places."""
    places: dict[str, dict[str, None]] = {}
    for duty, name in at_places:
        if duty.role is DutyRole.DISPOSE:
            places.setdefault(duty.responder_code, {})[name] = None
            named = known if duty.categories is None else duty.categories.intersection(known)
            owners.setdefault(duty.responder_code, _Tally()).add(named, ())
    return places


def _faults(
    found: Mapping[tuple[FindingKind, frozenset[str]], _Tally],
    by_code: Mapping[str, Category],
    people: Mapping[str, Responder],
) -> tuple[DisposalFault, ...]:
    order = list(FindingKind)
    return tuple(
        DisposalFault(
            kind=kind,
            categories=tally.told(by_code),
            leaves=len(where),
            concerned=tuple(people[code] for code in tally.concerned),
        )
        for (kind, where), tally in sorted(
            found.items(), key=lambda item: (order.index(item[0][0]), -len(item[0][1]))
        )
    )

"""Reroutes: open cases follow the edition in force; who loses and gains how many."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

# Who has a case before and after; None: nobody.
Move = tuple[str | None, str | None]

# The number of case numbers stored for each move. A page shows these; the history has all.
MOST_NUMBERS = 50


class Fate(StrEnum):
    """The result of a reroute for an open case; each case has exactly one.

    ``waits_otherwise``: it still waits for a person, for another reason. ``assigned`` and
    ``bounced``: a person decided about it, so it does not change.
    """

    UNCHANGED = "unchanged"
    MOVED = "moved"
    OWNED = "owned"
    UNOWNED = "unowned"
    WAITS_OTHERWISE = "waits_otherwise"
    ASSIGNED = "assigned"
    BOUNCED = "bounced"


class CaseDisposer(NamedTuple):
    """Who has a case or, if nobody has, the reason why."""

    responder: str | None
    reason: str | None


def fate_of(before: CaseDisposer, after: CaseDisposer) -> Fate:
    """Return the result for a case about which no person decided.

    Examples
    --------
    >>> fate_of(CaseDisposer("S1", None), CaseDisposer(None, "no_owner"))
    <Fate.UNOWNED: 'unowned'>
    >>> fate_of(CaseDisposer(None, "no_owner"), CaseDisposer(None, "two_owners"))
    <Fate.WAITS_OTHERWISE: 'waits_otherwise'>
    """
    if before == after:
        return Fate.UNCHANGED
    if before.responder is None:
        return Fate.WAITS_OTHERWISE if after.responder is None else Fate.OWNED
    return Fate.UNOWNED if after.responder is None else Fate.MOVED


class Balance(NamedTuple):
    """The open cases of a responder: had, lost, gained, has; None: cases without responder."""

    responder: str | None
    before: int
    lost: int
    gained: int
    after: int


@dataclass
class Reroute:
    """What a reroute did, or would do, to the open cases.

    ``judged_again`` are cases that stood under another edition although this one was in force
    when they were reported: they stand under it now, whoever has them. ``numbers`` has the
    first cases of each move.
    """

    edition: int
    fates: Counter[Fate] = field(default_factory=Counter)
    judged_again: int = 0
    had: Counter[str | None] = field(default_factory=Counter)
    moves: Counter[Move] = field(default_factory=Counter)
    numbers: dict[Move, list[str]] = field(default_factory=dict)

    def add(self, case_no: str, fate: Fate, move: Move) -> None:
        """Count one open case: its result, who had it, and who has it."""
        self.fates[fate] += 1
        self.had[move[0]] += 1
        if move[0] != move[1]:
            self.moves[move] += 1
            numbers = self.numbers.setdefault(move, [])
            if len(numbers) < MOST_NUMBERS:
                numbers.append(case_no)

    @property
    def open_cases(self) -> int:
        """Return the number of open cases."""
        return self.fates.total()

    @property
    def changed(self) -> int:
        """Return how many cases change their responder, or get or lose one."""
        return self.moves.total()

    def balances(self) -> list[Balance]:
        """Return everybody who loses or gains cases, the largest sums first, then by code."""
        lost, gained = Counter[str | None](), Counter[str | None]()
        for (before, after), cases in self.moves.items():
            lost[before] += cases
            gained[after] += cases
        rows = [
            Balance(
                one, had := self.had[one], lost[one], gained[one], had - lost[one] + gained[one]
            )
            for one in lost.keys() | gained.keys()
        ]
        return sorted(rows, key=lambda row: (-row.lost - row.gained, row.responder or ""))

    def matrix(self) -> list[tuple[Move, int]]:
        """Return who loses how many cases to whom, the most first, then by code."""
        pairs = self.moves.items()
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0][0] or "", pair[0][1] or ""))

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values.

        Examples
        --------
        >>> done = Reroute(2)
        >>> done.add("C1", Fate.MOVED, ("S1", "S2"))
        >>> Reroute.from_json(done.to_json()) == done
        True
        """
        return {
            "edition": self.edition,
            "open": self.open_cases,
            "changed": self.changed,
            "judged_again": self.judged_again,
            "fates": {fate.value: self.fates[fate] for fate in Fate},
            "moves": [
                {"from": move[0], "to": move[1], "cases": n, "numbers": self.numbers[move]}
                for move, n in self.matrix()
            ],
            "responders": [row._asdict() for row in self.balances()],
            # As pairs: cases without responder have no code, and JSON has no key for that.
            "had": [[code, n] for code, n in self.had.items()],
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Reroute":
        """Return the object that ``to_json`` wrote."""
        moves = {(one["from"], one["to"]): one for one in told["moves"]}
        return cls(
            edition=told["edition"],
            fates=Counter({Fate(fate): n for fate, n in told["fates"].items() if n}),
            judged_again=told["judged_again"],
            had=Counter(dict(told["had"])),
            moves=Counter({move: one["cases"] for move, one in moves.items()}),
            numbers={move: list(one["numbers"]) for move, one in moves.items()},
        )

"""Who loses and gains how many: counted, and kept as plain values."""

import json

from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.judging.reroute import (
    MOST_NUMBERS,
    Balance,
    CaseDisposer,
    Fate,
    Reroute,
    fate_of,
)

NOBODY = CaseDisposer(None, "no_owner")
OWNERS = st.sampled_from(
    [
        CaseDisposer("S1", None),
        CaseDisposer("S2", None),
        NOBODY,
        CaseDisposer(None, "two_owners"),
    ]
)


def test_each_kind_of_change_has_its_name() -> None:
    assert fate_of(CaseDisposer("S1", None), CaseDisposer("S1", None)) is Fate.UNCHANGED
    assert fate_of(CaseDisposer("S1", None), CaseDisposer("S2", None)) is Fate.MOVED
    assert fate_of(NOBODY, CaseDisposer("S2", None)) is Fate.OWNED
    assert fate_of(CaseDisposer("S1", None), NOBODY) is Fate.UNOWNED
    assert fate_of(NOBODY, CaseDisposer(None, "two_owners")) is Fate.WAITS_OTHERWISE


def test_a_balance_has_all_cases_of_who_loses_or_gains() -> None:
    done = Reroute(2)
    for number, fate, move in (
        ("C1", Fate.MOVED, ("S1", "S2")),
        ("C2", Fate.UNOWNED, ("S1", None)),
        ("C3", Fate.UNCHANGED, ("S1", "S1")),
        ("C4", Fate.ASSIGNED, ("S3", "S3")),
    ):
        done.add(number, fate, move)
    assert done.balances() == [
        Balance("S1", 3, 2, 0, 1),
        Balance(None, 0, 0, 1, 1),
        Balance("S2", 0, 0, 1, 1),
    ]
    assert done.matrix() == [(("S1", None), 1), (("S1", "S2"), 1)]


@given(st.lists(st.tuples(OWNERS, OWNERS), max_size=30))
def test_every_case_is_counted_once_and_nothing_is_lost_or_won(
    moves: list[tuple[CaseDisposer, CaseDisposer]],
) -> None:
    done = Reroute(2)
    for n, (before, after) in enumerate(moves):
        done.add(f"C{n}", fate_of(before, after), (before.responder, after.responder))
    assert done.open_cases == len(moves)
    rows = done.balances()
    assert sum(row.lost for row in rows) == sum(row.gained for row in rows) == done.changed
    for row in rows:
        had = [pair for pair in moves if pair[0].responder == row.responder]
        has = [pair for pair in moves if pair[1].responder == row.responder]
        assert (row.before, row.after) == (len(had), len(has))
    assert Reroute.from_json(json.loads(json.dumps(done.to_json()))) == done


def test_only_the_first_numbers_of_a_move_are_kept() -> None:
    done = Reroute(2)
    for n in range(MOST_NUMBERS + 5):
        done.add(f"C{n}", Fate.MOVED, ("S1", "S2"))
    assert len(done.numbers["S1", "S2"]) == MOST_NUMBERS
    assert done.changed == MOST_NUMBERS + 5

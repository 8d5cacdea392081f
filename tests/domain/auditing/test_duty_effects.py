"""What a change of duties alters, held against the duty book, minute by minute."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.areas.surroundings import Surroundings, Zone, ZoneKind
from gridmgmt.domain.auditing.duty_audit import FindingKind
from gridmgmt.domain.auditing.duty_effects import DutyEffects, HoursSpan, duty_effects
from gridmgmt.domain.auditing.duty_matrix import DutyMatrix, disposers_of
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.judging.hours import parse_hours
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from tests.domain.auditing.test_duty_matrix import (
    CATEGORIES,
    CHAINS,
    DAY,
    MEMBERS,
    RESPONDERS,
    duty,
)

ZONES = [Zone(code, ZoneKind.RIVER, code) for code in ("Z1", "Z2")]
PLACES = {
    **{("area", leaf): Surroundings(chain) for leaf, chain in CHAINS.items()},
    ("zone", "Z1"): Surroundings((), zones=("Z1",)),
    ("zone", "Z1", "Z2"): Surroundings((), zones=("Z1", "Z2")),
}

targets = st.sampled_from(
    [
        (DutyTarget.AREA, "cell", "A1"),
        (DutyTarget.AREA, "street", "A"),
        (DutyTarget.AREA, "street", "B"),
        (DutyTarget.GROUP, None, "G"),
        (DutyTarget.ZONE, None, "Z1"),
        (DutyTarget.ZONE, None, "Z2"),
    ]
)
duties = st.lists(
    st.builds(
        lambda who, role, target, named, hours: Duty(
            1, who, role, *target, frozenset(named) if named else None, hours
        ),
        st.sampled_from(["S1", "S2", "S3"]),
        st.sampled_from([DutyRole.DISPOSE, DutyRole.DISPOSE, DutyRole.ASSIST]),
        targets,
        st.sets(st.sampled_from(CATEGORIES), max_size=2),
        st.sampled_from([None, "08:00-18:00", "22:00-06:00", "Mo-Fr 06:00-22:00"]),
    ),
    max_size=6,
)


def book(some: list[Duty]) -> DutyBook:
    numbered = [
        Duty(**{**vars(one), "id": nth}) if one.id == 1 else one
        for nth, one in enumerate(some, 1)
    ]
    return DutyBook(numbered, RESPONDERS, MEMBERS, ZONES)


def owners(
    judge: DutyBook, there: Surroundings, category: str, at: datetime
) -> tuple[str, ...]:
    decision = judge.decide(there, category, at, valid_on=DAY)
    return tuple(sorted(disposers_of(decision))) if decision.duty_ids else ()


def is_then(hours: HoursSpan, at: datetime) -> bool:
    return all(parse_hours(text).open_at(at) for text in hours.opened) and not any(
        parse_hours(text).open_at(at) for text in hours.closed
    )


def effects(before: list[Duty], after: list[Duty]) -> DutyEffects:
    return duty_effects(book(before), book(after), PLACES, CATEGORIES, DAY)


@given(duties, duties, st.integers(0, 7 * 24 * 12))
def test_at_every_minute_the_effects_are_the_difference_of_the_books(
    before: list[Duty], after: list[Duty], step: int
) -> None:
    at = datetime(2026, 5, 4) + timedelta(minutes=5 * step)  # noqa: DTZ001 - the bureau's clock
    found = effects(before, after)
    told = {
        (place, category): (one.change.before, one.change.after)
        for one in found.effects
        if is_then(one.change.hours, at)
        for place in one.places
        for category in one.categories
    }
    for place, there in PLACES.items():
        for category in CATEGORIES:
            was = owners(book(before), there, category, at)
            becomes = owners(book(after), there, category, at)
            expected = None if was == becomes else (was, becomes)
            assert told.get((place, category)) == expected, (place, category)


@given(duties, duties)
def test_faults_that_come_and_go_are_those_of_the_matrix(
    before: list[Duty], after: list[Duty]
) -> None:
    areas = {place: there for place, there in PLACES.items() if place[0] == "area"}
    found = duty_effects(book(before), book(after), areas, CATEGORIES, DAY)
    old, new = (DutyMatrix(book(some), CHAINS, DAY) for some in (before, after))
    for kind in FindingKind:
        pairs = [
            (kind in old.verdict(leaf, one).kinds, kind in new.verdict(leaf, one).kinds)
            for leaf in CHAINS
            for one in CATEGORIES
        ]
        assert found.closed[kind] == pairs.count((True, False))
        assert found.opened[kind] == pairs.count((False, True))


def test_hours_are_said_by_the_fewest_that_tell_them_apart() -> None:
    day = duty(1, "S1", "cell", "A1", hours="08:00-18:00")
    night = duty(2, "S2", "cell", "A1", hours="22:00-06:00")
    found = effects([day], [day, night])
    (one,) = found.effects
    assert one.change.hours == HoursSpan(("22:00-06:00",))
    found = effects([day], [duty(1, "S2", "cell", "A1")])
    assert {one.change.hours for one in found.effects} == {
        HoursSpan(("08:00-18:00",)),
        HoursSpan((), ("08:00-18:00",)),
    }


def test_no_change_has_no_effects() -> None:
    same = [duty(1, "S1", "cell", "A1")]
    found = effects(same, same)
    assert (found.pairs, found.effects, found.opened, found.closed) == (0, [], {}, {})

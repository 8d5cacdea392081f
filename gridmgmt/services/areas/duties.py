"""Find who answers in an area: the duties on it and on the areas above it, by precedence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.surroundings import Group, Surroundings
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.judging.targets import TargetHere
from gridmgmt.domain.responsibility.duty import Duty
from gridmgmt.domain.responsibility.responder import Responder
from gridmgmt.store.responsibility.duties import duties_at
from gridmgmt.store.responsibility.groups import list_groups, list_members
from gridmgmt.store.responsibility.responders import list_responders


@dataclass(frozen=True)
class DutyHere:
    """A duty that counts in an area, and the target it points at."""

    duty: Duty
    responder: Responder
    target: TargetHere
    holds: bool


@dataclass(frozen=True)
class AreaDuties:
    """The duties on an area, its groups and the areas above it, the most specific first.

    ``groups`` are the groups of the area on that day. ``rule`` and ``fallback`` say who answers
    if no duty does. Zones and road segments are missing: they count by position, not by area.
    """

    on: date
    duties: tuple[DutyHere, ...]
    groups: dict[str, Group]
    rule: str | None
    fallback: tuple[Responder, ...]


def area_duties(conn: Connection, chain: Sequence[AreaKey], on: date) -> AreaDuties | None:
    """Return the duties in an area on a day, also those that ended or begin later.

    Parameters
    ----------
    chain : the area first, then the areas above it; an empty chain returns None
    """
    if not chain:
        return None
    groups = {one.code: one for one in list_groups(conn)}
    people = {one.code: one for one in list_responders(conn)}
    surroundings = Surroundings(areas=tuple(chain), zones=(), road_segments=())
    members = [one for one in list_members(conn) if (one.level, one.area_code) in set(chain)]
    stored = duties_at(conn, chain, sorted({one.group_code for one in members}))
    book = DutyBook(stored, people.values(), members)
    targets_here = book.finder.at(surroundings, on)
    found = [
        DutyHere(duty, people[duty.responder_code], here, duty.holds_on(on))
        for here in targets_here
        for duty in book.duties_on(here)
    ]
    rule, codes = book.fallback(surroundings)
    return AreaDuties(
        on=on,
        # Ended duties stay in the list, after those that hold: people ask why a responder no
        # longer answers.
        duties=tuple(sorted(found, key=lambda one: (one.target.rank, not one.holds))),
        groups={here.code: groups[here.code] for here in targets_here if here.code in groups},
        rule=rule,
        fallback=tuple(people[code] for code in codes),
    )

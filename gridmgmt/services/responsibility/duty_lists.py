"""Look up duties: filtered, page by page, with all names."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.known_areas import KnownArea, KnownAreas
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence
from gridmgmt.services.areas.chosen_editions import edition_to_use
from gridmgmt.services.areas.scopes import AreaScope, area_scope
from gridmgmt.services.judging.directory import directory
from gridmgmt.store.areas.areas import area_names, known_areas
from gridmgmt.store.areas.editions import newest_edition
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.duty_filter import (
    DutyFilter,
    DutyPlaces,
    count_duties,
    page_of_duties,
)
from gridmgmt.store.responsibility.responders import list_responders

PAGE_ROWS = 50
MOST_DAYS = 3650


@dataclass(frozen=True)
class DutyQuery:
    """A filter of duties; a field that is None matches all.

    ``area`` is a code, or level:code if several levels have it. It matches duties on the area,
    on areas in it and above it, on its groups, and on what touches it. ``expires_in_days``
    matches duties whose last day comes within so many days of ``on``. ``within`` limits to one
    area in the same way.
    """

    responder: str | None = None
    area: str | None = None
    category: str | None = None
    role: DutyRole | None = None
    target: DutyTarget | None = None
    on: date | None = None
    expires_in_days: int | None = None
    letter_no: str | None = None
    within: AreaKey | None = None
    after: int = 0


@dataclass(frozen=True)
class DutyRow:
    """A duty with the names of its responder and target; ``categories`` are names by code."""

    duty: Duty
    responder_name: str
    place_name: str | None
    categories: dict[str, str]


@dataclass(frozen=True)
class DutyPage:
    """A page of duties by id; ``total`` is the number on all pages."""

    rows: tuple[DutyRow, ...]
    total: int
    next_after: int | None


def find_duties(conn: Connection, query: DutyQuery, *, today: date) -> DutyPage:
    """Return a page of the duties that match a filter.

    Raises
    ------
    InputError, NotFoundError
        when the area does not exist, or not in the edition in force
    """
    wanted = _filter(conn, query, today)
    found = page_of_duties(conn, wanted, limit=PAGE_ROWS + 1, after=query.after)
    page = found[:PAGE_ROWS]
    return DutyPage(
        rows=tuple(named_duties(conn, page)),
        total=count_duties(conn, wanted),
        next_after=page[-1].id if len(found) > len(page) else None,
    )


def named_duties(conn: Connection, duties: Sequence[Duty]) -> list[DutyRow]:
    """Return duties with names."""
    if not duties:
        return []
    people = {one.code: one.name for one in list_responders(conn)}
    kinds = {one.code: one.name for one in list_categories(conn)}
    places = _place_names(conn, duties)
    return [
        DutyRow(
            duty=one,
            responder_name=people[one.responder_code],
            place_name=places.get((one.target, one.level, one.target_code)),
            categories={code: kinds.get(code, code) for code in sorted(one.categories or ())},
        )
        for one in duties
    ]


def newest_area_names(conn: Connection, keys: Collection[AreaKey]) -> dict[AreaKey, str]:
    """Return the names of areas that the newest edition has."""
    newest = newest_edition(conn)
    return {} if newest is None else area_names(conn, newest.number, sorted(keys))


def _filter(conn: Connection, query: DutyQuery, today: date) -> DutyFilter:
    day, last_day_by = query.on, None
    if query.expires_in_days is not None:
        if query.expires_in_days > MOST_DAYS:
            raise InputError(
                field="expires", message=Sentence("ask for {} days at most", f"{MOST_DAYS:,}")
            )
        day = day or today
        last_day_by = day + timedelta(days=query.expires_in_days)
    scopes = []
    if query.within is not None or query.area is not None:
        edition = edition_to_use(conn, None, datetime.now(UTC)).number
        seen = None
        if query.within is not None:
            # Both limits hold: the area of the account, and the one it asks for.
            scopes.append(area_scope(conn, edition, *query.within))
            seen = scopes[0].within | scopes[0].above
        if query.area is not None:
            scopes.append(area_scope(conn, edition, *_area(conn, query.area, seen)))
    return DutyFilter(
        responder_code=query.responder,
        role=query.role,
        target=query.target,
        category=query.category,
        on=day,
        last_day_by=last_day_by,
        letter_no=query.letter_no,
        places=[places_of(scope) for scope in scopes],
    )


def places_of(scope: AreaScope) -> DutyPlaces:
    """Return the places at which the duties about an area point."""
    return DutyPlaces(
        areas=sorted(scope.within | scope.above),
        groups=sorted(scope.groups),
        road_segments=sorted(scope.road_segments),
        zones=sorted(scope.zones),
    )


def _area(conn: Connection, text: str, seen: frozenset[AreaKey] | None) -> AreaKey:
    known = known_areas(conn)
    if seen is not None:
        # For this account, an area it may not see does not exist.
        here = (KnownArea(level, code, standing=True) for level, code in sorted(seen))
        known = KnownAreas(known.levels, here)
    level, colon, code = text.partition(":")
    # A code may have a colon itself, so the part before it counts only if it is a level.
    if not colon or level not in known.levels:
        level, code = "", text
    try:
        return known.level_of(code, level or None)[0], code
    except ValueError as error:
        raise InputError(field="area", message=str(error)) from error


def _place_names(
    conn: Connection, duties: Sequence[Duty]
) -> dict[tuple[DutyTarget, str | None, str], str]:
    names: dict[tuple[DutyTarget, str | None, str], str] = {}
    on_areas = {(one.level, one.target_code) for one in duties if one.target is DutyTarget.AREA}
    keys = [(level, code) for level, code in on_areas if level is not None]
    for (level, code), name in newest_area_names(conn, keys).items():
        names[DutyTarget.AREA, level, code] = name
    known = directory(conn).place_names
    for target, code in {(one.target, one.target_code) for one in duties}:
        if (target, code) in known:
            names[target, None, code] = known[target, code]
    return names

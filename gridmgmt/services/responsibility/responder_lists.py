"""Look up responders: their names, superiors, and cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.cases.case import CaseStatus
from gridmgmt.domain.judging.roster import superiors
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.errors import NotFoundError
from gridmgmt.indicators.rates import DeadlineCounts
from gridmgmt.services.areas.chosen_editions import edition_to_use
from gridmgmt.services.areas.scopes import area_scope
from gridmgmt.services.judging.directory import directory, standing_duties
from gridmgmt.services.responsibility.duty_lists import DutyPage, DutyQuery, find_duties
from gridmgmt.services.responsibility.responders import responders_of
from gridmgmt.services.revision_cache import Fresh
from gridmgmt.services.statistics.figures import figures_by_responder
from gridmgmt.store.accounts.audit import record
from gridmgmt.store.areas.areas import area_names
from gridmgmt.store.areas.editions import newest_edition
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.responsibility.duty_filter import count_by_responder
from gridmgmt.store.responsibility.responders import list_responders

PAGE_ROWS = 50


@dataclass(frozen=True)
class ResponderQuery:
    """A filter of responders; a field that is None matches all.

    ``words`` is part of a name or the beginning of a code. ``within``: those who answer for one
    area, and all their superiors.
    """

    kind: ResponderKind | None = None
    words: str | None = None
    within: AreaKey | None = None
    after: str | None = None


@dataclass(frozen=True)
class ResponderRow:
    """A responder without its phone number, with today's duties and dispatched cases."""

    responder: Responder
    superior_name: str | None
    station_name: str | None
    duties: int
    cases: DeadlineCounts


@dataclass(frozen=True)
class ResponderPage:
    """A page of responders by code.

    ``total`` is the number on all pages, ``kinds`` are the numbers of each kind.
    """

    rows: tuple[ResponderRow, ...]
    total: int
    kinds: Mapping[ResponderKind, int]
    next_after: str | None


@dataclass(frozen=True)
class ResponderShown:
    """One responder with its superiors and subordinates, its duties and its open cases.

    ``superiors`` begin with the nearest. ``subordinates`` are only the next level below.
    """

    row: ResponderRow
    superiors: tuple[Responder, ...]
    subordinates: tuple[ResponderRow, ...]
    duties: DutyPage


def find_responders(
    conn: Connection,
    query: ResponderQuery,
    *,
    now: datetime,
    today: date,
    case_scope: CaseScope,
    without_provisional: bool = False,
) -> ResponderPage:
    """Return a page of the responders that match a filter, without phone numbers.

    ``without_provisional`` counts cases with a provisional deadline as never overdue.
    """
    judged = partial(_rows, conn, now=now, without_provisional=without_provisional)
    everybody = _visible(conn, query.within)
    kinds: dict[ResponderKind, int] = {}
    for one in everybody.values():
        kinds[one.kind] = kinds.get(one.kind, 0) + 1
    found = [one for one in everybody.values() if _meant(one, query)]
    rest = [one for one in found if query.after is None or one.code > query.after]
    page = rest[:PAGE_ROWS]
    return ResponderPage(
        rows=tuple(judged(page, everybody, today=today, case_scope=case_scope)),
        total=len(found),
        kinds=kinds,
        next_after=page[-1].code if len(rest) > len(page) else None,
    )


def responder_choices(
    conn: Connection, *, within: AreaKey | None, case_scope: CaseScope
) -> list[Responder]:
    """Return responders to choose from, without phone numbers.

    An account that sees only one responder's cases gets this one. An account limited to an area
    gets those who answer for it and all their superiors.
    """
    found = _visible(conn, within).values()
    own = case_scope.responder_code
    return [one for one in found if own is None or one.code == own]


def show_responder(
    conn: Connection,
    code: str,
    *,
    within: AreaKey | None,
    personal: bool,
    actor: str,
    now: datetime,
    today: date,
    case_scope: CaseScope,
    without_provisional: bool = False,
) -> ResponderShown:
    """Return one responder; the phone number only on request, with an audit entry.

    ``without_provisional`` counts cases with a provisional deadline as never overdue.

    Raises
    ------
    NotFoundError
        when there is no such responder, or it has nothing to do with ``within``
    """
    everybody = _visible(conn, within)
    if code not in everybody:
        raise NotFoundError(kind="responder", key=code)
    phone = None
    if personal:
        # Read only here: nothing else on the page can show a phone number by mistake.
        phone = next(one.phone for one in list_responders(conn) if one.code == code)
        record(conn, actor, "read_phones", "responder", {"responders": 1, "code": code})
    below = [one for one in everybody.values() if one.superior_code == code]
    judged = partial(_rows, conn, now=now, without_provisional=without_provisional)
    (row, *subordinates) = judged(
        [everybody[code], *below], everybody, today=today, case_scope=case_scope
    )
    above = superiors(code, {one.code: one.superior_code for one in everybody.values()})
    duties = DutyQuery(responder=code, on=today, within=within)
    return ResponderShown(
        row=replace(row, responder=replace(row.responder, phone=phone)),
        superiors=tuple(everybody[one] for one in above),
        subordinates=tuple(subordinates),
        duties=find_duties(conn, duties, today=today),
    )


def _visible(conn: Connection, within: AreaKey | None) -> Mapping[str, Responder]:
    """Return the visible responders by code, without phone numbers."""
    found = directory(conn).responders
    if within is not None:
        edition = edition_to_use(conn, None, datetime.now(UTC)).number
        kept = _CONCERNED.get(conn, (edition, *within))
        found = {code: one for code, one in found.items() if code in kept}
    return found


def _concerned(conn: Connection, area: tuple[int, str, str]) -> frozenset[str]:
    """Return the responders who have to do with an area of an edition, and their superiors."""
    responders = directory(conn).responders.values()
    return responders_of(responders, standing_duties(conn).duties, area_scope(conn, *area))


# It reads all duties, and each page of an account limited to an area needs it.
_CONCERNED: Fresh[tuple[int, str, str], frozenset[str]] = Fresh(_concerned, 50)


def _meant(one: Responder, query: ResponderQuery) -> bool:
    if query.kind is not None and one.kind is not query.kind:
        return False
    words = (query.words or "").casefold()
    return words in one.name.casefold() or one.code.casefold().startswith(words)


def _rows(
    conn: Connection,
    page: Sequence[Responder],
    everybody: Mapping[str, Responder],
    *,
    now: datetime,
    today: date,
    case_scope: CaseScope,
    without_provisional: bool,
) -> list[ResponderRow]:
    codes = [one.code for one in page]
    duties = count_by_responder(conn, codes, today)
    dispatched = CaseFilter(
        status=CaseStatus.DISPATCHED,
        case_scope=case_scope,
        without_provisional=without_provisional,
    )
    cases = figures_by_responder(conn, dispatched, now)
    stations = _station_names(conn, page)
    return [
        ResponderRow(
            responder=one,
            superior_name=_name_of(everybody, one.superior_code),
            station_name=stations.get((one.area_level or "", one.area_code or "")),
            duties=duties.get(one.code, 0),
            cases=cases.get(one.code, DeadlineCounts()),
        )
        for one in page
    ]


def _name_of(everybody: Mapping[str, Responder], code: str | None) -> str | None:
    return everybody[code].name if code is not None and code in everybody else code


def _station_names(conn: Connection, page: Sequence[Responder]) -> dict[AreaKey, str]:
    newest = newest_edition(conn)
    keys = {(one.area_level, one.area_code) for one in page}
    named = [(level, code) for level, code in keys if level is not None and code is not None]
    return {} if newest is None else area_names(conn, newest.number, named)

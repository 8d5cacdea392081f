"""Lists of cases: filtered, searched, sorted, page by page."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.case_scope import CaseScope, sees_personal
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.cases.case import Case, CaseStatus, UnroutedReason
from gridmgmt.domain.cases.duplicates import DuplicateRule
from gridmgmt.domain.cases.supervision import Supervision
from gridmgmt.errors import NotFoundError
from gridmgmt.services.areas.scopes import area_scope
from gridmgmt.services.cases.questions import Asker, CaseQuestion, find
from gridmgmt.services.cases.stories import without_personal
from gridmgmt.services.judging.directory import directory
from gridmgmt.services.revision_cache import Fresh
from gridmgmt.services.statistics.figures import count_cases, count_each
from gridmgmt.store.accounts.audit import recent_details, record
from gridmgmt.store.areas.areas import area_names, count_areas, latest_names
from gridmgmt.store.areas.editions import newest_edition
from gridmgmt.store.cases.bounces import bounced_by
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.case_pages import (
    CasePage,
    Order,
    PageKey,
    count_up_to,
    read_page,
)
from gridmgmt.store.cases.duplicates import cases_alike
from gridmgmt.store.cases.supervisions import newest_supervisions

PAGE_ROWS = 50
# A search of texts is counted up to this number: it reads the texts, which have no index, and a
# larger count is not worth that wait. All other lists are counted exactly.
MOST_COUNTED = 10_000
# Levels with more areas than this are too long to choose from.
_CHOICES = 150
_READING = ("read_personal", "cases")
_AGAIN = timedelta(hours=1)


@dataclass(frozen=True)
class CaseNames:
    """The names of codes on a page of cases; ``areas`` by (edition, level, code).

    ``bounced_by`` has, by case number, who bounced the cases that wait because of it, and
    ``supervised`` the newest supervision of those that a responder has.
    """

    categories: Mapping[str, str]
    responders: Mapping[str, str]
    areas: Mapping[tuple[int, str, str], str]
    bounced_by: Mapping[str, str]
    supervised: Mapping[str, Supervision]


@dataclass(frozen=True)
class CaseListing:
    """A page of a list.

    ``count`` is that of the whole list, so that a list behind a figure says the same number;
    None where texts were searched and more than ``MOST_COUNTED`` cases match. ``texts_since``
    is the instant since which texts were searched, or None if numbers were, or nothing.
    ``alike`` has, by number, how many other visible open cases may be duplicates of a case that
    waits. ``addresses`` are those that the reader may see, by number; the cases themselves are
    without personal data.
    """

    page: CasePage
    count: int | None
    names: CaseNames
    texts_since: datetime | None
    alike: Mapping[str, int]
    addresses: Mapping[str, str]


def list_page(
    conn: Connection,
    asked: CaseQuestion,
    asker: Asker,
    *,
    order: Order,
    after: PageKey | None = None,
    before: PageKey | None = None,
    duplicates: DuplicateRule | None = None,
    reader: Account | None = None,
) -> CaseListing:
    """Return one page of cases with the names of their codes.

    Addresses are for a reader who may see them. Reading them is written to the audit log, by
    case, at most once an hour.

    Parameters
    ----------
    duplicates : the rule for duplicates; None: they are not searched
    reader : the account that reads the list; None: no address is shown

    Raises
    ------
    NotFoundError
        when there is no such area
    """
    wanted = find(conn, asked, asker)
    page = read_page(conn, wanted, order, limit=PAGE_ROWS, after=after, before=before)
    count: int | None
    # The whole list is on this page, so there is nothing to count.
    if page.before is None and page.after is None and (page.cases or not (after or before)):
        count = len(page.cases)
    else:
        count = _count(conn, wanted)
    addresses = _addresses(conn, page.cases, reader, asker.case_scope)
    page = replace(page, cases=[without_personal(case) for case in page.cases])
    return CaseListing(
        page,
        count,
        names_of(conn, page.cases),
        wanted.since if wanted.text is not None else None,
        _alike(conn, page.cases, asker, duplicates),
        addresses,
    )


def _addresses(
    conn: Connection, found: Sequence[Case], reader: Account | None, case_scope: CaseScope
) -> Mapping[str, str]:
    if reader is None:
        return {}
    addresses = {
        case.given.case_no: case.given.address
        for case in found
        if case.given.address and sees_personal(reader, case, case_scope)
    }
    _note_reading(conn, reader.username, addresses)
    return addresses


def _note_reading(conn: Connection, username: str, case_nos: Iterable[str]) -> None:
    """Write to the audit log whose addresses a person reads, each at most once in ``_AGAIN``.

    A list that brings itself up to date would otherwise write the same entry all day.
    """
    since = datetime.now(UTC) - _AGAIN
    read = recent_details(conn, username, *_READING, since=since)
    noted = {case_no for detail in read for case_no in detail.get("case_nos", ())}
    fresh = sorted(set(case_nos) - noted)
    if fresh:
        record(conn, username, *_READING, {"command": "list", "case_nos": fresh})


def count_lists(conn: Connection, asked: Sequence[CaseQuestion], asker: Asker) -> list[int]:
    """Count the cases of several lists of a person, in one state of the cases.

    None of them may search texts.
    """
    return count_each(conn, [find(conn, one, asker) for one in asked])


def _count(conn: Connection, wanted: CaseFilter) -> int | None:
    if wanted.text is None:
        return count_cases(conn, wanted)
    count = count_up_to(conn, wanted, MOST_COUNTED + 1)
    return count if count <= MOST_COUNTED else None


def names_of(conn: Connection, found: Sequence[Case]) -> CaseNames:
    """Return the names of the codes of some cases."""
    by_edition: dict[int, set[AreaKey]] = {}
    for case in found:
        location = case.location
        if location.edition is not None and location.level and location.area_code:
            by_edition.setdefault(location.edition, set()).add(
                (location.level, location.area_code)
            )
    areas = {
        (edition, level, code): name
        for edition, keys in by_edition.items()
        for (level, code), name in area_names(conn, edition, sorted(keys)).items()
    }
    known = directory(conn)
    return CaseNames(
        categories=known.category_names,
        responders=known.responder_names,
        areas=areas,
        bounced_by=_bounced_by(conn, found),
        supervised=_supervised(conn, found),
    )


def _alike(
    conn: Connection, found: Sequence[Case], asker: Asker, rule: DuplicateRule | None
) -> Mapping[str, int]:
    # Only for cases that wait: this is where a person can act on the hint.
    waiting = [one.given.case_no for one in found if one.status is CaseStatus.TRIAGE]
    if rule is None or not waiting:
        return {}
    return Counter(
        one.of for one in cases_alike(conn, waiting, rule, case_scope=asker.case_scope)
    )


def _bounced_by(conn: Connection, found: Sequence[Case]) -> dict[str, str]:
    reason = UnroutedReason.BOUNCED
    waiting = [one.given.case_no for one in found if one.unrouted_reason is reason]
    return bounced_by(conn, waiting) if waiting else {}


def _supervised(conn: Connection, found: Sequence[Case]) -> dict[str, Supervision]:
    # Of a case that is done the history tells it; here it says what still waits.
    waiting = CaseStatus.DISPATCHED
    numbers = [one.given.case_no for one in found if one.status is waiting]
    return newest_supervisions(conn, numbers) if numbers else {}


def area_choices(
    conn: Connection, *, top: AreaKey | None = None
) -> Sequence[tuple[str, str, str]]:
    """Return the areas of the newest edition's upper levels, as (level, code, name).

    With ``top``, only this area, areas in it, and areas it lies in.
    """
    return _CHOICES_KEPT.get(conn, top)


def _area_choices(conn: Connection, top: AreaKey | None) -> Sequence[tuple[str, str, str]]:
    newest = newest_edition(conn)
    if newest is None:
        return ()
    offered = tuple(
        (level.level, code, name)
        for level in count_areas(conn, newest.number)
        if level.areas <= _CHOICES
        for code, name in sorted(latest_names(conn, level.level).items())
    )
    if top is None:
        return offered
    scope = area_scope(conn, newest.number, *top)
    seen = scope.within | scope.above
    return tuple(one for one in offered if (one[0], one[1]) in seen)


# By the area that an account is limited to.
_CHOICES_KEPT: Fresh[AreaKey | None, Sequence[tuple[str, str, str]]] = Fresh(_area_choices, 200)


def area_name(conn: Connection, area: AreaKey) -> str:
    """Return the name of an area, its last name if it does not exist any more.

    Raises
    ------
    NotFoundError
        when there never was such an area
    """
    level, code = area
    names = latest_names(conn, level)
    if code not in names:
        raise NotFoundError(kind=level, key=code)
    return names[code]

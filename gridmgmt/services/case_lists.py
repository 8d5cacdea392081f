"""Lists of cases: filtered, searched, sorted, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from gridmgmt.domain.area import AreaKey
from gridmgmt.domain.case import Case
from gridmgmt.domain.sight import EVERYTHING, Sight
from gridmgmt.errors import InputError, NotFoundError
from gridmgmt.services.cases import within_area
from gridmgmt.store import audit
from gridmgmt.store.areas import area_names, count_areas, latest_names
from gridmgmt.store.case_filter import CaseFilter
from gridmgmt.store.case_pages import CasePage, Order, PageKey, count_up_to, read_page
from gridmgmt.store.categories import list_categories
from gridmgmt.store.editions import newest_edition
from gridmgmt.store.overview import first_and_last_reported
from gridmgmt.store.responders import list_responders

PAGE_ROWS = 50
# How far a list is counted: what is more is not worth the wait.
COUNTED = 10_000
# Texts have no index: Chinese has no words an index of them would know, and one of all
# characters would cost an import more than everything else. So they are searched in a period.
TEXT_DAYS = 92
# Levels with more areas than this are not offered for a choice from a list.
_CHOICES = 150


@dataclass(frozen=True)
class CaseQuestion:
    """What a person asks a list for.

    ``area`` is a level and a code, of ``edition`` where that is given. ``search`` is how the
    number of a case begins or, for who may see personal data, part of its texts.
    """

    wanted: CaseFilter = field(default_factory=CaseFilter)
    area: AreaKey | None = None
    edition: int | None = None
    search: str | None = None


@dataclass(frozen=True)
class Asker:
    """Who asks: what they may see, and whether personal data too."""

    actor: str
    sight: Sight = EVERYTHING
    personal: bool = False


@dataclass(frozen=True)
class CaseNames:
    """What codes on a page of cases are called; ``areas`` by (edition, level, code)."""

    categories: Mapping[str, str]
    responders: Mapping[str, str]
    areas: Mapping[tuple[int, str, str], str]


@dataclass(frozen=True)
class CaseListing:
    """A page of a list.

    ``count`` is that of the whole list, None where it is more than ``COUNTED``. ``texts_since``
    is from when on texts were searched, None where the numbers were or nothing.
    """

    page: CasePage
    count: int | None
    names: CaseNames
    texts_since: datetime | None


def find(conn: Connection, asked: CaseQuestion, asker: Asker) -> CaseFilter:
    """Turn what a person asks for into what the store can answer.

    A search is for numbers when any case in sight begins with it, else for texts where the
    asker may see them; searching texts reads personal data and is noted.

    Raises
    ------
    NotFoundError
        when there is no such area
    """
    wanted = replace(asked.wanted, sight=asker.sight)
    if asked.area is not None:
        leaves = within_area(conn, *asked.area, edition=asked.edition)
        wanted = replace(wanted, areas=leaves)
    if asked.search is None:
        return wanted
    by_number = CaseFilter(number_prefix=asked.search, sight=asker.sight)
    if not asker.personal or count_up_to(conn, by_number, 1):
        return replace(wanted, number_prefix=asked.search)
    audit.record(conn, asker.actor, "read_personal", "cases", {"command": "search texts"})
    since = wanted.since or _texts_since(conn, wanted.until)
    return replace(wanted, text=asked.search, since=since)


def list_page(
    conn: Connection,
    asked: CaseQuestion,
    asker: Asker,
    *,
    order: Order,
    after: PageKey | None = None,
    before: PageKey | None = None,
) -> CaseListing:
    """List one page of cases, with what their codes mean.

    Raises
    ------
    NotFoundError
        when there is no such area
    """
    wanted = find(conn, asked, asker)
    page = read_page(conn, wanted, order, limit=PAGE_ROWS, after=after, before=before)
    count = count_up_to(conn, wanted, COUNTED + 1)
    return CaseListing(
        page,
        count if count <= COUNTED else None,
        names_of(conn, page.cases),
        wanted.since if wanted.text is not None else None,
    )


def refuse_more_than(conn: Connection, wanted: CaseFilter, most: int) -> None:
    """Refuse a list that is longer than can be taken away at once.

    Raises
    ------
    InputError
        when it has more cases than ``most``
    """
    if count_up_to(conn, wanted, most + 1) > most:
        message = f"more than {most:,} cases; choose a shorter period or fewer of them"
        raise InputError(field="format", message=message)


def names_of(conn: Connection, found: Sequence[Case]) -> CaseNames:
    """Tell what the codes of some cases are called."""
    by_edition: dict[int, set[AreaKey]] = {}
    for case in found:
        placed = case.placed
        if placed.edition is not None and placed.level and placed.area_code:
            by_edition.setdefault(placed.edition, set()).add((placed.level, placed.area_code))
    areas = {
        (edition, level, code): name
        for edition, keys in by_edition.items()
        for (level, code), name in area_names(conn, edition, sorted(keys)).items()
    }
    return CaseNames(
        categories={one.code: one.name for one in list_categories(conn)},
        responders={one.code: one.name for one in list_responders(conn)},
        areas=areas,
    )


def area_choices(conn: Connection) -> list[tuple[str, str, str]]:
    """Offer the areas of the newest edition's upper levels, as (level, code, name)."""
    newest = newest_edition(conn)
    if newest is None:
        return []
    return [
        (level.level, code, name)
        for level in count_areas(conn, newest.number)
        if level.areas <= _CHOICES
        for code, name in sorted(latest_names(conn, level.level).items())
    ]


def area_name(conn: Connection, area: AreaKey) -> str:
    """Return what an area is called, now or when it last was there.

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


def _texts_since(conn: Connection, until: datetime | None) -> datetime | None:
    ends = first_and_last_reported(conn)
    last = until or (None if ends is None else ends[1])
    return None if last is None else last - timedelta(days=TEXT_DAYS)

"""Search areas, road segments, cases and structures by code, number or name in one field."""

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.services.situation.map_areas import map_areas
from gridmgmt.store.situation.map_areas import (
    Found,
    search_areas,
    search_cases,
    search_road_segments,
    search_structures,
)

# The largest number of each kind. More than a person reads; one more character narrows the
# search.
MOST = 10
LONGEST = 100


def search(
    conn: Connection,
    words: str,
    *,
    edition: int,
    area: AreaKey | None,
    cases: CaseScope | None,
    only_places: bool = False,
) -> list[Found]:
    """Find areas, road segments and structures by code or name, and cases by number.

    Parameters
    ----------
    words : in upper or lower case; a case is found by the beginning of its number, in its exact
        case
    area : the one area the account is limited to
    cases : which cases the account may see; None: no cases
    only_places : areas and road segments alone, which say where something is

    Returns
    -------
    at most ten of each kind, areas first; nothing without words

    Raises
    ------
    NotFoundError
        when there is no such edition
    """
    words = words.strip()[:LONGEST]
    # A character that PostgreSQL cannot store is in no name there.
    if not words or "\0" in words:
        return []
    seen = None
    if area is not None:
        by_level = map_areas(conn, edition, area=area).by_level
        seen = [(level, code) for level, rows in by_level.items() for code in rows]
    found = search_areas(conn, edition, words, areas_seen=seen, most=MOST)
    found += search_road_segments(conn, words, edition=edition, area=area, most=MOST)
    if only_places:
        return found
    # An account that may see no case must not learn numbers by typing beginnings.
    if cases is not None:
        found += search_cases(conn, words, case_scope=cases, most=MOST)
    return found + search_structures(conn, words, edition=edition, area=area, most=MOST)

"""One field that finds areas, cases and structures by code, number or name."""

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.services.situation.map_areas import map_areas
from gridmgmt.store.situation.map_areas import (
    Found,
    search_areas,
    search_cases,
    search_structures,
)

# Of each kind; more than one reads are narrowed by one more character.
MOST = 10
LONGEST = 100


def search(
    conn: Connection,
    words: str,
    *,
    edition: int,
    area: AreaKey | None,
    cases: CaseScope | None,
) -> list[Found]:
    """Find areas and structures that have these words in code or name, cases by number.

    Parameters
    ----------
    words : in upper or lower case; a case is found by how its number begins, as it is written
    area : the one area the account is limited to
    cases : which cases the account may see; None: it may see no case

    Returns
    -------
    at most ten of each kind, areas first; nothing for no words

    Raises
    ------
    NotFoundError
        when there is no such edition
    """
    words = words.strip()[:LONGEST]
    # A character that text cannot hold in the database is in no name there.
    if not words or "\0" in words:
        return []
    seen = None
    if area is not None:
        by_level = map_areas(conn, edition, area=area).by_level
        seen = [(level, code) for level, rows in by_level.items() for code in rows]
    found = search_areas(conn, edition, words, areas_seen=seen, most=MOST)
    if cases is not None:
        found += search_cases(conn, words, case_scope=cases, most=MOST)
    return found + search_structures(conn, words, edition=edition, area=area, most=MOST)

"""Outlines and positions for the small map of a case."""

from enum import StrEnum

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.edition import edition_at
from gridmgmt.domain.cases.case import Case
from gridmgmt.domain.judging.trace import judged_last
from gridmgmt.domain.responsibility.component import Component
from gridmgmt.geometry.coverage.changes import no_areas
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.services.areas.outlines import backdrop
from gridmgmt.store.areas.area_tree import chain_of, shapes_of
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.cases.cases import get_case, get_trace
from gridmgmt.store.responsibility.components import get_component


class CasePart(StrEnum):
    """A part of the surroundings of a case."""

    AREA = "area"
    CANDIDATES = "candidates"
    AROUND = "around"


def position(conn: Connection, case_no: str, *, case_scope: CaseScope) -> shapely.Point | None:
    """Return where a case lies, lon/lat (EPSG:4326), or None without a position.

    Raises
    ------
    NotFoundError
        when no case has this number, or the person may not see it
    """
    location = get_case(conn, case_no, case_scope=case_scope).location
    if location.lon is None or location.lat is None:
        return None
    return shapely.Point(location.lon, location.lat)


def components(
    conn: Connection, case_no: str, *, case_scope: CaseScope
) -> list[tuple[Component, BaseGeometry]]:
    """Return the components a case may be about, by its trace, at their present positions.

    Raises
    ------
    NotFoundError
        when no case has this number, or the person may not see it
    """
    # Raises an error for a case the person may not see; its components would show where it
    # lies.
    get_case(conn, case_no, case_scope=case_scope)
    place = judged_last(get_trace(conn, case_no))["place"] or {}
    codes = [code for code, _ in place.get("components", ())]
    found = (get_component(conn, code) for code in codes)
    return [(one[0], one[1][0]) for one in found if one is not None]


def around(
    conn: Connection,
    case_no: str,
    part: CasePart,
    *,
    case_scope: CaseScope,
    top: AreaKey | None,
) -> LevelAreas:
    """Read the outlines around a case, in the edition that was in force when it was reported.

    ``area`` is the area of the case, ``candidates`` are areas it nearly lies in. For a case
    without an area, ``around`` is an overview of the whole edition within ``top``.

    Raises
    ------
    NotFoundError
        when no case has this number, or the person may not see it
    """
    case = get_case(conn, case_no, case_scope=case_scope)
    if part is CasePart.AROUND:
        return _around(conn, case, top)
    location = case.location
    if location.edition is None or location.level is None:
        return no_areas("")
    codes = [location.area_code] if part is CasePart.AREA else list(location.candidates[1:])
    found = [code for code in codes if code is not None]
    return shapes_of(conn, location.edition, location.level, found)


def _around(conn: Connection, case: Case, top: AreaKey | None) -> LevelAreas:
    edition = edition_at(list_editions(conn), case.given.reported_at)
    if edition is None:
        return no_areas("")
    location = case.location
    if location.area_code is None or location.level is None:
        return backdrop(conn, edition.number, None, top=top)
    # The area one level above, so that people see where the area lies.
    chain = chain_of(conn, edition.number, location.level, location.area_code)
    if len(chain) < 2:
        return no_areas("")
    return shapes_of(conn, edition.number, chain[1].level, [chain[1].code])

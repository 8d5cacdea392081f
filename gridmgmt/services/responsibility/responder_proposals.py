"""Propose responders for a new duty: those who answer for the same in the areas around."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.auditing.duty_matrix import DutyMatrix
from gridmgmt.domain.responsibility.duty import DutyTarget
from gridmgmt.domain.responsibility.responder import Responder
from gridmgmt.errors import EditionError
from gridmgmt.services.judging.directory import directory, standing_duties
from gridmgmt.services.responsibility.duty_changes import DutyPlace
from gridmgmt.services.responsibility.duty_grounds import DutyGround
from gridmgmt.store.areas.area_tree import neighbours_of

MOST_PROPOSED = 4
# The neighbours of so many places are read; a hole of a whole city has hundreds of places.
_MOST_PLACES = 20


@dataclass(frozen=True)
class ProposedResponder:
    """A responder who answers for the same categories elsewhere.

    ``beside`` is the share, from 0 to 1, of the pairs of leaf area and category in the
    neighbouring areas that it disposes of, None without neighbours; ``everywhere`` that of the
    whole city.
    """

    responder: Responder
    beside: float | None
    everywhere: float


def propose_responders(
    conn: Connection,
    places: Sequence[DutyPlace],
    categories: Collection[str] | None,
    day: date,
    *,
    tz: ZoneInfo,
    most: int = MOST_PROPOSED,
) -> list[ProposedResponder]:
    """Return who disposes of categories beside some areas, and else in the whole city.

    Those with the largest share of the neighbouring areas come first, then those with the
    largest share of the city. Neighbours are of the level of the place; the places themselves
    are none. ``categories`` None means all. Nobody is proposed where no duty says anything
    comparable: for zones, road segments and groups alone, or on a day without an edition.
    """
    areas = [
        (one.level, one.code)
        for one in places
        if one.target == DutyTarget.AREA and one.level is not None
    ]
    if not areas:
        return []
    try:
        ground = DutyGround.load(conn, day, tz=tz)
    except EditionError:
        return []
    asked = [one for one in ground.categories if categories is None or one in categories]
    leaves_beside = _beside(conn, ground, areas)
    matrix = DutyMatrix(ground.book(standing_duties(conn).duties), ground.chain_of, day)
    city = matrix.cell(ground.chain_of, asked)
    near = matrix.cell(leaves_beside, asked)
    known = directory(conn).responders
    found = [
        ProposedResponder(
            responder=known[code],
            beside=near.disposers.get(code, 0) / near.pairs if near.pairs else None,
            everywhere=pairs / city.pairs,
        )
        for code, pairs in city.disposers.items()
        if code in known
    ]
    found.sort(key=lambda one: (-(one.beside or 0.0), -one.everywhere, one.responder.code))
    return found[:most]


def _beside(conn: Connection, ground: DutyGround, areas: Sequence[AreaKey]) -> list[str]:
    """Return the leaf areas in the neighbours of some areas, without those in the areas."""
    beside = {
        (level, str(neighbour))
        for level, code in areas[:_MOST_PLACES]
        for neighbour in neighbours_of(conn, ground.edition, level, code).codes
    }
    asked = set(areas)
    return [
        leaf
        for leaf, chain in ground.chain_of.items()
        if not beside.isdisjoint(chain) and asked.isdisjoint(chain)
    ]

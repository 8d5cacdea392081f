"""Audit the duties of a day: who would dispose of what, where, before any case arrives."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.auditing.duty_audit import DutyAudit, audit_duties
from gridmgmt.domain.responsibility.duty import DutyTarget
from gridmgmt.services.areas.scopes import edition_in_force
from gridmgmt.services.responsibility.duty_grounds import DutyGround
from gridmgmt.services.revision_cache import Fresh
from gridmgmt.store.areas.areas import area_names
from gridmgmt.store.responsibility.duties import list_duties


def audit(
    conn: Connection,
    day: date,
    *,
    tz: ZoneInfo,
    within: AreaKey | None = None,
    categories: Collection[str] | None = None,
) -> DutyAudit:
    """Audit the duties of a day against the edition in force when it begins.

    Audits are kept by this process while nothing that routes cases has changed.

    Parameters
    ----------
    within : only the leaf areas of this area, and the zones and road segments that touch it
    categories : only these of the mapped ones

    Raises
    ------
    EditionError
        when no edition is in force that day
    NotFoundError
        when that edition has no such area
    """
    asked = _Asked(day, tz, within, None if categories is None else frozenset(categories))
    return _AUDITS.get(conn, asked)


class _Asked(NamedTuple):
    day: date
    tz: ZoneInfo
    within: AreaKey | None
    categories: frozenset[str] | None


def _audit(conn: Connection, asked: _Asked) -> DutyAudit:
    day, tz, within, categories = asked
    ground = DutyGround.load(conn, day, tz=tz, within=within)
    duties = list_duties(conn)
    result = audit_duties(
        ground.book(duties),
        list(ground.chain_of.values()),
        [one for one in ground.categories if categories is None or one in categories],
        ground.zone_sets,
        ground.road_segments,
        day,
        every=list(ground.every.values()),
    )
    there = {area for chain in ground.chain_of.values() for area in chain}
    stale = tuple(
        duty
        for duty in duties
        # A limited account has no complete list of areas, so nothing would be proved.
        if within is None
        and duty.target is DutyTarget.AREA
        and duty.holds_on(day)
        and (duty.level, duty.target_code) not in there
    )
    return replace(result, stale=stale, leaf=ground.leaf)


# The page, its mends and their previews ask the same within minutes.
_AUDITS = Fresh(_audit, 8)


def area_names_of(conn: Connection, found: DutyAudit, *, tz: ZoneInfo) -> dict[AreaKey, str]:
    """Return the names of the findings' areas, in the edition of the audit's day."""
    keys = {(one.level, one.code) for finding in found.findings for one in finding.whole}
    if found.leaf is not None:
        leaves = {code for finding in found.findings for code in finding.leaves}
        keys |= {(found.leaf, code) for code in leaves}
    edition = edition_in_force(conn, found.day, tz)
    return area_names(conn, edition, sorted(keys))

"""Propose how a hole or a double of the audit is mended: what the program can fill in."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.domain.auditing.duty_audit import DutyAudit, Finding, FindingKind, rivals
from gridmgmt.domain.auditing.hours_left import hours_left
from gridmgmt.domain.responsibility.duty import Duty, DutyTarget
from gridmgmt.services.responsibility.duty_audits import audit
from gridmgmt.services.responsibility.duty_changes import DutyPlace
from gridmgmt.services.responsibility.duty_grounds import DutyGround
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.duties import list_duties


@dataclass(frozen=True)
class Mend:
    """How a finding is mended.

    A gap needs a new duty at ``places``, for ``categories`` (None: all) at ``hours`` (None:
    always, or they cannot be said). Of a double some of the ``duties`` must end, for the
    categories of the finding.
    """

    finding: Finding
    places: tuple[DutyPlace, ...]
    categories: frozenset[str] | None
    hours: str | None
    duties: tuple[Duty, ...] = ()


def finding_key(finding: Finding) -> str:
    """Return a short name of a finding, the same while the finding is."""
    told = json.dumps(
        [
            finding.outcome,
            finding.categories,
            finding.target,
            finding.whole,
            finding.leaves,
            finding.places,
        ],
        default=vars,
    )
    return sha256(told.encode()).hexdigest()[:16]


def find_faults(
    conn: Connection,
    day: date,
    *,
    tz: ZoneInfo,
    area: AreaKey | None = None,
    categories: Collection[str] | None = None,
    kind: FindingKind | None = None,
) -> DutyAudit:
    """Audit one area and some categories, for one kind of finding; None: all.

    Raises
    ------
    EditionError, NotFoundError
        as `audit`
    """
    found = audit(conn, day, tz=tz, within=area, categories=categories)
    wanted = tuple(one for one in found.findings if kind in (None, one.outcome.kind))
    # Duties on areas that are gone are of no category and no kind.
    stale = found.stale if categories is None and kind is None else ()
    return replace(found, findings=wanted, stale=stale)


def mend_of(conn: Connection, found: DutyAudit, finding: Finding, *, tz: ZoneInfo) -> Mend:
    """Return how a finding is mended, by the duties of the day of its audit."""
    day = found.day
    places = [DutyPlace(DutyTarget.AREA, one.code, one.level) for one in finding.whole]
    places += [DutyPlace(DutyTarget.AREA, code, found.leaf) for code in finding.leaves]
    if finding.target is not DutyTarget.AREA:
        places = [DutyPlace(finding.target, code) for code in finding.places]
    mapped = [one for one in list_categories(conn) if one.mapped]
    for_all = len(finding.categories) == len(mapped)
    categories = None if for_all else frozenset(finding.categories)
    hours = None
    if finding.outcome.kind is FindingKind.PARTLY:
        hours = hours_left(finding.outcome.hours, day)
    if finding.outcome.kind is not FindingKind.DOUBLE:
        return Mend(finding, tuple(places), categories, hours)
    ground = DutyGround.load(conn, day, tz=tz)
    meeting = rivals(
        ground.book(list_duties(conn)),
        _surroundings(ground, finding),
        finding.categories,
        finding.outcome.disposers,
        day,
    )
    return Mend(finding, tuple(places), categories, hours, tuple(meeting))


def _surroundings(ground: DutyGround, finding: Finding) -> list[Surroundings]:
    if finding.target is DutyTarget.ZONE:
        return [Surroundings((), zones=finding.places)]
    if finding.target is DutyTarget.ROAD_SEGMENT:
        return [Surroundings((), (), tuple((code, 0.0) for code in finding.places))]
    whole = {(one.level, one.code) for one in finding.whole}
    leaves = set(finding.leaves)
    return [
        Surroundings(chain)
        for leaf, chain in ground.chain_of.items()
        if leaf in leaves or not whole.isdisjoint(chain)
    ]

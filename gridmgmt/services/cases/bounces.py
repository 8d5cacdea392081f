"""Report what the bounces of a period show about borders and duties."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.cases.case import CaseLocation, GivenCase
from gridmgmt.domain.judging.bounces import Bounce, BounceReport, report_bounces
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence
from gridmgmt.services.areas.scopes import within_area
from gridmgmt.services.cases.summaries import parents_at
from gridmgmt.services.judging.directory import directory, standing_duties
from gridmgmt.services.judging.judge import Judge
from gridmgmt.store.areas.areas import latest_names
from gridmgmt.store.areas.levels import get_level
from gridmgmt.store.cases.bounces import BounceRow, bounced_cases

# The largest distance from a border at which a case counts as near it, metres.
REACH_M = 30.0
_MOST_REACH_M = 1_000.0
_USUAL_LEVEL = "street"


@dataclass(frozen=True)
class BouncesAsked:
    """The options of a report: bounces from ``since`` on and before ``until``, None: all.

    ``level`` is the level of the areas by which bounces are grouped; None means streets, or the
    topmost level without streets. ``within`` leaves out cases that lay in no leaf area of it.
    """

    rules: JudgingRules
    since: datetime | None = None
    until: datetime | None = None
    reach_m: float = REACH_M
    level: str | None = None
    within: AreaKey | None = None


@dataclass(frozen=True)
class BouncesFound:
    """The report, its bounces, and the names of the codes in it.

    ``areas`` are those of ``level``, ``leaf_names`` those in which the cases lay, and beside
    which they lay; ``letters`` are the letter numbers by duty.
    """

    report: BounceReport
    rows: Sequence[BounceRow]
    level: str
    areas: Mapping[str, str]
    leaf_names: Mapping[str, str]
    responders: Mapping[str, str]
    categories: Mapping[str, str]
    letters: Mapping[int, str | None]


def find_bounces(conn: Connection, asked: BouncesAsked) -> BouncesFound:
    """Report bounces by border, and by area and category, and what to check.

    The responder on the other side of a border is found like that of any case: by the present
    duties that were valid when the case was reported.

    Raises
    ------
    InputError
        when the distance from a border is not plausible
    NotFoundError
        when there is no such level or area
    """
    if not 0 <= asked.reach_m <= _MOST_REACH_M:
        raise InputError(
            field="border-m", message=Sentence("give metres from 0 to {}", f"{_MOST_REACH_M:g}")
        )
    level = _level(conn, asked.level)
    rows = bounced_cases(conn, asked.since, asked.until, reach_m=asked.reach_m)
    if asked.within is not None:
        inside = set(within_area(conn, *asked.within))
        rows = [row for row in rows if (row.edition, row.area_code) in inside]
    known = directory(conn)
    return BouncesFound(
        report=report_bounces(_told(conn, rows, level, asked.rules)),
        rows=rows,
        level=level,
        areas=latest_names(conn, level),
        leaf_names=_leaf_names(conn, rows),
        responders=known.responder_names,
        categories=known.category_names,
        letters={one.id: one.letter_no for one in standing_duties(conn).duties},
    )


def _leaf_names(conn: Connection, rows: Sequence[BounceRow]) -> dict[str, str]:
    found: dict[str, str] = {}
    for level in sorted({row.level for row in rows if row.level is not None}):
        found |= latest_names(conn, level)
    return found


def _level(conn: Connection, asked: str | None) -> str:
    if asked is not None:
        return get_level(conn, asked).name
    names = [one.name for one in directory(conn).levels]
    # Leaders compare streets; a city without that level gets its topmost one.
    return _USUAL_LEVEL if _USUAL_LEVEL in names else names[0]


def _told(
    conn: Connection, rows: Sequence[BounceRow], level: str, rules: JudgingRules
) -> list[Bounce]:
    parents = {
        edition: parents_at(conn, edition, level)
        for edition in {row.edition for row in rows}
        if edition is not None
    }
    # All bounces in one batch, since judging works on whole columns.
    disposers = _disposers_beside(conn, rows, rules)
    return [
        Bounce(
            case_no=row.case_no,
            by=row.bounced_by,
            ended_with=row.ended_with,
            category=row.category,
            edition=row.edition,
            area=row.area_code,
            within=parents.get(row.edition or 0, {}).get(row.area_code or ""),
            other_side=row.other_code,
            other_disposer=disposer,
            duties=row.duties,
        )
        for row, disposer in zip(rows, disposers, strict=True)
    ]


def _disposers_beside(
    conn: Connection, rows: Sequence[BounceRow], rules: JudgingRules
) -> list[str | None]:
    """Return who would have had each case if it had been in the area beside its own."""
    given = [GivenCase(row.case_no, row.category, row.reported_at) for row in rows]
    beside = [
        CaseLocation(row.lon, row.lat, row.edition, row.level, row.other_code) for row in rows
    ]
    judged = Judge(conn, rules).route(given, beside)
    return [one.decision.responder for one in judged]

"""Every figure of cases for random filters, in columns and in SQL."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.cases.case import (
    CaseDay,
    CaseMark,
    CaseStatus,
    UnlocatedReason,
    UnroutedReason,
)
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.domain.responsibility.category import CategoryClass
from gridmgmt.services.areas.scopes import ground_of, within_area
from gridmgmt.services.statistics import figures as columns
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.cases import case_figures as sql
from gridmgmt.store.cases.case_figures import LeafFigures, SquareCounts
from gridmgmt.store.cases.case_filter import CaseFilter
from tests.services.case_city import SHANGHAI

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
CHANNELS = ("hotline", "patrol")
STEP_DEG = 0.00037


STIRRED = """
UPDATE cases SET
  due_at = CASE WHEN NOT due_provisional AND random() < 0.2 THEN NULL
    ELSE reported_at + random() * interval '9 days' END,
  disposed_at = CASE WHEN random() < 0.3 THEN NULL
    ELSE reported_at + random() * interval '15 days' END,
  closed_at = CASE WHEN random() < 0.6 THEN NULL
    ELSE reported_at + random() * interval '30 days' END,
  channel = (ARRAY['hotline', 'patrol', NULL])[1 + floor(random() * 3)],
  marks = CAST((ARRAY['{}', '{}', '{default_position}', '{vendor_zone}',
    '{vendor_zone,default_position}'])[1 + floor(random() * 5)] AS text[])
"""

WAITING = """
UPDATE cases SET responder_code = NULL, status = 'triage',
  unrouted_reason =
    (ARRAY['no_owner', 'two_owners', 'uncertain', 'bounced'])[1 + floor(random() * 4)]
WHERE responder_code IS NOT NULL AND random() < 0.3
"""


def stir(conn: Connection, chance: random.Random) -> None:
    """Give all cases other deadlines, ends, channels and marks; some lose who had them."""
    conn.execute(sa.text("SELECT setseed(:seed)"), {"seed": chance.random()})
    conn.execute(sa.text(STIRRED))
    conn.execute(sa.text(WAITING))


def random_filter(conn: Connection, chance: random.Random) -> CaseFilter:
    """A filter of a few random fields; on average one."""

    def maybe(*choices: Any) -> Any:
        return chance.choice(choices) if chance.random() < 0.15 else None

    def moment() -> datetime:
        return FIRST + timedelta(days=chance.randint(-200, 150), hours=chance.randint(0, 23))

    as_of = moment() if chance.random() < 0.3 else None
    editions = [one.number for one in list_editions(conn)]
    area = chance.choice([("street", "A"), ("street", "B"), ("cell", "A1")])
    edition = chance.choice(editions)
    lost = maybe(edition)
    return CaseFilter(
        status=maybe(*CaseStatus),
        open=chance.random() < 0.1,
        overdue=as_of is not None and chance.random() < 0.1,
        since=moment() if chance.random() < 0.3 else None,
        until=moment() if chance.random() < 0.3 else None,
        day_of=chance.choice(list(CaseDay)),
        category=maybe("E1", "E2", "none"),
        category_class=maybe(*CategoryClass),
        major_class=maybe("1", "2", "none"),
        channels=maybe((CHANNELS[0],), CHANNELS, ("none",)) or (),
        weekdays=maybe((1, 7), (2, 3, 4, 5, 6), (7,)) or (),
        hours=maybe((0, 23), tuple(range(7, 19)), (12,)) or (),
        tz=chance.choice(
            [SHANGHAI, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Europe/London")]
        ),
        responder_code=maybe("S1", "S2", "none"),
        unlocated=chance.random() < 0.05,
        unlocated_reason=maybe(*UnlocatedReason),
        reasons=tuple(chance.sample(list(UnroutedReason), k=maybe(1, 2, 3) or 0)),
        mark=maybe(*CaseMark),
        unmarked=maybe(*CaseMark),
        ground=None if lost else maybe(ground_of(conn, edition, area)),
        in_no_area_of=lost,
        deadline=chance.choice(list(Deadline)) if as_of and chance.random() < 0.5 else None,
        due_until=maybe(moment()),
        as_of=as_of,
        without_provisional=chance.random() < 0.3,
        case_scope=CaseScope(
            leaves=maybe(tuple(within_area(conn, *area)), ()),
            responder_code=maybe("S1", "S2"),
        ),
    )


def questions(
    conn: Connection, chance: random.Random
) -> list[tuple[str, CaseFilter, dict[str, Any]]]:
    """Every function of figures, with arguments."""
    wanted = random_filter(conn, chance)
    as_of = wanted.as_of or FIRST + timedelta(days=chance.randint(-200, 200))
    edition = chance.choice([one.number for one in list_editions(conn)])
    if wanted.ground is not None:
        edition = wanted.ground.edition
    edition = wanted.in_no_area_of or edition
    since = FIRST + timedelta(days=chance.randint(-200, 0), hours=chance.randint(0, 23))
    until = since + timedelta(hours=chance.randint(1, 3000))
    asked: list[tuple[str, dict[str, Any]]] = [
        ("figures", {"as_of": as_of}),
        ("figures_by_leaf", {"edition": edition, "as_of": as_of}),
        ("figures_by_day", {"as_of": as_of, "tz": SHANGHAI}),
        ("figures_by_responder", {"as_of": as_of}),
        *(("count_by_step", {"step": n, "tz": SHANGHAI}) for n in ("day", "week", "month")),
        ("done_by_day", {"since": since, "until": until, "tz": SHANGHAI}),
        ("waiting_by_reason", {}),
        ("count_positions", {"step_lon": STEP_DEG, "step_lat": STEP_DEG}),
    ]
    if wanted.deadline is None and wanted.as_of is None:
        asked.append(("overdue_by_age", {"as_of": as_of}))
    return [(name, wanted, given) for name, given in asked]


def compare(conn: Connection, chance: random.Random) -> None:
    """Ask all functions one random question, in columns and in SQL."""
    for name, wanted, given in questions(conn, chance):
        in_columns: Callable[..., Any] = getattr(columns, name)
        in_sql: Callable[..., Any] = getattr(sql, name)
        expected = plain(in_sql(conn, wanted, **given))
        assert plain(in_columns(conn, wanted, **given)) == expected, (name, wanted, given)


def plain(answer: Any) -> Any:
    """Return an answer without the order of its rows."""
    if isinstance(answer, LeafFigures):
        return {(code, here): counts for code, here, counts in answer}, answer.at_default
    if isinstance(answer, SquareCounts):
        at = np.rint(np.array([answer.lon, answer.lat]) / STEP_DEG).astype(int).T.tolist()
        return dict(zip(map(tuple, at), answer.cases.tolist(), strict=True)), answer.at_default
    return answer

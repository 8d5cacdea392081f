"""The small city of ``answering`` before and after a second edition, with open cases."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import Connection

from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.services.cases.actions import Acting, assign, bounce
from gridmgmt.services.cases.placing import place
from gridmgmt.services.judging.reroutes import RerouteAsked
from gridmgmt.store.cases.cases import get_case
from tests.factories import make_draft, make_edition, make_level, square, two_streets
from tests.services.answering import make_city
from tests.services.case_city import (
    A1,
    A2,
    NOW,
    SHANGHAI,
    case_file,
    give_duties,
    row,
    take_in,
)

B3, B4 = (120.1625, 30.2575), (120.1675, 30.2575)
RULES = JudgingRules(SHANGHAI)
MAY = datetime(2026, 5, 1, tzinfo=UTC)


def fill(conn: Connection, folder: Path) -> None:
    """Take in cases under the first edition, and let people decide about some of them.

    A2 is the street office's, A1 the first squad's, street B the second squad's for E1.
    """
    make_city(conn)
    give_duties(conn)
    rows = [
        row("KEPT", A1),
        row("MOVED", A2, description="有人"),
        row("UNOWNED", B3),
        row("OWNED", B4, category="E2"),
        row("ASSIGNED", A2),
        row("BOUNCED", A2),
        row("PLACED", None),
        row("DONE", A2, disposed_at="2026-03-03"),
        row("EARLY", A1, reported_at="2020-01-01"),
        row("LATE", A2, reported_at="2026-05-10"),
        row("LATE_ASSIGNED", A2, reported_at="2026-05-10"),
        row("NOWHERE", None),
    ]
    take_in(conn, case_file(folder, rows))

    def acting(no: str) -> Acting:
        return Acting(no, get_case(conn, no).last_seq, "wang", now=NOW)

    assign(conn, acting("ASSIGNED"), responder_code="S1", reason="x")
    assign(conn, acting("LATE_ASSIGNED"), responder_code="S1", reason="x")
    bounce(conn, acting("BOUNCED"), reason="x")
    place(conn, acting("PLACED"), lonlat=A2, rules=RULES)


def publish_second(conn: Connection, effective_from: datetime = MAY) -> int:
    """Give A2 to street B, B4 to street A, and B3 to a street where nobody answers."""
    levels = two_streets()
    parents = {code: code[0] for code in levels["cell"].codes}
    parents |= {"A2": "B", "B4": "A", "B3": "C"}
    cells = dict(zip(levels["cell"].codes, levels["cell"].geoms, strict=True))
    streets = dict(zip(levels["street"].codes, levels["street"].geoms, strict=True))
    second = {
        "street": make_level("street", {**streets, "C": square(1, 0.5, 0.5, 0.5)}),
        "cell": make_level("cell", cells, parents=parents),
    }
    return make_edition(conn, second, effective_from=effective_from, label="second")


def draft_a2_to_b(conn: Connection, label: str) -> str:
    """Open a draft that gives A2 to street B; it can be published."""
    levels = two_streets()
    cells, (a, b) = levels["cell"], levels["street"].geoms
    a2 = cells.geoms[list(cells.codes).index("A2")]
    streets = make_level("street", {"A": a.difference(a2), "B": b.union(a2)})
    geoms = dict(zip(cells.codes, cells.geoms, strict=True))
    parents = {code: code[0] for code in cells.codes} | {"A2": "B"}
    return make_draft(conn, label, [streets, make_level("cell", geoms, parents=parents)])


def asked(edition: int = 2, *, now: datetime = NOW, actor: str = "li") -> RerouteAsked:
    return RerouteAsked(edition, RULES, actor, now)

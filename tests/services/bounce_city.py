"""Bounced cases in the small city of ``answering``: at a border, in a matter, and alone."""

from pathlib import Path

from sqlalchemy.engine import Connection

from gridmgmt.services.cases.actions import Acting, assign, bounce
from gridmgmt.store.cases.cases import get_case
from tests.services.answering import make_city
from tests.services.case_city import A1, NOW, case_file, give_duties, row, take_in

# About ten metres on either side of the border between A2 and B1, south and north of it.
WEST_OF_B1, EAST_OF_A2 = (120.1599, 30.2525), (120.1601, 30.2525)


def act(conn: Connection, no: str, by: str = "wang") -> Acting:
    return Acting(no, get_case(conn, no).last_seq, by, now=NOW)


def bounced(conn: Connection, no: str, to: str | None, suggested: str | None = None) -> None:
    """Bounce a case and give it to another, or let it wait."""
    bounce(conn, act(conn, no), reason="不属于我队", suggested=suggested)
    if to is not None:
        assign(conn, act(conn, no), responder_code=to, reason="核实后改派")


def fill(conn: Connection, folder: Path) -> None:
    """Four cases at the border A2 | B1, four in A1 of which three go to H, one alone."""
    make_city(conn)
    give_duties(conn)
    rows = [
        *(row(f"W{n}", WEST_OF_B1) for n in range(3)),
        row("E0", EAST_OF_A2),
        *(row(f"M{n}", A1) for n in range(4)),
        row("ALONE", A1, category="E2"),
    ]
    take_in(conn, case_file(folder, rows))
    # The street's office has A2, the second squad answers in B; one goes the other way.
    for n in range(3):
        bounced(conn, f"W{n}", "S2")
    bounced(conn, "E0", "OA")
    for n in range(3):
        bounced(conn, f"M{n}", "H", suggested="H")
    bounced(conn, "M3", None)
    bounced(conn, "ALONE", "H")

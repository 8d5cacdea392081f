"""Files of cases for the small city of ``answering``, and imports of them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import Case
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.services.case_imports.imports import CaseImport, import_cases
from gridmgmt.services.case_imports.report import CaseImportReport
from gridmgmt.store.cases.cases import cases_by_no
from gridmgmt.store.responsibility.duties import add_duties

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 6, 1, tzinfo=UTC)

# One position in the middle of each of these cells, and others of interest.
A1, A2, B1 = (120.1525, 30.2525), (120.1575, 30.2525), (120.1625, 30.2525)
BETWEEN_A1_AND_A2 = (120.155, 30.2525)
TEN_METRES_WEST = (120.1499, 30.2525)
FAR_AWAY = (121.5, 31.2)

HEADER = "case_no,category,reported_at,lon,lat"


def row(no: str, at: tuple[float, float] | None = A1, **other: str) -> dict[str, str]:
    lon, lat = ("", "") if at is None else map(str, at)
    return {
        "case_no": no,
        "category": "E1",
        "reported_at": "2026-03-02 09:30",
        "lon": lon,
        "lat": lat,
        **other,
    }


def case_file(folder: Path, rows: Sequence[dict[str, str]], name: str = "cases.csv") -> Path:
    columns = list(dict.fromkeys(column for one in rows for column in one))
    lines = [",".join(columns)]
    lines += [",".join(one.get(column, "") for column in columns) for one in rows]
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def take_in(conn: Connection, path: Path, **asked: Any) -> CaseImportReport:
    return import_cases(conn, CaseImport(path, **{**DEFAULTS, **asked}))


DEFAULTS = {"actor": "tester", "rules": JudgingRules(SHANGHAI), "now": NOW}


def stored(conn: Connection, no: str) -> Case:
    return cases_by_no(conn, [no])[no]


def give_duties(conn: Connection) -> None:
    """The first squad disposes of everything in A1, the second of E1 in street B."""
    add_duties(
        conn,
        [
            Duty(
                0, "S1", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A1", None, letter_no="17号"
            ),
            Duty(0, "S2", DutyRole.DISPOSE, DutyTarget.AREA, "street", "B", frozenset({"E1"})),
        ],
    )

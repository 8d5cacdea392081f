from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from gridmgmt.domain.period import Period
from gridmgmt.services.situation.density_breaks import breaks_of
from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine
from tests.cli.cases.test_case import Bureau
from tests.services.case_city import SHANGHAI, case_file, row
from tests.services.map_city import make_map_city

APRIL = Period(date(2026, 4, 1), date(2026, 4, 30), SHANGHAI)


@pytest.fixture
def bureau(database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Bureau:
    engine = make_engine(database_url)
    with engine.begin() as conn:
        make_map_city(conn, tmp_path, cases=400)
        now = datetime(2026, 5, 1, 4, tzinfo=UTC)
        assert breaks_of(conn, 2, "cell", None, shown=APRIL, now=now)
    engine.dispose()
    return Bureau(Settings(home=tmp_path, database_url=database_url, actor="wang"), capsys)


def test_limits_are_listed_with_the_day_they_were_made(bureau: Bureau) -> None:
    assert bureau("map", "breaks") == 0
    _, *lines = bureau.out.splitlines()
    assert len(lines) == 2
    assert all("2025-04" in line and "2026-05-01 12:00" in line for line in lines)
    listed = bureau.json("map", "breaks")
    assert [one["level"] for one in listed] == ["cell", "street"]
    assert listed[0]["breaks"] == sorted(listed[0]["breaks"])


def test_an_administrator_makes_them_anew_after_late_cases(
    bureau: Bureau, tmp_path: Path
) -> None:
    before = bureau.json("map", "breaks")
    assert bureau("map", "renew-breaks", "--commit") == 0
    assert "limits of classes: 0 of 2 changed" in bureau.err
    rows = [
        row(f"L{n:04}", (120.1516, 30.2516), reported_at="2026-03-09 08:00") for n in range(90)
    ]
    assert bureau("case", "import", case_file(tmp_path, rows, "late.csv"), "--commit") == 0
    assert bureau("map", "renew-breaks") == 0
    assert bureau.last.startswith("dry run")
    assert "edition 2, cell, all categories, from 2025-04:" in bureau.out
    same = [one["breaks"] for one in bureau.json("map", "breaks")]
    assert same == [one["breaks"] for one in before]
    assert bureau("map", "renew-breaks", "--commit") == 0
    changed = [one["breaks"] for one in bureau.json("map", "breaks")]
    assert changed != same

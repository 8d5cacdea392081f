"""Long lists of cases, written by a job."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.errors import NotAllowedError
from gridmgmt.progress import no_progress
from gridmgmt.services.accounts import accounts
from gridmgmt.services.cases.questions import CaseQuestion
from gridmgmt.services.files import downloads
from gridmgmt.settings import Settings
from gridmgmt.worker.case_exports import case_export
from tests.services.answering import make_city
from tests.services.case_city import A1, B1, case_file, row, take_in

ASKED: dict[str, Any] = {
    "question": CaseQuestion().to_json(),
    "order": "case_no",
    "format": "csv",
    "personal": True,
}


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    make_city(conn)
    rows = [row("C1", A1, address="某路1号"), row("C2", B1, address="某路2号")]
    take_in(conn, case_file(tmp_path, rows))
    return conn


def written(conn: Connection, home: Path, actor: str) -> str:
    settings = Settings(home=home)
    result = case_export(conn, ASKED, no_progress, actor, settings)
    path = downloads.find(home, result["download"], actor).path
    return path.read_text("utf-8-sig")


def test_a_file_holds_what_its_account_may_see_when_it_is_written(
    city: Connection, tmp_path: Path
) -> None:
    accounts.create(city, "chief", "duty_chief", "a long password", actor="t")
    accounts.create(
        city, "west", "commander", "a long password", area=("street", "A"), actor="t"
    )
    everything = written(city, tmp_path, "chief")
    assert "C1," in everything
    assert "某路2号" in everything
    west = written(city, tmp_path, "west")
    assert "C1," in west
    assert "C2," not in west
    assert "某路" not in west


@pytest.mark.parametrize("change", ["another role", "disabled"])
def test_an_account_that_may_not_any_more_gets_no_file(
    city: Connection, tmp_path: Path, change: str
) -> None:
    role = "dispatcher" if change == "another role" else "duty_chief"
    accounts.create(city, "chief", role, "a long password", actor="t")
    if change == "disabled":
        accounts.set_active(city, "chief", active=False, actor="t")
    with pytest.raises(NotAllowedError):
        written(city, tmp_path, "chief")
    assert not (tmp_path / "downloads").exists()

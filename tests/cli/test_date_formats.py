"""``--date-format`` on every command that imports dates."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from gridmgmt.cli import run
from gridmgmt.settings import Settings
from gridmgmt.store.cases.cases import get_case
from gridmgmt.store.engine import make_engine
from gridmgmt.store.responsibility.demolitions import list_demolitions
from gridmgmt.store.responsibility.duties import list_duties
from tests.factories import square
from tests.services.answering import bureau, layer, table
from tests.services.case_city import case_file, row

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rejected rows are written where the command runs."""
    monkeypatch.chdir(tmp_path)


def files(folder: Path, first: str) -> dict[tuple[str, str], Path]:
    """Write a file for each command whose first date is given."""
    zone = {"code": "Z1", "kind": "vendor", "name": "z", "valid_from": first}
    return {
        ("case", "import"): case_file(folder, [row("C1", reported_at=first)]),
        ("duty", "import"): table(
            folder,
            "responder_code,role,target,level,target_code,categories,valid_from\n"
            f"S1,dispose,area,cell,A1,*,{first}",
            "duties.csv",
        ),
        ("group", "import"): table(
            folder,
            f"group_code,kind,name,level,area_code,valid_from\nB1,beat,b,cell,A1,{first}",
            "groups.csv",
        ),
        ("zone", "import"): layer(folder, [zone], [square(0, 0)]),
        ("demolition", "import"): table(
            folder, f"code,lon,lat,demolished_on\nD1,120.15,30.25,{first}", "demolitions.csv"
        ),
        ("component", "import"): table(
            folder,
            "code,lon,lat,class_code,owner_code,recorded_on\n"
            f"3301030101000001,120.151,30.251,0101,S1,{first}",
            "components.csv",
        ),
    }


def test_every_import_of_dates_takes_a_format(
    settings: Settings, tmp_path: Path, capsys: Capture
) -> None:
    city = bureau(settings)
    for command, path in files(tmp_path, "03/04/2026").items():
        plain = [*command, str(path)]
        assert run(plain, city) != 0
        assert "'03/04/2026' is no date" in told(capsys, tmp_path), command
        assert run([*plain, "--date-format", "YYYY.MM.DD"], city) != 0
        words = "'03/04/2026' does not fit the format YYYY.MM.DD"
        assert words in told(capsys, tmp_path), command


def told(capsys: Capture, folder: Path) -> str:
    """Return what was said, with the rejected rows of an import of cases."""
    rejects = "".join(path.read_text("utf-8") for path in folder.glob("*-rejects.csv"))
    return capsys.readouterr().err + rejects


def test_a_date_is_read_as_it_was_stated(settings: Settings, tmp_path: Path) -> None:
    city = bureau(settings)
    here = files(tmp_path, "03/04/2026")
    wanted = (("case", "import"), ("duty", "import"), ("demolition", "import"))
    for command in wanted:
        asked = [*command, str(here[command]), "--date-format", "DD/MM/YYYY", "--commit"]
        assert run(asked, city) == 0
    assert city.database_url is not None
    engine = make_engine(city.database_url)
    with engine.connect() as conn:
        reported = get_case(conn, "C1").given.reported_at
        assert reported == datetime(2026, 4, 2, 16, tzinfo=UTC)
        assert [one.valid_from for one in list_duties(conn)] == [date(2026, 4, 3)]
        assert [one.demolished_on for one in list_demolitions(conn)[0]] == [date(2026, 4, 3)]
    engine.dispose()


def test_times_with_am_and_pm_are_read_and_the_others_rejected_by_row(
    settings: Settings, tmp_path: Path, capsys: Capture
) -> None:
    city = bureau(settings)
    rows = [
        row("C1", reported_at="01/05/2026 12:40 PM", due_at="01/05/2026 01:40 PM"),
        row("C2", reported_at="13/05/2026 12:40 PM"),
        row("C3", reported_at="2026-01-05 12:40"),
    ]
    path = case_file(tmp_path, rows)
    stated = ["--date-format", "MM/DD/YYYY hh:mm A", "--json"]
    assert run(["case", "import", str(path), *stated], city) == 0
    report = json.loads(capsys.readouterr().out)
    misfit = "does not fit the format MM/DD/YYYY hh:mm A"
    assert report["new"] == 1
    assert report["rejected"] == [
        {"row": 3, "reason": f"reported_at: '13/05/2026 12:40 PM' {misfit}"},
        {"row": 4, "reason": f"reported_at: '2026-01-05 12:40' {misfit}"},
    ]


@pytest.mark.parametrize("command", [("case", "import"), ("duty", "import")])
def test_what_is_no_format_is_refused_before_anything_is_read(
    settings: Settings, capsys: Capture, command: tuple[str, str]
) -> None:
    assert run([*command, "nowhere.csv", "--date-format", "dd/mm/yyyy"], settings) == 2
    words = "no part of a date is dd, yyyy; write YYYY, MM, DD, HH (or hh with A), mm, ss"
    told = " ".join(capsys.readouterr().err.split())
    assert "Invalid value for '--date-format'" in told
    assert words in told

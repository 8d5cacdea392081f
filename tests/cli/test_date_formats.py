"""``--date-format`` on every command that imports dates."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pyarrow
import pyogrio.raw
import pytest

from gridmgmt.cli import run
from gridmgmt.domain.moments import shown
from gridmgmt.settings import Settings
from gridmgmt.store.cases.cases import get_case
from gridmgmt.store.engine import make_engine
from gridmgmt.store.responsibility.demolitions import list_demolitions
from gridmgmt.store.responsibility.duties import list_duties
from gridmgmt.store.responsibility.zones import list_zones
from tests.factories import square
from tests.services.answering import bureau, layer, stored, table
from tests.services.case_city import A1, case_file, row

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
        row("C3", reported_at="05.01.26"),
        row("C4", reported_at="2026-01-05 12:40"),
    ]
    path = case_file(tmp_path, rows)
    stated = ["--date-format", "MM/DD/YYYY hh:mm A", "--json"]
    assert run(["case", "import", str(path), *stated], city) == 0
    report = json.loads(capsys.readouterr().out)
    misfit = "does not fit the format MM/DD/YYYY hh:mm A"
    # What begins with the year is read beside any format.
    assert report["new"] == 2
    too = '--date-format "MM.DD.YY", --date-format "DD.MM.YY", --date-format "YY.MM.DD"'
    assert report["rejected"] == [
        {"row": 3, "reason": f"reported_at: '13/05/2026 12:40 PM' {misfit}"},
        {"row": 4, "reason": f"reported_at: '05.01.26' {misfit}; state its format too: {too}"},
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


def workbook(path: Path, head: str, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for one in [head.split(","), *rows]:
        book.active.append(one)
    book.save(path)
    return path


def moments(settings: Settings, number: str) -> list[str]:
    """Return when a case was reported and is due, on the bureau's clock."""
    case = stored(settings, lambda conn: get_case(conn, number).given)
    there = (one for one in (case.reported_at, case.due_at) if one is not None)
    return [shown(one, settings.tz) for one in there]


def test_cells_that_are_dates_are_read_beside_any_format(
    settings: Settings, tmp_path: Path, capsys: Capture
) -> None:
    city = bureau(settings)
    head = "case_no,category,reported_at,lon,lat,due_at"
    begun, later = datetime(2026, 3, 2, 9, 30), date(2026, 4, 20)  # noqa: DTZ001
    rows: list[list[object]] = [
        ["C1", "E1", begun, *A1, "13/04/2026"],
        ["C2", "E1", "02/03/2026", *A1, later],
        ["C3", "E1", "2026-03-02", *A1, None],
    ]
    path = workbook(tmp_path / "cases.xlsx", head, rows)
    for stated in (["DD/MM/YYYY"], ["DD/MM/YYYY", "MMM D, YYYY"]):
        options = [part for one in stated for part in ("--date-format", one)]
        assert run(["case", "import", str(path), *options, "--json"], city) == 0
        assert json.loads(capsys.readouterr().out)["rejected"] == []
    asked = ["case", "import", str(path), "--date-format", "DD/MM/YYYY", "--commit"]
    assert run(asked, city) == 0
    assert moments(settings, "C1") == ["2026-03-02 09:30", "2026-04-13 00:00"]
    assert moments(settings, "C2") == ["2026-03-02 00:00", "2026-04-20 00:00"]


def test_fields_of_days_in_a_layer_are_read_beside_any_format(
    settings: Settings, tmp_path: Path
) -> None:
    city = bureau(settings)
    zone = {"code": ["Z1"], "kind": ["vendor"], "name": ["z"], "valid_from": [date(2026, 4, 3)]}
    path = tmp_path / "zones.gpkg"
    pyogrio.raw.write_arrow(
        pyarrow.table({**zone, "valid_to": ["13/05/2026"], "g": [square(0, 0).wkb]}),
        path,
        driver="GPKG",
        geometry_name="g",
        geometry_type="Polygon",
        crs="EPSG:4326",
    )
    assert run(["zone", "import", str(path)], city) == 3
    asked = ["zone", "import", str(path), "--date-format", "DD/MM/YYYY", "--commit"]
    assert run(asked, city) == 0
    [one] = stored(settings, list_zones)[0]
    assert (one.valid_from, one.valid_to) == (date(2026, 4, 3), date(2026, 5, 13))


def test_each_field_may_have_a_format_of_its_own(settings: Settings, tmp_path: Path) -> None:
    city = bureau(settings)
    rows = [
        row("C1", reported_at="03/02/2026", due_at="03/04/2026"),
        row("C2", reported_at="03.02.2026", due_at="20.04.2026"),
    ]
    path = case_file(tmp_path, rows)
    stated = ["MM/DD/YYYY", "MM.DD.YYYY", "due_at=DD/MM/YYYY", "due_at=DD.MM.YYYY"]
    options = [part for one in stated for part in ("--date-format", one)]
    assert run(["case", "import", str(path), *options, "--commit"], city) == 0
    assert moments(settings, "C1") == ["2026-03-02 00:00", "2026-04-03 00:00"]
    assert moments(settings, "C2") == ["2026-03-02 00:00", "2026-04-20 00:00"]


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (("case", "import"), "reported_at, due_at, disposed_at, closed_at"),
        (("duty", "import"), "valid_from, valid_to"),
        (("zone", "import"), "valid_from, valid_to"),
        (("component", "import"), "recorded_on, changed_on"),
    ],
)
def test_a_format_for_a_field_without_dates_is_refused(
    settings: Settings,
    tmp_path: Path,
    capsys: Capture,
    command: tuple[str, str],
    fields: str,
) -> None:
    path = files(tmp_path, "2026-03-02")[command]
    asked = [*command, str(path), "--date-format", "name=DD/MM/YYYY"]
    assert run(asked, bureau(settings)) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert f"there is no field of dates name; choose of {fields}" in told


EXCHANGED = "a spreadsheet of another country may have exchanged day and month"


@pytest.mark.parametrize(
    ("stored_days", "texts", "is_doubtful"),
    [
        ([date(2026, 3, 4), date(2026, 12, 1)], ["13/04/2026", "31/01/2026"], True),
        ([date(2026, 3, 4), date(2026, 12, 13)], ["13/04/2026"], False),
        ([date(2026, 3, 4)], ["13/04/2026", "12/01/2026"], False),
        ([], ["13/04/2026"], False),
        ([date(2026, 3, 4)], ["2026-04-13"], True),
    ],
)
def test_days_that_a_spreadsheet_may_have_exchanged_are_warned_of(
    settings: Settings,
    tmp_path: Path,
    capsys: Capture,
    stored_days: list[date],
    texts: list[str],
    is_doubtful: bool,
) -> None:
    city = bureau(settings)
    days: list[object] = [*stored_days, *texts]
    rows = [[f"C{k}", "E1", "2026-01-02", *A1, day] for k, day in enumerate(days)]
    path = workbook(
        tmp_path / "cases.xlsx", "case_no,category,reported_at,lon,lat,due_at", rows
    )
    asked = ["--date-format", "DD/MM/YYYY", "--json"]
    assert run(["case", "import", str(path), *asked], city) == 0
    warnings = json.loads(capsys.readouterr().out)["warnings"]
    expected = f"due_at: all {len(stored_days)} date(s) that a spreadsheet stored"
    assert any(one.startswith(expected) and EXCHANGED in one for one in warnings) is is_doubtful
    head = "responder_code,role,target,level,target_code,categories,valid_from,letter_no"
    duties: list[list[object]] = [
        ["S1", "dispose", "area", "cell", "A1", "*", day, f"{k}号"]
        for k, day in enumerate(days)
    ]
    table = workbook(tmp_path / "duties.xlsx", head, duties)
    assert run(["duty", "import", str(table), *asked], city) == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert any(EXCHANGED in one for one in notes) is is_doubtful

import gzip
import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import sqlalchemy as sa

from gridmgmt.cli import run
from gridmgmt.exchange.tables.tables import read_table
from gridmgmt.geometry.coverage.changes import pick
from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine
from tests.factories import make_edition, make_level, two_streets
from tests.services.answering import make_city
from tests.services.case_city import (
    A1,
    A2,
    B1,
    BETWEEN_A1_AND_A2,
    FAR_AWAY,
    case_file,
    give_duties,
    row,
)
from tests.snapshot import snapshot


class Bureau:
    """Runs ``gridmgmt case …`` as a person would and keeps what was said."""

    def __init__(self, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
        self.settings = settings
        self.capsys = capsys
        self.out = ""
        self.err = ""

    def __call__(self, *args: object) -> int:
        code = run([str(arg) for arg in args], self.settings)
        self.out, self.err = self.capsys.readouterr()
        return code

    def json(self, *args: object) -> object:
        assert self(*args, "--json") == 0, self.err
        return json.loads(self.out)

    @property
    def held(self) -> dict[str, list[str]]:
        assert self.settings.database_url is not None
        return snapshot(self.settings.database_url)

    @property
    def last(self) -> str:
        return self.err.splitlines()[-1]

    def query(self, sql: str) -> list[tuple[object, ...]]:
        assert self.settings.database_url is not None
        engine = make_engine(self.settings.database_url)
        with engine.connect() as conn:
            rows = [tuple(found) for found in conn.execute(sa.text(sql))]
        engine.dispose()
        return rows


@pytest.fixture
def bureau(
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Bureau:
    """A small city with duties; commands run in a folder of their own."""
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    with engine.begin() as conn:
        make_city(conn)
        give_duties(conn)
    engine.dispose()
    monkeypatch.chdir(tmp_path)
    return Bureau(settings, capsys)


def test_an_import_is_a_dry_run_unless_committed_and_says_which(
    bureau: Bureau, tmp_path: Path
) -> None:
    path = case_file(tmp_path, [row("C1"), row("C2", B1)])
    before = bureau.held
    assert bureau("case", "import", path) == 0
    assert "new 2, unchanged 0" in bureau.err
    assert bureau.last.startswith("dry run: nothing was changed")
    assert bureau.held == before
    assert bureau("case", "import", path, "--commit") == 0
    assert bureau.last == "committed"
    assert bureau.query("SELECT count(*) FROM cases") == [(2,)]


def test_importing_twice_changes_nothing_and_says_so(bureau: Bureau, tmp_path: Path) -> None:
    path = case_file(tmp_path, [row("C1"), row("C2", None)])
    assert bureau("case", "import", path, "--commit") == 0
    before = bureau.held
    assert bureau("case", "import", path, "--commit") == 0
    assert "new 0, unchanged 2, updated 0, rejected 0" in bureau.err
    assert bureau.held == before


def test_rejected_rows_go_to_a_file_beside_also_on_a_dry_run(
    bureau: Bureau, tmp_path: Path
) -> None:
    rows = [row("C1"), row("C2", (120.15, 91.0)), row("C3", reported_at="2099-01-01")]
    path = case_file(tmp_path, rows, "march.2026.csv")
    assert bureau("case", "import", path) == 0
    assert "rejected rows: march.2026-rejects.csv" in bureau.err
    rejects = read_table(tmp_path / "march.2026-rejects.csv")
    assert rejects.values["row"] == ["3", "4"]
    assert rejects.values["reason"] == [
        "lat 91 is beyond 90 degrees",
        "reported_at 2099-01-01 lies in the future",
    ]
    assert rejects.values["case_no"] == ["C2", "C3"]
    assert bureau("case", "import", path, "--rejects", path) == 2
    assert "would replace the file itself" in bureau.err


def test_when_every_row_is_rejected_the_reasons_are_counted_on_the_terminal(
    bureau: Bureau, tmp_path: Path
) -> None:
    rows = [row(f"C{n}", reported_at=f"{n}st of May") for n in range(1, 31)]
    rows += [row(f"D{n}", (120.15, 91.0)) for n in range(5)]
    assert bureau("case", "import", case_file(tmp_path, rows)) == 3
    assert (
        "30 row(s) rejected, for example row 2: reported_at: '1st of May' is no date"
        in bureau.err
    )
    assert "5 row(s) rejected, for example row 32: lat 91 is beyond 90 degrees" in bureau.err
    report = bureau.json("case", "import", case_file(tmp_path, [row("C0"), *rows]))
    assert isinstance(report, dict)
    assert len(report["rejected"]) == 35


def test_no_rejects_leave_no_file(bureau: Bureau, tmp_path: Path) -> None:
    assert bureau("case", "import", case_file(tmp_path, [row("C1")])) == 0
    assert not list(tmp_path.glob("*rejects*"))


def test_columns_are_mapped_and_the_others_listed(bureau: Bureau, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("编号,类别,时间,x,y,zip\n1,E1,2014/1/5 8:30,120.1525,30.2525,9\n", "utf-8")
    mapping = "case_no=编号,category=类别,reported_at=时间,lon=x,lat=y"
    report = bureau.json("case", "import", path, "--map", mapping, "--tz", "America/Chicago")
    assert isinstance(report, dict)
    assert report["new"] == 1
    assert report["columns_not_stored"] == ["zip"]
    assert "columns not stored: zip" in bureau.err
    assert bureau("case", "import", path, "--map", mapping, "--tz", "Nowhere/City") == 2
    assert "'Nowhere/City' is not a time zone" in bureau.err


def test_an_update_is_asked_for_by_name(bureau: Bureau, tmp_path: Path) -> None:
    assert bureau("case", "import", case_file(tmp_path, [row("C1")]), "--commit") == 0
    again = case_file(tmp_path, [row("C1", A2)], "again.csv")
    assert bureau("case", "import", again) == 0
    assert "add --on-existing update" in bureau.err
    assert bureau("case", "import", again, "--on-existing", "update", "--commit") == 0
    assert "updated 1" in bureau.err
    assert bureau.query("SELECT area_code, last_seq FROM cases") == [("A2", 3)]


BOM = "\ufeff"
GOOD = "case_no,category,reported_at,lon,lat\nC1,占道,2026-03-02,120.1525,30.2525\n"


@pytest.mark.parametrize(
    "content",
    [
        (BOM + GOOD).encode(),
        GOOD.replace("\n", "\r\n").encode(),
        gzip.compress(GOOD.encode()),
    ],
    ids=["a BOM", "Windows line ends", "gzip"],
)
def test_a_table_that_is_odd_but_sound_is_taken(
    bureau: Bureau, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes(content)
    assert bureau("case", "import", path, "--commit") == 0
    assert bureau.query("SELECT case_no, category FROM cases") == [("C1", "占道")]


def test_gbk_bytes_are_asked_about_and_read_when_they_are_named(
    bureau: Bureau, tmp_path: Path
) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes(GOOD.encode("gbk"))
    before = bureau.held
    assert bureau("case", "import", path, "--commit") == 3
    assert "--encoding" in bureau.err
    assert bureau.held == before
    assert bureau("case", "import", path, "--encoding", "gbk", "--commit") == 0
    assert bureau.query("SELECT category FROM cases") == [("占道",)]


def test_xlsx_and_parquet_are_read(bureau: Bureau, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for values in (row("C1").keys(), row("C1").values()):
        sheet.append(list(values))
    book.save(tmp_path / "cases.xlsx")
    pd.DataFrame([row("C2")]).to_parquet(tmp_path / "cases.parquet")
    for name in ("cases.xlsx", "cases.parquet"):
        assert bureau("case", "import", tmp_path / name, "--commit") == 0
    assert bureau.query("SELECT case_no FROM cases ORDER BY 1") == [("C1",), ("C2",)]


REFUSED = {
    "an empty file": (b"", "is empty"),
    "a header alone": (GOOD.splitlines()[0].encode(), "no rows"),
    "a missing column": (GOOD.replace("lat", "north").encode(), "there is no column 'lat'"),
    "no header": (b"1,2,3,4,5\n", "no header"),
    "a text": (b"Dear colleagues,\nthe cases follow.\n", "lacks columns"),
    "only a latitude of 91": (GOOD.replace("30.2525", "91").encode(), "no row of it"),
    "only a date of 2099": (GOOD.replace("2026", "2099").encode(), "no row of it"),
    "a line over 1 MiB alone": (
        GOOD.replace("占道", "x" * 1_100_000).encode(),
        "no row of it",
    ),
    "swapped axes": (GOOD.replace("120.1525,30.2525", "30.2525,120.1525").encode(), "swapped"),
    "projected metres": (
        GOOD.replace("120.1525,30.2525", "514000,3348000").encode(),
        "--crs EPSG",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_cannot_be_used_is_refused_with_the_database_as_before(
    bureau: Bureau, tmp_path: Path, kind: str
) -> None:
    content, words = REFUSED[kind]
    path = tmp_path / "cases.csv"
    path.write_bytes(content)
    before = bureau.held
    assert bureau("case", "import", path, "--commit") == 3
    assert words in bureau.err
    assert "cases.csv" in bureau.err
    assert "committed" not in bureau.err
    assert bureau.held == before


def test_rows_that_cannot_be_read_do_not_keep_the_others_out(
    bureau: Bureau, tmp_path: Path
) -> None:
    long = GOOD.splitlines()[1].replace("C1", "C2").replace("占道", "x" * 1_100_000)
    path = tmp_path / "cases.csv"
    path.write_text(GOOD + long + "\nC3,E1\n" + GOOD.splitlines()[1].replace("C1", "C4"))
    assert bureau("case", "import", path, "--commit") == 0
    assert bureau.query("SELECT case_no FROM cases ORDER BY 1") == [("C1",), ("C4",)]
    reasons = read_table(tmp_path / "cases-rejects.csv").values["reason"]
    assert "longer than 1 MiB" in str(reasons[0])
    assert len(reasons) == 2


@pytest.fixture
def filled(bureau: Bureau, tmp_path: Path) -> Bureau:
    rows = [
        row("C1", due_at="2026-03-03", disposed_at="2026-03-02 18:00", description="=1+1"),
        row("C2", BETWEEN_A1_AND_A2),
        row("C3", FAR_AWAY),
        row("C4", B1, due_at="2026-03-03"),
    ]
    assert bureau("case", "import", case_file(tmp_path, rows), "--commit") == 0
    return bureau


def test_cases_are_listed_in_pages(filled: Bureau) -> None:
    assert filled("case", "list", "--limit", 3) == 0
    assert "C4" in filled.out
    assert "C1" not in filled.out
    assert filled.last == "there may be more: --after C2"
    assert filled("case", "list", "--after", "C2") == 0
    assert "C1" in filled.out
    assert "C4" not in filled.out


def test_lists_are_narrowed(filled: Bureau) -> None:
    def numbers(*options: str) -> list[str]:
        found = filled.json("case", "list", *options)
        assert isinstance(found, list)
        return [one["case_no"] for one in found]

    assert numbers("--unlocated") == ["C3"]
    assert numbers("--status", "disposed") == ["C1"]
    assert numbers("--responder", "S2") == ["C4"]
    assert numbers("--open", "--responder", "S1") == ["C2"]
    assert numbers("--overdue") == ["C4"]
    assert numbers("--weekday", "1,2", "--hour", "9") == ["C4", "C3", "C2", "C1"]
    assert numbers("--weekday", "3") == []
    assert numbers("--channel", "nobody's") == []
    assert filled("case", "list", "--hour", "24") == 2
    assert "hour: '24' is not a number from 0 to 23" in filled.err
    assert numbers("--area", "street:A") == ["C2", "C1"]
    assert filled("case", "list", "--area", "street") == 2
    assert "is not LEVEL:CODE" in filled.err
    assert filled("case", "list", "--area", "street:Z") == 6


def test_an_area_is_meant_by_the_borders_of_an_edition(filled: Bureau) -> None:
    def numbers(*options: str) -> list[str]:
        found = filled.json("case", "list", *options)
        assert isinstance(found, list)
        return [one["case_no"] for one in found]

    before = {code: numbers("--area", f"street:{code}") for code in "AB"}
    levels = two_streets()
    cells = dict(zip(levels["cell"].codes, levels["cell"].geoms, strict=True))
    levels["cell"] = make_level("cell", cells, parents=dict.fromkeys(cells, "B"))
    levels["street"] = pick(levels["street"], ["B"])
    assert filled.settings.database_url is not None
    engine = make_engine(filled.settings.database_url)
    with engine.begin() as conn:
        make_edition(conn, levels)
    engine.dispose()
    # Nobody named an edition: that in force, or the newest that has the area.
    assert sorted(numbers("--area", "street:B")) == sorted(before["A"] + before["B"])
    assert numbers("--area", "street:A") == before["A"]
    assert numbers("--area", "street:B", "--edition", "1") == before["B"]
    assert filled("case", "list", "--area", "street:A", "--edition", "2") == 6


def test_a_case_is_shown_with_its_events(filled: Bureau) -> None:
    assert filled("case", "show", "C1") == 0
    assert "reported" in filled.out
    assert "disposed" in filled.out
    assert "=1+1" not in filled.out
    shown = filled.json("case", "show", "C1")
    assert isinstance(shown, dict)
    assert "description" not in shown["given"]
    assert [*shown][:4] == ["given", "given_crs", "placed", "responder_code"]
    assert shown["placed"]["area_code"] == "A1"
    assert [event["kind"] for event in shown["events"]] == ["reported", "disposed"]
    assert filled("case", "show", "C99") == 6
    assert "there is no case 'C99'" in filled.err


def test_personal_data_are_shown_on_demand_and_the_reading_is_kept(filled: Bureau) -> None:
    assert filled("case", "show", "C1", "--personal") == 0
    assert "=1+1" in filled.out
    assert filled("case", "explain", "C1", "--personal") == 0
    assert "description: =1+1" in filled.out
    read = "SELECT actor, subject FROM audit_log WHERE action = 'read_personal'"
    assert filled.query(read) == [("tester", "case C1")] * 2


def test_a_case_is_explained_in_either_language_or_both(filled: Bureau) -> None:
    assert filled("case", "explain", "C1", "--lang", "en") == 0
    assert "一中队 (S1) disposes of it, by duty 1 (letter 17号)." in filled.out
    assert "Replayed on edition 1 and the duties as they stand: the same answer." in filled.out
    assert "主办" not in filled.out
    assert filled("case", "explain", "C1", "--lang", "zh") == 0
    assert "由 一中队 (S1) 主办" in filled.out
    assert "disposes" not in filled.out
    assert filled("case", "explain", "C3") == 0
    assert "a person decides" in filled.out
    assert "待研判" in filled.out


def test_an_explanation_for_a_machine_has_trace_and_replay(filled: Bureau) -> None:
    told = filled.json("case", "explain", "C2")
    assert isinstance(told, dict)
    assert told["trace"]["on_boundary"] is True
    assert told["replay"]["same"] is True
    assert "phones" not in told


def test_the_summary_prints_every_rate_with_its_denominator(filled: Bureau) -> None:
    assert filled("case", "summary", "--as-of", "2026-03-04") == 0
    assert "100.00 %" in filled.out
    assert "1/1" in filled.out
    assert "0/1" in filled.out
    assert "50.00 %" in filled.out
    assert "–" in filled.out
    assert "done_or_overdue" in filled.err
    told = filled.json("case", "summary", "--as-of", "2026-03-04", "--level", "cell")
    assert isinstance(told, dict)
    assert told["city"]["on_time_rate"] == {"numerator": 1, "denominator": 2, "value": 0.5}
    assert filled("case", "summary", "--as-of", "soon") == 2
    assert filled("case", "summary", "--level", "ward") == 6


def test_the_summary_lists_the_busiest_responders_and_counts_the_others(
    filled: Bureau,
) -> None:
    def responders(top: int) -> list[list[str]]:
        assert filled("case", "summary", "--top", str(top)) == 0
        lines = filled.out.partition("\n\n")[0].splitlines()[1:]
        return [line.split() for line in lines]

    everybody = responders(0)
    listed, others = everybody[:1], everybody[1:]
    counts = [[int(n) for n in line[-4:]] for line in others]
    assert len(others) > 1
    told = responders(1)
    assert told[:1] == listed
    assert told[1][:2] == [f"({len(others)}", "others)"]
    assert [int(n) for n in told[1][-4:]] == [
        sum(column) for column in zip(*counts, strict=True)
    ]
    assert told[1][-4:] != listed[0][-4:]


def test_cases_are_exported_without_personal_data_unless_asked(
    filled: Bureau, tmp_path: Path
) -> None:
    path = tmp_path / "out.csv"
    assert filled("export", "cases", "-o", path) == 0
    table = read_table(path)
    assert table.values["case_no"] == ["C4", "C3", "C2", "C1"]
    assert table.values["area_code"] == ["B1", None, "A1", "A1"]
    assert table.values["candidates"] == ["B1", None, "A1;A2", "A1"]
    assert table.values["reported_at"][0] == "2026-03-02T09:30:00+08:00"
    assert "description" not in table.columns
    assert filled("export", "cases", "-o", path) == 2
    assert "--force" in filled.err
    assert filled("export", "cases", "-o", path, "--force", "--personal") == 0
    assert read_table(path).values["description"][3] == "=1+1"
    assert "lost: 1 text(s) begin like a formula" in filled.err
    assert filled.query("SELECT subject FROM audit_log WHERE action = 'read_personal'") == [
        ("cases",)
    ]
    assert filled("export", "cases", "-o", tmp_path / "out.xlsx", "--personal") == 0
    assert read_table(tmp_path / "out.xlsx").values["description"][3] == "=1+1"
    assert "lost" not in filled.err


def test_cases_leave_with_headings_of_people_and_come_back_unchanged(
    filled: Bureau, tmp_path: Path
) -> None:
    path = tmp_path / "cases.xlsx"
    assert filled("export", "cases", "-o", path, "--headings", "people", "--lang", "zh") == 0
    (header, *_) = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    assert header[:3] == ("案件编号", "案件状态", "上报时间")
    assert not {"描述", "地址"} & set(header)
    assert filled("case", "import", path, "--json") == 0
    report = json.loads(filled.out)
    assert (report["new"], report["updated"], report["rejected"]) == (0, 0, [])
    both = ("--headings", "machine", "--lang", "zh")
    assert filled("export", "cases", "-o", tmp_path / "other.csv", *both) == 2
    assert "leave --lang out" in filled.err


def test_an_export_is_judged_again_by_another_edition_and_named_at_a_level(
    filled: Bureau, tmp_path: Path
) -> None:
    path = tmp_path / "out.xlsx"
    options = ("--edition", 1, "--level", "street", "--format", "xlsx")
    before = filled.held
    assert filled("export", "cases", "-o", path, *options) == 0
    table = read_table(path)
    assert table.values["rejudged_area_code"] == table.values["area_code"]
    assert table.values["rejudged_responder_code"] == table.values["responder_code"]
    assert table.values["street_code"] == ["B", None, "A", "A"]
    assert table.values["rejudged_street_code"] == ["B", None, "A", "A"]
    assert filled.held == before
    assert filled("export", "cases", "-o", tmp_path / "x.csv", "--edition", 9) == 6
    assert filled("export", "cases", "-o", tmp_path / "x.csv", "--level", "ward") == 6
    assert filled("export", "cases", "-o", tmp_path / "x.pdf") == 2
    assert not (tmp_path / "x.csv").exists()


def test_an_export_to_stdout_is_csv(filled: Bureau) -> None:
    assert filled("export", "cases", "-o", "-") == 0
    assert filled.out.splitlines()[0].startswith("case_no,category,reported_at")
    assert len(filled.out.splitlines()) == 5
    assert filled("export", "cases", "-o", "-", "--format", "xlsx") == 2


def test_positions_keep_every_digit(filled: Bureau, tmp_path: Path) -> None:
    assert filled("export", "cases", "-o", tmp_path / "out.csv") == 0
    assert read_table(tmp_path / "out.csv").values["lon"][3] == str(A1[0])

import io
import re
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest

from gridmgmt.errors import LayerError
from gridmgmt.exchange.tables.tables import Table, read_table


def workbook(path: Path, rows: list[list[object]], **more: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for title, others in more.items():
        added = book.create_sheet(title)
        for row in others:
            added.append(row)
    book.save(path)
    return path


def changed(path: Path, part: str, pattern: str, text: str) -> Path:
    """Write a workbook again with one of its parts altered, as a program might have."""
    packed = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == part:
                data, count = re.subn(pattern, text, data.decode()), 1
                data = data[0].encode()
                assert count
            new.writestr(name, data)
    path.write_bytes(packed.getvalue())
    return path


naive = datetime.fromisoformat
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "责任.xlsx"


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(LayerError) as caught:
        read_table(path, **options)
    return str(caught.value)


def test_cells_become_the_text_a_person_meant(path: Path) -> None:
    row: list[object] = [
        101.0,
        1.5,
        True,
        naive("2024-01-05T08:30"),
        naive("2024-01-05"),
        date(2024, 1, 6),
        time(8, 30),
        " 石桥街道 ",
        None,
        "007",
    ]
    names: list[object] = [f"c{k}" for k in range(10)]
    read = read_table(workbook(path, [names, row]))
    assert [values[0] for values in read.values.values()] == [
        "101",
        "1.5",
        "true",
        "2024-01-05T08:30:00",
        "2024-01-05",
        "2024-01-06",
        "08:30:00",
        "石桥街道",
        None,
        "007",
    ]


def test_a_time_of_day_is_not_a_microsecond_off(path: Path) -> None:
    rows: list[list[object]] = [["at", "n"]]
    rows += [[naive(f"2024-03-01T{h:02}:{m:02}:07"), 1] for h in range(24) for m in range(60)]
    read = read_table(workbook(path, rows))
    texts = [text for text in read.values["at"] if text]
    assert len(texts) == 1440
    assert all(re.fullmatch(r"2024-03-01T\d\d:\d\d:07", text) for text in texts)


def test_rows_are_numbered_as_the_sheet_does(path: Path) -> None:
    rows: list[list[object]] = [[None], ["a", "b"], [1, 2], [None, None], [3, 4]]
    read = read_table(workbook(path, rows))
    assert read.columns == ("a", "b")
    assert read.row == [3, 5]
    assert read.notes == ("1 blank row(s) passed over",)


def test_a_gap_in_the_row_numbers_is_kept(path: Path) -> None:
    workbook(path, [["a", "b"], [1, 2]])
    changed(path, SHEET, r'<row r="2">(.*?)</row>', _moved)
    assert read_table(path).row == [9]


_moved = r'<row r="9"><c r="A9"><v>1</v></c><c r="B9"><v>2</v></c></row>'


def test_formulas_give_the_value_last_calculated(path: Path) -> None:
    workbook(path, [["a", "b"], ["=1+1", "x"]])
    changed(path, SHEET, r"<v ?/>|<v></v>", "<v>2</v>")
    assert read_table(path).values["a"] == ["2"]


def test_a_formula_that_was_never_calculated_costs_its_row(path: Path) -> None:
    read = read_table(workbook(path, [["a", "b"], [1, "=A2*2"], [2, 3]]))
    assert read.row == [3]
    (bad,) = read.rejected
    assert bad.row == 2
    assert bad.reason == "column B holds a formula that was never calculated"


def test_an_error_cell_costs_its_row(path: Path) -> None:
    read = read_table(workbook(path, [["a", "b"], [1, "#N/A"], [2, "ok"]]))
    assert read.row == [3]
    assert read.rejected[0].reason == "column B holds the error #N/A"
    assert read.rejected[0].values == {"a": "1", "b": "#N/A"}


def test_a_value_past_the_header_costs_its_row(path: Path) -> None:
    read = read_table(workbook(path, [["a", "b"], [1, 2, 3]]))
    assert read.row == []
    assert "past the last column" in read.rejected[0].reason


def test_short_rows_end_in_empty_cells(path: Path) -> None:
    read = read_table(workbook(path, [["a", "b", "c"], [1], [None, None, 3]]))
    assert read.values == {"a": ["1", None], "b": [None, None], "c": [None, "3"]}


def test_codes_that_the_spreadsheet_rounded_are_told(path: Path) -> None:
    read = read_table(workbook(path, [["案件号", "b"], [3301020000000012345, 1]]))
    assert "案件号: numbers of more than 15 digits" in read.notes[0]


def test_of_several_sheets_one_must_be_named(path: Path) -> None:
    workbook(path, [["a", "b"], [1, 2]], 说明=[["text"]], 空=[])
    told = refusal(path)
    assert "has 2 sheets" in told
    assert "name one with --sheet: Sheet, 说明" in told
    assert "--sheet" in told
    assert read_table(path, sheet="Sheet").values["a"] == ["1"]
    assert "has no sheet '别的'" in refusal(path, sheet="别的")


def test_an_empty_sheet_beside_is_no_question(path: Path) -> None:
    read: Table = read_table(workbook(path, [["a", "b"], [1, 2]], Sheet2=[], Sheet3=[]))
    assert read.values["b"] == ["2"]


def test_a_workbook_that_holds_nothing_is_empty(path: Path) -> None:
    assert "is empty" in refusal(workbook(path, []))


def test_a_zip_that_is_no_workbook_is_refused(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("cases.csv", "a,b")
    assert "is a zip, not an XLSX file" in refusal(path)


def test_a_workbook_that_is_a_bomb_is_refused_before_it_unfolds(path: Path) -> None:
    workbook(path, [["a", "b"], [1, 2]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", bytes(64 << 20))
    assert "a bomb?" in refusal(path)


def test_a_damaged_workbook_is_refused(path: Path) -> None:
    workbook(path, [["a", "b"], [1, 2]])
    changed(path, SHEET, r"</sheetData>", "<")
    assert "damaged XLSX" in refusal(path)


def test_hidden_rows_are_read_and_named(path: Path) -> None:
    workbook(path, [["code", "name"], ["A", "x"], ["B", "y"], ["C", "z"]])
    changed(path, SHEET, '<row r="3"', '<row r="3" hidden="1"')
    changed(path, SHEET, '<row r="4"', '<row r="4" hidden="true"')
    read = read_table(path)
    assert read.values["code"] == ["A", "B", "C"]
    (note,) = read.notes
    assert note.startswith("2 row(s) are hidden in the workbook, the first is row 3")


@pytest.mark.parametrize(
    ("stored", "text"), [("true", "true"), ("false", "false"), ("1", "true")]
)
def test_truth_may_be_written_as_a_word(path: Path, stored: str, text: str) -> None:
    workbook(path, [["a", "b"], [True, "x"]])
    changed(path, SHEET, '(<c r="A2" t="b"[^>]*><v>)1', rf"\g<1>{stored}")
    assert read_table(path).values["a"] == [text]


@pytest.mark.parametrize(
    ("pattern", "text", "told"),
    [
        ('<c r="B2"[^>]*><v>5', '<c r="B2" t="s"><v>-1', "there is no text -1"),
        ('(<c r="B2"[^>]*><v>)5', "\\g<1>\u0665", "is no number"),
        ('(<c r="B2"[^>]*><v>)5', "\\g<1>\uff15", "is no number"),
        ('<c r="B2"', '<c r="A2"', "two cells A2 in row 2"),
    ],
)
def test_what_no_spreadsheet_writes_is_damage(
    path: Path, pattern: str, text: str, told: str
) -> None:
    workbook(path, [["a", "b"], ["a", 5]])
    assert told in refusal(changed(path, SHEET, pattern, text))


def test_the_day_that_only_spreadsheets_have_is_no_other_day(path: Path) -> None:
    rows = [["d", "k"], *([float(day), "x"] for day in (59, 60, 60.5, 61))]
    workbook(path, rows)
    book = openpyxl.load_workbook(path)
    for number in range(2, 6):
        book.active.cell(number, 1).number_format = "yyyy-mm-dd"
    book.save(path)
    assert read_table(path).values["d"] == [
        "1900-02-28",
        "1900-02-29",
        "1900-02-29",
        "1900-03-01",
    ]

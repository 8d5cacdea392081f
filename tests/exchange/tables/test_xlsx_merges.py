import time
from pathlib import Path

import pytest

from gridmgmt.errors import LayerError
from gridmgmt.exchange.tables.tables import read_table
from gridmgmt.exchange.tables.xlsx_merges import MOST_AREAS
from tests.exchange.tables.xlsx_books import SHEET, rewritten, with_merges, workbook


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "责任.xlsx"


def refusal(path: Path) -> str:
    with pytest.raises(LayerError) as caught:
        read_table(path)
    return str(caught.value)


def test_a_merged_value_counts_for_every_row_it_spans(path: Path) -> None:
    rows = [["code", "hours"], [1, "22:00-06:00"], [2, None], [3, None], [4, "08:00-12:00"]]
    read = read_table(workbook(path, rows, merge=["B2:B4"]))
    assert read.values["hours"] == ["22:00-06:00"] * 3 + ["08:00-12:00"]


def test_a_value_merged_over_columns_counts_for_the_first_and_is_noted(path: Path) -> None:
    rows = [["code", "hours", "letter"], [1, "x", None], [2, None, None], [3, None, "y"]]
    read = read_table(workbook(path, rows, merge=["B2:C3"]))
    assert read.values["hours"] == ["x", "x", None]
    assert read.values["letter"] == [None, None, "y"]
    assert "1 merged cell(s) span several columns, first B2:C3" in read.notes[0]


def test_a_record_drawn_over_two_rows_is_one_record(path: Path) -> None:
    rows = [["a", "b"], [1, 2], [None, None], [3, 4]]
    read = read_table(workbook(path, rows, merge=["A2:A3", "B2:B3"]))
    assert read.row == [2, 4]


def test_a_value_that_merged_cells_hide_costs_its_row(path: Path) -> None:
    workbook(path, [["a", "b"], [1, "seen"], [2, "hidden"], [3, "seen"]])
    read = read_table(with_merges(path, ["B2:B4"]))
    assert read.row == [2, 4]
    (bad,) = read.rejected
    assert "cell B3 lies under the merged cells B2:B4" in bad.reason


def test_an_error_in_merged_cells_costs_every_row_they_span(path: Path) -> None:
    rows = [["a", "b"], [1, "#N/A"], [2, None], [3, "x"]]
    read = read_table(workbook(path, rows, merge=["B2:B3"]))
    assert read.row == [4]
    assert [bad.row for bad in read.rejected] == [2, 3]


def test_names_merged_over_two_rows_are_one_header(path: Path) -> None:
    rows = [["a", "b"], [None, None], [1, 2]]
    read = read_table(workbook(path, rows, merge=["A1:A2", "B1:B2"]))
    assert read.row == [3]
    assert not read.notes


def test_a_header_of_two_rows_is_refused(path: Path) -> None:
    rows = [["code", "place", None], [None, "lon", "lat"], [1, 2, 3]]
    told = refusal(workbook(path, rows, merge=["A1:A2", "B1:C1"]))
    assert "the names of the columns stand in rows 1 to 2" in told
    assert "write all names into one row" in told


def test_a_name_merged_over_a_column_with_values_is_refused(path: Path) -> None:
    rows = [["code", "place", None], [1, 2, 3]]
    told = refusal(workbook(path, rows, merge=["B1:C1"]))
    assert "column 3 has values and no name: the merged cells of 'place' cover it" in told


def test_a_title_above_the_names_is_named(path: Path) -> None:
    rows = [["责任清单", None], ["code", "hours"], [1, 2]]
    assert "delete the title above the names" in refusal(workbook(path, rows, merge=["A1:B1"]))


def test_merged_cells_invent_no_rows(path: Path) -> None:
    workbook(path, [["a", "b"], [1, "x"], [2, None]])
    started = time.process_time()
    read = read_table(with_merges(path, ["B2:B1048576"]))
    assert read.values == {"a": ["1", "2"], "b": ["x", "x"]}
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("places", "words"),
    [
        (["A2:B3", "B3:C4"], "the merged cells A2:B3 and B3:C4 overlap"),
        (["A2:A99999999999"], "merged cells outside a sheet"),
        (["A3:A2"], "merged cells outside a sheet"),
    ],
)
def test_merged_cells_no_spreadsheet_has_are_refused(
    path: Path, places: list[str], words: str
) -> None:
    workbook(path, [["a", "b", "c"], [1, 2, 3], [1, None, 3], [4, 5, None]])
    assert words in refusal(with_merges(path, places))


@pytest.mark.proof
def test_more_merged_cells_than_a_sheet_has_rows_are_refused(path: Path) -> None:
    workbook(path, [["a", "b"], [1, 2]])
    # A short text of its own for each, or the packed file would be taken for a bomb.
    places = [
        f"{'ABCDEFGHIJ'[k % 10]}{k % 97 + 2}:K{k % 97 + 2 + k // 97}" for k in range(1000)
    ]
    listed = "".join(f'<mergeCell ref="{place}"/>' for place in places)
    many = listed * (MOST_AREAS // 1000 + 1)
    rewritten(
        path,
        lambda name, text: (
            text.replace("</sheetData>", f"</sheetData><mergeCells>{many}</mergeCells>")
            if name == SHEET
            else text
        ),
    )
    assert "has more than 1,048,576 merged cells" in refusal(path)

"""Workbooks as people open them: headings in sight, columns wide enough, texts as texts."""

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmgmt.exchange.bytes.safe_tables import write_table
from gridmgmt.exchange.bytes.workbooks import EXCEL_TEXT
from gridmgmt.exchange.tables.tables import read_table

CODES = ["001234567890123456", "007", "1E5", "=1+1", "_x0041_", "a&b<c>", " 两边 ", "一\n二"]


def test_it_looks_as_if_a_person_had_made_it(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    rows = ((f"案{k}", "很长的描述" * 20, k / 3) for k in range(2_500))
    write_table(path, ["案件编号", "描述", "n"], rows, sheet="案件")
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert (sheet.title, sheet.freeze_panes, sheet.max_row) == ("案件", "A2", 2_501)
    assert [cell.font.bold for cell in sheet[1]] == [True] * 3
    assert not sheet["A2"].font.bold
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert widths == [10, 50, 20]
    assert sheet["C2501"].value == 2_499 / 3
    # Programs that read row by row believe what a sheet says of its extent.
    book = openpyxl.load_workbook(path, read_only=True)
    assert len(list(book.worksheets[0].values)) == 2_501
    book.close()


def test_texts_come_back_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    write_table(path, ["code", "k"], [(code, k) for k, code in enumerate(CODES)])
    cells = list(openpyxl.load_workbook(path).worksheets[0].iter_rows(min_row=2))
    assert [row[0].data_type for row in cells] == ["s"] * len(CODES)
    assert [row[0].quotePrefix for row in cells] == [code == "=1+1" for code in CODES]
    assert read_table(path).values["code"] == [code.strip() for code in CODES]


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip)


@settings(max_examples=50, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=5), number=st.floats(allow_infinity=False))
def test_any_text_and_number_comes_back(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], number: float
) -> None:
    path = tmp_path_factory.mktemp("any") / "out.xlsx"
    write_table(path, ["text", "number"], [(text, number) for text in texts])
    (_, *rows) = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    shown = None if number != number else number
    assert [row[1] for row in rows] == [shown] * len(texts)
    expected = [text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd") for text in texts]
    assert [row[0] for row in rows] == expected


def test_rows_are_written_as_they_come(tmp_path: Path) -> None:
    """A month of cases is not kept in memory: a fault in a late row finds most written."""
    taken = 0

    def rows() -> Iterator[list[str]]:
        nonlocal taken
        for _ in range(3_000):
            taken += 1
            yield ["x"]
        yield ["x" * (EXCEL_TEXT + 1)]
        taken += 1

    with pytest.raises(Exception, match="row 3002: a cell holds 32,767 characters"):
        write_table(tmp_path / "out.xlsx", ["a"], rows())
    assert taken == 3_000
    assert not (tmp_path / "out.xlsx").exists()

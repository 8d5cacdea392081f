import csv
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes import workbooks
from gridmgmt.exchange.bytes.safe_tables import replacing, safe_text, unprotected
from gridmgmt.exchange.tables.tables import read_table, write_table

COLUMNS = ["编号", "text", "n"]


def test_csv_opens_in_excel_with_its_chinese_text(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_table(path, COLUMNS, [["一", "x,y", 1.5], [None, float("nan"), np.int64(7)]])
    assert path.read_bytes() == '\ufeff编号,text,n\n一,"x,y",1.5\n,,7\n'.encode()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_would_be_evaluated_is_disarmed(tmp_path: Path, start: str) -> None:
    path = tmp_path / "out.csv"
    write_table(path, ["a"], [[f"{start}cmd|'/c calc'!A1"]])
    with path.open(encoding="utf-8-sig", newline="") as stream:
        assert list(csv.reader(stream))[1] == [f"'{start}cmd|'/c calc'!A1"]


def test_how_many_texts_were_disarmed_is_returned(tmp_path: Path) -> None:
    rows = [["=1", "a", -1], ["-x", "+1", None]]
    assert write_table(tmp_path / "out.csv", COLUMNS, rows) == 2
    assert write_table(tmp_path / "out.xlsx", COLUMNS, rows) == 0


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_line_breaks_and_digits_come_back_as_they_were(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out.{suffix}"
    texts = ["a\rb", "a\r\nb", "a\nb", "_x000D_", "a\x85b", "123456789.12345679"]
    numbers = [1 / 3, 123456789.12345679, 5e-324, 0.1 + 0.2, 1e11 + 0.1, 2.0]
    write_table(path, ["text", "number"], list(zip(texts, numbers, strict=True)))
    read = read_table(path).values
    assert read["text"] == texts
    assert [float(text or "nan") for text in read["number"]] == numbers


@pytest.mark.parametrize("odd", ["\x01", "\ufffe", "\uffff", "\ud800"])
def test_a_character_that_xml_has_not_damages_no_workbook(tmp_path: Path, odd: str) -> None:
    path = tmp_path / "out.xlsx"
    write_table(path, ["a"], [[f"坏{odd}"]])
    assert read_table(path).values["a"] == ["坏\ufffd"]


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_numbers_are_never_spoilt(number: float) -> None:
    assert safe_text(number) is number
    assert safe_text(str(number)) == str(number)


def test_a_number_in_front_does_not_excuse_a_formula() -> None:
    assert safe_text("-1+cmd|'/c calc'!A1") == "'-1+cmd|'/c calc'!A1"
    assert safe_text("+86 138 0000 0000") == "'+86 138 0000 0000"


@given(st.text())
def test_no_text_but_a_number_keeps_a_dangerous_start(text: str) -> None:
    safe = safe_text(text)
    assert isinstance(safe, str)
    assert safe.removeprefix("'") == text.removeprefix("'")
    if safe[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        float(safe)


@given(st.text(), st.sampled_from(["", "=", "'", "'=", "''-", "'+1", "@", "\t"]))
def test_whoever_takes_the_protection_away_has_the_text(text: str, start: str) -> None:
    assert unprotected(str(safe_text(start + text))) == start + text


def test_xlsx_holds_text_as_text_and_numbers_as_numbers(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    at = datetime(2024, 1, 5, 8, 30, tzinfo=UTC)
    write_table(path, ["a", "b", "c"], [["=1+1", -5.2, at], ["-x", np.nan, "坏\x01"]])
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["a", "b", "c"],
        ["=1+1", -5.2, "2024-01-05T08:30:00+00:00"],
        ["-x", None, "坏\ufffd"],
    ]
    cell = sheet["A2"]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert read_table(path).values["a"] == ["=1+1", "-x"]


def test_what_a_sheet_cannot_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.xlsx"
    with pytest.raises(LayerError, match="32,767 characters"):
        write_table(path, ["a"], [["x" * 32_768]])
    monkeypatch.setattr(workbooks, "EXCEL_ROWS", 3)
    with pytest.raises(LayerError, match="a sheet holds 3 rows"):
        write_table(path, ["a"], [["x"]] * 3)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_what_was_there_before(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("before")

    def rows() -> list[list[object]]:
        message = "half way"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="half way"):
        write_table(path, ["a"], ([value] for value in rows()))
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="there is no folder"), replacing(tmp_path / "no/x"):
        pass
    with pytest.raises(LayerError, match="is a folder"), replacing(tmp_path):
        pass


def test_a_device_is_written_and_not_replaced() -> None:
    write_table("/dev/null", ["a"], [["x"]])
    assert not Path("/dev/null").is_file()


def test_a_dash_means_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    write_table("-", ["a", "b"], [["街", True]])
    assert capsys.readouterr().out == "a,b\n街,true\n"

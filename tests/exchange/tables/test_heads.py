import gzip
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from openpyxl import Workbook

from gridmgmt.errors import LayerError
from gridmgmt.exchange.tables.heads import HEAD_BYTES, read_head
from gridmgmt.exchange.tables.tables import read_table

ROW = "{n},西湖一格 the text of a row\n"


def long_text(rows: int = 20_000) -> str:
    return "no,text\n" + "".join(ROW.format(n=n) for n in range(rows))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("packed", [False, True])
def test_of_a_long_file_only_the_first_rows_are_read(
    tmp_path: Path, encoding: str, packed: bool
) -> None:
    content = long_text().encode(encoding)
    assert len(content) > 2 * HEAD_BYTES
    path = tmp_path / "long.csv"
    path.write_bytes(gzip.compress(content) if packed else content)
    said = encoding if encoding == "gb18030" else None
    head, whole = read_head(path, 5, encoding=said), read_table(path, encoding=said)
    assert 100 < len(head) < len(whole)
    assert head.path == path
    assert head.columns == whole.columns
    assert head.rejected == []
    for column in whole.columns:
        assert head.values[column] == whole.values[column][: len(head)]


def test_a_short_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_text("no,text\n1,a\n2,b")
    assert read_head(path, 5) == read_table(path)


def test_wide_encodings_are_read_whole(tmp_path: Path) -> None:
    wide = tmp_path / "wide.csv"
    wide.write_text(long_text(), "utf-16")
    assert len(read_head(wide, 5, encoding="utf-16")) == 20_000


def test_of_a_workbook_and_a_parquet_file_the_first_rows_are_read(tmp_path: Path) -> None:
    rows = [(f"{n}", f"text {n}") for n in range(50)]
    book = Workbook()
    sheet = book.worksheets[0]
    for row in [("no", "text"), *rows]:
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    columns = dict(zip(("no", "text"), zip(*rows, strict=True), strict=True))
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "a.parquet")
    for name in ("a.xlsx", "a.parquet"):
        head, whole = read_head(tmp_path / name, 5), read_table(tmp_path / name)
        assert (len(head), len(whole)) == (5, 50)
        assert head.values["text"] == whole.values["text"][:5]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", "编号\n1\n".encode("gb18030")])
def test_what_is_no_table_is_refused_as_ever(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "strange.csv"
    path.write_bytes(content)
    with pytest.raises(LayerError) as whole:
        read_table(path)
    with pytest.raises(LayerError) as head:
        read_head(path, 5)
    assert str(head.value) == str(whole.value)


def test_a_problem_at_the_start_of_a_long_file_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(long_text().encode("gb18030"))
    with pytest.raises(LayerError, match="GB18030") as refused:
        read_head(path, 5)
    assert refused.value.path == str(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="no such file"):
        read_head(tmp_path / "nowhere.csv", 5)

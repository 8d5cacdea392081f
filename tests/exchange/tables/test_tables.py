import codecs
import csv
import gzip
import io
import re
import time
import zipfile
from pathlib import Path

import openpyxl
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.errors import InputError, LayerError
from gridmgmt.exchange.tables.tables import Table, blank_rows, read_table, read_table_chunks
from tests.shared import shared_data

TEXT = "编号,街道,备注\n1,石桥街道,\n2,东新街道,下水道\n"


def written(tmp_path: Path, data: bytes | str, name: str = "cases.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def table(tmp_path: Path, data: bytes | str, **options: str) -> Table:
    return read_table(written(tmp_path, data), **options)


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(LayerError) as caught:
        read_table(path, **options)
    return str(caught.value)


def test_values_are_stripped_text_and_blank_ones_are_none(tmp_path: Path) -> None:
    read = table(tmp_path, "a, b ,c\n 1 ,,  \n007,x y,-1.50\n")
    assert read.columns == ("a", "b", "c")
    assert read.values == {"a": ["1", "007"], "b": [None, "x y"], "c": [None, "-1.50"]}
    assert read.row == [2, 3]
    assert len(read) == 2


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    read = table(tmp_path, codecs.BOM_UTF8 + TEXT.encode())
    assert read.columns[0] == "编号"
    assert read.encoding == "utf-8"


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    # A value of two lines and a blank row: a spreadsheet counts one row each.
    read = table(tmp_path, 'a,b\n1,"two\nlines"\n\n2,y\n,\n3,z\n')
    assert read.row == [2, 4, 6]
    assert read.values["b"][0] == "two\nlines"
    assert read.notes == ("2 blank row(s) passed over",)


def test_the_first_row_that_is_not_blank_is_the_header(tmp_path: Path) -> None:
    read = table(tmp_path, "\n\na,b\n1,2\n")
    assert read.columns == ("a", "b")
    assert read.row == [4]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(tmp_path: Path, end: str) -> None:
    read = table(tmp_path, TEXT.replace("\n", end))
    assert read.values["街道"] == ["石桥街道", "东新街道"]
    assert read.row == [2, 3]


@pytest.mark.parametrize(("mark", "word"), [("\t", "tabs"), (";", "semicolons")])
def test_another_separator_is_recognised_and_said(tmp_path: Path, mark: str, word: str) -> None:
    read = table(tmp_path, TEXT.replace(",", mark))
    assert read.values["编号"] == ["1", "2"]
    assert read.notes == (f"values are separated by {word}",)


def test_gbk_bytes_are_refused_with_the_encoding_and_the_flag(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT.encode("gbk"))
    told = refusal(path)
    assert "not UTF-8 (first at line 1): it looks like GB18030" in told
    assert "--encoding gb18030" in told
    read = read_table(path, encoding="gbk")
    assert read.values["街道"] == ["石桥街道", "东新街道"]
    assert read.encoding == "gb18030"
    assert read.notes == ("gbk is read as GB18030, which contains it",)


def test_gbk_bytes_below_an_ascii_header_are_refused_by_line(tmp_path: Path) -> None:
    path = written(tmp_path, "no,name\n1,a\n2,石桥\n".encode("gb18030"))
    assert "first at line 3" in refusal(path)
    assert read_table(path, encoding="GB18030").values["name"] == ["a", "石桥"]


def test_bytes_of_no_known_encoding_are_not_called_gb18030(tmp_path: Path) -> None:
    told = refusal(written(tmp_path, b"no,name\n1,caf\xe9\n"))
    assert "cannot be told from its bytes" in told


def test_a_bad_byte_in_a_file_that_is_utf8_costs_its_row_and_names_the_line(
    tmp_path: Path,
) -> None:
    data = TEXT.encode() + b"3,\xb0\xa1,x\n4,\xe7\x9f\xb3,y\n"
    read = table(tmp_path, data)
    assert read.row == [2, 3, 5]
    (bad,) = read.rejected
    assert bad.row == 4
    assert bad.reason == "line 4 is not utf-8 (byte 3)"
    assert bad.values == {"编号": "3", "街道": "\\xb0\\xa1", "备注": "x"}


def test_utf16_is_recognised_by_its_mark_and_read_when_asked(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT.encode("utf-16"))
    assert "looks like UTF-16" in refusal(path)
    assert read_table(path, encoding="utf-16").values["街道"] == ["石桥街道", "东新街道"]
    cut = written(tmp_path, TEXT.encode("utf-16")[:-1], "cut.csv")
    assert "is not utf-16 throughout" in refusal(cut, encoding="utf-16")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32"])
def test_wide_text_is_recognised_and_its_remedy_works(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, TEXT.encode(encoding))
    for stated in ({}, {"encoding": "utf-16"}, {"encoding": "gb18030"}):
        told = refusal(path, **stated)
        assert f"it looks like {encoding.upper()}" in told
        assert f"say --encoding {encoding}," in told
    assert read_table(path, encoding=encoding).values["街道"] == ["石桥街道", "东新街道"]


def test_a_mark_before_text_whose_order_is_stated_is_no_part_of_a_name(tmp_path: Path) -> None:
    path = written(tmp_path, codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"))
    assert read_table(path, encoding="utf-16-le").columns[0] == "编号"


def test_the_mark_of_utf8_stands_against_another_encoding(tmp_path: Path) -> None:
    """Files of rejected rows are UTF-8, whatever the file was that they come from."""
    path = written(tmp_path, codecs.BOM_UTF8 + TEXT.encode())
    told = refusal(path, encoding="gb18030")
    assert "begins with the mark of UTF-8, and GB18030 is stated" in told
    assert "leave out --encoding" in told
    assert read_table(path, encoding="utf-8-sig").columns[0] == "编号"
    twice = written(tmp_path, 2 * codecs.BOM_UTF8 + TEXT.encode(), "twice.csv")
    assert read_table(twice).columns[0] == "编号"


@pytest.mark.parametrize(
    ("text", "encoding", "reads"),
    [("编号,队\n1,一隊\n", "cp950", "一隊"), ("番号,班\n1,ﾀﾅｶ班\n", "cp932", "ﾀﾅｶ班")],
)
def test_every_encoding_that_fits_is_shown(
    tmp_path: Path, text: str, encoding: str, reads: str
) -> None:
    path = written(
        tmp_path, text.replace("编号,队", "no,x").replace("番号,班", "no,x").encode(encoding)
    )
    told = refusal(path)
    assert f"as {encoding.upper()}: {reads}" in told
    assert encoding in told.partition("say the one that reads right: --encoding ")[2].split(
        " / "
    )
    assert read_table(path, encoding=encoding).values["x"] == [reads]


def test_a_line_break_within_a_value_is_said(tmp_path: Path) -> None:
    read = table(tmp_path, "a,b\n1,x\ry\n2,z\n")
    (bad,) = read.rejected
    assert bad.reason == "a line break stands within a value: put the value in quotes"


def test_a_title_above_the_names_is_said(tmp_path: Path) -> None:
    for title in ("责任主体表", "责任主体表,,"):
        told = refusal(written(tmp_path, f"{title}\n{TEXT}"))
        assert "delete the title above the names of the columns" in told


def test_names_are_read_as_they_are_seen(tmp_path: Path) -> None:
    read = table(tmp_path, 'a\u200b,\ufeffb,"案件\n编号","case\nno",x\u00a0y\n1,2,3,4,5\n')
    assert read.columns == ("a", "b", "案件编号", "case no", "x y")
    assert [note for note in read.notes if "is read as" in note] == [
        r"the column 'a\u200b' is read as 'a'",
        r"the column '\ufeffb' is read as 'b'",
    ]
    told = refusal(written(tmp_path, "name,name\u200b\n1,2\n"))
    assert "the name 'name' is given to 2 columns" in told


def test_names_that_are_not_seen_whole_are_told_once(tmp_path: Path) -> None:
    path = written(tmp_path, "a\u200b\n" + "1\n" * 5)
    notes = [note for chunk in read_table_chunks(path, 2) for note in chunk.notes]
    assert notes == [r"the column 'a\u200b' is read as 'a'"]


def test_the_protection_of_formulas_is_taken_away_and_said(tmp_path: Path) -> None:
    read = table(tmp_path, "a,b\n'=1+1,'-5度\n'007,'a'\n")
    assert read.values == {"a": ["=1+1", "'007"], "b": ["-5度", "'a'"]}
    (note,) = read.notes
    assert note.startswith("2 value(s) begin with a ' that keeps spreadsheets from calculating")


def test_an_unknown_encoding_is_the_askers_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no encoding 'klingon'"):
        table(tmp_path, TEXT, encoding="klingon")


def test_rows_with_too_few_or_too_many_values_are_rejected(tmp_path: Path) -> None:
    read = table(tmp_path, "a,b\n1\n1,2\n1,2,3\n")
    assert read.row == [3]
    assert [(one.row, one.reason) for one in read.rejected] == [
        (2, "has 1 values, the header has 2"),
        (4, "has 3 values, the header has 2"),
    ]
    assert read.rejected[1].values == {"a": "1", "b": "2"}


def test_a_line_over_a_mebibyte_is_rejected_by_number(tmp_path: Path) -> None:
    read = table(tmp_path, "a,b\n1,2\n" + "x" * (3 << 20) + ",y\n3,4\n")
    assert read.row == [2, 4]
    (bad,) = read.rejected
    assert (bad.row, bad.reason) == (3, "line 3 is longer than 1 MiB")


def test_a_line_of_exactly_a_mebibyte_is_read(tmp_path: Path) -> None:
    # As many columns as needed, since one value may not be that long.
    wide = ["v" * 1023] * 1024
    header = ",".join(f"c{k}" for k in range(1024))
    line = ",".join(wide)
    assert len(line) + 1 == 1 << 20
    read = table(tmp_path, f"{header}\n{line}\n{line}x\n")
    assert read.row == [2]
    assert [one.row for one in read.rejected] == [3]


def test_an_open_quote_costs_its_row_and_not_its_neighbours(tmp_path: Path) -> None:
    rows = "".join(f"{k},ok\n" for k in range(50_000))
    read = table(tmp_path, f'a,b\n0,ok\n1,"open\n{rows}')
    assert len(read) == 50_001
    (bad,) = read.rejected
    assert (bad.row, bad.reason) == (3, "a quote opened in this row is never closed")
    assert read.row[-1] == 50_003


def test_text_behind_a_closing_quote_is_rejected(tmp_path: Path) -> None:
    read = table(tmp_path, 'a,b\n"x"y,1\n2,2\n')
    assert read.row == [3]
    assert "quotes inside a value must be doubled" in read.rejected[0].reason


def test_a_file_of_nothing_but_broken_quotes_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n" + '"x"y,1\n' * 1_001)
    assert "quotes are broken in more than 1,000 rows" in refusal(path)


def test_a_nul_byte_costs_its_row(tmp_path: Path) -> None:
    read = table(tmp_path, b"a,b\n1,x\0y\n2,z\n")
    assert read.row == [3]
    assert read.rejected[0].reason == "line 2 holds a NUL byte"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "not even a header"),
        (b"a,a,b,b\n1,2,3,4\n", "the name 'b' is given to 2 columns"),
        (b"a,,c\n1,2,3\n", "column 2 has values and no name"),
        (b"1,2011-01-03,120.1\n2,2011-01-04,120.2\n", "row 1 looks like data"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
        (b"<html><table>", "XML or HTML"),
        (b'{"type": "FeatureCollection"}', "is JSON"),
        (b"PK\x03\x04nothing", "damaged zip"),
        (b"PAR1nothing", "damaged Parquet"),
        (b"\x1f\x8b\x08nothing", "cut or damaged"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(
    tmp_path: Path, data: bytes, said: str
) -> None:
    assert said in refusal(written(tmp_path, data))


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    read = table(tmp_path, "a,b\n")
    assert (read.columns, read.row, read.values) == (("a", "b"), [], {"a": [], "b": []})


def test_empty_columns_that_a_spreadsheet_left_behind_are_passed_over(tmp_path: Path) -> None:
    read = table(tmp_path, "a,b,,\n1,2,,\n")
    assert read.columns == ("a", "b")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "gone.csv")
    assert "is not a file" in refusal(tmp_path)


def test_gzip_is_read_whatever_the_name_says(tmp_path: Path) -> None:
    read = read_table(written(tmp_path, gzip.compress(TEXT.encode()), "odd.dat"))
    assert read.values["街道"] == ["石桥街道", "东新街道"]


def test_a_gzip_bomb_is_refused_before_it_unfolds(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as stream:
        stream.write(b"a,b\n")
        for _ in range(64):
            stream.write(bytes(1 << 20))
    assert "a bomb?" in refusal(written(tmp_path, packed.getvalue(), "bomb.csv.gz"))


def test_a_gzip_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(TEXT.encode() * 100)[:-20])
    assert "cut or damaged" in refusal(path)


def test_seventy_five_thousand_rows_take_less_than_a_second_and_a_half() -> None:
    path = shared_data("chicago311/cases.csv.gz")
    start = time.process_time()
    read = read_table(path)
    taken = time.process_time() - start
    assert len(read) == 74_401
    assert (read.rejected, read.notes) == ([], ())
    assert taken < 1.5


NAMES = ["编号", "b"]
VALUES = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0\r"), max_size=20
)


@given(st.lists(st.tuples(VALUES, VALUES), max_size=20))
def test_what_the_csv_module_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([NAMES, *rows])
    read = read_table(path)
    expected = [row for row in rows if any(row)]
    assert read.rejected == []
    for k, name in enumerate(NAMES):
        assert read.values[name] == [row[k].strip() or None for row in expected]


def test_a_table_in_chunks_says_the_same_as_a_whole_one(tmp_path: Path) -> None:
    lines = ["a,b", "1,x", "", "2,y", '3,"z', "4", "5,v,w", "6,u", "7,t", ""]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines), "utf-8")
    whole = read_table(path)
    for at_once in (1, 2, 3, 100):
        chunks = list(read_table_chunks(path, at_once))
        assert [len(chunk) for chunk in chunks[:-1]] == [at_once] * (len(chunks) - 1)
        assert {chunk.columns for chunk in chunks} == {whole.columns}
        assert [n for chunk in chunks for n in chunk.row] == whole.row
        assert [one for chunk in chunks for one in chunk.rejected] == whole.rejected
        told = [note for chunk in chunks for note in chunk.notes]
        assert (*told, *blank_rows(sum(chunk.blank for chunk in chunks))) == whole.notes
        for column, values in whole.values.items():
            assert [v for chunk in chunks for v in chunk.values[column]] == values


def test_what_is_refused_of_a_whole_table_is_refused_of_its_chunks_in_the_end(
    tmp_path: Path,
) -> None:
    unnamed = tmp_path / "unnamed.csv"
    unnamed.write_text("a,b,\n1,2,\n3,4,\n5,6,7\n", "utf-8")
    chinese = tmp_path / "chinese.csv"
    chinese.write_bytes(b"a,b\n1,2\n3,4\n" + "5,案件\n".encode("gb18030"))
    for path in (unnamed, chinese):
        with pytest.raises(LayerError) as whole:
            read_table(path)
        with pytest.raises(LayerError) as chunks:
            list(read_table_chunks(path, 1))
        assert str(chunks.value) == str(whole.value)


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_parquet_and_workbooks_come_in_chunks_too(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"t.{kind}"
    if kind == "parquet":
        columns = pyarrow.table({"a": ["x", "", "z", "v", ""], "b": [1, None, 3, 4, None]})
        pyarrow.parquet.write_table(columns, path, row_group_size=2)
    else:
        book = openpyxl.Workbook()
        for row in (["a", "b"], ["x", 1], [], ["z", 3], ["v", 4]):
            book.active.append(row)
        book.save(path)
    whole = read_table(path)
    assert whole.row == [2, 4, 5]
    chunks = list(read_table_chunks(path, 2))
    assert len(chunks) > 1
    assert [n for chunk in chunks for n in chunk.row] == whole.row
    assert [v for chunk in chunks for v in chunk.values["b"]] == whole.values["b"]
    assert blank_rows(sum(chunk.blank for chunk in chunks)) == list(whole.notes)


@pytest.mark.parametrize(("columns", "reads"), [(2_000, True), (2_001, False)])
def test_a_table_has_so_many_columns_and_no_more(
    tmp_path: Path, columns: int, reads: bool
) -> None:
    names = ",".join(f"c{k}" for k in range(columns))
    path = written(tmp_path, f"{names}\n{',' * (columns - 1)}1\n")
    if reads:
        assert len(read_table(path).columns) == columns
    else:
        assert "has 2,001 columns; 2,000 are read at most" in refusal(path)


@pytest.mark.parametrize("mark", [";", ",", "|", "\t"])
def test_a_first_line_may_state_the_separator(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"sep={mark}\r\na{mark}b\r\n1{mark}2\r\n", encoding="utf-8-sig")
    read = read_table(path)
    assert read.values == {"a": ["1"], "b": ["2"]}
    assert read.row == [3]


def test_a_stated_separator_counts_against_commas_in_names(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('"SEP=;"\n"x, y";b\n1,5;2\n')
    assert read_table(path).values == {"x, y": ["1,5"], "b": ["2"]}


@pytest.mark.parametrize(
    ("member", "words"),
    [
        ("content.xml", "is an OpenDocument file (.ods)"),
        ("xl/workbook.bin", "is a binary Excel workbook (.xlsb)"),
        ("Index/Document.iwa", "is a Numbers document"),
    ],
)
def test_other_spreadsheets_are_named_with_the_remedy(
    tmp_path: Path, member: str, words: str
) -> None:
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "x")
    with pytest.raises(LayerError, match=re.escape(words)) as caught:
        read_table(path)
    assert "save it as .xlsx or CSV UTF-8" in str(caught.value)


@pytest.mark.parametrize(
    ("stream", "words"),
    [("Workbook", "old Excel file (.xls)"), ("EncryptedPackage", "protected by a password")],
)
def test_old_and_protected_workbooks_are_told_apart(
    tmp_path: Path, stream: str, words: str
) -> None:
    path = tmp_path / "t.xlsx"
    header = bytearray(512)
    header[:4] = b"\xd0\xcf\x11\xe0"
    header[30], header[48] = 9, 1
    path.write_bytes(header + bytes(512) + stream.encode("utf-16-le"))
    with pytest.raises(LayerError, match=re.escape(words)):
        read_table(path)

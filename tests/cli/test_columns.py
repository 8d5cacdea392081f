import pytest

from gridmgmt.cli.columns import print_columns


def test_chinese_text_takes_two_columns_a_character(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_columns(("code", "name", "m²"), [("A", "单元网格", 1234.5), ("B", "Cell", None)])
    assert capsys.readouterr().out == (
        "code  name           m²\nA     单元网格  1,234.5\nB     Cell            –\n"
    )


def test_a_table_without_rows_is_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    print_columns(("code", "name"), [])
    assert capsys.readouterr().out == "code  name\n"

"""Fields of a MIF hold what its .mid holds, whatever types the .mif declares."""

from pathlib import Path

import pytest

from gridmgmt.domain.date_reader import DateReader
from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.area_layers import AreaFile, read_areas
from gridmgmt.exchange.layers.vectors import read_layer, text_values

HEAD = 'Version 450\nCharset "{}"\n{}CoordSys Earth Projection 1, 104\nColumns {}\n'


def mif(
    path: Path,
    columns: list[str],
    rows: list[str],
    delimiter: str = ",",
    charset: str = "UTF-8",
    newline: str = "\n",
) -> Path:
    """Write a MIF by hand: a square for each row."""
    stated = "" if delimiter == "\t" else f'Delimiter "{delimiter}"\n'
    text = HEAD.format(charset, stated, len(columns))
    text += "".join(f"  {column}\n" for column in columns) + "Data\n\n"
    for k in range(len(rows)):
        west, east = 120 + k / 100, 120.01 + k / 100
        text += f"Region 1\n  5\n{west} 30\n{east} 30\n{east} 30.01\n{west} 30.01\n{west} 30\n"
    encoding = "utf-8" if charset == "UTF-8" else "gb18030"
    path.write_bytes(text.replace("\n", newline).encode(encoding))
    mid = "".join(f"{row}{newline}" for row in rows)
    path.with_suffix(".mid").write_bytes(mid.encode(encoding))
    return path


def values(path: Path, field: str = "code") -> list[str | None]:
    return list(text_values(read_layer(path), field))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("Integer", ["330103001001", "007", "12-3", "3000000000", None]),
        ("integer", ['"007"', "1 2"]),
        ("SmallInt", ["70000", "A1", "-0"]),
        ("LargeInt", ["330103001001001001001", "007"]),
        ("Decimal (10, 2)", ["08.10", "3000000000", "1.2.3"]),
        ("Decimal(20,0)", ["330103001001001001", "0101"]),
        ("Float", ["330103001001001001", "1e5", "007.50"]),
        ("Logical", ["T", "F", "007", "unknown"]),
        ("Date", ["20260230", "20261301", "0260301", "08:01"]),
        ("Time", ["250000000", "0801"]),
        ("DateTime", ["20260230080100000", "20260301250000000", "20261301080100000", "2026"]),
        ("Char(3)", ["330103001001", "007"]),
    ],
)
def test_values_are_what_the_mid_holds(
    tmp_path: Path, kind: str, written: list[str | None], newline: str
) -> None:
    rows = [f'{value or ""},"甲, 乙"' for value in written]
    path = mif(tmp_path / "a.mif", [f"code {kind}", "name Char(20)"], rows, newline=newline)
    assert values(path) == [value and value.strip('"') for value in written]
    assert values(path, "name") == ["甲, 乙"] * len(rows)


@pytest.mark.parametrize("delimiter", ["\t", ",", ";", "|"])
@pytest.mark.parametrize("charset", ["UTF-8", "WindowsSimpChinese"])
def test_dates_and_times_that_exist_can_be_read(
    tmp_path: Path, delimiter: str, charset: str
) -> None:
    columns = ["名称 Char(20)", "day Date", "clock Time", "at DateTime", '"date" Integer']
    rows = [
        (f'"甲{delimiter}"', "20260301", "080100000", "20260301080100000", "20260301"),
        ("乙", '"20280229"', '"235959500"', '"20280229235959500"', "007"),
        ("丙", "", "", "", ""),
    ]
    path = mif(
        tmp_path / "a.mif", columns, [delimiter.join(row) for row in rows], delimiter, charset
    )
    assert values(path, "名称") == [f"甲{delimiter}".strip(), "乙", "丙"]
    assert values(path, "day") == ["2026-03-01", "2028-02-29", None]
    assert values(path, "clock") == ["08:01:00", "23:59:59.500", None]
    moments = values(path, "at")
    assert moments == ["2026-03-01T08:01:00", "2028-02-29T23:59:59.500", None]
    assert DateReader().moment(str(moments[0])).isoformat() == "2026-03-01T08:01:00+08:00"
    assert values(path, "date") == ["20260301", "007", None]


def test_cells_whose_codes_do_not_fit_their_type_are_not_joined(tmp_path: Path) -> None:
    codes = ["330103001001", "330103001002", "007"]
    columns = ["code Integer", "name Char(20)"]
    path = mif(tmp_path / "a.mif", columns, [f'{code},"n"' for code in codes])
    found = read_areas(AreaFile(path, "code", "name"), "cell").areas
    assert sorted(found.codes) == sorted(codes)


def test_a_condition_compares_text(tmp_path: Path) -> None:
    path = mif(tmp_path / "a.mif", ["n Integer", "day Date"], ["007,20260301", "12,20270101"])
    with pytest.raises(LayerError, match=r"all are text: write field = '5' or CAST"):
        read_layer(path, where="n > 5")
    for where in ("n = '12'", "CAST(n AS float) > 7", "day > '2026-12-31'"):
        assert list(read_layer(path, where=where).feature) == [2]

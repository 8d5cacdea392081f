"""Small files that would take for ever are refused at once, or read for what they hold."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gridmgmt.errors import LayerError
from gridmgmt.exchange.reading import files
from gridmgmt.exchange.reading.limits import ReadingLimits, current_limits, limit_reading
from tests.attacks import hostile_files as hostile
from tests.attacks.hostile_files import cell

# Refusals come at once, and machines may be busy.
AT_ONCE_S = 20


@pytest.fixture(autouse=True)
def limits() -> Iterator[None]:
    before = current_limits()
    limit_reading(ReadingLimits(memory_mb=256, seconds=AT_ONCE_S))
    yield
    limit_reading(before)


def refusal(read: Callable[[], object]) -> str:
    begin = time.monotonic()
    with pytest.raises(LayerError) as refused:
        read()
    assert time.monotonic() - begin < AT_ONCE_S
    return str(refused.value)


@pytest.mark.parametrize(
    ("row", "number"),
    [
        (f'<row r="99999999999">{cell("A99999999999", "x")}</row>', "99,999,999,999"),
        (f'<row r="1e11">{cell("A3", "x")}</row>', "100,000,000,000"),
        (f'<row r="1048577">{cell("A1048577", "x")}</row>', "1,048,577"),
        (f'<row r="2">{cell("A2", "x")}</row>', "2 after row 2"),
        (f'<row r="-5">{cell("A1", "x")}</row>', "-5"),
    ],
)
def test_a_row_beyond_excels_own_is_refused_by_its_number(
    tmp_path: Path, row: str, number: str
) -> None:
    path = hostile.far_row(tmp_path / "a.xlsx", row)
    assert f"number {number}" in refusal(lambda: files.read_table(path))
    assert f"number {number}" in refusal(lambda: files.read_head(path, 5))


def test_rows_far_apart_are_only_counted(tmp_path: Path) -> None:
    cells = cell("A1048576", "2") + cell("B1048576", "x")
    path = hostile.far_row(tmp_path / "a.xlsx", f'<row r="1048576">{cells}</row>')
    table = files.read_table(path)
    assert (table.row, table.blank) == ([2, 1_048_576], 1_048_573)
    # The number is the row's; what a cell says of it leads nowhere.
    path = hostile.far_row(tmp_path / "b.xlsx", f"<row>{cell('A99999999999', 'x')}</row>")
    assert files.read_table(path).row == [2, 3]


def test_a_cell_far_to_the_right_costs_no_more_than_itself(tmp_path: Path) -> None:
    path = hostile.far_column(tmp_path / "a.xlsx", "XFD", 10_000)
    table = files.read_table(path)
    assert (len(table), table.columns) == (10_000, ("no", "last"))
    assert table.values["last"][-1] == "x"
    path = hostile.far_column(tmp_path / "b.xlsx", "ZZZ", 10_000)
    assert "column 18,278; Excel has 16,384" in refusal(lambda: files.read_table(path))


def test_a_value_in_a_column_without_a_name_is_told_of_wherever_it_stands(
    tmp_path: Path,
) -> None:
    header = f'<row r="1">{cell("A1", "no")}{cell("XFD1", "last")}</row>'
    row = f'<row r="2">{cell("A2", "1")}{cell("ZZ2", "x")}</row>'
    path = hostile.workbook(tmp_path / "a.xlsx", [header, row])
    assert "column 702 has values and no name" in refusal(lambda: files.read_table(path))


def test_a_preview_does_not_wait_for_rows_that_are_fit(tmp_path: Path) -> None:
    header = f'<row r="1">{cell("A1", "no")}{cell("B1", "name")}</row>'
    rows = (f'<row r="{n}">{cell(f"C{n}", "x")}</row>' for n in range(2, 20_000))
    path = hostile.workbook(tmp_path / "a.xlsx", [header, *rows])
    assert len(files.read_head(path, 5).rejected) == 1_000
    assert len(files.read_table(path).rejected) == 19_998


def test_equal_rows_in_a_few_bytes_are_read_in_chunks(tmp_path: Path) -> None:
    path = hostile.constant_rows(tmp_path / "a.parquet", 200_000)
    assert path.stat().st_size < 100_000
    limit_reading(ReadingLimits(memory_mb=100, seconds=AT_ONCE_S))
    table = files.read_table(path)
    assert len(table) == 200_000


@pytest.mark.parametrize("is_alone", [True, False])
def test_an_endless_view_is_no_layer(tmp_path: Path, is_alone: bool) -> None:
    path = hostile.endless_view(tmp_path / "a.gpkg", is_alone=is_alone)
    if is_alone:
        assert "views, not tables: v" in refusal(lambda: files.read_layer(path))
        assert "views, not tables: v" in refusal(lambda: files.list_layers(path))
    else:
        assert files.list_layers(path) == ["a"]
        assert len(files.read_layer(path)) == 1
        assert "has no layer 'v'" in refusal(lambda: files.read_layer(path, layer="v"))


def test_an_endless_list_of_layers_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = hostile.endless_contents(tmp_path / "a.gpkg")
    assert "list of layers is a view" in refusal(lambda: files.list_layers(path))


def test_a_zip_that_lies_about_its_size_is_not_unpacked(tmp_path: Path) -> None:
    path = hostile.bomb(tmp_path / "a.zip", "a.shp", 40)
    assert "damaged zip" in refusal(lambda: files.read_layer(path)) or "bomb" in refusal(
        lambda: files.read_layer(path)
    )


def test_deep_json_is_refused_in_words(tmp_path: Path) -> None:
    assert len(files.read_layer(hostile.deep_json(tmp_path / "b.geojson", 500))) == 1
    path = hostile.deep_json(tmp_path / "a.geojson", 100_000)
    told = refusal(lambda: files.read_layer(path))
    assert "library" not in told
    assert "signal" not in told


def test_a_line_without_an_end_is_no_header(tmp_path: Path) -> None:
    path = hostile.one_line(tmp_path / "a.csv", 5)
    assert "line 1 is longer than 1 MiB" in refusal(lambda: files.read_table(path))
    refusal(lambda: files.read_head(path, 5))


def test_a_crs_member_within_itself_for_ever_ends(tmp_path: Path) -> None:
    path = hostile.repeated_crs(tmp_path / "a.geojson", 200)
    refusal(lambda: files.read_layer(path))

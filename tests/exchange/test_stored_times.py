"""Dates and times that a file stores as such are never codes, in whatever format they come."""

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pyogrio.raw
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmgmt.domain.codes import code, code_fault, codes
from gridmgmt.domain.stored_time import StoredTime
from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.area_layers import AreaFile, OnDuplicate, read_areas
from gridmgmt.exchange.content.import_files import FileOptions, open_layer, open_table
from gridmgmt.exchange.reading.files import read_table
from gridmgmt.exchange.tables.spools import Spool
from tests.exchange.test_codes_survive import CODES

Cells = Sequence[str | None]

days = st.dates(date(1950, 1, 2), date(2150, 1, 1))
clocks = st.times().map(lambda clock: clock.replace(microsecond=0))
moments = st.datetimes(
    datetime(1950, 1, 2),  # noqa: DTZ001 - spreadsheets have no zones
    datetime(2150, 1, 1),  # noqa: DTZ001
).map(lambda at: at.replace(microsecond=0))
few = settings(max_examples=12, deadline=None)


@contextmanager
def file(name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / name


def check(cells: Cells, typed: Sequence[object]) -> None:
    """Check that the cells are stored times, and that no reader of codes takes them."""
    assert len(cells) == len(typed)
    for cell in cells:
        assert type(cell) is StoredTime
        assert "is stored as a date or time" in str(code_fault(cell))
        with pytest.raises(ValueError, match="type it anew"):
            code(cell)
    assert codes(cells) is None


def workbook(path: Path, columns: dict[str, Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in [list(columns), *zip(*columns.values(), strict=True)]:
        book.active.append(row)
    book.save(path)
    return path


# What openpyxl writes of each, and the formats that spreadsheets give to what people type.
FORMATS = ["d-mmm", "m/d", "h:mm", "[h]:mm", 'm"月"d"日"', 'yyyy"年"m"月"', "mm:ss"]


@few
@given(
    typed=st.lists(
        st.one_of(days, clocks, moments, st.timedeltas(timedelta(0), timedelta(days=40))),
        min_size=1,
        max_size=4,
    ),
    shown=st.sampled_from([None, *FORMATS]),
)
def test_cells_of_workbooks(typed: list[object], shown: str | None) -> None:
    with file("codes.xlsx") as path:
        workbook(path, {"made": typed, "written": ["8-1"] * len(typed)})
        if shown is not None:
            book = openpyxl.load_workbook(path)
            assert book.active is not None
            for row in range(2, len(typed) + 2):
                book.active.cell(row, 1).number_format = shown
            book.save(path)
        cells = open_table(path, FileOptions()).cells
    check(cells["made"], typed)
    assert codes(cells["written"]) is cells["written"]


KINDS: list[tuple[pyarrow.DataType, st.SearchStrategy[object]]] = [
    (pyarrow.date32(), days),
    (pyarrow.date64(), days),
    (pyarrow.time32("s"), clocks),
    (pyarrow.time64("us"), clocks),
    (pyarrow.timestamp("us"), moments),
    (pyarrow.timestamp("ns"), moments),
    (pyarrow.timestamp("ms", "Asia/Shanghai"), moments.map(lambda at: at.replace(tzinfo=UTC))),
    (pyarrow.duration("s"), st.integers(0, 10**6).map(lambda s: timedelta(seconds=s))),
]


@pytest.mark.proof
@pytest.mark.parametrize(("kind", "values"), KINDS)
@few
@given(data=st.data())
def test_columns_of_parquet(
    kind: pyarrow.DataType, values: st.SearchStrategy[object], data: st.DataObject
) -> None:
    typed = data.draw(st.lists(values, min_size=1, max_size=4))
    with file("codes.parquet") as path:
        made = pyarrow.array(typed, kind)
        written = ["8-1"] * len(typed)
        pyarrow.parquet.write_table(pyarrow.table({"made": made, "written": written}), path)
        cells = open_table(path, FileOptions()).cells
    check(cells["made"], typed)
    assert codes(cells["written"]) is cells["written"]


def test_times_beyond_the_calendar_in_parquet(tmp_path: Path) -> None:
    path = tmp_path / "codes.parquet"
    made = pyarrow.array([253402300799 + 10**6], pyarrow.timestamp("s"))
    pyarrow.parquet.write_table(pyarrow.table({"made": made}), path)
    check(open_table(path, FileOptions()).cells["made"], [None])


def layer_of(path: Path, driver: str, typed: Sequence[object], **options: str) -> None:
    """Write areas with a field of the type of the values, and a field of text."""
    west = [120.1 + k / 100 for k in range(len(typed))]
    geoms = [shapely.to_wkb(shapely.box(x, 30.2, x + 0.01, 30.21)) for x in west]
    table = pyarrow.table(
        {"made": list(typed), "written": [f"8-{k}" for k in range(len(typed))], "g": geoms}
    )
    pyogrio.raw.write_arrow(
        table,
        path,
        driver=driver,
        geometry_name="g",
        geometry_type="Polygon",
        crs="EPSG:4326",
        **options,
    )


WITH_DAYS = [
    ("GPKG", "a.gpkg", {}),
    ("FlatGeobuf", "a.fgb", {"SPATIAL_INDEX": "NO"}),
    ("OpenFileGDB", "a.gdb", {"TARGET_ARCGIS_VERSION": "ARCGIS_PRO_3_2_OR_LATER"}),
    ("ESRI Shapefile", "a.shp", {"ENCODING": "UTF-8"}),
    ("MapInfo File", "a.tab", {"ENCODING": "UTF-8"}),
    ("MapInfo File", "a.mif", {"ENCODING": "UTF-8", "FORMAT": "MIF"}),
]


@pytest.mark.parametrize(("driver", "name", "options"), WITH_DAYS)
@settings(few, max_examples=5)
@given(typed=st.lists(days, min_size=1, max_size=4))
def test_fields_of_days_in_layers(
    driver: str, name: str, options: dict[str, str], typed: list[date]
) -> None:
    with file(name) as path:
        layer_of(path, driver, typed, **options)
        cells = open_layer(path, FileOptions()).cells
    check(cells["made"], typed)
    assert [str(cell) for cell in cells["made"]] == [day.isoformat() for day in typed]
    assert codes(cells["written"]) is cells["written"]


@pytest.mark.parametrize(
    ("driver", "name", "options"), [one for one in WITH_DAYS if "Shape" not in one[0]]
)
@settings(few, max_examples=5)
@given(typed=st.lists(moments, min_size=1, max_size=4))
def test_fields_of_moments_in_layers(
    driver: str, name: str, options: dict[str, str], typed: list[datetime]
) -> None:
    with file(name) as path:
        layer_of(path, driver, typed, **options)
        cells = open_layer(path, FileOptions()).cells
    check(cells["made"], typed)
    assert codes(cells["written"]) is cells["written"]


def test_text_in_a_field_of_days_is_what_somebody_wrote(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    layer_of(path, "GPKG", [date(2026, 8, 1)] * 3)
    with closing(sqlite3.connect(path)) as book, book:
        for (name,) in book.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            book.execute(f'DROP TRIGGER "{name}"')
        book.execute("UPDATE a SET made = '2024-02-31' WHERE fid = 2")
        book.execute("UPDATE a SET made = 'A-1' WHERE fid = 3")
    first, *others = open_layer(path, FileOptions()).cells["made"]
    check([first], [None])
    assert codes(others) == ["2024-02-31", "A-1"]


def test_times_of_a_mif(tmp_path: Path) -> None:
    path = tmp_path / "a.mif"
    layer_of(path, "MapInfo File", ["8"], FORMAT="MIF", ENCODING="UTF-8")
    head, mid = path.read_text("utf-8"), path.with_suffix(".mid")
    for kind, written, read in (
        ("Time", "090500000", "09:05:00"),
        ("Time", "9:05", "9:05"),
        ("Char(30)", "09:05:00", "09:05:00"),
    ):
        path.write_text(head.replace("made Char(254)", f"made {kind}"), "utf-8")
        assert path.read_text("utf-8") != head
        mid.write_text(f'"{written}","8-1"\n', "utf-8")
        [cell] = open_layer(path, FileOptions()).cells["made"]
        assert cell == read
        assert (type(cell) is StoredTime) is (written == "090500000")


@few
@given(texts=CODES, made=days)
def test_no_text_is_taken_for_a_stored_time(texts: list[str], made: date) -> None:
    with file("codes.xlsx") as path:
        workbook(path, {"code": [*texts, made]})
        book = openpyxl.load_workbook(path)
        assert book.active is not None
        for row in range(2, len(texts) + 2):
            # openpyxl makes formulas and errors of some texts.
            book.active.cell(row, 1).data_type = "s"
            book.active.cell(row, 1).value = texts[row - 2]
            book.active.cell(row, 1).data_type = "s"
        book.save(path)
        cells = open_table(path, FileOptions()).cells["code"]
    assert [type(cell) for cell in cells] == [*[str] * len(texts), StoredTime]


def test_a_spool_keeps_which_cells_are_stored_times(tmp_path: Path) -> None:
    made: list[object] = [date(2026, 8, 1), "2026-08-01", None, time(9, 5)]
    path = workbook(tmp_path / "a.xlsx", {"k": [1, 2, 3, 4], "code": made})
    texts = workbook(tmp_path / "b.xlsx", {"k": [1, 2, 3, 4], "code": [*made[1:], "x"]})
    with Spool() as spool, Spool() as other:
        spool.add(read_table(path))
        [again] = spool.chunks()
        cells = again.values["code"]
        assert cells == ["2026-08-01", "2026-08-01", None, "09:05:00"]
        assert [type(cell) for cell in cells] == [StoredTime, str, type(None), StoredTime]
        other.add(read_table(texts))
        assert spool.sha256 != other.sha256


@pytest.mark.parametrize("field", ["code", "name", "parent"])
@pytest.mark.parametrize("choice", list(OnDuplicate))
def test_areas_with_a_stored_time_are_refused(
    tmp_path: Path, field: str, choice: OnDuplicate
) -> None:
    path = tmp_path / "a.gpkg"
    layer_of(path, "GPKG", [date(2026, 8, 1), date(2026, 8, 1)])
    fields = {"code": "written", "name": "written", "parent": "written"} | {field: "made"}
    with pytest.raises(LayerError) as caught:
        read_areas(AreaFile(path, **fields, on_duplicate=choice), "cell")
    told = [one for one in caught.value.problems if "stored as a date" in one]
    assert told == [
        f"feature {number}, field 'made': '2026-08-01' is stored as a date or time, not as it "
        "was typed; make the column text and type it anew"
        for number in (1, 2)
    ]
    # The same code of two features is no reason to put them together.
    assert field != "code" or len(caught.value.problems) == 2


def test_one_field_for_code_and_name_is_named_once(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    layer_of(path, "GPKG", [date(2026, 8, 1)])
    with pytest.raises(LayerError) as caught:
        read_areas(AreaFile(path, "made", "made"), "cell")
    assert len(caught.value.problems) == 1

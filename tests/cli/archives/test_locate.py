import csv
import gzip
import zipfile
from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely

from gridmgmt.cli import run
from gridmgmt.exchange.tables.tables import Table, read_table
from gridmgmt.geometry.crs.crs import from_lonlat, resolve
from gridmgmt.services.archives.tables import ADDED
from gridmgmt.settings import Settings
from tests.layer_forms import FORMS, write_form
from tests.shared import shared_data

SETTINGS = Settings()
STEP = 0.01


@pytest.fixture
def areas(tmp_path: Path) -> Path:
    """Cells A and B side by side in Hangzhou, C apart from them."""
    path = tmp_path / "areas.gpkg"
    boxes = [
        shapely.box(120.1, 30.2, 120.11, 30.21),
        shapely.box(120.11, 30.2, 120.12, 30.21),
        shapely.box(120.2, 30.2, 120.21, 30.21),
    ]
    frame = geopandas.GeoDataFrame({"code": ["A", "B", "C"]}, geometry=boxes, crs="EPSG:4326")
    pyogrio.write_dataframe(frame, path, layer="cells")
    return path


def cases(tmp_path: Path, *rows: str, header: str = "no,lon,lat") -> Path:
    path = tmp_path / "cases.csv"
    path.write_text("\n".join([header, *rows, ""]), "utf-8")
    return path


def located(
    path: Path, areas: Path, *options: str, settings: Settings = SETTINGS
) -> tuple[int, Path]:
    output = path.with_name("out.csv")
    args = ["locate", str(path), "--areas", str(areas), "--code", "code", "-o", str(output)]
    output.unlink(missing_ok=True)
    return run([*args, *options], settings), output


def answers(output: Path) -> list[tuple[str | None, ...]]:
    table = read_table(output)
    return list(zip(*(table.values[name] for name in ADDED), strict=True))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("is_zip", [False, True])
def test_areas_may_come_in_every_form(tmp_path: Path, form: str, is_zip: bool) -> None:
    boxes = [shapely.box(120.1, 30.2, 120.11, 30.21), shapely.box(120.11, 30.2, 120.12, 30.21)]
    codes = {"code": ["330103001001001", "330103001001002"]}
    frame = geopandas.GeoDataFrame(codes, geometry=boxes, crs="EPSG:4490")
    areas = write_form(tmp_path, form, frame)
    if is_zip:
        packed = tmp_path / "areas.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            for file in areas.parent.rglob("*"):
                archive.write(file, file.relative_to(areas.parent))
        areas = packed
    path = cases(tmp_path, "1,120.105,30.205", "2,120.115,30.205", "3,120.5,30.2")
    field = "Layer" if form == "dxf" else "code"
    output = tmp_path / "out.csv"
    options = ("--areas", str(areas), "--areas-crs", "EPSG:4490", "--code", field)
    assert run(["locate", str(path), *options, "-o", str(output)], SETTINGS) == 0
    assert [answer[0] for answer in answers(output)] == [*codes["code"], None]


def test_every_row_gets_its_area(tmp_path: Path, areas: Path) -> None:
    path = cases(
        tmp_path,
        "1,120.105,30.205",
        "2,120.11,30.205",
        "3,120.109995,30.205",
        "4,120.1201,30.205",
        "5,120.15,30.205",
    )
    code, output = located(path, areas)
    assert code == 0
    assert answers(output) == [
        ("A", "false", "A", "0", "false"),
        ("A", "true", "A;B", "0", "false"),
        ("A", "false", "A;B", "0", "false"),
        ("B", "false", None, "9.629", "true"),
        (None, "false", None, None, "false"),
    ]


def test_all_rows_and_columns_are_kept_in_order(
    tmp_path: Path, areas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = cases(
        tmp_path,
        "1,,",
        '2,120.105,30.205,"too many"',
        "3,120.105,abc",
        "4,120.105,",
        "5,120.105,91",
        "6,nan,30.2",
        "=7,120.105,30.205",
    )
    code, output = located(path, areas)
    assert code == 0
    table = read_table(output)
    assert table.columns == ("no", "lon", "lat", *ADDED)
    assert table.values["no"] == ["1", "2", "3", "4", "5", "6", "=7"]
    assert table.values["area_code"] == [None] * 6 + ["A"]
    assert table.values["snapped"] == [None] * 6 + ["false"]
    told = capsys.readouterr()
    assert told.out == ""
    assert (
        "7 rows against 3 areas: 1 located, of them 0 on a boundary and 0 snapped; "
        "0 outside every area, 1 without coordinates, 5 rejected"
    ) in told.err
    for line in (
        "row 3: has 4 values, the header has 3",
        "row 4: lat 'abc' is not a number",
        "row 5: lat is empty, the other coordinate is not",
        "row 6: lat 91 is beyond 90 degrees",
        "row 7: lon 'nan' is not a number",
    ):
        assert line in told.err


def test_distances_come_from_the_options_and_else_from_the_settings(
    tmp_path: Path, areas: Path
) -> None:
    path = cases(tmp_path, "1,120.1201,30.205", "2,120.1095,30.205")
    assert answers(located(path, areas, "--snap-m", "0")[1])[0][0] is None
    assert answers(located(path, areas, "--candidate-m", "50")[1])[1][2] == "A;B"
    settings = Settings(candidate_m=50.0, snap_m=0.0)
    found = answers(located(path, areas, settings=settings)[1])
    assert (found[0][0], found[1][2]) == (None, "A;B")


def test_positions_in_another_datum_are_turned(tmp_path: Path, areas: Path) -> None:
    for crs in ("EPSG:4549", "gcj02", "bd09"):
        x, y = from_lonlat([120.1001], [30.2001], resolve(crs))
        path = cases(tmp_path, f"1,{float(x[0])!r},{float(y[0])!r}", header="no,x,y")
        code, output = located(path, areas, "--lon", "x", "--lat", "y", "--crs", crs)
        assert code == 0
        assert answers(output)[0][0] == "A"


def test_areas_in_another_datum_are_turned(tmp_path: Path, areas: Path) -> None:
    path = cases(tmp_path, "1,120.1001,30.2001")
    assert answers(located(path, areas, "--areas-crs", "gcj02")[1])[0][0] is None
    code, output = located(path, areas, "--areas-crs", "4490", "--where", "code <> 'A'")
    assert code == 0
    assert answers(output)[0][0] is None


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["1,30.205,120.105"], "longitude and latitude are swapped"),
        (["1,500000,3350000"], "lon and lat are metres, not degrees of EPSG:4326"),
    ],
)
def test_axes_and_metres_are_recognised(
    tmp_path: Path,
    areas: Path,
    capsys: pytest.CaptureFixture[str],
    rows: list[str],
    said: str,
) -> None:
    code, output = located(cases(tmp_path, *rows), areas)
    assert code == 3
    assert said in capsys.readouterr().err
    assert not output.exists()


def test_swapped_axes_that_only_the_areas_can_tell_are_recognised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "paris.gpkg"
    box = shapely.box(2.3, 48.8, 2.4, 48.9)
    frame = geopandas.GeoDataFrame({"code": ["P"]}, geometry=[box], crs="EPSG:4326")
    pyogrio.write_dataframe(frame, path)
    code, _ = located(cases(tmp_path, "1,48.85,2.35"), path)
    assert code == 3
    told = capsys.readouterr().err
    assert "0% of them lie in an area as given, 100% when swapped" in told
    assert "--lon lat --lat lon" in told


def test_positions_that_fit_better_as_gcj02_are_told(
    tmp_path: Path, areas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    x, y = from_lonlat([120.1001], [30.2001], resolve("gcj02"))
    located(cases(tmp_path, f"1,{float(x[0])!r},{float(y[0])!r}"), areas)
    told = capsys.readouterr().err
    assert "the positions look like GCJ-02" in told or "taken as GCJ-02" in told


def test_the_wrong_city_is_told(
    tmp_path: Path, areas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    located(cases(tmp_path, "1,-87.6,41.9"), areas)
    assert "100% of the positions lie outside every area" in capsys.readouterr().err


def test_a_column_that_is_not_there_lists_those_that_are(
    tmp_path: Path, areas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _ = located(cases(tmp_path, "1,1,1", header="no,x,y"), areas)
    assert code == 3
    told = capsys.readouterr().err
    assert "has no field 'lon'" in told
    assert "choose one of: no, x, y" in told


def test_all_columns_that_are_not_there_are_named_at_once(
    tmp_path: Path, areas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = cases(tmp_path, "1,120.105,30.205")
    code, _ = located(path, areas, "--lon", "x", "--lat", "y")
    assert code == 3
    assert "has no field 'x' and no field 'y'" in capsys.readouterr().err


def test_degrees_that_are_called_metres_are_refused(
    tmp_path: Path, areas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = cases(tmp_path, "1,120.105,30.205", "2,0,0", "3,,")
    code, output = located(path, areas, "--crs", "EPSG:4549")
    assert code == 3
    assert "lon and lat look like degrees, not like EPSG:4549" in capsys.readouterr().err
    assert not output.exists()


def test_a_file_that_is_there_is_replaced_only_by_force(
    tmp_path: Path, areas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = cases(tmp_path, "1,120.105,30.205")
    output = tmp_path / "out.csv"
    output.write_text("precious", "utf-8")
    args = ["locate", str(path), "--areas", str(areas), "--code", "code", "-o", str(output)]
    assert run(args, SETTINGS) == 2
    assert "is there already; add --force" in capsys.readouterr().err
    assert output.read_text("utf-8") == "precious"
    assert run([*args, "--force"], SETTINGS) == 0
    assert answers(output)[0][0] == "A"


def test_what_is_read_is_never_replaced(
    tmp_path: Path, areas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = cases(tmp_path, "1,120.105,30.205")
    given, detour = path.read_bytes(), tmp_path / ".." / tmp_path.name / path.name
    args = ["locate", str(path), "--areas", str(areas), "--code", "code", "--force"]
    assert run([*args, "-o", str(detour)], SETTINGS) == 2
    assert "is the file that is read" in capsys.readouterr().err
    assert path.read_bytes() == given


def test_a_suffix_that_says_something_else_is_refused(
    tmp_path: Path, areas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = cases(tmp_path, "1,120.105,30.205")
    args = ["locate", str(path), "--areas", str(areas), "--code", "code"]
    assert run([*args, "-o", str(tmp_path / "out.gpkg")], SETTINGS) == 2
    assert "out.gpkg does not end in .csv or .xlsx" in capsys.readouterr().err


def test_columns_that_would_be_doubled_are_refused(
    tmp_path: Path, areas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = cases(tmp_path, "1,120.105,30.205,x", header="no,lon,lat,snapped")
    assert located(path, areas)[0] == 3
    assert "columns of the names that are added: snapped" in capsys.readouterr().err


def test_parts_of_an_area_under_one_code_are_one_area(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "areas.gpkg"
    boxes = [shapely.box(120.1, 30.2, 120.11, 30.21), shapely.box(120.2, 30.2, 120.21, 30.21)]
    frame = geopandas.GeoDataFrame({"code": ["A", "A"]}, geometry=boxes, crs="EPSG:4326")
    pyogrio.write_dataframe(frame, path)
    _, output = located(cases(tmp_path, "1,120.105,30.205", "2,120.205,30.205"), path)
    assert [row[0] for row in answers(output)] == ["A", "A"]
    assert (
        "1 code(s) stand in several features, made one area each: A (2)"
        in capsys.readouterr().err
    )


def test_an_outline_that_crosses_itself_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "areas.gpkg"
    bow = shapely.Polygon([(120, 30), (121, 31), (121, 30), (120, 31), (120, 30)])
    frame = geopandas.GeoDataFrame({"code": ["A"]}, geometry=[bow], crs="EPSG:4326")
    pyogrio.write_dataframe(frame, path)
    located(cases(tmp_path, "1,120.1,30.5"), path)
    assert "the outline of A crosses itself" in capsys.readouterr().err


def test_standard_output_carries_the_table_and_nothing_else(
    tmp_path: Path, areas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = cases(tmp_path, "1,120.105,30.205")
    assert (
        run(["locate", str(path), "--areas", str(areas), "--code", "code", "-o", "-"], SETTINGS)
        == 0
    )
    assert list(csv.reader(capsys.readouterr().out.splitlines())) == [
        ["no", "lon", "lat", *ADDED],
        ["1", "120.105", "30.205", "A", "false", "A", "0", "false"],
    ]


def test_an_empty_table_gives_an_empty_answer(tmp_path: Path, areas: Path) -> None:
    code, output = located(cases(tmp_path), areas)
    assert code == 0
    assert answers(output) == []


def chicago(tmp_path: Path, path: Path, *options: str) -> Table:
    args = ["--areas", str(shared_data("chicago311/areas.gpkg")), "--layer", "wards_2003_2015"]
    args += ["--code", "ward", "--where", "ward <> 'OUT'", "-o", str(tmp_path / "out.csv")]
    assert run(["locate", str(path), *args, *options], SETTINGS) == 0
    return read_table(tmp_path / "out.csv")


@pytest.mark.proof
def test_chicagos_complaints_have_their_true_ward_among_the_candidates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = chicago(tmp_path, shared_data("chicago311/cases.csv.gz"))
    assert len(table) == 74_401
    told = [
        truth in (candidates or "").split(";")
        for truth, candidates, lon in zip(
            *(table.values[name] for name in ("ward", "candidates", "lon")), strict=True
        )
        if truth is not None and lon is not None
    ]
    assert len(told) == 74_377
    assert sum(told) / len(told) >= 0.998
    snapped = [
        float(metres or "nan")
        for metres, flag in zip(
            table.values["distance_m"], table.values["snapped"], strict=True
        )
        if flag == "true"
    ]
    assert len(snapped) == 251
    assert max(snapped) <= 8
    assert "24 without coordinates, 0 rejected" in capsys.readouterr().err


def test_a_point_in_the_middle_of_norridge_is_nobodys(tmp_path: Path) -> None:
    path = tmp_path / "norridge.csv.gz"
    path.write_bytes(gzip.compress(b"no,lon,lat\n1,-87.8237,41.9634\n2,-87.63,41.88\n"))
    table = chicago(tmp_path, path)
    assert table.values["area_code"][0] is None
    assert table.values["area_code"][1] is not None

import csv
import zipfile
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import pytest
import shapefile
import shapely

from gridmgmt.arrays import ObjectArray
from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers import shapefile_out
from gridmgmt.exchange.layers.layer_out import LayerLoss
from gridmgmt.exchange.layers.shapefile_out import (
    DICTIONARY,
    FieldMeaning,
    carried,
    write_shapefile,
)
from gridmgmt.exchange.layers.vectors import read_layer
from gridmgmt.geometry.coverage.changes import as_multipolygons
from gridmgmt.geometry.crs.crs import WGS84, Datum, resolve
from gridmgmt.geometry.measure import on_grid

HOLED = shapely.Polygon(
    shapely.box(120.1, 30.2, 120.2, 30.3).exterior.coords,
    [shapely.box(120.12, 30.22, 120.14, 30.24).exterior.coords],
)
GEOMS = on_grid(
    [
        shapely.MultiPolygon([HOLED, shapely.box(120.3, 30.2, 120.4, 30.3)]),
        shapely.MultiPolygon([shapely.box(120.2, 30.2, 120.3, 30.3)]),
    ]
)
LONG = "网" * 100
HELMERT = (
    "+proj=tmerc +lat_0=0 +lon_0=120.5 +x_0=500000 +ellps=krass"
    " +towgs84=15.8,-154.4,-82.3,0,0,0,0 +units=m +type=crs"
)


def columns(name: str = "𠀀㐀村") -> dict[str, ObjectArray]:
    return {
        "code": np.array(["A1", "A2"], dtype=object),
        "name": np.array([name, "石桥街道"], dtype=object),
        "parent": np.array([None, "A"], dtype=object),
        "edition": np.array([3, 3], dtype=object),
        "area_m2": np.array([10_000 / 3, 2.25], dtype=object),
    }


def write(
    path: Path, encoding: str = "utf-8", datum: Datum = WGS84, name: str = "𠀀㐀村"
) -> list[LayerLoss]:
    return write_shapefile(
        path,
        name="cell_edition3",
        geoms=GEOMS,
        columns=columns(name),
        rows=["A1", "A2"],
        datum=datum,
        encoding=encoding,
        dictionary=[FieldMeaning("code", "Code", "编码", "text", "", "of the area", "区域的")],
    )


def opened(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder / "cell_edition3.shp"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cells.zip"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_another_reader_finds_names_text_and_shapes_intact(
    path: Path, tmp_path: Path, encoding: str
) -> None:
    assert write(path, encoding) == []
    shp = opened(path, tmp_path / "out")
    assert shp.with_suffix(".cpg").read_text() == encoding.upper()
    with shapefile.Reader(str(shp), encoding=encoding) as reader:
        assert [field[0] for field in reader.fields[1:]] == list(columns())
        assert [list(record) for record in reader.records()] == [
            ["A1", "𠀀㐀村", "", 3, pytest.approx(10_000 / 3)],
            ["A2", "石桥街道", "A", 3, 2.25],
        ]
        back = [shapely.geometry.shape(one.__geo_interface__) for one in reader.shapes()]
    assert shapely.equals(back, GEOMS).all()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_gdal_and_our_own_reader_find_them_intact(
    path: Path, tmp_path: Path, encoding: str
) -> None:
    write(path, encoding)
    frame = pyogrio.read_dataframe(opened(path, tmp_path / "out"))
    assert list(frame["name"]) == ["𠀀㐀村", "石桥街道"]
    assert frame.crs.to_epsg() == 4326
    assert str(frame["edition"].dtype).startswith("int")
    layer = read_layer(path)
    assert list(layer.fields["name"]) == ["𠀀㐀村", "石桥街道"]
    assert f"text read as {encoding.upper()}, as its .cpg says" in layer.notes


def test_gb18030_without_its_cpg_is_still_no_mojibake(path: Path, tmp_path: Path) -> None:
    write(path, "gb18030", name="东新村")
    shp = opened(path, tmp_path / "out")
    shp.with_suffix(".cpg").unlink()
    assert list(pyogrio.read_dataframe(shp)["name"]) == ["东新村", "石桥街道"]


def test_a_name_of_a_hundred_characters_is_cut_whole_and_told(
    path: Path, tmp_path: Path
) -> None:
    (loss,) = write(path, name=LONG)
    assert str(loss) == "A1 name: cut at 254 bytes, 16 characters lost"
    with zipfile.ZipFile(path) as archive:
        text = archive.read("cell_edition3_losses.csv").decode("utf-8-sig")
    assert list(csv.reader(text.splitlines()))[1] == ["A1", "name", loss.what]
    with shapefile.Reader(str(opened(path, tmp_path / "out"))) as reader:
        assert reader.record(0)["name"] == LONG[:84]


def test_a_number_with_more_digits_than_its_field_is_told(path: Path) -> None:
    exact = [0.0, 0.5, 12345.678901234567, 123456789.12345679, 4.25]
    lost = [1 / 3, 5e-324]
    numbers = [None, *exact, *lost]
    losses = write_shapefile(
        path,
        name="n",
        geoms=np.array([shapely.Point(120, 30)] * len(numbers), dtype=object),
        columns={
            "code": np.array([f"C{k}" for k in range(len(numbers))], dtype=object),
            "tol_m": np.array(numbers, dtype=object),
        },
        rows=[f"C{k}" for k in range(len(numbers))],
        datum=WGS84,
        encoding="utf-8",
        dictionary=[],
    )
    read = read_layer(path).fields["tol_m"]
    told = {loss.row: str(loss.what) for loss in losses}
    assert told == {
        f"C{k}": f"{number!r} is written as {float(read[k])!r}"
        for k, number in enumerate(numbers)
        if number in lost
    }
    assert [float(one) for one in read[1:6]] == exact


def test_the_same_name_fits_in_gb18030(path: Path, tmp_path: Path) -> None:
    assert write(path, "gb18030", name=LONG) == []
    shp = opened(path, tmp_path / "out")
    with shapefile.Reader(str(shp), encoding="gb18030") as reader:
        assert reader.record(0)["name"] == LONG


def test_the_zip_holds_the_parts_and_a_dictionary_for_excel(path: Path) -> None:
    write(path)
    with zipfile.ZipFile(path) as archive:
        stems = {name.removeprefix("cell_edition3") for name in archive.namelist()}
        data = archive.read("cell_edition3_dictionary.csv")
    assert stems == {".shp", ".shx", ".dbf", ".prj", ".cpg", "_dictionary.csv"}
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig").splitlines() == [
        ",".join(DICTIONARY),
        "code,Code,编码,text 文本,,of the area,区域的",
    ]


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4549", "EPSG:4526", "EPSG:32650"])
def test_the_prj_puts_everything_where_it_was(path: Path, tmp_path: Path, crs: str) -> None:
    assert write(path, datum=resolve(crs)) == []
    prj = opened(path, tmp_path / "out").with_suffix(".prj").read_text()
    assert pyproj.CRS(prj).to_epsg(min_confidence=20) == int(crs[5:])
    layer = read_layer(path)
    assert shapely.equals_exact(
        as_multipolygons(layer.geom), GEOMS, tolerance=2e-8, normalize=True
    ).all()


def test_gcj02_leaves_without_a_prj_and_says_so(path: Path) -> None:
    (loss,) = write(path, datum=resolve("gcj02"))
    assert "no CRS describes gcj02" in loss.what
    with zipfile.ZipFile(path) as archive:
        assert not any(name.endswith(".prj") for name in archive.namelist())
    layer = read_layer(path, datum=resolve("gcj02"))
    assert shapely.equals_exact(
        as_multipolygons(layer.geom), GEOMS, tolerance=2e-8, normalize=True
    ).all()


def test_a_shift_between_datums_that_a_prj_cannot_state_is_told_in_metres(path: Path) -> None:
    (loss,) = write(path, datum=resolve(HELMERT))
    assert "m off; give the receiver the definition" in loss.what


def test_a_file_past_what_programs_open_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapefile_out, "MAX_FILE_BYTES", 200)
    with pytest.raises(LayerError, match="use --format gpkg"):
        write(path)
    assert not path.exists()


def test_a_field_name_that_would_be_cut_is_a_programming_error(path: Path) -> None:
    with pytest.raises(ValueError, match="'effective_date' is no field name"):
        write_shapefile(
            path,
            name="a",
            geoms=GEOMS,
            columns={"effective_date": columns()["code"]},
            rows=["A1", "A2"],
            datum=WGS84,
            encoding="utf-8",
            dictionary=[],
        )


def test_text_is_cut_between_characters_and_the_loss_listed() -> None:
    values = np.array(["短", "网" * 100, None, 7], dtype=object)
    kept, losses = carried(values, ["a", "b", "c", "d"], "name", "utf-8", 254)
    assert list(kept) == ["短", "网" * 84, None, 7]
    assert [str(loss) for loss in losses] == ["b name: cut at 254 bytes, 16 characters lost"]
    kept, losses = carried(values, ["a", "b", "c", "d"], "name", "gb18030", 254)
    assert list(kept) == list(values)
    assert losses == []


def test_characters_an_encoding_cannot_carry_are_listed() -> None:
    values = np.array(["𠀀㐀村𠀀"], dtype=object)
    kept, losses = carried(values, ["a"], "name", "gbk", 254)
    assert list(kept) == ["??村?"]
    assert [str(loss) for loss in losses] == ["a name: GBK cannot carry '𠀀㐀'"]
    assert carried(values, ["a"], "name", "gb18030", 254)[1] == []

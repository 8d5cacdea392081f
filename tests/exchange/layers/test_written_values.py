"""Codes in layers come out with the characters that stand in the file, or are refused."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely

from gridmgmt.domain.codes import code_fault
from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.area_layers import AreaFile, OnDuplicate, read_areas
from gridmgmt.exchange.layers.vectors import text_values
from gridmgmt.exchange.reading.files import read_layer
from tests.shared import shared_data

LONG = 330103001001001001


def square(k: int) -> shapely.Polygon:
    return shapely.box(120.1 + k / 100, 30.2, 120.11 + k / 100, 30.21)


def codes_of(path: Path, **options: str) -> list[str | None]:
    return list(text_values(read_layer(path, **options), "code"))


def geojson(path: Path, values: list[object], begin: bytes = b"") -> Path:
    features = [
        {"type": "Feature", "properties": {"code": value, "name": f"n{k}"}, "geometry": one}
        for k, value in enumerate(values)
        for one in [shapely.geometry.mapping(square(k))]
    ]
    document = {"type": "FeatureCollection", "features": features}
    path.write_bytes(begin + json.dumps(document).encode())
    return path


def geopackage(path: Path, kind: str, values: list[object]) -> Path:
    """Write a layer whose field ``code`` has a type and values of any kind."""
    frame = {"name": [f"n{k}" for k in range(len(values))]}
    geoms = [square(k) for k in range(len(values))]
    pyogrio.write_dataframe(geopandas.GeoDataFrame(frame, geometry=geoms, crs=4326), path)
    with closing(sqlite3.connect(path)) as file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            file.execute(f'DROP TRIGGER "{name}"')
        file.execute(f'ALTER TABLE "{path.stem}" ADD COLUMN code {kind}')
        for k, value in enumerate(values):
            file.execute(f'UPDATE "{path.stem}" SET code = ? WHERE fid = ?', (value, k + 1))
        file.commit()
    return path


@pytest.mark.parametrize(
    "kind", ["VARCHAR", "VARCHAR(5)", "CHAR(3)", "NVARCHAR(8)", "", "TEXT"]
)
def test_columns_that_keep_text_in_a_geopackage_keep_it(tmp_path: Path, kind: str) -> None:
    values = ["007", LONG, "1E5", "33.10", "08:01", "2024-02-31", None]
    path = geopackage(tmp_path / "a.gpkg", kind, values)
    assert codes_of(path) == ["007", str(LONG), "1E5", "33.10", "08:01", "2024-02-31", None]
    assert codes_of(path, where="code = '33.10'") == ["33.10"]


@pytest.mark.parametrize(
    "kind", ["BIGINT", "DECIMAL(20,0)", "TIME", "STRING", "int8", "Integer"]
)
def test_columns_that_make_numbers_in_a_geopackage_keep_their_digits(
    tmp_path: Path, kind: str
) -> None:
    values = [LONG, str(LONG + 1), "A-7", "08:01", 7, None]
    path = geopackage(tmp_path / "a.gpkg", kind, values)
    assert codes_of(path) == [str(LONG), str(LONG + 1), "A-7", "08:01", "7", None]
    assert set(read_layer(path).fields) == {"name", "code"}


AS_WRITTEN = [
    (["08:01", "23:59:59"], ["08:01", "23:59:59"]),
    (["2024-02-31", "2024/1/2"], ["2024-02-31", "2024/1/2"]),
    (["2024-01-02T08:00:00Z", "x"], ["2024-01-02T08:00:00Z", "x"]),
    ([LONG, 1.5], [str(LONG), "1.5"]),
    ([LONG, None, 1.5], [str(LONG), None, "1.5"]),
    ([10**21 + 1, 7], [str(10**21 + 1), "7"]),
    ([LONG, "A"], [str(LONG), "A"]),
    ([101.0, 2], ["101", "2"]),
    (["007", "1E5"], ["007", "1E5"]),
    ([True, 5], ["true", "5"]),
    ([True, False], ["true", "false"]),
    (["甲", ["x", "y"]], ["甲", '["x", "y"]']),
    ([["x"], None], ['["x"]', None]),
    ([{"a": [1, 0.5]}, 5], ['{"a": [1, 0.5]}', "5"]),
    # Written as \ud840\udc00, in which GDAL loses the second half.
    (["𠀀", "A"], ["𠀀", "A"]),
]


@pytest.mark.parametrize(("values", "texts"), AS_WRITTEN)
def test_geojson_keeps_what_is_written(
    tmp_path: Path, values: list[object], texts: list[str | None]
) -> None:
    assert codes_of(geojson(tmp_path / "a.geojson", values)) == texts
    assert codes_of(geojson(tmp_path / "b.geojson", values, b"\xef\xbb\xbf")) == texts


NUMBERS_AS_WRITTEN = [
    ("33.10", "33.1", ["33.10", "33.1"]),
    ("330103001.10", '"A"', ["330103001.10", "A"]),
    ("1.0", "2.50", ["1", "2.50"]),
    ("0.1", "1200.5", ["0.1", "1200.5"]),
    ("3.30103e8", "1e6", ["3.30103E+08", "1E+06"]),
    ("0.12345678901234567890", "null", ["0.12345678901234567890", None]),
]


@pytest.mark.parametrize(("one", "other", "texts"), NUMBERS_AS_WRITTEN)
def test_numbers_of_geojson_have_the_digits_they_are_written_with(
    tmp_path: Path, one: str, other: str, texts: list[str | None]
) -> None:
    path = geojson(tmp_path / "a.geojson", ["ONE", "OTHER"])
    text = path.read_text("utf-8").replace('"ONE"', one).replace('"OTHER"', other)
    path.write_text(text, "utf-8")
    assert codes_of(path) == texts


def test_lists_and_objects_among_the_values_are_said(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", ["A", ["x"], {"y": 1}])
    said = "read as the text they are written in: code (2)"
    assert any(said in note for note in read_layer(path).notes)
    for values in (["A", "B"], [[1, 2], [3]]):
        path = geojson(tmp_path / "b.geojson", values)
        assert not any("lists or objects" in note for note in read_layer(path).notes)


def test_a_condition_does_not_shift_the_digits_to_other_features(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", [LONG, LONG + 1, LONG + 2, 1.5])
    assert codes_of(path, where="name = 'n2'") == [str(LONG + 2)]


def test_digits_that_the_file_has_lost_are_no_code(tmp_path: Path) -> None:
    [text] = codes_of(geojson(tmp_path / "a.geojson", [float(LONG)]))
    assert text == "3.30103001001001E+17"
    assert code_fault(text)


def test_digits_that_cannot_be_looked_up_are_no_code(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    geometry = {"type": "Point", "coordinates": [120.1, 30.2]}
    alone = {"type": "Feature", "properties": {"code": LONG + 0.5}, "geometry": geometry}
    path.write_text(json.dumps(alone), "utf-8")
    assert codes_of(path) == ["3.30103001001001E+17"]


@pytest.mark.proof
@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("SMALLINT", 330103001001, "330103001001"),
        ("MEDIUMINT", 330103001001, "330103001001"),
        ("INTEGER", LONG, str(LONG)),
        ("INTEGER", "A1", "A1"),
        ("NUMERIC", LONG, str(LONG)),
        ("FLOAT", 330103001001, "330103001001"),
        ("REAL", LONG, "3.30103001001001E+17"),
        ("DATE", "2024-02-31", "2024-02-31"),
        ("DATE", "08:01", "08:01"),
        ("DATETIME", "2024-02-31T08:00:00Z", "2024-02-31T08:00:00Z"),
        ("BOOLEAN", 7, "7"),
        ("BOOLEAN", 1, "true"),
        ("TEXT", LONG, str(LONG)),
        ("TEXT", "08:01", "08:01"),
    ],
)
def test_geopackages_keep_what_is_stored(
    tmp_path: Path, kind: str, value: object, text: str
) -> None:
    path = geopackage(tmp_path / "a.gpkg", kind, [value, None, value])
    assert codes_of(path) == [text, None, text]
    assert codes_of(path, where="name = 'n2'") == [text]


def dbf(path: Path, kind: bytes, width: int, values: list[str], decimals: int = 0) -> Path:
    """Write a shapefile whose field ``code`` has a type, a size and these texts."""
    frame = {"name": [f"n{k}" for k in range(len(values))], "code": "x" * width}
    geoms = [square(k) for k in range(len(values))]
    pyogrio.write_dataframe(geopandas.GeoDataFrame(frame, geometry=geoms, crs=4326), path)
    table = path.with_suffix(".dbf")
    content = table.read_bytes()
    for value in values:
        content = content.replace(b"x" * width, value.rjust(width).encode(), 1)
    at = content.index(b"code\0")
    field = content[at : at + 11] + kind + content[at + 12 : at + 16] + bytes([width, decimals])
    table.write_bytes(content[:at] + field + content[at + 18 :])
    return path


@pytest.mark.parametrize(
    ("kind", "width", "value", "text"),
    [
        (b"N", 19, str(LONG), str(LONG)),
        (b"N", 20, "12345678901234567890", "12345678901234567890"),
        (b"N", 24, f"{LONG}.000", str(LONG)),
        (b"F", 20, str(LONG), str(LONG)),
        (b"F", 20, "3.30103001001001e+17", "3.30103001001001e+17"),
        (b"N", 19, "330103001001", "330103001001"),
        (b"D", 8, "20240231", "20240231"),
        (b"D", 8, "20240131", "2024-01-31"),
    ],
)
def test_shapefiles_keep_the_digits_of_their_fields(
    tmp_path: Path, kind: bytes, width: int, value: str, text: str
) -> None:
    path = dbf(tmp_path / "a.shp", kind, width, [value, value, value])
    assert codes_of(path) == [text] * 3
    assert codes_of(path, where="name = 'n1'") == [text]


NOT_WHAT_GDAL_READS = [
    (b"N", 10, 0, "0330103001"),
    (b"N", 9, 0, "007"),
    (b"F", 9, 0, "007"),
    (b"N", 19, 0, "007"),
    (b"N", 16, 0, "12-3"),
    (b"N", 16, 0, "007A"),
    (b"N", 16, 0, "1 2"),
    (b"N", 16, 0, "1E5"),
    (b"N", 16, 0, "--"),
    (b"N", 16, 0, "+5"),
    (b"N", 16, 0, "*12"),
    (b"N", 9, 0, "12.7"),
    (b"N", 12, 2, "12.50"),
    (b"N", 12, 2, "0012.00"),
    (b"N", 12, 2, "1,234.50"),
    (b"N", 12, 2, "1_2.5"),
    (b"N", 12, 2, "12m2"),
    (b"N", 19, 9, "330103001.001001001"),
    (b"N", 19, 9, "330103001.001001000"),
    (b"N", 24, 11, "330103001.00100100123"),
    (b"N", 24, 15, "0023.000000000000000"),
]


@pytest.mark.parametrize(("kind", "width", "decimals", "value"), NOT_WHAT_GDAL_READS)
def test_number_fields_of_shapefiles_keep_text_that_gdal_would_change(
    tmp_path: Path, kind: bytes, width: int, decimals: int, value: str
) -> None:
    path = dbf(tmp_path / "a.shp", kind, width, ["7", value, value], decimals)
    assert codes_of(path) == ["7", value, value]
    assert codes_of(path, where="name = 'n1'") == [value]


PLAIN_NUMBERS = [
    (b"N", 9, 0, "23", "23"),
    (b"N", 9, 0, "-23", "-23"),
    (b"N", 9, 0, "0", "0"),
    (b"N", 9, 0, "", None),
    (b"N", 9, 0, "*" * 9, None),
    (b"N", 12, 2, "12.5", "12.5"),
    (b"N", 12, 2, "23.00", "23"),
    (b"N", 12, 2, "-0.00", "0"),
    (b"N", 12, 2, "*" * 12, None),
    # As GDAL and ArcGIS write doubles.
    (b"N", 24, 15, "23.000000000000000", "23"),
    (b"N", 24, 15, "0.100000000000000", "0.1"),
    (b"N", 24, 15, f"{12345.678:.15f}", "12345.678"),
    (b"N", 24, 15, "12345.678000000000000", "12345.678"),
    (b"F", 19, 11, "2.30000000000e+001", "23"),
    (b"F", 19, 11, "1.25000000000e-001", "0.125"),
    (b"F", 13, 11, "1.50000000000", "1.5"),
    # Of 330103001001001001, as GDAL and QGIS write a double; the digits of a person stay.
    (b"N", 24, 15, "330103001001001024", "3.30103001001001E+17"),
    (b"N", 24, 15, "330103001001001024.00000", "3.30103001001001E+17"),
    (b"N", 24, 15, "330103001001001001.00000", "330103001001001001"),
    (b"N", 24, 3, "330103001001001024.000", "330103001001001024"),
]


@pytest.mark.parametrize(("kind", "width", "decimals", "value", "text"), PLAIN_NUMBERS)
def test_numbers_in_shapefiles_are_shown_in_their_plain_form(
    tmp_path: Path, kind: bytes, width: int, decimals: int, value: str, text: str | None
) -> None:
    path = dbf(tmp_path / "a.shp", kind, width, ["7", value], decimals)
    assert codes_of(path) == ["7", text]


def test_texts_of_shapefiles_stand_at_their_rows_and_fields(tmp_path: Path) -> None:
    path = dbf(tmp_path / "a.shp", b"N", 9, ["001", "002", "003"])
    table = path.with_suffix(".dbf")
    content = bytearray(table.read_bytes().replace(b"name\0", b"code\0", 1))
    header, width = (int.from_bytes(content[k : k + 2], "little") for k in (8, 10))
    content[header + width] = ord("*")
    table.write_bytes(content)
    layer = read_layer(path)
    assert list(layer.feature) == [1, 3]
    assert list(text_values(layer, "code (2)")) == ["001", "003"]


@pytest.mark.parametrize("kind", ["int", "uint", "short", "float", "double", "bool"])
def test_fields_of_kml_are_text_whatever_they_are_declared_as(
    tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "a.kml"
    values = ["330103001001", "007", str(LONG), "甲"]
    marks = "".join(
        f"<Placemark><ExtendedData><SchemaData schemaUrl='#s'>"
        f"<SimpleData name='code'>{value}</SimpleData></SchemaData></ExtendedData>"
        f"<Point><coordinates>120.1,30.2</coordinates></Point></Placemark>"
        for value in values
    )
    path.write_text(
        f"<kml xmlns='http://www.opengis.net/kml/2.2'><Document><Schema id='s' name='s'>"
        f"<SimpleField type='{kind}' name='code'></SimpleField></Schema>"
        f"<Folder><name>L</name>{marks}</Folder></Document></kml>",
        "utf-8",
    )
    assert codes_of(path, layer="L") == values
    assert codes_of(path, layer="L", where="code = '007'") == ["007"]
    assert codes_of(path, layer="L", where="CAST(code AS float) > 330103001001") == [str(LONG)]
    with pytest.raises(LayerError, match="CAST"):
        codes_of(path, layer="L", where="code > 330103001001")


def test_areas_of_a_number_field_with_long_codes_have_the_digits_as_written() -> None:
    folder = shared_data("reports/04_long_codes/shp_n19")
    found = read_areas(AreaFile(folder, "CODE", "NAME"), "cell").areas
    last = ["000101", "000201", "000301"]
    assert list(found.codes) == [f"330103001001{end}" for end in last]


def test_areas_whose_codes_lost_their_digits_are_never_put_together(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "cells.gpkg", "REAL", [LONG, LONG + 1, LONG + 2])
    for choice in OnDuplicate:
        with pytest.raises(LayerError) as caught:
            read_areas(AreaFile(path, "code", "name", on_duplicate=choice), "cell")
        assert len(caught.value.problems) == 3
        assert caught.value.problems[0].startswith("feature 1, field 'code': '3.30103")
        assert "make the column text" in caught.value.problems[0]
        assert "dissolve" not in str(caught.value)


def test_long_codes_that_a_number_field_made_the_same_are_not_to_be_put_together(
    tmp_path: Path,
) -> None:
    rounded = str(int(float(LONG)))
    path = dbf(tmp_path / "cells.shp", b"N", 20, [rounded, rounded, str(LONG)])
    with pytest.raises(LayerError) as caught:
        read_areas(AreaFile(path, "code", "name"), "cell")
    assert caught.value.problems == (f"code {rounded} stands in 2 features: 1, 2",)
    assert "take the layer from where they are text" in caught.value.remedy
    assert "dissolve" not in caught.value.remedy


@pytest.mark.parametrize("name", ["a.fgb", "a.gpkg"])
def test_single_floats_have_seven_digits(tmp_path: Path, name: str) -> None:
    kept, lost = np.array([0.1, 330103.0], "float32"), np.array([330103001001, 1], "float32")
    for values, texts in ((kept, ["0.1", "330103"]), (lost, ["3.30103E+11", "1"])):
        path = tmp_path / f"{texts[1]}{name}"
        geoms = [square(0), square(1)]
        frame = geopandas.GeoDataFrame({"code": values}, geometry=geoms, crs=4326)
        # The index would change the order of the features.
        options = {"SPATIAL_INDEX": "NO"}
        pyogrio.write_dataframe(frame, path, layer_options=options)
        assert codes_of(path) == texts

"""Any code survives every format, but for what the list of losses names."""

import csv
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

import geopandas
import numpy as np
import pyarrow
import pyarrow.parquet
import pyogrio
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gridmgmt.arrays import objects
from gridmgmt.domain.codes import LONGEST_CODE, code_fault
from gridmgmt.exchange.layers.layer_out import Format, LayerLoss, write_layer
from gridmgmt.exchange.layers.shapefile_out import write_shapefile
from gridmgmt.exchange.layers.vectors import read_layer, text_values
from gridmgmt.exchange.tables.tables import read_table, write_table
from gridmgmt.geometry.crs.crs import WGS84

# What drivers and spreadsheets take for something else.
TEMPTING = [
    "007",
    "08:01",
    "08:01:00",
    "12:30:00Z",
    "2024-02-31",
    "2024-02-30",
    "2024/1/2",
    "20240102",
    "2024-01-02T08:00:00Z",
    "1E5",
    "4E-02",
    "1e400",
    "+1",
    "-1",
    "-x",
    "=A1",
    "@x",
    "1,5",
    "1.0",
    "1.",
    ".5",
    "0",
    "-0",
    "00",
    "0x1F",
    "1_000",
    "1%",
    "330103001001001001",
    "9007199254740993",
    "9223372036854775808",
    "12345678901234567890123",
    "true",
    "false",
    "True",
    "YES",
    "T",
    "F",
    "null",
    "NULL",
    "None",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "Infinity",
    "N/A",
    "#N/A",
    "_x0041_",
    "\\N",
    "\\t",
    "a;b",
    "a|b",
    "a'b",
    'a"b',
    '"a"',
    "'a'",
    "''",
    "[1]",
    '{"a":1}',
    "<a>",
    "a&b",
    "&#9;",
    "%20",
    "${x}",
    "[1,2]",
    "甲",
    "𠀀",
    "垃圾（生活）",
    "𠀀㐀",
    "é",
    "m²",
    "①",
    "sep=;",
    "#1",
    "//",
    ".",
    "..",
    "~",
    "*",
    "?",
    ":",
]

CODES = st.lists(
    st.one_of(
        st.sampled_from(TEMPTING),
        st.text("0123456789", min_size=1, max_size=LONGEST_CODE),
        st.text(
            st.characters(exclude_categories=("C", "Zl", "Zp")),
            min_size=1,
            max_size=LONGEST_CODE,
        ),
    ).filter(lambda text: code_fault(text) is None),
    min_size=1,
    max_size=12,
)
few = settings(max_examples=40, deadline=None)
fewer = settings(few, max_examples=15)


def tempted(test: Callable[..., None]) -> Callable[..., None]:
    """Try all that tempts, side by side and alone: beside text every value is text."""
    for codes in (TEMPTING, ["007"], ["08:01"], ["2024-01-02"], ["1E5"], ["true"]):
        test = example(codes=codes)(test)
    return test


@contextmanager
def file(name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / name


def test_what_tempts_is_a_code() -> None:
    assert len(TEMPTING) > 70
    assert [text for text in TEMPTING if code_fault(text) is not None] == []


def points(count: int) -> np.ndarray:
    return objects(shapely.Point(120.1 + k / 1000, 30.2) for k in range(count))


def columns(codes: Sequence[str]) -> dict[str, np.ndarray]:
    return {"code": objects(codes), "parent": objects([*codes[1:], None])}


def differing(path: Path, codes: Sequence[str], losses: Sequence[LayerLoss]) -> list[object]:
    """Return the codes that came back as others and that no loss names."""
    layer = read_layer(path)
    wanted = columns(codes)
    named = {(loss.row, loss.field) for loss in losses}
    return [
        (field, was, read)
        for field in wanted
        for k, (was, read) in enumerate(
            zip(wanted[field], text_values(layer, field), strict=True)
        )
        if was != read and (str(k), field) not in named
    ]


@pytest.mark.proof
@pytest.mark.parametrize("fmt", [Format.GPKG, Format.GEOJSON])
@given(codes=CODES)
@tempted
@few
def test_layers_carry_any_code(fmt: Format, codes: list[str]) -> None:
    with file(f"cells.{fmt}") as path:
        losses = write_layer(
            path,
            fmt=fmt,
            name="cells",
            geoms=points(len(codes)),
            columns=columns(codes),
            datum=WGS84,
        )
        assert differing(path, codes, losses) == []


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@given(codes=CODES)
@tempted
@few
def test_shapefiles_carry_any_code_that_their_width_holds(
    encoding: str, codes: list[str]
) -> None:
    with file("cells.zip") as path:
        losses = write_shapefile(
            path,
            name="cells",
            geoms=points(len(codes)),
            columns=columns(codes),
            rows=list(map(str, range(len(codes)))),
            datum=WGS84,
            encoding=encoding,
            dictionary=[],
        )
        assert differing(path, codes, losses) == []
        assert {loss.row for loss in losses} <= {
            str(k)
            for k, (code, parent) in enumerate(zip(codes, [*codes[1:], ""], strict=True))
            if max(len(code.encode(encoding)), len(parent.encode(encoding))) > 200
        }


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@given(codes=CODES)
@tempted
@few
def test_tables_carry_any_code(suffix: str, codes: list[str]) -> None:
    with file(f"cells.{suffix}") as path:
        write_table(path, ["code", "k"], [(code, "v") for code in codes])
        # CSV protects formulas with a ', which is taken away again.
        assert read_table(path).values["code"] == codes


@pytest.mark.parametrize("separator", list(",;\t|"))
@given(codes=CODES)
@tempted
@fewer
def test_tables_of_other_programs_are_read_with_any_code(
    separator: str, codes: list[str]
) -> None:
    with file("cells.csv") as path:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, delimiter=separator, quoting=csv.QUOTE_ALL)
            writer.writerows([("code", "k"), *((code, "v") for code in codes)])
        assert read_table(path).values["code"] == codes


@pytest.mark.parametrize(
    ("driver", "name", "options"),
    [
        ("FlatGeobuf", "cells.fgb", {"SPATIAL_INDEX": "NO"}),
        ("OpenFileGDB", "cells.gdb", {}),
        ("GML", "cells.gml", {}),
        ("MapInfo File", "cells.tab", {"ENCODING": "UTF-8"}),
        ("MapInfo File", "cells.mif", {"ENCODING": "UTF-8", "FORMAT": "MIF"}),
    ],
)
@given(codes=CODES)
@tempted
@fewer
def test_layers_of_other_programs_are_read_with_any_code(
    driver: str, name: str, options: dict[str, str], codes: list[str]
) -> None:
    frame = geopandas.GeoDataFrame({"code": codes}, geometry=list(points(len(codes))), crs=4326)
    with file(name) as path:
        pyogrio.write_dataframe(frame, path, driver=driver, **options)
        assert list(text_values(read_layer(path), "code")) == codes


@pytest.mark.parametrize("is_ascii", [True, False])
@given(codes=CODES)
@tempted
@fewer
def test_geojson_of_other_programs_is_read_with_any_code(
    is_ascii: bool, codes: list[str]
) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {"type": "Point", "coordinates": [120.1, 30.2]},
        }
        for code in codes
    ]
    document = {"type": "FeatureCollection", "features": features}
    with file("cells.geojson") as path:
        path.write_text(json.dumps(document, ensure_ascii=is_ascii), "utf-8")
        assert list(text_values(read_layer(path), "code")) == codes


@given(codes=CODES)
@tempted
@few
def test_parquet_is_read_with_any_code(codes: list[str]) -> None:
    with file("cells.parquet") as path:
        pyarrow.parquet.write_table(pyarrow.table({"code": codes}), path)
        assert read_table(path).values["code"] == codes


@pytest.mark.parametrize("kind", ["string", "int", "double", "bool"])
@given(codes=CODES)
@tempted
@fewer
def test_kml_is_read_with_any_code(kind: str, codes: list[str]) -> None:
    marks = "".join(
        f"<Placemark><ExtendedData><SchemaData schemaUrl='#s'><SimpleData name='code'>"
        f"{escape(code)}</SimpleData></SchemaData></ExtendedData>"
        f"<Point><coordinates>120.1,30.2</coordinates></Point></Placemark>"
        for code in codes
    )
    document = (
        f"<kml xmlns='http://www.opengis.net/kml/2.2'><Document><Schema id='s' name='s'>"
        f"<SimpleField type='{kind}' name='code'></SimpleField></Schema>"
        f"<Folder><name>L</name>{marks}</Folder></Document></kml>"
    )
    with file("cells.kml") as path:
        path.write_text(document, "utf-8")
        assert list(text_values(read_layer(path), "code")) == codes

"""Whatever is done to the bytes of a file, it is read or refused in words."""

import random
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import geopandas
import numpy as np
import openpyxl
import pyarrow
import pyarrow.parquet
import pyogrio
import pytest
import shapely

from gridmgmt.errors import GridMgmtError
from gridmgmt.exchange.layers.gdal import _geometries
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.exchange.layers.vectors import read_layer
from gridmgmt.exchange.tables.tables import read_table

ROUNDS = 40
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def frame(crs: int = 4490) -> geopandas.GeoDataFrame:
    boxes = [shapely.box(120 + i, 30, 121 + i, 31) for i in range(3)]
    columns = {"code": ["A", "B", "C"], "name": ["石桥", "东新", "𠀀"], "n": [1.5, None, 3.0]}
    return geopandas.GeoDataFrame(columns, geometry=boxes, crs=crs)


def damaged(data: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.25:
        return data[: rng.randrange(len(data) + 1)]
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        at = rng.randrange(len(changed))
        changed[at] = rng.choice((0, 255, 127, 34, 44, 123, 60, rng.randrange(256)))
    return bytes(changed)


def outcome(read: Callable[[Path], object], path: Path) -> None:
    with suppress(GridMgmtError):
        read(path)


def write_kml(path: Path) -> None:
    pyogrio.write_dataframe(frame(4326), path, driver="KML")


def write_vectors(path: Path) -> None:
    pyogrio.write_dataframe(frame(), path)


def write_csv(path: Path) -> None:
    path.write_bytes('编号,b,"c\nd"\n1,"x",2\n3,石,5\n'.encode())


def write_parquet(path: Path) -> None:
    columns: dict[str, list[object]] = {"a": [1, 2, None], "b": ["x", "石", None]}
    pyarrow.parquet.write_table(pyarrow.table(columns), path)


def write_xlsx(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["a", "b"], [1, "x"], ["=1+1", None], [3.5, "石"]):
        sheet.append(row)
    book.save(path)


def write_zip(path: Path) -> None:
    shp = path.with_name("inside.shp")
    pyogrio.write_dataframe(frame(), shp, encoding="gb18030")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in PARTS:
            archive.write(shp.with_suffix(suffix), f"层/inside{suffix}")


@pytest.mark.parametrize(
    ("name", "write", "read"),
    [
        ("a.gpkg", write_vectors, read_layer),
        ("a.geojson", write_vectors, read_layer),
        ("a.fgb", write_vectors, read_layer),
        ("a.kml", write_kml, read_layer),
        ("a.zip", write_zip, read_layer),
        ("a.csv", write_csv, read_table),
        ("a.xlsx", write_xlsx, read_table),
        ("a.parquet", write_parquet, read_table),
    ],
)
def test_a_damaged_file_is_read_or_refused_in_words(
    tmp_path: Path,
    name: str,
    write: Callable[[Path], None],
    read: Callable[[Path], object],
) -> None:
    path = tmp_path / name
    write(path)
    whole = path.read_bytes()
    rng = random.Random(name)
    for _ in range(ROUNDS):
        path.write_bytes(damaged(whole, rng))
        outcome(read, path)


@pytest.mark.parametrize("suffix", PARTS)
def test_a_shapefile_with_one_damaged_part_is_read_or_refused_in_words(
    tmp_path: Path, suffix: str
) -> None:
    shp = tmp_path / "a.shp"
    pyogrio.write_dataframe(frame(), shp, encoding="gb18030")
    part = shp.with_suffix(suffix)
    whole = part.read_bytes()
    rng = random.Random(suffix)
    for _ in range(ROUNDS):
        part.write_bytes(damaged(whole, rng))
        outcome(read_layer, shp)


# What was once something else than a refusal.
def test_lengths_that_lead_beyond_the_data_are_no_geometry(tmp_path: Path) -> None:
    # As GDAL hands on those that a damaged FlatGeobuf states.
    lengths = pyarrow.py_buffer(np.array([0, 195, 0], np.int32))
    column = pyarrow.Array.from_buffers(
        pyarrow.binary(), 2, [None, lengths, pyarrow.py_buffer(b"")]
    )
    source = LayerSource(tmp_path / "a.fgb", "FlatGeobuf", "a.fgb")
    with pytest.raises(pyarrow.ArrowInvalid):
        _geometries(source, pyarrow.chunked_array([column]), {})


def test_a_nul_in_a_cpg_names_no_encoding(tmp_path: Path) -> None:
    shp = tmp_path / "a.shp"
    pyogrio.write_dataframe(frame(), shp, encoding="utf-8")
    shp.with_suffix(".cpg").write_bytes(b"UTF\0")
    assert read_layer(shp).encoding == "utf-8"


def test_a_kml_in_an_encoding_there_is_not_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_bytes(b'<?xml version="1.0" encoding="utn-8"?><kml></kml>')
    with pytest.raises(GridMgmtError, match="declares the encoding 'utn-8'"):
        read_layer(path)


def test_text_in_a_geopackage_that_is_not_utf8_is_named_by_field(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    write_vectors(path)
    path.write_bytes(path.read_bytes().replace("石桥".encode(), b"\xff\xfe\xfd\xfc\xfb\xfa"))
    with pytest.raises(GridMgmtError, match="text of field 'name' is not UTF-8"):
        read_layer(path)

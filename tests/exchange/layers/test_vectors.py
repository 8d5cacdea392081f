import json
import socket
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from pyogrio import raw

from gridmgmt.errors import CRSError, FieldError, InputError, LayerError
from gridmgmt.exchange.content.area_layers import AreaFile, read_areas
from gridmgmt.exchange.content.import_files import FileOptions, is_table, open_table
from gridmgmt.exchange.layers.vectors import grid_notes, read_layer, text_values
from gridmgmt.exchange.reading import files
from gridmgmt.geometry.crs.crs import resolve

SQUARES = [shapely.box(120.1, 30.2, 120.11, 30.21), shapely.box(120.11, 30.2, 120.12, 30.21)]
NAMES = ["石桥街道", "东新街道"]


def frame(
    geoms: Sequence[object] = SQUARES, crs: str | None = "EPSG:4326"
) -> geopandas.GeoDataFrame:
    columns = {"code": ["A1", "A2"][: len(geoms)], "name": NAMES[: len(geoms)]}
    return geopandas.GeoDataFrame(columns, geometry=list(geoms), crs=crs)


def written(path: Path, data: geopandas.GeoDataFrame | None = None, **options: str) -> Path:
    pyogrio.write_dataframe(frame() if data is None else data, path, **options)
    return path


def geojson(path: Path, features: list[object], **members: object) -> Path:
    document = {"type": "FeatureCollection", **members, "features": features}
    path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    return path


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def zipped(folder: Path, path: Path, below: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"{below}{file.name}")
    return path


def shapefile(tmp_path: Path, **options: str) -> Path:
    folder = tmp_path / "街道"
    folder.mkdir()
    written(folder / "街道.shp", **options)
    return folder


def same(geoms: np.ndarray) -> bool:
    """Whether these are SQUARES to two steps of the storage grid."""
    return bool(shapely.equals_exact(geoms, SQUARES, tolerance=2e-8, normalize=True).all())


def refusal(path: Path, *, layer: str | None = None, where: str | None = None) -> str:
    with pytest.raises(LayerError) as caught:
        read_layer(path, layer=layer, where=where)
    return str(caught.value)


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "fgb", "shp"])
def test_every_format_gives_the_same_layer(tmp_path: Path, suffix: str) -> None:
    layer = read_layer(written(tmp_path / f"街道.{suffix}"))
    # FlatGeobuf sorts features along its index.
    order = np.argsort(text_values(layer, "code"))
    assert layer.name == "街道"
    assert list(text_values(layer, "name")[order]) == NAMES
    assert sorted(layer.feature) == [1, 2]
    assert shapely.equals(layer.geom[order], SQUARES).all()
    assert layer.encoding == "utf-8"


def test_kml_is_read_by_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    place = (
        "<Placemark><name>街道</name><ExtendedData>"
        "<Data name='code'><value>A1</value></Data>"
        "</ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>120,30,5 120.1,30,5 "
        "120.1,30.1,5 120,30,5</coordinates></LinearRing></outerBoundaryIs></Polygon>"
        "</Placemark>"
    )
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document><Folder><name>街</name>{place}</Folder>"
        f"<Folder><name>社区</name>{place}{place}</Folder></Document></kml>",
        "utf-8",
    )
    assert "name one with --layer: 街, 社区" in refusal(path)
    layer = read_layer(path, layer="社区")
    assert list(layer.feature) == [1, 2]
    assert list(text_values(layer, "code")) == ["A1", "A1"]
    assert layer.notes[0].startswith("coordinates taken as EPSG:4326, as KML always is")
    assert "height or measure dropped from 2 feature(s)" in layer.notes


def test_a_kml_with_entities_in_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text('<!DOCTYPE kml [<!ENTITY a "b">]><kml>&a;</kml>')
    assert "XML entities" in refusal(path)
    path.write_text("<OGRVRTDataSource><!-- <kml> --></OGRVRTDataSource>")
    assert "not what its suffix .kml says" in refusal(path)


def test_a_shapefile_is_read_from_its_shp_its_folder_and_its_zip(tmp_path: Path) -> None:
    folder = shapefile(tmp_path)
    for path in (
        folder,
        folder / "街道.shp",
        zipped(folder, tmp_path / "flat.zip"),
        zipped(folder, tmp_path / "deep.zip", "一个 文件夹/"),
    ):
        layer = read_layer(path)
        assert list(text_values(layer, "name")) == NAMES
        assert (layer.path, layer.name) == (path, "街道")


def test_a_zip_of_several_layers_asks_for_one_of_them(tmp_path: Path) -> None:
    folder = shapefile(tmp_path)
    written(folder / "社区.shp", frame(SQUARES[:1]))
    path = zipped(folder, tmp_path / "both.zip")
    assert "holds 2 layers" in refusal(path)
    assert "name one with --layer: 社区, 街道" in refusal(path)
    assert len(read_layer(path, layer="社区")) == 1
    assert "has no layer '网格'" in refusal(path, layer="网格")


def test_layers_of_one_name_in_two_files_are_told_apart(tmp_path: Path) -> None:
    folder = shapefile(tmp_path)
    written(folder / "a.gpkg", frame(SQUARES[:1]), layer="街道")
    assert "街道.shp:街道" in refusal(folder, layer="街道")
    assert len(read_layer(folder, layer="a.gpkg:街道")) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_the_cpg_decides_the_encoding(tmp_path: Path, encoding: str) -> None:
    layer = read_layer(shapefile(tmp_path, encoding=encoding))
    assert list(text_values(layer, "name")) == NAMES
    assert layer.encoding == encoding
    assert f"text read as {encoding.upper()}, as its .cpg says" in layer.notes


def test_without_cpg_and_language_byte_text_must_prove_to_be_utf8(tmp_path: Path) -> None:
    folder = shapefile(tmp_path, encoding="utf-8")
    (folder / "街道.cpg").unlink()
    layer = read_layer(folder)
    assert "text read as UTF-8, which it proves to be" in " ".join(layer.notes)


def test_without_any_word_on_it_gbk_text_is_asked_for(tmp_path: Path) -> None:
    folder = shapefile(tmp_path, encoding="gbk")
    (folder / "街道.cpg").unlink()
    dbf = bytearray((folder / "街道.dbf").read_bytes())
    dbf[29] = 0
    (folder / "街道.dbf").write_bytes(bytes(dbf))
    told = refusal(folder)
    assert "the encoding of its text is not stated" in told
    assert "field name of feature 1 is not UTF-8" in told
    assert "--encoding gb18030" in told
    assert list(text_values(read_layer(folder, encoding="GBK"), "name")) == NAMES


def test_rare_characters_survive_gb18030(tmp_path: Path) -> None:
    data = frame()
    data["name"] = ["𠀀㐀村", "石桥"]
    layer = read_layer(written(tmp_path / "a.shp", data, encoding="gb18030"))
    assert list(text_values(layer, "name")) == ["𠀀㐀村", "石桥"]


def test_a_cpg_that_is_wrong_is_found_out(tmp_path: Path) -> None:
    folder = shapefile(tmp_path, encoding="gb18030")
    (folder / "街道.cpg").write_text("UTF-8")
    told = refusal(folder)
    assert "field name of feature 1 is not UTF-8, as its .cpg says" in told
    assert "--encoding gb18030" in told


@pytest.mark.parametrize("suffix", [".shx", ".dbf"])
def test_a_missing_part_of_a_shapefile_is_named(tmp_path: Path, suffix: str) -> None:
    folder = shapefile(tmp_path)
    (folder / f"街道{suffix}").unlink()
    assert f"missing beside it: {suffix}" in refusal(folder)


@pytest.mark.parametrize("suffix", [".shp", ".dbf"])
def test_a_part_that_is_cut_is_refused(tmp_path: Path, suffix: str) -> None:
    folder = shapefile(tmp_path)
    part = folder / f"街道{suffix}"
    part.write_bytes(part.read_bytes()[:-40])
    assert f"{suffix} is cut" in refusal(folder)


def test_only_a_part_of_a_shapefile_is_told_from_the_shp(tmp_path: Path) -> None:
    folder = shapefile(tmp_path)
    assert "the .shp is what to give" in refusal(folder / "街道.dbf")


def test_upper_case_suffixes_are_found(tmp_path: Path) -> None:
    folder = shapefile(tmp_path)
    for file in list(folder.iterdir()):
        file.rename(file.with_suffix(file.suffix.upper()))
    layer = read_layer(folder)
    assert list(text_values(layer, "name")) == NAMES
    assert "as its .cpg says" in " ".join(layer.notes)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.shp", b"", "is empty"),
        ("a.shp", b"code,name\n1,2\n", "not what its suffix .shp says"),
        ("a.geojson", b"", "is empty"),
        ("a.geojson", b'{"a": [1, 2', "is not valid JSON"),
        ("a.geojson", b'{"a": [1, 2]}', "is JSON, but not GeoJSON"),
        ("a.geojson", b"[1, 2]", "is JSON, but not GeoJSON"),
        (
            "a.geojson",
            b'{"type":"Topology","objects":{"a":{"type":"GeometryCollection"}},"arcs":[]}',
            "is TopoJSON",
        ),
        (
            "a.geojson",
            b'{"type":"gdal_streamed_alg","x":{"type":"FeatureCollection","features":[]}}',
            "is JSON, but not GeoJSON",
        ),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "cannot be read as GeoJ"),
        ("a.gpkg", b"SQLite format 3\0" + bytes(100), "cannot be read as GeoPackage"),
        ("a.fgb", b"fgb\x03fgb\x00" + bytes(100), "cannot be read as FlatGeobuf"),
        ("a.geojson.gz", b"\x1f\x8b\x08", "compressed with gzip"),
        ("a.txt", b"hello", "is not a layer"),
        ("a.zip", b"PK\x03\x04xx", "damaged zip"),
    ],
)
def test_what_is_no_layer_is_refused_in_words(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    told = refusal(path)
    assert said in told
    assert str(path) in told


def test_a_path_that_is_not_there_is_named_and_gdal_never_sees_it(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "a.shp")
    assert "no such file" in refusal(Path("/vsicurl/http://example.com/a.geojson"))
    assert "holds no layer" in refusal(tmp_path)


def test_a_layer_without_features_is_refused(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", [])
    assert "has no features" in refusal(path)


def test_a_condition_keeps_the_numbers_of_the_features(tmp_path: Path) -> None:
    path = written(tmp_path / "a.shp")
    assert list(read_layer(path, where="name = '东新街道'").feature) == [2]
    assert "matches \"code = 'Z'\"" in refusal(path, where="code = 'Z'")


@pytest.mark.parametrize("suffix", ["shp", "gpkg", "geojson", "fgb"])
def test_a_condition_on_a_field_that_is_not_there_lists_the_fields(
    tmp_path: Path, suffix: str
) -> None:
    told = refusal(written(tmp_path / f"a.{suffix}"), where="cod = 'A'")
    assert "--where" in told
    assert "the fields are: code, name" in told


def test_projected_coordinates_arrive_as_degrees_on_the_grid(tmp_path: Path) -> None:
    data = frame().to_crs("EPSG:4549")
    layer = read_layer(written(tmp_path / "a.shp", data))
    coordinates = shapely.get_coordinates(layer.geom)
    assert np.array_equal(coordinates, np.rint(coordinates * 1e8) / 1e8)
    assert same(layer.geom)
    assert layer.notes[:2] == (
        "coordinates taken as EPSG:4549, as its .prj says",
        "CGCS2000 is treated as coincident with WGS 84 (sub-metre)",
    )


def test_metres_without_a_prj_are_refused_with_a_hint(tmp_path: Path) -> None:
    data = frame().to_crs("EPSG:4549")
    path = written(tmp_path / "a.shp", data)
    path.with_suffix(".prj").unlink()
    told = refusal(path)
    assert "has no .prj" in told
    assert "look projected, for example EPSG:4547" in told
    layer = read_layer(path, datum=resolve("EPSG:4549"))
    assert same(layer.geom)


def test_a_prj_of_nonsense_is_told_from_a_missing_one(tmp_path: Path) -> None:
    path = written(tmp_path / "a.shp")
    path.with_suffix(".prj").write_text("nonsense")
    assert "has a .prj that cannot be understood" in refusal(path)


def test_metres_said_to_be_degrees_are_refused(tmp_path: Path) -> None:
    data = frame().to_crs("EPSG:4549").set_crs("EPSG:4326", allow_override=True)
    with pytest.raises(CRSError, match="its numbers look projected"):
        read_layer(written(tmp_path / "a.shp", data))
    with pytest.raises(CRSError, match="its numbers look projected"):
        read_layer(tmp_path / "a.shp", datum=resolve("gcj02"))


def test_degrees_said_to_be_metres_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.shp", frame())
    with pytest.raises(CRSError, match=r"projected \(EPSG:4549\), but .* look like degrees"):
        read_layer(path, datum=resolve("4549"))


def test_latitude_in_front_is_refused(tmp_path: Path) -> None:
    data = frame([shapely.box(30.2, 120.1, 30.3, 120.2)])
    with pytest.raises(CRSError, match="latitude in front of longitude"):
        read_layer(written(tmp_path / "a.shp", data))


def test_single_features_off_the_earth_are_listed(tmp_path: Path) -> None:
    data = frame([SQUARES[0], shapely.box(200, 30, 201, 31)])
    told = refusal(written(tmp_path / "a.gpkg", data))
    assert "1 feature(s) lie off the Earth" in told
    assert "  - feature 2" in told


def test_the_old_crs_member_of_geojson_is_honoured(tmp_path: Path) -> None:
    square = frame().to_crs("EPSG:4549").geometry[0]
    one = feature(shapely.geometry.mapping(square), code="A1")
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}
    layer = read_layer(geojson(tmp_path / "a.geojson", [one], crs=member))
    assert layer.notes[0] == "coordinates taken as EPSG:4549, as its crs member says"
    assert np.allclose(shapely.get_coordinates(layer.geom[0]).mean(0)[0], 120.104, atol=1e-3)


def test_a_crs_member_nobody_understands_is_not_taken_for_wgs84(tmp_path: Path) -> None:
    one = feature(shapely.geometry.mapping(SQUARES[0]), crs="just an attribute")
    member = {"type": "name", "properties": {"name": "urn:own:hangzhou-2000"}}
    path = geojson(tmp_path / "a.geojson", [one], crs=member)
    told = refusal(path)
    assert "its crs member cannot be understood" in told
    assert "hangzhou-2000" in told
    layer = read_layer(path, datum=resolve("4490"))
    assert "its crs member cannot be understood" in layer.notes[0]
    other = feature(shapely.geometry.mapping(SQUARES[0]), crs={"epsg": 4549})
    without = geojson(tmp_path / "b.geojson", [one, other])
    assert "as GeoJSON (RFC 7946) is" in read_layer(without).notes[0]


LINKS = (
    '"crs": {"type": "link", "properties": {"href": "%s"}}',
    '"CRS": {"TYPE": "URL", "properties": {"url": "%s"}}',
    r'"\u0063rs": {"type": "l\u0069nk", "properties": {"href": "%s"}}',
    '"crs": {"type": "link", "type": "name", "properties": {"href": "%s"}}',
)


@pytest.mark.parametrize("member", LINKS)
def test_a_crs_that_lies_elsewhere_is_refused_and_not_fetched(
    tmp_path: Path, member: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody_asks:
        nobody_asks.settimeout(0.2)
        address = f"http://127.0.0.1:{nobody_asks.getsockname()[1]}/a.prj"
        path = geojson(tmp_path / "a.geojson", [feature(shapely.geometry.mapping(SQUARES[0]))])
        text = path.read_text("utf-8")
        path.write_text("{" + member % address + "," + text.lstrip()[1:], "utf-8")
        assert "nothing is fetched from elsewhere" in refusal(path)
        with pytest.raises(TimeoutError):
            nobody_asks.accept()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_gdal_reaches_nobody_over_the_network(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody_asks:
        nobody_asks.settimeout(0.2)
        address = f"http://127.0.0.1:{nobody_asks.getsockname()[1]}/a.prj"
        member = {"type": "link", "properties": {"href": address}}
        one = feature(shapely.geometry.mapping(SQUARES[0]))
        raw.read_arrow(geojson(tmp_path / "a.geojson", [one], crs=member))
        with pytest.raises(TimeoutError):
            nobody_asks.accept()


def test_geojson_in_gbk_is_asked_for_and_read(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", [feature(shapely.geometry.mapping(SQUARES[0]))])
    text = path.read_text("utf-8").replace('"properties": {}', '"properties": {"街": "石桥"}')
    path.write_bytes(text.encode("gbk"))
    told = refusal(path)
    assert "is not UTF-8 (first at line 1)" in told
    assert "as GB18030: 街, 石桥" in told
    assert "--encoding gb18030" in told
    layer = read_layer(path, encoding="gb18030")
    assert list(text_values(layer, "街")) == ["石桥"]


def test_geojson_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.geojson")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert list(text_values(read_layer(path), "name")) == NAMES


def test_an_encoding_that_cannot_apply_is_not_used_silently(tmp_path: Path) -> None:
    layer = read_layer(written(tmp_path / "a.gpkg"), encoding="gb18030")
    assert "a GeoPackage states its own encoding; --encoding was not used" in layer.notes
    with pytest.raises(InputError, match="klingon"):
        read_layer(written(tmp_path / "a.shp"), encoding="klingon")


def test_null_geometry_is_kept_and_counted(tmp_path: Path) -> None:
    layer = read_layer(written(tmp_path / "a.gpkg", frame([SQUARES[0], None])))
    assert layer.geom[1] is None
    assert "no geometry in 1 feature(s): 2" in layer.notes


def test_mixed_geometry_is_reported_by_feature(tmp_path: Path) -> None:
    features = [
        feature(shapely.geometry.mapping(geom))
        for geom in (SQUARES[0], shapely.MultiPolygon(SQUARES), shapely.Point(120, 30))
    ]
    layer = read_layer(geojson(tmp_path / "a.geojson", features))
    assert "mixed geometry: Polygon in 2 feature(s), Point in 1 (3)" in layer.notes


def test_curves_become_short_straight_lines_and_are_told(tmp_path: Path) -> None:
    points = [(120.0, 30.0), (120.1, 30.1), (120.2, 30.0), (120.1, 29.9), (120.0, 30.0)]
    ring = struct.pack("<BII", 1, 8, 5) + b"".join(struct.pack("<dd", *p) for p in points)
    curve = struct.pack("<BII", 1, 10, 1) + ring
    geoms = np.array([curve, shapely.to_wkb(SQUARES[0])], dtype=object)
    codes = np.array(["A1", "A2"], dtype=object)
    path = tmp_path / "a.gpkg"
    raw.write(
        path, geoms, [codes], ["code"], geometry_type="Unknown", crs="EPSG:4326", driver="GPKG"
    )
    layer = read_layer(path)
    assert "curves replaced by short straight lines in 1 feature(s): 1" in layer.notes
    assert abs(layer.geom[0].area / (np.pi * 0.01) - 1) < 0.002
    assert layer.geom[1].equals(SQUARES[0])
    assert len(read_layer(path, where="code = 'A1'")) == 1


def test_a_coordinate_that_is_no_number_is_refused_by_feature(tmp_path: Path) -> None:
    points = [(120.0, 30.0), (120.0, float("nan")), (121.0, 31.0), (120.0, 30.0)]
    packed = struct.pack("<BIII", 1, 3, 1, 4) + b"".join(struct.pack("<dd", *p) for p in points)
    with np.errstate(invalid="ignore"):
        bad = shapely.from_wkb(packed)
    told = refusal(written(tmp_path / "a.gpkg", frame([SQUARES[0], bad])))
    assert "feature 2 has a coordinate that is no number" in told


def test_codes_come_out_as_text(tmp_path: Path) -> None:
    data = geopandas.GeoDataFrame(
        {
            "real": [101.0, None],
            "whole": [7, 8],
            "long": [2**62 + 1, 1],
            "text": [" 007 ", "  "],
            "truth": [True, False],
        },
        geometry=SQUARES,
        crs="EPSG:4326",
    )
    layer = read_layer(written(tmp_path / "a.gpkg", data))
    assert list(text_values(layer, "real")) == ["101", None]
    assert list(text_values(layer, "whole")) == ["7", "8"]
    assert list(text_values(layer, "long")) == [str(2**62 + 1), "1"]
    assert list(text_values(layer, "text")) == ["007", None]
    assert list(text_values(layer, "truth")) == ["true", "false"]
    with pytest.raises(FieldError, match="choose one of: real, whole, long, text, truth"):
        text_values(layer, "code")


def test_fields_may_be_called_as_gdal_calls_its_own(tmp_path: Path) -> None:
    one = feature(shapely.geometry.mapping(SQUARES[0]), OGC_FID=5, wkb_geometry="x", fid=3)
    layer = read_layer(geojson(tmp_path / "a.geojson", [one]))
    assert {name: list(text_values(layer, name)) for name in layer.fields} == {
        "OGC_FID": ["5"],
        "wkb_geometry": ["x"],
        "fid": ["3"],
    }


def test_text_cut_in_the_middle_of_a_character_is_read_without_it_and_told(
    tmp_path: Path,
) -> None:
    folder = shapefile(tmp_path, encoding="utf-8")
    dbf = folder / "街道.dbf"
    data = bytearray(dbf.read_bytes())
    # The second name fills its field and ends with two bytes of a character of three.
    width, header = data[32 + 32 + 16], int.from_bytes(data[8:10], "little")
    length = int.from_bytes(data[10:12], "little")
    start = header + length + 1 + data[32 + 16]
    value = ("村" * 100).encode()[: (width - 2) // 3 * 3]
    value += b"x" * (width - 2 - len(value)) + "街".encode()[:2]
    data[start : start + width] = value
    dbf.write_bytes(bytes(data))
    layer = read_layer(folder)
    name = text_values(layer, "name")[1]
    assert name == value[:-2].decode()
    assert (
        "text is cut in the middle of a character; the broken character was left out: "
        "field name of feature 2" in layer.notes
    )
    assert list(read_layer(folder, where="code = 'A2'").feature) == [2]
    # In the middle of a value it is no cut but another encoding.
    data[start : start + 2] = "街".encode("gbk")
    dbf.write_bytes(bytes(data))
    assert "field name of feature 2 is not UTF-8" in refusal(folder)


def test_a_character_cut_in_gb18030_does_not_borrow_from_the_next_value(tmp_path: Path) -> None:
    data = frame()
    data["name"] = ["东" * 100, "A" * 200]
    folder = tmp_path / "cut"
    folder.mkdir()
    shp = written(folder / "a.shp", data, encoding="gb18030")
    dbf = shp.with_suffix(".dbf")
    content = bytearray(dbf.read_bytes())
    width, start = content[32 + 32 + 16], content.index("东".encode("gb18030"))
    # An odd number of bytes in front shifts the last character past the end of the field.
    content[start : start + width] = (b"x" + "东".encode("gb18030") * 127)[:width]
    dbf.write_bytes(bytes(content))
    layer = read_layer(folder)
    assert text_values(layer, "name")[0] == "x" + "东" * ((width - 1) // 2)
    assert ("field name of feature 1" in layer.notes[-1]) == (width % 2 == 0)


def test_layers_in_a_geopackage_without_geometry_are_no_choice(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gpkg", layer="areas")
    pyogrio.write_dataframe(
        frame().drop(columns="geometry"), path, layer="names", driver="GPKG"
    )
    assert read_layer(path).name == "areas"


GRIDS = (
    "+init=%s:code +type=crs",
    "init=%s:code",
    "+proj=longlat +ellps=krass +nadgrids=%s +type=crs",
    "+proj=pipeline +step +proj=hgridshift +grids=%s",
    (
        'GEOGCS["k",DATUM["d",SPHEROID["Krassowsky 1940",6378245,298.3],'
        'EXTENSION["PROJ4_GRIDS","%s"]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
    ),
    (
        'GEOGCRS["d",BASEGEOGCRS["WGS 84",DATUM["World Geodetic System 1984",'
        'ELLIPSOID["WGS 84",6378137,298.257223563]]],DERIVINGCONVERSION["x",'
        'METHOD["PROJ-based operation method: +proj=hgridshift +grids=%s"]],CS[ellipsoidal,2],'
        'AXIS["lat",north],AXIS["lon",east],UNIT["degree",0.0174532925199433]]'
    ),
)


@pytest.mark.parametrize("name", GRIDS)
def test_a_crs_that_names_a_file_is_refused_unless_a_person_says_another(
    tmp_path: Path, name: str
) -> None:
    grid = tmp_path / "grid.csv"
    grid.write_text("code\n")
    member = {"type": "name", "properties": {"name": name % grid}}
    one = feature(shapely.geometry.mapping(SQUARES[0]))
    told = refusal(geojson(tmp_path / "a.geojson", [one], crs=member))
    assert "can name files" in told or "lies in another file" in told
    if name.startswith("GEOGCS"):
        shp = written(tmp_path / "a.shp")
        shp.with_suffix(".prj").write_text(name % grid)
        assert "lies in another file" in refusal(shp)
        layer = read_layer(shp, datum=resolve("4490"))
        assert "lies in another file" in layer.notes[0]


def test_a_crs_with_numbers_to_shift_it_by_is_read(tmp_path: Path) -> None:
    shp = written(tmp_path / "a.shp")
    shp.with_suffix(".prj").write_text(
        'GEOGCS["k",DATUM["d",SPHEROID["Krassowsky 1940",6378245,298.3],'
        'TOWGS84[15.8,-154.4,-82.3,0,0,0,0]],PRIMEM["Greenwich",0],'
        'UNIT["degree",0.0174532925199433]]'
    )
    assert np.allclose(shapely.get_coordinates(read_layer(shp).geom[0])[0, 0], 120.1, atol=0.03)


@pytest.mark.parametrize("encoding", ["zlib", "idna", "unicode_escape", "rot13", "undefined"])
def test_what_python_calls_an_encoding_and_files_do_not_is_refused(
    tmp_path: Path, encoding: str
) -> None:
    shp = written(tmp_path / "a.shp")
    with pytest.raises(InputError, match="there is no encoding"):
        read_layer(shp, encoding=encoding)
    shp.with_suffix(".cpg").write_text(encoding)
    assert read_layer(shp).encoding == "utf-8"


def test_an_old_workbook_is_named_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024))
    assert "save its table as .xlsx" in refusal(path)
    # Where tables are taken too, the reader of tables says the same.
    assert is_table(path)
    with pytest.raises(LayerError, match=r"save it as \.xlsx"):
        open_table(path, FileOptions())


NOTCH = shapely.Polygon(
    [(120, 30), (120.001, 30), (120.001, 30.001), (120.0005, 30.000000004), (120, 30.001)]
)


def test_an_outline_that_only_the_storage_grid_breaks_is_named_and_mended_on_request(
    tmp_path: Path,
) -> None:
    path = written(tmp_path / "a.gpkg", frame([SQUARES[0], NOTCH]))
    for reader in (read_layer, files.read_layer):
        layer = reader(path)
        assert [number for number, _ in layer.broken] == [2]
        [note] = grid_notes(layer, text_values(layer, "code"))
        assert "feature 2 (A2): " in note
        assert "at 120.0005" in note
        assert "to mend them there say --mend" in note
        assert not layer.geom[1].is_valid, "never a silent change"
        mended = reader(path, mend=True)
        assert mended.broken == ()
        assert mended.geom[1].is_valid
        assert shapely.to_wkb(mended.geom[0]) == shapely.to_wkb(layer.geom[0])
        told = "1 outline(s) that the storage grid breaks were mended there: features 2"
        assert told in mended.notes


def test_an_outline_thinner_than_the_storage_grid_cannot_be_mended(tmp_path: Path) -> None:
    thread = shapely.box(120, 30, 120.001, 30.000000002)
    path = written(tmp_path / "a.gpkg", frame([SQUARES[0], thread]))
    layer = read_layer(path, mend=True)
    assert "1 outline(s) are thinner than the storage grid: features 2" in layer.notes
    assert not layer.geom[1].is_valid
    assert grid_notes(layer) == []


@pytest.mark.parametrize("what", ["code", "fields", "features", "where", "layers"])
def test_no_message_grows_with_the_file(tmp_path: Path, what: str) -> None:
    square = shapely.geometry.mapping(SQUARES[0])
    path = tmp_path / "a.geojson"
    options: dict[str, str] = {}
    if what == "code":
        geojson(path, [feature(square, code="A\u200b" + "x" * 327_000, name="a")])
    elif what == "fields":
        geojson(path, [feature(square, **{f"a_long_field_{n}": n for n in range(1_900)})])
    elif what == "features":
        geojson(path, [feature(square, code="A", name="a" * n) for n in range(1, 900)])
    elif what == "where":
        geojson(path, [feature(square, code="A", name="a")])
        options["where"] = "nothing = '" + "x" * 1_900 + "'"
    else:
        path = tmp_path / "a.gpkg"
        for n in range(40):
            written(path, frame(SQUARES[:1]), layer=f"a_long_name_{n}")
    with pytest.raises(LayerError) as caught:
        read_areas(AreaFile(path, "code", "name", **options), "cell")
    error = caught.value
    assert len(error.message) + len(error.remedy) < 6_000
    assert max(map(len, error.problems), default=0) < 1_000


@pytest.mark.parametrize("suffix", ["shp", "geojson", "fgb"])
def test_a_condition_of_text_without_quotes_says_how_to_write_it(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    data = geopandas.GeoDataFrame(
        {"code": ["007"]}, geometry=[shapely.Point(120, 30)], crs=4326
    )
    pyogrio.write_dataframe(data, path)
    with pytest.raises(LayerError, match="write code = '007', not code = 007"):
        read_layer(path, where="code = 007")
    assert len(read_layer(path, where="code = '007'")) == 1


def test_one_note_says_by_what_the_coordinates_were_taken(tmp_path: Path) -> None:
    square = shapely.box(120.1, 30.2, 120.2, 30.3)
    path = tmp_path / "china.gpkg"
    pyogrio.write_dataframe(
        geopandas.GeoDataFrame({"code": ["A"]}, geometry=[square], crs="EPSG:4490"), path
    )
    notes = read_layer(path).notes
    about = [note for note in notes if "coordinates taken as" in note or "GCJ-02" in note]
    told = (
        "coordinates taken as EPSG:4490, as the file says; whatever a file states, it may hold "
        "GCJ-02 in China, some 500 m off: say --crs EPSG:4490 or --crs gcj02 to settle it"
    )
    assert about == [told]

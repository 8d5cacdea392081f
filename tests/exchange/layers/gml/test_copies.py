"""GML: read in a private folder, in its own order of axes, whole or not at all."""

from contextlib import ExitStack
from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely

from gridmgmt.errors import CRSError, LayerError
from gridmgmt.exchange.layers.gml.copies import checked_gml
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.exchange.layers.vectors import list_layers, read_layer, text_values
from gridmgmt.exchange.reading import files
from gridmgmt.geometry.crs.crs import resolve

HEAD = (
    '<?xml version="1.0" encoding="{}"?>\n'
    '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml/3.2" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:a="http://example.org/a">'
)
END = "</gml:FeatureCollection>"
SCHEMA = """<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:a="http://example.org/a"
 xmlns:gml="http://www.opengis.net/gml/3.2" targetNamespace="http://example.org/a">
<xs:import namespace="http://www.opengis.net/gml/3.2"/>
<xs:element name="cell" type="a:cellType" substitutionGroup="gml:AbstractFeature"/>
<xs:complexType name="cellType"><xs:complexContent>
<xs:extension base="gml:AbstractFeatureType"><xs:sequence>
<xs:element name="code" type="xs:integer"/><xs:element name="name" type="xs:string"/>
<xs:element name="geom" type="gml:GeometryPropertyType"/>
</xs:sequence></xs:extension></xs:complexContent></xs:complexType>
</xs:schema>"""
LAT_LON = "30.2 120.1 30.2 120.11 30.21 120.11 30.21 120.1 30.2 120.1"
LON_LAT = "120.1 30.2 120.11 30.2 120.11 30.21 120.1 30.21 120.1 30.2"
SQUARE = shapely.box(120.1, 30.2, 120.11, 30.21)
URN = "urn:ogc:def:crs:EPSG::4490"


def polygon(positions: str = LAT_LON, crs: str | None = URN) -> str:
    stated = f' srsName="{crs}"' if crs else ""
    return (
        f"<gml:Polygon{stated}><gml:exterior><gml:LinearRing><gml:posList>{positions}"
        "</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"
    )


def member(geometry: str, code: str = "007", kind: str = "cell", more: str = "") -> str:
    return (
        f"<gml:featureMember><a:{kind}><a:code>{code}</a:code><a:name>石桥街道</a:name>{more}"
        f"<a:geom>{geometry}</a:geom></a:{kind}></gml:featureMember>\n"
    )


def gml(path: Path, *members: str, encoding: str = "UTF-8", declared: str = "") -> Path:
    text = HEAD.format(declared or encoding) + "".join(members) + END
    path.write_bytes(text.encode(encoding))
    return path


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(LayerError) as caught:
        read_layer(path, **options)  # type: ignore[arg-type]
    return str(caught.value)


def is_square(geom: object) -> bool:
    return bool(shapely.equals_exact(geom, SQUARE, 2e-8, normalize=True))


def test_what_gdal_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "街道.gml"
    data = geopandas.GeoDataFrame(
        {"code": ["001", "2"], "name": ["石桥街道", "东新街道"]},
        geometry=[SQUARE, shapely.box(120.11, 30.2, 120.12, 30.21)],
        crs="EPSG:4490",
    )
    pyogrio.write_dataframe(data, path, driver="GML", layer="cells")
    for reader in (read_layer, files.read_layer):
        layer = reader(path)
        assert layer.name == "cells"
        assert list(text_values(layer, "code")) == ["001", "2"]
        assert list(text_values(layer, "name")) == ["石桥街道", "东新街道"]
        assert is_square(layer.geom[0])
        assert layer.notes[0].startswith("coordinates taken as EPSG:4490, as its srsName says")


@pytest.mark.parametrize(
    ("crs", "positions"),
    [
        (URN, LAT_LON),
        ("urn:x-ogc:def:crs:EPSG:4490", LAT_LON),
        ("http://www.opengis.net/def/crs/EPSG/0/4490", LAT_LON),
        ("EPSG:4490", LON_LAT),
        ("http://www.opengis.net/gml/srs/epsg.xml#4490", LON_LAT),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", LON_LAT),
    ],
)
def test_the_name_of_the_crs_says_which_axis_comes_first(
    tmp_path: Path, crs: str, positions: str
) -> None:
    assert is_square(
        read_layer(gml(tmp_path / "a.gml", member(polygon(positions, crs)))).geom[0]
    )


def test_north_comes_first_in_a_projected_crs_by_urn(tmp_path: Path) -> None:
    positions = "3341000 500000 3341000 501000 3342000 501000 3341000 500000"
    urn = "urn:ogc:def:crs:EPSG::4549"
    by_urn = read_layer(gml(tmp_path / "a.gml", member(polygon(positions, urn))))
    east_first = "500000 3341000 501000 3341000 501000 3342000 500000 3341000"
    plain = read_layer(gml(tmp_path / "b.gml", member(polygon(east_first, "EPSG:4549"))))
    assert shapely.to_wkb(by_urn.geom[0]) == shapely.to_wkb(plain.geom[0])
    assert 30 < by_urn.geom[0].centroid.y < 31


def test_positions_in_the_other_order_than_their_name_says_are_named(tmp_path: Path) -> None:
    path = gml(tmp_path / "a.gml", member(polygon(LON_LAT)))
    said = refusal(path)
    assert "has latitude in front of longitude" in said
    assert '--crs "EPSG:4490,yx"' in said
    assert is_square(read_layer(path, datum=resolve("EPSG:4490,yx")).geom[0])


def test_without_a_crs_one_is_asked_for(tmp_path: Path) -> None:
    path = gml(tmp_path / "a.gml", member(polygon(LON_LAT, None)))
    with pytest.raises(CRSError, match="say it with --crs"):
        read_layer(path)
    assert is_square(read_layer(path, datum=resolve("EPSG:4490")).geom[0])


def test_several_crs_are_refused(tmp_path: Path) -> None:
    path = gml(tmp_path / "a.gml", member(polygon()), member(polygon(LON_LAT, "EPSG:4326")))
    said = refusal(path)
    assert f"states several coordinate reference systems: {URN}, EPSG:4326" in said
    assert "in one of them" in said


def test_codes_stay_text(tmp_path: Path) -> None:
    # Each alone: beside text every value is text.
    for code in ("1", "08:01", "330103001001001001", "1e5", "2024-02-31"):
        layer = read_layer(gml(tmp_path / "a.gml", member(polygon(), code)))
        assert list(layer.fields["code"]) == [code]


def test_types_of_features_are_layers(tmp_path: Path) -> None:
    path = gml(tmp_path / "a.gml", member(polygon()), member(polygon(), kind="street"))
    assert list_layers(path) == ["cell", "street"]
    assert "name one with --layer: cell, street" in refusal(path)
    assert len(read_layer(path, layer="street")) == 1


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE a SYSTEM "http://example.org/a.dtd">',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">]>',
    ],
)
def test_a_document_type_is_refused(tmp_path: Path, declaration: str) -> None:
    path = gml(tmp_path / "a.gml", member(polygon(), "A"))
    text = path.read_text("utf-8").replace("?>\n", f"?>\n{declaration}\n", 1)
    path.write_text(text.replace(">A<", ">&b;<"), "utf-8")
    said = refusal(path)
    assert "declares a document type" in said
    assert "<!DOCTYPE" in said


def test_geometry_that_is_a_link_is_refused_with_its_feature(tmp_path: Path) -> None:
    surface = (
        f'<gml:MultiSurface srsName="{URN}"><gml:surfaceMember xlink:href="#x"/>'
        f"<gml:surfaceMember>{polygon(crs=None)}</gml:surfaceMember></gml:MultiSurface>"
    )
    said = refusal(gml(tmp_path / "a.gml", member(polygon()), member(surface)))
    assert "cell 2: surfaceMember is a link to geometry elsewhere" in said
    assert "written out in full" in said


def test_other_links_are_not_followed_and_said(tmp_path: Path) -> None:
    more = '<a:owner xlink:href="http://127.0.0.1:9/owner"/>'
    layer = read_layer(gml(tmp_path / "a.gml", *[member(polygon(), more=more)] * 2))
    assert "links were not followed: owner (2)" in layer.notes


def test_several_geometries_in_a_feature_are_refused(tmp_path: Path) -> None:
    more = (
        f'<a:centre><gml:Point srsName="{URN}"><gml:pos>30 120</gml:pos></gml:Point></a:centre>'
    )
    said = refusal(gml(tmp_path / "a.gml", member(polygon(), more=more)))
    assert "cell 1 has several geometries: centre, geom" in said


def ring(positions: str) -> str:
    return (
        f'<gml:Polygon srsName="EPSG:4490"><gml:exterior><gml:LinearRing>{positions}'
        "</gml:LinearRing></gml:exterior></gml:Polygon>"
    )


def point(position: str) -> str:
    return f'<gml:Point srsName="{URN}">{position}</gml:Point>'


@pytest.mark.parametrize(
    ("geometry", "named"),
    [
        (polygon("30.2 120.1 abc 120.11 30.21 120.11 30.2 120.1"), "posList holds 'abc'"),
        (polygon("30,2 120,1 30,2 120,11 30,21 120,11 30,2 120,1"), "posList holds '30,2'"),
        (polygon("30.2 120.1 30.2 NaN 30.21 120.11 30.2 120.1"), "posList holds 'NaN'"),
        (polygon("30.2 120.1 30.2 1_20.11 30.21 120.11 30.2 120.1"), "holds '1_20.11'"),
        (point("<gml:pos>30.2 abc</gml:pos>"), "pos holds 'abc'"),
        (point("<gml:pos>30.2 120.1 5 7</gml:pos>"), "pos holds '30.2 120.1 5 7'"),
        (point("<gml:coord><gml:X>30.2</gml:X><gml:Y>b</gml:Y></gml:coord>"), "Y holds 'b'"),
        (point("<gml:coordinates>30.2,12o.1</gml:coordinates>"), "holds '30.2,12o.1'"),
        (
            ring("<gml:coordinates>1,2 1,3,4,5 2,3 1,2</gml:coordinates>"),
            "coordinates holds '1,3,4,5'",
        ),
        (point("<pos>30.2 abc</pos>"), "pos holds 'abc'"),
    ],
)
def test_text_that_is_no_position_is_refused_with_its_feature(
    tmp_path: Path, geometry: str, named: str
) -> None:
    broken = polygon("x")
    said = refusal(gml(tmp_path / "a.gml", member(polygon()), member(geometry), member(broken)))
    assert "2 feature(s) cannot be read whole" in said
    assert "cell 2: " in said
    assert f"{named}, which is no position" in said
    assert "cell 3: posList holds 'x'" in said
    assert "correct them, or save the layer anew" in said


@pytest.mark.parametrize(
    "positions",
    [
        f"<gml:posList>\n{LON_LAT.replace(' ', '  ')}\t</gml:posList>",
        (
            "<gml:posList>1.201e2 +30.2 120.11 30.2<!-- a --> 120.11 30.21 120.1 30.21 "
            "120.1 30.2</gml:posList>"
        ),
        (
            "<gml:coordinates>120.1,30.2,0 120.11,30.2,0\n120.11,30.21,0 120.1,30.21,0 "
            "120.1,30.2,0</gml:coordinates>"
        ),
        (
            '<gml:coordinates decimal="," cs=" " ts=";">120,1 30,2;120,11 30,2;120,11 30,21;'
            "120,1 30,21;120,1 30,2</gml:coordinates>"
        ),
        "".join(
            f"<gml:pos>{x} {y}</gml:pos>" for x, y in shapely.get_coordinates(SQUARE).tolist()
        ),
    ],
)
def test_positions_may_be_written_in_every_way_of_gml(tmp_path: Path, positions: str) -> None:
    assert is_square(
        shapely.force_2d(read_layer(gml(tmp_path / "a.gml", member(ring(positions)))).geom[0])
    )


def test_text_that_only_has_the_name_of_a_position_is_none(tmp_path: Path) -> None:
    box = (
        "<gml:boundedBy><gml:Envelope><gml:lowerCorner>inf inf</gml:lowerCorner>"
        "<gml:upperCorner>-inf -inf</gml:upperCorner></gml:Envelope></gml:boundedBy>"
    )
    more = f"{box}<a:X>no</a:X><a:pos>at the back</a:pos>"
    about = "<gml:metaDataProperty><a:X>no</a:X></gml:metaDataProperty><gml:exterior>"
    geometry = polygon().replace("<gml:exterior>", about)
    layer = read_layer(gml(tmp_path / "a.gml", member(geometry, more=more)))
    assert is_square(layer.geom[0])
    assert list(layer.fields["pos"]) == ["at the back"]


def test_curves_are_said_and_those_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    def curve(segment: str) -> str:
        return (
            f'<gml:Curve srsName="{URN}"><gml:segments><gml:{segment}><gml:posList>'
            "30 120 30.1 120.1 30 120.2</gml:posList>"
            f"</gml:{segment}></gml:segments></gml:Curve>"
        )

    layer = read_layer(gml(tmp_path / "a.gml", member(polygon()), member(curve("Arc"))))
    assert "curves replaced by short straight lines in 1 feature(s): 2" in layer.notes
    path = gml(tmp_path / "b.gml", member(polygon()), member(curve("CubicSpline")))
    for options in ({}, {"first": 1}, {"where": "code = '007'"}):
        said = refusal(path, **options)
        assert "it holds 2 features, and only 1 can be read" in said
        assert "as plain points, lines and polygons" in said
    path = gml(tmp_path / "c.gml", member(curve("CubicSpline")))
    assert "it holds 1 features, and only 0 can be read" in refusal(path)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16", "cp950"])
def test_the_declared_encoding_is_respected(tmp_path: Path, encoding: str) -> None:
    text = HEAD.format("GBK" if encoding == "gb18030" else encoding.removesuffix("-sig"))
    name = "臺北市" if encoding == "cp950" else "石桥街道"
    path = tmp_path / "a.gml"
    path.write_bytes(
        (text + member(polygon()).replace("石桥街道", name) + END).encode(encoding)
    )
    assert list(text_values(read_layer(path), "name")) == [name]
    if encoding == "utf-8-sig":
        assert list(text_values(read_layer(path, encoding="utf-8"), "name")) == [name]


def test_a_wrong_declaration_is_said_with_the_encodings_that_fit(tmp_path: Path) -> None:
    path = gml(tmp_path / "a.gml", member(polygon()), encoding="gb18030", declared="UTF-8")
    said = refusal(path)
    assert "line 2 is not UTF-8, as its XML declaration says" in said
    assert "as GB18030: 石桥街道" in said
    assert "--encoding gb18030" in said
    assert list(text_values(read_layer(path, encoding="gb18030"), "name")) == ["石桥街道"]
    assert list_layers(path, encoding="gb18030") == ["cell"]


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("ISO-8859-1", "gb18030"), ("ISO-8859-1", "utf-8"), ("GBK", "utf-8")],
)
def test_a_declaration_that_the_text_makes_doubtful_is_asked_about(
    tmp_path: Path, declared: str, encoding: str
) -> None:
    path = gml(tmp_path / "a.gml", member(polygon()), encoding=encoding, declared=declared)
    assert f"as {encoding.upper()}: 石桥街道" in refusal(path)
    assert list(text_values(read_layer(path, encoding=encoding), "name")) == ["石桥街道"]
    # What a person states is not doubted.
    assert read_layer(path, encoding="iso8859-1").encoding == "iso8859-1"


def test_what_is_cut_is_refused(tmp_path: Path) -> None:
    path = gml(tmp_path / "a.gml", member(polygon()), member(polygon()))
    path.write_bytes(path.read_bytes()[:-200])
    assert "is not well-formed XML" in refusal(path)


def test_no_schema_is_opened_and_nothing_written_beside(tmp_path: Path) -> None:
    path = gml(tmp_path / "a.gml", member(polygon()))
    text = path.read_text("utf-8").replace(
        "<gml:FeatureCollection",
        '<gml:FeatureCollection xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="http://example.org/a {path.with_suffix(".xsd")} '
        'http://b http://127.0.0.1:9/b.xsd"',
        1,
    )
    path.write_text(text, "utf-8")
    # A schema that GDAL follows would make a number of the code.
    path.with_suffix(".xsd").write_text(SCHEMA)
    path.with_suffix(".gfs").write_text("<GMLFeatureClassList/>")
    assert list(read_layer(path).fields["code"]) == ["007"]
    with ExitStack() as stack:
        copy = checked_gml(LayerSource(path, "GML", "a.gml"), None, stack).source.path
        assert "schemaLocation" not in copy.read_text("utf-8")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.gfs", "a.gml", "a.xsd"]


def test_an_element_that_is_repeated_changes_no_other_feature(tmp_path: Path) -> None:
    twice = member(polygon(), "1</a:code><a:code>2")
    layer = read_layer(
        gml(tmp_path / "a.gml", member(polygon()), twice, member(polygon(), "3"))
    )
    assert list(text_values(layer, "code")) == ["007", '["1", "2"]', "3"]
    said = "field 'code' holds several values, read as a list, in 1 feature(s): 2"
    assert said in layer.notes


RING = f"<gml:LinearRing><gml:posList>{LAT_LON}</gml:posList></gml:LinearRing>"


@pytest.mark.parametrize(
    ("more", "element"),
    [
        (f"<gml:exterior>{RING}</gml:exterior>", "exterior"),
        (f"<gml:interior>{RING}{RING}</gml:interior>", "LinearRing"),
    ],
)
def test_a_second_ring_where_one_is_read_is_refused(
    tmp_path: Path, more: str, element: str
) -> None:
    doubled = polygon().replace("</gml:Polygon>", f"{more}</gml:Polygon>")
    told = refusal(gml(tmp_path / "a.gml", member(polygon()), member(doubled)))
    assert f"cell 2: a second {element}, of which one would be read" in told


def test_several_holes_are_read(tmp_path: Path) -> None:
    holes = "".join(
        f"<gml:interior><gml:LinearRing><gml:posList>30.20{k} 120.101 30.20{k} 120.102 "
        f"30.20{k}5 120.102 30.20{k} 120.101</gml:posList></gml:LinearRing></gml:interior>"
        for k in (1, 3)
    )
    holed = polygon().replace("</gml:Polygon>", f"{holes}</gml:Polygon>")
    [geom] = read_layer(gml(tmp_path / "a.gml", member(holed))).geom
    assert len(geom.interiors) == 2

"""Features that GDAL passes over in silence are named, and the file is refused."""

import json
from pathlib import Path

import pyogrio
import pytest

from gridmgmt.errors import LayerError
from gridmgmt.exchange.reading.files import read_layer

POINT = {"type": "Point", "coordinates": [120.1, 30.2]}
FEATURE = {"type": "Feature", "properties": {"code": "A", "tags": [{}]}, "geometry": POINT}
UNTYPED = {name: value for name, value in FEATURE.items() if name != "type"}
NO_FEATURES = [
    {**FEATURE, "type": "feature"},
    {**FEATURE, "type": "Polygon"},
    {**FEATURE, "type": None},
    UNTYPED,
    {**UNTYPED, "Type": "Feature"},
    {**UNTYPED, "properties": {"type": "Feature"}},
    {**UNTYPED, "note": '"type": "Feature"'},
    POINT,
    {"type": "FeatureCollection", "features": [FEATURE]},
    {},
    None,
    True,
    5,
    "Feature",
    [],
    [[1, 2], FEATURE],
]
DEEP = {"a": [{"b": {"c": {"d": {"e": {"type": "no"}}}}}]}
ODD_FEATURES = [
    {**UNTYPED, "type": "Feature"},
    {**FEATURE, "properties": {"code": 'a "}] \\', "type": "x"}},
    {**FEATURE, "properties": DEEP},
    {**UNTYPED, "foreign": DEEP, "type": "Feature"},
    {"type": "Feature", "properties": None, "geometry": None},
]


def geojson(path: Path, members: list[object], **others: object) -> Path:
    document = {"type": "FeatureCollection", **others, "features": members}
    path.write_text(json.dumps(document, indent=1), "utf-8")
    return path


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(LayerError) as caught:
        read_layer(path, **options)  # type: ignore[arg-type]
    return str(caught.value)


@pytest.mark.parametrize("member", NO_FEATURES, ids=json.dumps)
def test_a_member_that_is_no_feature_is_named(tmp_path: Path, member: object) -> None:
    path = geojson(tmp_path / "a.geojson", [FEATURE, member, FEATURE, member])
    assert pyogrio.read_info(path, force_feature_count=True)["features"] == 2
    said = "2 member(s) of its features are no Feature, and cannot be read: number 2, 4"
    assert said in refusal(path)
    assert said in refusal(path, first=1)
    assert "remove it" in refusal(path, where="code = 'A'")


@pytest.mark.parametrize("member", ODD_FEATURES, ids=json.dumps)
def test_features_written_in_other_ways_are_read(tmp_path: Path, member: object) -> None:
    path = geojson(tmp_path / "a.geojson", [member, FEATURE, member], name='"features": [1')
    assert len(read_layer(path)) == 3


def test_members_are_counted_in_every_writing_of_json(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    good, bad = json.dumps(FEATURE), json.dumps(POINT)
    escaped = good.replace('"type": "Feature"', '"t\\u0079pe": "Fe\\u0061ture"')
    number = good.replace('"A"', "NaN")
    members = ",\n".join([escaped, number, bad, good])
    begin = '\ufeff\n{"bbox":[1, 2], "type" : "FeatureCollection"'
    path.write_text(f'{begin},\t"features"\n:[{members} ] }}', "utf-8")
    assert "number 3" in refusal(path)
    # No collection: its foreign members are not features.
    path.write_text(json.dumps({**FEATURE, "features": [5]}), "utf-8")
    assert len(read_layer(path)) == 1


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ('"code": "A"', '"code": "A", "tags": 1, "code": "B"', "'code'"),
        ('"geometry"', '"geometry": null, "geometry"', "'geometry'"),
        ('"properties"', '"properties": {"name": "A"}, "properties"', "'properties'"),
        ('"code": "A"', '"code": "A", "c\\u006fde": "A"', "'code'"),
    ],
)
def test_what_stands_twice_in_a_feature_is_named(
    tmp_path: Path, old: str, new: str, names: str
) -> None:
    feature = json.dumps({**FEATURE, "properties": {"code": "A"}})
    text = json.dumps({"type": "FeatureCollection", "features": ["X", "Y"]})
    twice = feature.replace(old, new, 1)
    path = tmp_path / "a.geojson"
    path.write_text(text.replace('"X"', feature).replace('"Y"', twice), "utf-8")
    said = refusal(path)
    assert f"feature 2 has {names} twice" in said
    assert "leave each name only once in a feature" in said


def test_names_may_stand_again_in_objects_and_other_features(tmp_path: Path) -> None:
    nested = {"code": "A", "a": {"code": 1, "a": {"code": 2}}, "b": [{"code": 3}, {"code": 4}]}
    feature = {**FEATURE, "properties": nested, "code": "C"}
    assert len(read_layer(geojson(tmp_path / "a.geojson", [feature, feature]))) == 2


@pytest.mark.parametrize("raw", ["\t", "\n", "\r\n", "\x01"])
def test_raw_line_breaks_and_tabs_in_texts_hide_no_fault(tmp_path: Path, raw: str) -> None:
    broken = {**FEATURE, "properties": {"code": "A@B", "n": 1}}
    path = geojson(tmp_path / "a.geojson", [broken, {**broken, "type": "feature"}])
    path.write_text(path.read_text("utf-8").replace("@", raw), "utf-8", newline="")
    assert "no Feature, and cannot be read: number 2" in refusal(path)
    path = geojson(tmp_path / "b.geojson", [broken, broken])
    text = path.read_text("utf-8").replace("@", raw).replace('"n": 1', '"n": 33.10', 1)
    path.write_text(text, "utf-8", newline="")
    layer = read_layer(path)
    assert list(layer.fields["n"]) == ["33.10", "1"]
    assert list(layer.fields["code"]) == [f"A{raw}B"] * 2


def test_a_text_with_a_zero_byte_is_named(tmp_path: Path) -> None:
    cut = {**FEATURE, "properties": {"code": "A\0B"}}
    said = refusal(geojson(tmp_path / "a.geojson", [FEATURE, cut]))
    assert "feature 2: the text of 'code' holds a zero byte (\\u0000)" in said
    assert "remove the zero bytes" in said


def place(name: str) -> str:
    return (
        f"<Placemark><name>{name}</name><Point><coordinates>120,30</coordinates></Point>"
        "</Placemark>"
    )


def within(kind: str, *content: str) -> str:
    return f"<{kind}><name>{kind}</name>{''.join(content)}</{kind}>"


def kml(path: Path, *content: str) -> Path:
    begin = '<?xml version="1.0"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n'
    path.write_text(begin + "\n".join(content) + "\n</kml>", "utf-8")
    return path


A, B = place("A"), place("B")


def drawn(coordinates: str) -> str:
    line = f"<LineString><coordinates>{coordinates}</coordinates></LineString>"
    return f"<Placemark><name>A</name>{line}</Placemark>"


@pytest.mark.parametrize(
    ("coordinates", "wrong"),
    [
        ("120.1,abc 120.2,30.2", "120.1,abc"),
        ("120.1 120.2,30.2 120.3,30.3", "120.1"),
        ("120.1;30.2 120.2,30.2 120.3,30.3", "120.1;30.2"),
        ("120.1,30.2,0,5 120.2,30.2", "120.1,30.2,0,5"),
        ("120.1,30.2 120.2,nan", "120.2,nan"),
        ("120.1,1_0 120.2,30.2", "120.1,1_0"),
    ],
)
def test_text_that_is_no_position_is_refused_in_kml(
    tmp_path: Path, coordinates: str, wrong: str
) -> None:
    said = refusal(kml(tmp_path / "a.kml", within("Document", A, drawn(coordinates))))
    assert f"line 3: '{wrong}' is no position" in said


@pytest.mark.parametrize(
    "coordinates",
    [
        "120.1,30.2 120.2,30.2",
        "120.1, 30.2, 0\n 120.2 ,30.2,0",
        "120.1,30.2,1.5e1\t+120.2,30.2,-3",
    ],
)
def test_positions_of_kml_may_have_blanks_and_heights(tmp_path: Path, coordinates: str) -> None:
    assert len(read_layer(kml(tmp_path / "a.kml", drawn(coordinates)))) == 1


EMPTY = "<Placemark><name>E</name></Placemark>"
LINK = "<NetworkLink><Link><href>x.kml</href></Link></NetworkLink>"
UNREAD = [
    ((A, B), "1 of its 2 placemark(s) lie where none is read: number 1 (line 3)"),
    ((within("Document", A), B), "number 1 (line 3)"),
    ((A, within("Folder", B)), "number 1 (line 3)"),
    ((within("Folder", A, A), within("Folder", B)), "number 1 (line 3), number 2 (line 3)"),
    ((within("Document", A), within("Document", B)), "number 1 (line 3)"),
    ((within("Document", within("Group", A), B),), "number 1 (line 3)"),
    ((within("Document", A.replace("</P", f"{B}</P", 1)),), "number 2 (line 3)"),
    ((within("Document", A.replace("Placemark", "placemark"), B),), "number 1 (line 3)"),
    ((within("Document", within("folder", A), B),), "number 1 (line 3)"),
]
READ = [
    (A,),
    ('<Style id="s"/>', A),
    (within("Document", A),),
    (within("Document", A, LINK, "<GroundOverlay/>"),),
    (within("Document", A, EMPTY),),
    (within("Document", within("Folder", A, EMPTY)),),
    (within("Document", A, "<x:Placemark xmlns:x='http://example.com'/>"),),
    (within("Document", A), f"<NetworkLinkControl><Update>{B}</Update></NetworkLinkControl>"),
]


@pytest.mark.parametrize(("content", "said"), UNREAD)
def test_placemarks_that_lie_beside_the_layers_are_named(
    tmp_path: Path, content: tuple[str, ...], said: str
) -> None:
    path = kml(tmp_path / "a.kml", *content)
    layers = [name for name, _ in pyogrio.list_layers(path)]
    there = "".join(content).lower().count("<placemark>")
    assert there > sum(pyogrio.read_info(path, layer=one)["features"] for one in layers)
    told = refusal(path)
    assert said in told
    assert "into a single <Document>" in told


@pytest.mark.parametrize("content", READ)
def test_placemarks_that_are_read_are_not_refused(
    tmp_path: Path, content: tuple[str, ...]
) -> None:
    path = kml(tmp_path / "a.kml", *content)
    [name] = [name for name, _ in pyogrio.list_layers(path)]
    assert len(read_layer(path)) == pyogrio.read_info(path, layer=name)["features"]


def test_placemarks_in_several_folders_are_several_layers(tmp_path: Path) -> None:
    folders = [f"<Folder><name>{name}</name>{place(name)}</Folder>" for name in "AB"]
    path = kml(tmp_path / "a.kml", within("Document", *folders))
    assert [len(read_layer(path, layer=name)) for name in "AB"] == [1, 1]


BOUNDARY = (
    "<outerBoundaryIs><LinearRing><coordinates>120,30 121,30 121,31 120,30</coordinates>"
    "</LinearRing></outerBoundaryIs>"
)
HOLE = BOUNDARY.replace("outer", "inner")
AREA = f"<Polygon>{BOUNDARY}</Polygon>"


def mark(shapes: str, data: str = "") -> str:
    return f"<Placemark><name>A</name><ExtendedData>{data}</ExtendedData>{shapes}</Placemark>"


def value(name: str, text: str = "7") -> str:
    return f'<Data name="{name}"><value>{text}</value></Data>'


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (mark(AREA + AREA), "Polygon"),
        (mark(AREA + "<Point><coordinates>120,30</coordinates></Point>"), "Point"),
        (mark(f"<Polygon>{BOUNDARY}{BOUNDARY}</Polygon>"), "outerBoundaryIs"),
        (
            mark(
                f"<Polygon>{BOUNDARY}{HOLE}</Polygon>".replace("</LinearRing></i", "@")
            ).replace("@", "</LinearRing><LinearRing/></i"),
            "LinearRing",
        ),
        (mark(AREA, value("code") + value("code", "8")), "'code'"),
        (mark(AREA, value("name")), "'name'"),
        (mark("<description>x</description>" + AREA, value("Description")), "'description'"),
    ],
)
def test_what_stands_twice_in_a_placemark_is_named(
    tmp_path: Path, content: str, what: str
) -> None:
    said = refusal(kml(tmp_path / "a.kml", within("Document", mark(AREA), content)))
    assert f"line 3: a second {what}" in said
    assert "put several shapes into one <MultiGeometry>" in said


@pytest.mark.parametrize(
    "content",
    [
        mark(f"<MultiGeometry>{AREA}{AREA}</MultiGeometry>"),
        mark(f"<Polygon>{BOUNDARY}{HOLE}{HOLE}</Polygon>"),
        mark(AREA, value("code") + value("Code 2") + value("name", " A ")),
    ],
)
def test_what_may_stand_several_times_in_a_placemark_is_read(
    tmp_path: Path, content: str
) -> None:
    assert len(read_layer(kml(tmp_path / "a.kml", within("Document", content, content)))) == 2


SIMPLE = '<SchemaData><SimpleData name="code">7</SimpleData></SchemaData>'


def test_values_that_no_schema_declares_are_refused_by_name(tmp_path: Path) -> None:
    said = refusal(kml(tmp_path / "a.kml", within("Document", mark(AREA, SIMPLE))))
    assert "line 3: 'code' is in no <Schema> of the file" in said
    schema = '<Schema name="s" id="s"><SimpleField name="code" type="string"/></Schema>'
    named = SIMPLE.replace("SchemaData>", 'SchemaData schemaUrl="#s">', 1)
    for content in (schema + mark(AREA, named), mark(AREA, named) + schema):
        layer = read_layer(kml(tmp_path / "b.kml", within("Document", content)))
        assert layer.fields["code"].tolist() == ["7"]


@pytest.mark.parametrize("declared", ["GBK", "gb2312", "GB18030"])
def test_kml_is_read_in_the_encoding_it_declares(tmp_path: Path, declared: str) -> None:
    path = kml(tmp_path / "石桥.kml", within("Document", place("石桥街道"), place("𠀀村")))
    text = path.read_text("utf-8").replace("?>", f' encoding="{declared}"?>', 1)
    path.write_bytes(text.encode("gb18030"))
    layer = read_layer(path)
    assert list(layer.fields["Name"]) == ["石桥街道", "𠀀村"]
    assert "text read as GB18030, as its XML declaration says" in layer.notes


def test_kml_that_declares_no_encoding_is_asked_for(tmp_path: Path) -> None:
    path = kml(tmp_path / "a.kml", within("Document", place("石桥街道")))
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    said = refusal(path)
    assert "as GB18030: 石桥街道" in said
    assert list(read_layer(path, encoding="gb18030").fields["Name"]) == ["石桥街道"]


def test_entities_are_refused_in_every_encoding(tmp_path: Path) -> None:
    path = kml(tmp_path / "a.kml", within("Document", place("&x;")))
    text = path.read_text("utf-8").replace("<kml", '<!DOCTYPE kml [<!ENTITY x "y">]><kml', 1)
    for encoding in ("utf-8", "utf-16"):
        path.write_bytes(text.encode(encoding))
        assert "declares XML entities" in refusal(path)

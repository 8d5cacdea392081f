"""DXF drawings: closed polylines are areas, texts their labels; what is left out is said."""

from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely

from gridmgmt.errors import CRSError, LayerError
from gridmgmt.exchange.content.area_layers import AreaFile, read_areas
from gridmgmt.exchange.layers.vectors import read_layer, text_values
from gridmgmt.exchange.reading import files
from gridmgmt.geometry.crs.crs import resolve

EAST, NORTH = 500_000, 3_341_000
CRS = resolve("EPSG:4549")
Pairs = list[tuple[int, object]]


def written(*pairs: tuple[int, object]) -> str:
    return "".join(f"{code}\n{value}\n" for code, value in pairs)


def square(x: float, y: float, size: float = 100) -> list[tuple[float, float]]:
    return [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]


def outline(
    layer: str,
    corners: list[tuple[float, float]],
    *,
    closed: bool = True,
    handle: str = "1",
    bulge: float = 0,
    paper: bool = False,
) -> str:
    pairs: Pairs = [(0, "LWPOLYLINE"), (5, handle), (100, "AcDbEntity")]
    pairs += [(67, 1)] if paper else []
    pairs += [(8, layer), (100, "AcDbPolyline"), (90, len(corners)), (70, int(closed))]
    for x, y in corners:
        pairs += [(10, EAST + x), (20, NORTH + y)]
        pairs += [(42, bulge)] if bulge else []
    return written(*pairs)


def old_outline(layer: str, corners: list[tuple[float, float]], bulge: float = 0) -> str:
    """A polyline as drawings before 1997 have it, without a handle."""
    text = written((0, "POLYLINE"), (8, layer), (66, 1), (70, 1))
    for x, y in corners:
        text += written((0, "VERTEX"), (8, layer), (10, EAST + x), (20, NORTH + y), (42, bulge))
    return text + written((0, "SEQEND"))


def label(text: str, x: float, y: float, layer: str = "TEXT", kind: str = "TEXT") -> str:
    place = ((10, EAST + x), (20, NORTH + y))
    form = "AcDbText" if kind == "TEXT" else "AcDbMText"
    head = ((0, kind), (5, "F0"), (100, "AcDbEntity"), (8, layer), (100, form))
    return written(*head, *place, (40, 1), (1, text))


def hatch(layer: str, corners: list[tuple[float, float]]) -> str:
    head = ((0, "HATCH"), (5, "A0"), (100, "AcDbEntity"), (8, layer), (100, "AcDbHatch"))
    plane = ((10, 0), (20, 0), (30, 0), (210, 0), (220, 0), (230, 1), (2, "SOLID"), (70, 1))
    path = ((71, 0), (91, 1), (92, 2), (72, 0), (73, 1), (93, len(corners)))
    points = tuple(pair for x, y in corners for pair in ((10, EAST + x), (20, NORTH + y)))
    return written(*head, *plane, *path, *points, (97, 0), (75, 0), (76, 1), (98, 0))


def insert(name: str, x: float, y: float, handle: str = "E0") -> str:
    place = ((10, EAST + x), (20, NORTH + y))
    return written((0, "INSERT"), (5, handle), (8, "BLOCKS"), (2, name), *place)


def block(name: str, *entities: str, flags: int = 0, path: str = "") -> str:
    head = ((0, "BLOCK"), (8, "0"), (2, name), (70, flags), (10, 0), (20, 0), (3, name))
    return written(*head, (1, path)) + "".join(entities) + written((0, "ENDBLK"), (8, "0"))


def drawing(
    path: Path,
    *entities: str,
    blocks: str = "",
    version: str = "AC1021",
    page: str = "ANSI_936",
    encoding: str = "utf-8",
) -> Path:
    header = ((9, "$ACADVER"), (1, version), (9, "$DWGCODEPAGE"), (3, page))
    text = written((0, "SECTION"), (2, "HEADER"), *header, (0, "ENDSEC"))
    text += written((0, "SECTION"), (2, "BLOCKS")) + blocks + written((0, "ENDSEC"))
    text += written((0, "SECTION"), (2, "ENTITIES")) + "".join(entities)
    path.write_bytes((text + written((0, "ENDSEC"), (0, "EOF"))).encode(encoding))
    return path


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(LayerError) as caught:
        read_layer(path, datum=CRS, **options)  # type: ignore[arg-type]
    return str(caught.value)


def kinds(layer: object) -> list[str]:
    return [geom.geom_type for geom in layer.geom]  # type: ignore[attr-defined]


def test_closed_polylines_are_areas_with_the_layer_as_code(tmp_path: Path) -> None:
    path = drawing(
        tmp_path / "a.dxf",
        outline("330103001001001", square(0, 0)),
        outline("330103001001002", [*square(100, 0), (100, 0)], closed=False),
        old_outline("330103001001003", square(200, 0)),
    )
    for reader in (read_layer, files.read_layer):
        layer = reader(path, datum=CRS)
        codes = [f"33010300100100{n}" for n in (1, 2, 3)]
        assert list(text_values(layer, "Layer")) == codes
        assert kinds(layer) == ["Polygon"] * 3
        assert list(layer.feature) == [1, 2, 3]
    with pytest.raises(CRSError, match=r"say it with --crs; its coordinates .* look projected"):
        read_layer(path)


def test_the_one_text_inside_is_the_label(tmp_path: Path) -> None:
    path = drawing(
        tmp_path / "a.dxf",
        outline("CELLS", square(0, 0)),
        outline("CELLS", square(100, 0)),
        outline("CELLS", square(200, 0)),
        label("001", 50, 50),
        label(r"\U+77F3\U+6865", 150, 50, kind="MTEXT"),
        label("elsewhere", 900, 900),
    )
    layer = read_layer(path, datum=CRS)
    assert list(layer.fields["Text"]) == ["001", "石桥", None]
    assert kinds(layer) == ["Polygon"] * 3
    assert "1 text(s) outside all areas were left out: elsewhere" in layer.notes


def test_of_several_texts_the_one_on_the_layer_of_the_area_counts(tmp_path: Path) -> None:
    path = drawing(
        tmp_path / "a.dxf",
        outline("CELLS", square(0, 0)),
        outline("CELLS", square(100, 0)),
        label("001", 20, 20, "CELLS"),
        label("石桥", 60, 60, "NAMES"),
        label("002", 120, 20),
        label("003", 160, 60),
    )
    layer = read_layer(path, datum=CRS)
    assert list(layer.fields["Text"]) == ["001", None]
    assert (
        "several texts lie inside 1 area(s), so their Text is empty: 2 (002, 003)"
    ) in layer.notes


def test_outlines_within_outlines_have_their_own_labels(tmp_path: Path) -> None:
    path = drawing(
        tmp_path / "a.dxf",
        outline("STREETS", square(0, 0, 200)),
        outline("CELLS", square(0, 0)),
        outline("CELLS", square(100, 0)),
        label("street", 50, 150, "STREETS"),
        label("001", 50, 50, "CELLS"),
        label("002", 150, 50, "CELLS"),
    )
    layer = read_layer(path, datum=CRS, where="Layer = 'CELLS'")
    assert list(layer.fields["Text"]) == ["001", "002"]
    streets = read_layer(path, datum=CRS, where="Layer = 'STREETS'")
    assert list(streets.fields["Text"]) == ["street"]
    assert list(streets.feature) == [1]


def test_an_open_polyline_is_named_and_stays_a_line(tmp_path: Path) -> None:
    path = drawing(
        tmp_path / "a.dxf",
        outline("330103001001001", square(0, 0)),
        outline("330103001001002", square(100, 0), closed=False),
    )
    layer = read_layer(path, datum=CRS)
    assert kinds(layer) == ["Polygon", "LineString"]
    assert (
        "1 line(s) are open and so no areas: features 2, on the layers 330103001001002 (1)"
    ) in layer.notes


def test_curved_outlines_are_said(tmp_path: Path) -> None:
    circle = written(
        (0, "CIRCLE"), (5, "C1"), (8, "CIRCLES"), (10, EAST), (20, NORTH + 500), (40, 50)
    )
    path = drawing(
        tmp_path / "a.dxf",
        outline("A", square(0, 0), handle="1"),
        outline("B", square(200, 0), handle="2", bulge=0.5),
        circle,
        old_outline("OLD", square(400, 0), bulge=0.3),
        insert("ROUND", 600, 0, handle="E1"),
        insert("PLAIN", 800, 0, handle="E2"),
        blocks=block("ROUND", outline("0", square(-EAST, -NORTH), bulge=0.4))
        + block("PLAIN", outline("0", square(-EAST, -NORTH))),
    )
    layer = read_layer(path, datum=CRS)
    assert kinds(layer) == ["Polygon"] * 6
    assert "curves replaced by short straight lines in 3 feature(s): 2, 3, 5" in layer.notes
    assert "curves replaced by short straight lines on the layers OLD (1)" in layer.notes


def test_areas_and_texts_of_blocks_are_read_where_they_are_inserted(tmp_path: Path) -> None:
    cell = outline("0", square(-EAST, -NORTH)) + label("007", 50 - EAST, 50 - NORTH, "0")
    path = drawing(
        tmp_path / "a.dxf",
        insert("CELL", 0, 0),
        insert("CELL", 300, 0),
        insert("OTHER", 0, 0),
        blocks=block("CELL", cell) + block("OTHER", flags=4, path=r"C:\street.dwg"),
    )
    layer = read_layer(path, datum=CRS)
    assert list(layer.fields["Text"]) == ["007", "007"]
    assert list(layer.fields["Layer"]) == ["BLOCKS", "BLOCKS"]
    assert layer.geom[1].centroid.x > layer.geom[0].centroid.x
    assert r"it refers to other drawings, which were not read: C:\street.dwg" in layer.notes


def test_hatches_are_areas_unless_they_fill_one(tmp_path: Path) -> None:
    data = geopandas.GeoDataFrame(
        {"Layer": ["A1", "A2"]},
        geometry=[shapely.box(EAST, NORTH, EAST + 9, NORTH + 9)] * 2,
        crs="EPSG:4549",
    )
    pyogrio.write_dataframe(data, tmp_path / "gdal.dxf", driver="DXF")
    layer = read_layer(tmp_path / "gdal.dxf", datum=CRS)
    assert list(layer.fields["Layer"]) == ["A1", "A2"]
    assert list(layer.fields["Text"]) == [None, None]
    path = drawing(tmp_path / "a.dxf", outline("A1", square(0, 0)), hatch("FILL", square(0, 0)))
    layer = read_layer(path, datum=CRS)
    assert list(layer.fields["Layer"]) == ["A1"]
    assert "1 hatch(es) with the outline of a closed polyline were left out" in layer.notes


def test_what_is_not_read_is_said(tmp_path: Path) -> None:
    path = drawing(
        tmp_path / "a.dxf",
        outline("A1", square(0, 0)),
        outline("FRAME", square(0, 0), paper=True),
        written((0, "REGION"), (5, "9"), (8, "R"), (1, "x")),
        written((0, "ACAD_PROXY_ENTITY"), (5, "8"), (8, "R")),
    )
    layer = read_layer(path, datum=CRS)
    assert list(layer.fields["Layer"]) == ["A1"]
    assert "entities that are not read: REGION (1), ACAD_PROXY_ENTITY (1)" in layer.notes
    assert "1 entities in paper space were left out" in layer.notes


def test_a_drawing_without_areas_keeps_its_lines_and_texts(tmp_path: Path) -> None:
    road = outline("ROADS", [(0, 0), (100, 0)], closed=False)
    layer = read_layer(drawing(tmp_path / "a.dxf", road, label("路", 5, 5)), datum=CRS)
    assert kinds(layer) == ["LineString", "Point"]
    assert list(layer.fields["Text"]) == [None, "路"]
    assert not any("left out" in note or "open" in note for note in layer.notes)


@pytest.mark.parametrize(
    ("version", "page", "encoding"),
    [
        ("AC1015", "ANSI_936", "gb18030"),
        ("AC1015", "ANSI_950", "cp950"),
        ("AC1009", "dos936", "gb18030"),
        ("AC1021", "ANSI_936", "utf-8"),
    ],
)
def test_the_version_and_the_code_page_name_the_encoding(
    tmp_path: Path, version: str, page: str, encoding: str
) -> None:
    path = drawing(
        tmp_path / "a.dxf",
        outline("北", square(0, 0)),
        version=version,
        page=page,
        encoding=encoding,
    )
    layer = read_layer(path, datum=CRS)
    assert list(layer.fields["Layer"]) == ["北"]
    assert layer.encoding == encoding


def test_a_code_page_that_is_written_by_default_is_asked_about(tmp_path: Path) -> None:
    path = drawing(
        tmp_path / "a.dxf",
        outline("石桥街道", square(0, 0)),
        version="AC1015",
        page="ANSI_1252",
        encoding="gb18030",
    )
    said = refusal(path)
    assert "as GB18030: 石桥街道" in said
    assert "say the one that reads right: --encoding cp1252 / gb18030 / " in said
    layer = read_layer(path, datum=CRS, encoding="gb18030")
    assert list(layer.fields["Layer"]) == ["石桥街道"]


@pytest.mark.parametrize(
    ("page", "encoding"), [("ANSI_1252", "utf-8"), ("dos850", "gb18030"), ("ANSI_936", "utf-8")]
)
def test_a_code_page_that_the_text_makes_doubtful_is_asked_about(
    tmp_path: Path, page: str, encoding: str
) -> None:
    square_of = outline("石桥街道", square(0, 0))
    path = drawing(
        tmp_path / "a.dxf", square_of, version="AC1015", page=page, encoding=encoding
    )
    assert f"as {encoding.upper()}: 石桥街道" in refusal(path)
    layer = read_layer(path, datum=CRS, encoding=encoding)
    assert list(layer.fields["Layer"]) == ["石桥街道"]


def test_western_text_is_read_by_its_code_page(tmp_path: Path) -> None:
    path = drawing(
        tmp_path / "a.dxf",
        outline("Zürich", square(0, 0)),
        version="AC1015",
        page="ANSI_1252",
        encoding="cp1252",
    )
    assert list(read_layer(path, datum=CRS).fields["Layer"]) == ["Zürich"]


def test_a_drawing_that_is_cut_is_refused(tmp_path: Path) -> None:
    path = drawing(tmp_path / "a.dxf", outline("A1", square(0, 0)))
    path.write_bytes(path.read_bytes()[:-40])
    assert "is cut: a drawing ends with EOF" in refusal(path)


def test_drawings_in_other_forms_are_named_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "a.dxf"
    path.write_bytes(b"AutoCAD Binary DXF\r\n\x1a\x00" + bytes(100))
    assert "is a binary DXF; save it as DXF in text form" in refusal(path)
    path = tmp_path / "a.dwg"
    path.write_bytes(b"AC1032" + bytes(100))
    assert "is a DWG drawing; save it as DXF" in refusal(path)


def test_lines_may_end_as_on_windows(tmp_path: Path) -> None:
    path = drawing(tmp_path / "a.dxf", outline("A1", square(0, 0)), label("石", 5, 5))
    path.write_bytes(b"999\r\nmade by hand\r\n" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert list(read_layer(path, datum=CRS).fields["Text"]) == ["石"]


@pytest.mark.parametrize("text", ["abc", "30,2", "", "nan"])
def test_text_that_is_no_coordinate_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    broken = outline("A", square(0, 0)).replace("20\n3341100\n", f"20\n{text}\n", 1)
    path = drawing(tmp_path / "a.dxf", broken)
    line = path.read_text("utf-8").splitlines().index(text) + 1
    assert f"line {line} holds {text!r}, which is no position" in refusal(path)


HALVES = [
    (outline("A", square(0, 0)), "20\n3341100\n", "10\n500100\n", "20"),
    (outline("A", square(0, 0)), "10\n500100\n", "20\n3341000\n", "10"),
    (old_outline("A", square(0, 0)), "20\n3341100\n", "10\n500100\n", "20"),
    (old_outline("A", square(0, 0)), "10\n500100\n", "20\n3341000\n", "10"),
    (label("1", 5, 5), "20\n3341005\n", "10\n500005\n", "20"),
]


@pytest.mark.parametrize(("entity", "left_out", "beside", "group"), HALVES)
def test_half_a_position_is_refused_with_its_line(
    tmp_path: Path, entity: str, left_out: str, beside: str, group: str
) -> None:
    # The first vertex that has it keeps its other half.
    at = entity.index(left_out)
    half = entity[:at] + entity[at + len(left_out) :]
    path = drawing(tmp_path / "a.dxf", outline("B", square(500, 0)), half)
    text = path.read_text("utf-8")
    start = text.index(half)
    begin = text.rindex(beside, start, start + at + len(beside) + 1)
    line = text.count("\n", 0, begin) + 2
    assert f"line {line}: the position there has no group {group}" in refusal(path)


@pytest.mark.parametrize("kind", ["POINT", "TEXT", "VERTEX", "LINE"])
def test_an_entity_without_its_position_is_refused(tmp_path: Path, kind: str) -> None:
    entity = written((0, kind), (5, "1"), (8, "A"), (1, "x"))
    path = drawing(tmp_path / "a.dxf", outline("B", square(500, 0)), entity)
    line = path.read_text("utf-8").splitlines().index(kind) + 1
    assert f"line {line}: the position there has no group 1" in refusal(path)


def test_positions_with_heights_and_several_kinds_are_whole(tmp_path: Path) -> None:
    place = [(10, EAST), (20, NORTH), (30, 5)]
    line = written((0, "LINE"), (8, "A"), *place, (11, EAST + 5), (21, NORTH), (31, 5))
    text = written((0, "TEXT"), (8, "A"), *place, (40, 1), (1, "x"), (11, 0), (21, 0))
    path = drawing(tmp_path / "a.dxf", outline("B", square(500, 0)), line, text)
    assert len(read_layer(path, datum=CRS)) == 2


def test_a_text_on_the_border_of_several_areas_is_the_label_of_none(tmp_path: Path) -> None:
    path = drawing(
        tmp_path / "a.dxf",
        outline("L", square(0, 0), handle="1"),
        outline("M", square(100, 0), handle="2"),
        label("001", 100, 50),
        label("002", 200, 50),
    )
    layer = read_layer(path, datum=CRS)
    assert list(layer.fields["Text"]) == [None, "002"]
    assert "1 text(s) on the border of several areas are the label of none: 001" in layer.notes


def test_a_polyline_without_vertices_is_said(tmp_path: Path) -> None:
    mesh = written(
        (0, "POLYLINE"), (5, "B1"), (8, "330103001001004"), (66, 1), (70, 16), (71, 1)
    )
    path = drawing(
        tmp_path / "a.dxf",
        outline("330103001001001", square(0, 0), handle="1"),
        outline("330103001001002", [], handle="2"),
        outline("330103001001003", square(0, 0), handle="3", paper=True),
        mesh + written((0, "SEQEND")),
    )
    said = (
        "2 entities hold no shape that can be read: LWPOLYLINE 330103001001002 (1), "
        "POLYLINE 330103001001004 (1)"
    )
    assert said in read_layer(path, datum=CRS).notes


@pytest.mark.parametrize(
    ("escaped", "text"),
    [(r"\M+5CAAF001", "石001"), (r"\M+2A5DB1", "石"), (r"\U+77F3", "石")],
)
def test_characters_written_by_their_numbers_are_read(
    tmp_path: Path, escaped: str, text: str
) -> None:
    shapes = (outline(escaped, square(0, 0)), label(escaped, 50, 50))
    layer = read_layer(drawing(tmp_path / "a.dxf", *shapes), datum=CRS)
    assert layer.fields["Text"][0][:1] == text[:1]
    assert layer.fields["Layer"][0][:1] == text[:1]


def test_a_refusal_says_why_an_area_has_no_text(tmp_path: Path) -> None:
    texts = (label("001", 40, 50), label("002", 60, 50))
    path = drawing(tmp_path / "a.dxf", outline("L", square(0, 0)), *texts)
    with pytest.raises(LayerError) as caught:
        read_areas(AreaFile(path, "Text", "Layer", datum=CRS), "cell")
    assert "1 problem(s)" in str(caught.value)
    told = "several texts lie inside 1 area(s), so their Text is empty: 1 (001, 002)"
    assert told in caught.value.problems

"""MapInfo tables: TAB with its companions, MIF with its MID."""

import shutil
import zipfile
from contextlib import ExitStack
from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely

from gridmgmt.errors import CRSError, LayerError
from gridmgmt.exchange.layers.mapinfo.tables import checked_tab
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.exchange.layers.vectors import read_layer, text_values
from gridmgmt.geometry.crs.crs import resolve

CODES = ["330103001001001", "330103001001002"]
NAMES = ["石桥街道", "东新街道"]
SQUARES = [shapely.box(120.1, 30.2, 120.11, 30.21), shapely.box(120.11, 30.2, 120.12, 30.21)]
FORMS = {".tab": {}, ".mif": {"FORMAT": "MIF"}}


def table(folder: Path, suffix: str, encoding: str = "CP936", names: list[str] = NAMES) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"街道{suffix}"
    data = geopandas.GeoDataFrame(
        {"code": CODES, "name": names, "n": [-1, 2]}, geometry=SQUARES, crs="EPSG:4326"
    )
    options = {"ENCODING": encoding, **FORMS[suffix]}
    pyogrio.write_dataframe(data, path, driver="MapInfo File", **options)
    return path


def edited(path: Path, old: bytes, new: bytes) -> Path:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    return path


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(LayerError) as caught:
        read_layer(path, **options)  # type: ignore[arg-type]
    return str(caught.value)


def zipped(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    return path


@pytest.mark.parametrize("suffix", FORMS)
def test_a_table_is_read_by_its_name_its_folder_and_its_zip(
    tmp_path: Path, suffix: str
) -> None:
    path = table(tmp_path / "a", suffix)
    for given in (path, path.parent, zipped(path.parent, tmp_path / "a.zip")):
        layer = read_layer(given)
        assert (layer.name, layer.encoding) == ("街道", "gb18030")
        assert list(text_values(layer, "code")) == CODES
        assert list(text_values(layer, "name")) == NAMES
        assert list(layer.feature) == [1, 2]
        assert shapely.equals_exact(layer.geom, SQUARES, tolerance=2e-8, normalize=True).all()
        assert "text read as GB18030, as its charset WindowsSimpChinese says" in layer.notes


@pytest.mark.parametrize("suffix", FORMS)
def test_names_in_capital_letters_belong_together(tmp_path: Path, suffix: str) -> None:
    path = table(tmp_path / "a", suffix)
    for file in list(path.parent.iterdir()):
        file.rename(file.with_suffix(file.suffix.upper()))
    assert list(text_values(read_layer(path.with_suffix(suffix.upper())), "name")) == NAMES


@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize("charset", ["Neutral", "HPRoman8"])
def test_a_charset_that_names_no_encoding_is_asked_for(
    tmp_path: Path, suffix: str, charset: str
) -> None:
    path = edited(table(tmp_path / "a", suffix), b"WindowsSimpChinese", charset.encode("ascii"))
    said = refusal(path)
    assert "the encoding of its text is not stated" in said
    assert "as GB18030: 石桥街道, 东新街道" in said
    assert "--encoding gb18030" in said
    layer = read_layer(path, encoding="gb18030")
    assert list(text_values(layer, "name")) == NAMES
    assert "text read as GB18030, as --encoding says" in layer.notes


@pytest.mark.parametrize("suffix", FORMS)
def test_text_that_proves_to_be_utf8_needs_no_charset(tmp_path: Path, suffix: str) -> None:
    path = edited(table(tmp_path / "a", suffix, "UTF-8"), b"UTF-8", b"Neutral")
    layer = read_layer(path)
    assert list(text_values(layer, "name")) == NAMES
    assert layer.encoding == "utf-8"


@pytest.mark.parametrize("suffix", FORMS)
def test_a_missing_charset_is_said_and_text_may_prove_its_encoding(
    tmp_path: Path, suffix: str
) -> None:
    path = table(tmp_path / "a", suffix, "UTF-8")
    lines = [b"!charset UTF-8\n", b' Charset "UTF-8"'] if suffix == ".tab" else []
    for line in lines or [b'Charset "UTF-8"\n']:
        edited(path, line, b"")
    layer = read_layer(path)
    assert list(text_values(layer, "name")) == NAMES
    proof = "text read as UTF-8, which it proves to be (its charset is missing)"
    assert proof in layer.notes


@pytest.mark.parametrize("suffix", FORMS)
def test_short_text_that_could_be_utf8_by_chance_is_asked_about(
    tmp_path: Path, suffix: str
) -> None:
    path = table(tmp_path / "a", suffix, names=["小校", "A"])
    said = refusal(edited(path, b"WindowsSimpChinese", b"Neutral"))
    assert "nothing says for certain" in said
    assert "as GB18030: 小校" in said


@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize("encoding", [None, "iso8859-5", "utf-16"])
def test_plain_ascii_is_read_whatever_is_stated(
    tmp_path: Path, suffix: str, encoding: str | None
) -> None:
    path = table(tmp_path / "a", suffix, names=["A", "B"])
    layer = read_layer(edited(path, b"WindowsSimpChinese", b"ISO8859-5"), encoding=encoding)
    assert list(text_values(layer, "name")) == ["A", "B"]
    assert layer.encoding == "utf-8"
    assert not [note for note in layer.notes if note.startswith("text read as")]


@pytest.mark.parametrize("suffix", FORMS)
def test_an_encoding_that_was_asked_for_and_does_not_decode_is_said(
    tmp_path: Path, suffix: str
) -> None:
    path = edited(table(tmp_path / "a", suffix), b"WindowsSimpChinese", b"Neutral")
    said = refusal(path, encoding="utf-8")
    assert "UTF-8, as --encoding says" in said
    assert "--encoding gb18030" in said


@pytest.mark.parametrize(("text", "encoding"), [("𠀀村", "gb18030"), ("улица", "iso8859-5")])
def test_a_tab_in_an_encoding_that_gdal_does_not_read_is_refused(
    tmp_path: Path, text: str, encoding: str
) -> None:
    path = table(tmp_path / "a", ".tab", names=["A" * 9, "B"])
    written = text.encode(encoding)
    edited(path.with_suffix(".dat"), b"A" * 9, written.ljust(9))
    said = refusal(path, encoding=encoding)
    assert f"a TAB cannot be read with text in {encoding.upper()}" in said
    assert "save the table as MIF" in said


@pytest.mark.parametrize("suffix", FORMS)
def test_a_wrong_charset_is_said_where_it_does_not_decode(tmp_path: Path, suffix: str) -> None:
    path = edited(table(tmp_path / "a", suffix), b"WindowsSimpChinese", b"UTF-8")
    said = refusal(path)
    assert "UTF-8, as its charset UTF-8 says" in said
    assert "--encoding gb18030" in said
    assert list(text_values(read_layer(path, encoding="gb18030"), "name")) == NAMES


@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize("encoding", ["CP936", "UTF-8"])
def test_a_western_charset_on_chinese_text_is_no_statement(
    tmp_path: Path, suffix: str, encoding: str
) -> None:
    names = ["石桥", "东新"]
    path = table(tmp_path / "a", suffix, encoding, names)
    stated = {"CP936": b"WindowsSimpChinese", "UTF-8": b"UTF-8"}[encoding]
    edited(path, stated, b"WindowsLatin1")
    said = refusal(path)
    name = {"CP936": "gb18030"}.get(encoding, "utf-8")
    assert f"as {name.upper()}: 石桥, 东新" in said
    assert "say the one that reads right: --encoding cp1252 / " in said
    assert list(text_values(read_layer(path, encoding=name), "name")) == names
    assert read_layer(path, encoding="cp1252").encoding == "cp1252"


@pytest.mark.parametrize("suffix", FORMS)
def test_western_text_is_read_by_its_charset(tmp_path: Path, suffix: str) -> None:
    names = ["Zürich", "Genève"]
    path = table(tmp_path / "a", suffix, "CP1252", names)
    assert list(text_values(read_layer(path), "name")) == names


def test_a_mif_is_read_in_encodings_that_gdal_does_not_know(tmp_path: Path) -> None:
    path = table(tmp_path / "a", ".mif", names=["AAAA", "B"])
    edited(path, b"WindowsSimpChinese", b"ISO8859-5")
    edited(path.with_suffix(".mid"), b"AAAA", "Москва".encode("iso8859-5"))
    assert list(text_values(read_layer(path), "name")) == ["Москва", "B"]
    edited(path, b"ISO8859-5", b"Neutral")
    edited(path.with_suffix(".mid"), "Москва".encode("iso8859-5"), "𠀀村".encode("gb18030"))
    assert list(text_values(read_layer(path, encoding="gb18030"), "name")) == ["𠀀村", "B"]


@pytest.mark.parametrize("suffix", FORMS)
def test_a_missing_companion_is_named(tmp_path: Path, suffix: str) -> None:
    path = table(tmp_path / "a", suffix)
    beside = [".mid"] if suffix == ".mif" else [".dat", ".map", ".id"]
    for one in beside:
        kept = shutil.move(path.with_suffix(one), tmp_path / "kept")
        said = refusal(path)
        assert f"missing beside it: {one}" in said
        assert "send all of them together" in said
        shutil.move(kept, path.with_suffix(one))
    assert f"the {suffix} is what to give" in refusal(path.with_suffix(beside[0]))


def test_rows_that_are_not_as_many_as_objects_are_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "a", ".mif")
    mid = path.with_suffix(".mid")
    rows = mid.read_bytes().splitlines(keepends=True)
    for content, count in ((rows[:1], 1), (rows * 2, 4)):
        mid.write_bytes(b"".join(content))
        assert f"the .mif holds 2 objects, the .mid {count} rows" in refusal(path)
    mid.write_bytes(b"".join(rows) + b"\r\n")
    assert len(read_layer(path)) == 2
    path.write_bytes(path.read_bytes()[:-60])
    assert "the shape ends before all its vertices" in refusal(path)


def test_a_tab_whose_files_are_cut_is_refused(tmp_path: Path) -> None:
    for suffix, kept, said in (
        (".dat", 800, "its .dat is cut: 2 rows announced"),
        (".id", 4, "the .id lists 1 objects, the .dat holds 2 rows"),
        (".map", 1060, "its .map is cut: the objects of 1 row(s) are missing"),
        (".map", 0, "its .map is cut: the objects of 2 row(s) are missing"),
    ):
        path = table(tmp_path / f"{suffix[1:]} {kept}", ".tab")
        part = path.with_suffix(suffix)
        part.write_bytes(part.read_bytes()[:kept])
        assert said in refusal(path)


@pytest.mark.parametrize(
    "content",
    [
        b'!Table\n!Version 100\n\nOpen Table "/etc/a" Hide\nDefinition Table\n Type NATIVE\n',
        b"!table\nCreate View a As\nSelect b\nDefinition Table\n  Type NATIVE\n",
        b"!table\n!version 300\n",
        b'!table\nDefinition Table\n  Type NATIVE\n"\\IsSeamless" = "TRUE"\nend_metadata\n',
    ],
)
def test_a_table_put_together_from_others_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tab"
    path.write_bytes(content)
    said = refusal(path)
    assert "put together from other tables" in said
    assert "save it as a table of its own" in said


def test_the_rows_of_a_table_may_be_those_of_a_dbf(tmp_path: Path) -> None:
    path = table(tmp_path / "a", ".tab")
    data = geopandas.GeoDataFrame(
        {"code": CODES, "name": NAMES}, geometry=SQUARES, crs="EPSG:4326"
    )
    pyogrio.write_dataframe(data, tmp_path / "b.shp", encoding="gb18030")
    shutil.move(tmp_path / "b.dbf", path.with_suffix(".dbf"))
    path.with_suffix(".dat").unlink()
    edited(edited(path, b"NATIVE", b"DBF"), b"    n LargeInt ;\n", b"")
    edited(edited(path, b"Fields 3", b"Fields 2"), b"(254)", b"(80)")
    layer = read_layer(path)
    assert list(text_values(layer, "code")) == CODES
    assert list(text_values(layer, "name")) == NAMES


def test_a_table_of_another_type_is_refused_and_passed_over_in_a_folder(
    tmp_path: Path,
) -> None:
    path = table(tmp_path / "a", ".tab")
    raster = path.with_name("image.tab")
    raster.write_bytes(b'!table\n!version 300\nDefinition Table\n  Type "RASTER"\n')
    assert "of the type RASTER, which is not read here" in refusal(raster)
    assert len(read_layer(path.parent)) == 2
    path.with_name("notes.tab").write_text("code\tname\n1\tA\n")
    assert len(read_layer(path.parent)) == 2


def test_coordinates_that_lie_nowhere_on_earth_need_a_crs(tmp_path: Path) -> None:
    path = table(tmp_path / "a", ".mif")
    edited(
        path,
        b"CoordSys Earth Projection 1, 104",
        b'CoordSys NonEarth Units "m" Bounds (0, 0) (1000, 1000)',
    )
    with pytest.raises(CRSError, match="say it with --crs"):
        read_layer(path)
    assert len(read_layer(path, datum=resolve("EPSG:4490"))) == 2


def test_curves_are_said(tmp_path: Path) -> None:
    path = table(tmp_path / "a", ".mif")
    with path.open("ab") as mif, path.with_suffix(".mid").open("ab") as mid:
        mif.write(b"Ellipse 120.2 30.2 120.3 30.3\nCollection 2\nRegion 1\n")
        mif.write(b"  4\n120 30\n120.1 30\n120.1 30.1\n120 30\nPline 2\n120 30\n121 31\n")
        mif.write(b"Arc 120.2 30.2 120.3 30.3\n0 90\n")
        mif.write(b"Roundrect 120.2 30.2 120.3 30.3\n0.01\n")
        mif.write(b"Pline 3\n120 30\n120.1 30.1\n120.2 30\nSmooth\n")
        mid.write(b"".join(b'"%d","c",3\n' % n for n in range(3, 8)))
    layer = read_layer(path)
    assert list(layer.feature) == list(range(1, 8))
    said = "curves replaced by short straight lines in 4 feature(s): 3, 5, 6, 7"
    assert said in layer.notes


# Arc, rounded rectangle, ellipse: each with short and with whole numbers.
@pytest.mark.parametrize("kind", [0x0A, 0x0B, 0x16, 0x17, 0x19, 0x1A])
def test_curves_of_a_tab_are_said(tmp_path: Path, kind: int) -> None:
    path = table(tmp_path / "a", ".tab")
    ids = path.with_suffix(".id").read_bytes()
    # An object begins with its kind; the rest of this one is still an outline.
    objects = bytearray(path.with_suffix(".map").read_bytes())
    objects[int.from_bytes(ids[4:], "little")] = kind
    path.with_suffix(".map").write_bytes(objects)
    with ExitStack() as stack:
        checked = checked_tab(LayerSource(path, "MapInfo TAB", "a.tab"), None, stack)
    assert checked.notes[-1] == "curves replaced by short straight lines in 1 feature(s): 2"


def test_rows_of_a_tab_marked_as_deleted_are_left_out_with_a_note(tmp_path: Path) -> None:
    path = table(tmp_path / "a", ".tab")
    rows = bytearray(path.with_suffix(".dat").read_bytes())
    begin = int.from_bytes(rows[8:10], "little")
    rows[begin] = ord("*")
    path.with_suffix(".dat").write_bytes(rows)
    assert "the .dat marks 1 row(s) as deleted that have objects: 1" in refusal(path)
    ids = path.with_suffix(".id").read_bytes()
    path.with_suffix(".id").write_bytes(bytes(4) + ids[4:])
    layer = read_layer(path)
    assert list(layer.feature) == [2]
    assert list(text_values(layer, "name")) == NAMES[1:]
    assert "1 row(s) that the .dat marks as deleted were not loaded: 1" in layer.notes


@pytest.mark.parametrize("suffix", FORMS)
def test_the_rows_are_not_changed_by_reading(tmp_path: Path, suffix: str) -> None:
    path = table(tmp_path / "a", suffix)
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    read_layer(path, where="CAST(n AS integer) = 2", encoding="gb18030")
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before


@pytest.mark.parametrize("suffix", FORMS)
def test_a_condition_selects_by_chinese_text(tmp_path: Path, suffix: str) -> None:
    layer = read_layer(table(tmp_path / "a", suffix), where=f"name = '{NAMES[1]}'")
    assert list(layer.feature) == [2]
    assert list(text_values(layer, "code")) == CODES[1:]


def test_text_of_a_tab_is_read_with_the_characters_it_was_proven_by(tmp_path: Path) -> None:
    path = table(tmp_path, ".tab", "CP950", ["AAAA", "BBBB"])
    edited(path.with_suffix(".dat"), b"AAAA", "①街".encode("cp950"))
    edited(path.with_suffix(".dat"), b"BBBB", "あゞ".encode("cp950"))
    assert list(text_values(read_layer(path), "name")) == ["①街", "あゞ"]

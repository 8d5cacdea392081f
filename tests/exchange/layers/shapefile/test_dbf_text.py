"""The encoding of a shapefile's text, by what names it or by asking."""

from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely

from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.area_layers import AreaFile, read_areas
from gridmgmt.exchange.layers.vectors import read_layer, text_values


def shapefile(path: Path, names: list[str], encoding: str, language: int) -> Path:
    """Write a shapefile without .cpg, with a language byte."""
    width = 60
    marks = [chr(ord("a") + i) * width for i in range(len(names))]
    squares = [shapely.box(120 + i, 30, 121 + i, 31) for i in range(len(names))]
    data = geopandas.GeoDataFrame({"name": marks}, geometry=squares, crs="EPSG:4326")
    pyogrio.write_dataframe(data, path)
    dbf = path.with_suffix(".dbf")
    content = dbf.read_bytes()
    for mark, name in zip(marks, names, strict=True):
        content = content.replace(mark.encode(), name.encode(encoding).ljust(width))
    content = bytearray(content)
    content[29] = language
    dbf.write_bytes(content)
    path.with_suffix(".cpg").unlink()
    return path


def refusal(path: Path, encoding: str | None = None) -> str:
    with pytest.raises(LayerError) as caught:
        read_layer(path, encoding=encoding)
    return str(caught.value)


@pytest.mark.parametrize(
    ("language", "encoding", "name"),
    [
        (0x4E, "cp949", "서울특별시"),
        (0x79, "cp949", "서울특별시"),
        (0x4F, "cp950", "臺北市"),
        (0x78, "cp950", "臺北市"),
        (0x13, "cp932", "東京都"),
        (0x7B, "cp932", "東京都"),
        (0x4D, "gb18030", "石桥街道"),
        (0xC9, "cp1251", "Москва"),
        (0x26, "cp866", "Москва"),
        (0xC8, "cp1250", "Kraków"),
        (0x7C, "cp874", "กรุงเทพ"),
        (0x03, "cp1252", "Café"),
    ],
)
def test_the_language_byte_names_the_encoding(
    tmp_path: Path, language: int, encoding: str, name: str
) -> None:
    layer = read_layer(shapefile(tmp_path / "a.shp", [name, "x"], encoding, language))
    assert list(text_values(layer, "name")) == [name, "x"]
    assert layer.encoding == encoding
    assert f"(language byte {language})" in " ".join(layer.notes)


def test_the_cpg_wins_over_the_language_byte_and_a_person_over_both(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "a.shp", ["石桥街道"], "gb18030", 0x4F)
    path.with_suffix(".cpg").write_text("GBK")
    assert list(text_values(read_layer(path), "name")) == ["石桥街道"]
    path.with_suffix(".cpg").write_text("CP949")
    assert list(text_values(read_layer(path, encoding="gbk"), "name")) == ["石桥街道"]


def test_the_cpg_may_name_an_iso_encoding_as_esri_does(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "a.shp", ["Москва"], "iso8859-5", 0)
    path.with_suffix(".cpg").write_text("88595")
    assert list(text_values(read_layer(path), "name")) == ["Москва"]


@pytest.mark.parametrize("language", [0, 87])
def test_every_encoding_that_decodes_all_is_shown_with_the_first_names(
    tmp_path: Path, language: int
) -> None:
    names = ["中山區", "信義區"]
    path = shapefile(tmp_path / "a.shp", names, "cp950", language)
    told = refusal(path)
    assert "the encoding of its text is not stated" in told
    assert "as CP950: 中山區, 信義區" in told
    assert f"as GB18030: {names[0].encode('cp950').decode('gb18030')}, " in told
    remedy = told.partition("what to do: say the one that reads right: --encoding ")[2]
    assert {"cp950", "gb18030"} <= set(remedy.split(" / "))
    assert list(text_values(read_layer(path, encoding="cp950"), "name")) == names


def test_a_western_byte_on_chinese_text_is_no_statement(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "a.shp", ["石桥街道"], "gb18030", 0x03)
    told = refusal(path)
    assert "as GB18030: 石桥街道" in told
    assert "as CP1252: " in told


def test_short_gbk_text_that_is_valid_utf8_by_chance_is_asked_for(tmp_path: Path) -> None:
    name = b"\xc2\xa3\xd1\xa7".decode("gb18030")
    told = refusal(shapefile(tmp_path / "a.shp", [name], "gb18030", 0))
    assert f"as GB18030: {name}" in told
    assert "as UTF-8: £ѧ" in told


def test_a_language_byte_that_the_text_contradicts_is_said(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "a.shp", ["石桥街道", "𠀀村"], "gb18030", 0x79)
    told = refusal(path)
    assert "CP949, as its .dbf says (language byte 121)" in told
    assert "--encoding gb18030" in told


@pytest.mark.parametrize("name", ["CP-936-CN", "ANSI 99999", "简体"])
def test_a_name_in_the_cpg_that_nobody_knows_is_said(tmp_path: Path, name: str) -> None:
    path = shapefile(tmp_path / "a.shp", ["石桥街道"], "gb18030", 0)
    path.with_suffix(".cpg").write_text(name, "utf-8")
    said = refusal(path)
    assert f"its .cpg names '{name}', which is no encoding known here" in said
    assert "as GB18030: 石桥街道" in said
    assert list(text_values(read_layer(path, encoding="gb18030"), "name")) == ["石桥街道"]


@pytest.mark.parametrize("content", ["code,x,y\nA1,120.1,30.2\n", "secret" * 5])
def test_what_is_no_name_in_a_cpg_is_not_repeated(tmp_path: Path, content: str) -> None:
    path = shapefile(tmp_path / "a.shp", ["Shiqiao"], "utf-8", 0)
    path.with_suffix(".cpg").write_text(content, "utf-8")
    notes = read_layer(path).notes
    assert "its .cpg names no encoding that is known here" in notes
    assert not any(word in note for note in notes for word in ("A1", "secret"))


def test_a_cpg_that_is_a_link_is_not_repeated(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "a.shp", ["Shiqiao"], "utf-8", 0)
    (tmp_path / "token").write_text("hunter2")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    path.with_suffix(".cpg").symlink_to(tmp_path / "token")
    assert not any("hunter2" in note for note in read_layer(path).notes)


@pytest.mark.parametrize(
    ("text", "language", "how"),
    [
        ("石桥街道", 0x4D, "text read as GB18030, as its .dbf says (language byte 77)"),
        ("石桥街道", 0, "text read as UTF-8, which it proves to be; nothing else names its"),
        ("Shiqiao", 0, "text read as UTF-8, since all of it is ASCII"),
    ],
)
def test_how_the_text_was_read_instead_is_said(
    tmp_path: Path, text: str, language: int, how: str
) -> None:
    encoding = "gb18030" if language else "utf-8"
    path = shapefile(tmp_path / "a.shp", [text], encoding, language)
    path.with_suffix(".cpg").write_text("FOO")
    layer = read_layer(path)
    assert list(text_values(layer, "name")) == [text]
    assert "its .cpg names 'FOO', which is no encoding known here" in layer.notes
    assert any(note.startswith(how) for note in layer.notes)


def test_an_empty_cpg_names_nothing(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "a.shp", ["石桥街道"], "utf-8", 0)
    path.with_suffix(".cpg").write_bytes(b" \n")
    assert not any("its .cpg names" in note for note in read_layer(path).notes)


@pytest.mark.parametrize(
    ("cpg", "codec"),
    [
        ("ISO-8859-1", "iso8859-1"),
        ("88591", "iso8859-1"),
        ("1252", "cp1252"),
        ("ANSI 1252", "cp1252"),
        ("ISO-8859-15", "iso8859-15"),
        ("OEM 850", "cp850"),
    ],
)
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "cp950"])
def test_a_western_cpg_on_chinese_text_is_no_statement(
    tmp_path: Path, cpg: str, codec: str, encoding: str
) -> None:
    path = shapefile(tmp_path / "a.shp", ["石橋新路", "x"], encoding, 0)
    path.with_suffix(".cpg").write_text(cpg)
    said = refusal(path)
    assert "nothing says for certain which encoding its text is in" in said
    assert f"as {encoding.upper()}: 石橋新路" in said
    assert f"say the one that reads right: --encoding {codec} / " in said
    assert list(text_values(read_layer(path, encoding=encoding), "name")) == ["石橋新路", "x"]
    stated = "石橋新路".encode(encoding).decode(codec).rstrip()
    assert list(text_values(read_layer(path, encoding=codec), "name")) == [stated, "x"]


# What GBK, Big5, Shift-JIS and KS X 1001 write in small letters of Latin is rare there; common
# characters within words, and rare ones beside them, are no western text.
@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("a区b", "gb18030"),
        ("A区b", "gb18030"),
        ("pm值x", "gb18030"),
        ("Cora玢o 石", "gb18030"),
        ("玢", "gb18030"),
        ("a玢玢b", "gb18030"),
        ("A玢B", "gb18030"),
        ("a區b", "cp950"),
        ("a区b", "cp932"),
        ("aｶb", "cp932"),
        ("a동b", "cp949"),
        ("a동구b", "cp949"),
    ],
)
def test_characters_among_latin_letters_are_asked_about(
    tmp_path: Path, name: str, encoding: str
) -> None:
    path = shapefile(tmp_path / "a.shp", [name, "Conc"], encoding, 0)
    path.with_suffix(".cpg").write_text("ISO-8859-1")
    assert f"as {encoding.upper()}: {name}" in refusal(path)


@pytest.mark.parametrize(
    "names",
    [
        ["Zürich", "Genève"],
        ["Café", "Größe"],
        ["Zürich", "x"],
        ["Besançon", "Müßiggang"],
        ["São João", "Señoría"],
        ["Conceição", "Créée"],
        ["Peñíscola", "Açúcar"],
    ],
)
@pytest.mark.parametrize(("cpg", "language"), [("ISO-8859-1", 0), ("ANSI 1252", 0), ("", 3)])
def test_western_text_is_read_as_stated(
    tmp_path: Path, names: list[str], cpg: str, language: int
) -> None:
    path = shapefile(tmp_path / "a.shp", names, "cp1252", language)
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    assert list(text_values(read_layer(path), "name")) == names


@pytest.mark.parametrize("cpg", ["GBK", "ANSI 936", "GB18030"])
def test_a_chinese_cpg_on_text_that_proves_to_be_utf8_is_asked_for(
    tmp_path: Path, cpg: str
) -> None:
    path = shapefile(tmp_path / "a.shp", ["石桥街道", "x"], "utf-8", 0)
    path.with_suffix(".cpg").write_text(cpg)
    said = refusal(path)
    assert "as UTF-8: 石桥街道" in said
    assert "say the one that reads right: --encoding gb18030 / utf-8" in said
    assert list(text_values(read_layer(path, encoding="utf-8"), "name")) == ["石桥街道", "x"]


@pytest.mark.parametrize(
    ("cpg", "encoding", "name"),
    [
        ("EUC-KR", "euc_kr", "서울특별시"),
        ("EUC-JP", "euc_jp", "東京都"),
        ("mac-latin2", "mac-latin2", "Kraków"),
        ("mac-roman", "mac-roman", "Zürich"),
    ],
)
def test_encodings_that_gdal_knows_by_another_name_are_read(
    tmp_path: Path, cpg: str, encoding: str, name: str
) -> None:
    path = shapefile(tmp_path / "a.shp", [name], encoding, 0)
    path.with_suffix(".cpg").write_text(cpg)
    assert list(text_values(read_layer(path), "name")) == [name]


# GDAL reads ① and あ of CP950 as characters for private use, 十 of Big5-HKSCS as 怭, and drops
# the last byte of all text in CP1258.
@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp950", ["①街道", "あゞ", "板橋⑹", "碁"]),
        ("big5", ["•一", "～二"]),
        ("big5hkscs", ["十里洋場", "香港㗎", "／"]),
        ("cp1258", ["Phương", "x"]),
        ("mac-roman", ["∆A", "x"]),
        ("gb18030", ["𠀀社区", "㐀", "€", "︐"]),
    ],
)
def test_text_is_read_with_the_characters_it_was_proven_by(
    tmp_path: Path, encoding: str, names: list[str]
) -> None:
    names = [name for name in names if name.encode(encoding, "ignore").decode(encoding) == name]
    path = shapefile(tmp_path / "a.shp", names, encoding, 0)
    layer = read_layer(path, encoding=encoding)
    assert list(text_values(layer, "name")) == names
    assert not any("GDAL says" in note for note in layer.notes)


def test_names_of_fields_are_read_with_the_characters_they_were_proven_by(
    tmp_path: Path,
) -> None:
    path = shapefile(tmp_path / "a.shp", ["板橋"], "cp950", 0)
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(
        dbf.read_bytes().replace(b"name\0\0\0", "①名".encode("cp950").ljust(7, b"\0"))
    )
    layer = read_layer(path, encoding="cp950")
    assert list(layer.fields["①名"]) == ["板橋"]


def test_text_of_hong_kong_is_offered_as_such(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "a.shp", ["香港㗎", "深水埗"], "big5hkscs", 0x4F)
    told = refusal(path)
    assert "as BIG5HKSCS: 香港㗎, 深水埗" in told
    assert "--encoding gb18030 / big5hkscs" in told
    names = ["香港㗎", "深水埗"]
    assert list(text_values(read_layer(path, encoding="big5hkscs"), "name")) == names


def cut(path: Path, name: str, encoding: str) -> tuple[Path, bytes]:
    """Write a shapefile whose first name fills its field; return it and the name's bytes."""
    path = shapefile(path, ["*", "东新"], encoding, 0)
    dbf = path.with_suffix(".dbf")
    content = bytearray(dbf.read_bytes())
    width, begin = content[32 + 16], int.from_bytes(content[8:10], "little") + 1
    value = (name[0] + name[1:] * width).encode(encoding)[:width]
    content[begin : begin + width] = value
    dbf.write_bytes(content)
    return path, value


@pytest.mark.parametrize(
    ("name", "encoding", "wrong"),
    [
        ("石桥街道", "utf-8", "CP949"),
        ("x石桥街道", "gb18030", "UTF-8"),
        ("东新村", "utf-8", "CP949"),
    ],
)
@pytest.mark.parametrize("is_stated", [False, True])
def test_an_encoding_that_a_cut_name_speaks_against_is_still_offered(
    tmp_path: Path, name: str, encoding: str, wrong: str, is_stated: bool
) -> None:
    path, value = cut(tmp_path / "a.shp", name, encoding)
    with pytest.raises(UnicodeDecodeError):
        value.decode(encoding)
    if is_stated:
        path.with_suffix(".cpg").write_text(wrong)
    told = refusal(path)
    assert f"as {encoding.upper()}: {name}" in told
    assert encoding in told.partition("--encoding ")[2]
    layer = read_layer(path, encoding=encoding)
    assert list(text_values(layer, "name")) == [value.decode(encoding, "ignore"), "东新"]
    assert any("the broken character was left out: field name of" in one for one in layer.notes)


@pytest.mark.parametrize(
    ("name", "encoding"), [("石桥街道", "utf-8"), ("x石桥街道", "gb18030")]
)
def test_a_code_that_is_cut_within_a_character_is_refused(
    tmp_path: Path, name: str, encoding: str
) -> None:
    path, _ = cut(tmp_path / "a.shp", name, encoding)
    with pytest.raises(LayerError) as caught:
        read_areas(AreaFile(path, "name", "name", encoding=encoding), "cell")
    said = "feature 1, field 'name': the code is cut within a character"
    assert said in caught.value.problems
    areas = read_areas(
        AreaFile(path, "name", "name", encoding=encoding, where="name = '东新'"), "cell"
    )
    assert list(areas.areas.codes) == ["东新"]

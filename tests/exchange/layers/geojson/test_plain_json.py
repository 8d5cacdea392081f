"""NaN and infinity, which JSON has no word for, are empty and said."""

import json
from pathlib import Path

import pytest

from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.area_layers import AreaFile, read_areas
from gridmgmt.exchange.layers.geojson.plain_json import plain_json
from gridmgmt.exchange.layers.vectors import text_values
from gridmgmt.exchange.reading.files import read_layer

LONG = 330103001001001001
WORDS = [float("nan"), float("inf"), float("-inf")]


def geojson(path: Path, *rows: dict[str, object]) -> Path:
    ring = [[120, 30], [121, 30], [121, 31], [120, 30]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    features = [{"type": "Feature", "properties": row, "geometry": geometry} for row in rows]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.mark.parametrize("word", WORDS, ids=str)
def test_no_number_leaves_the_digits_of_others(tmp_path: Path, word: float) -> None:
    rows = [{"code": LONG, "q": 1.50}, {"code": 1.5, "q": word}, {"code": LONG + 2, "q": 2}]
    layer = read_layer(geojson(tmp_path / "a.geojson", *rows))
    assert list(text_values(layer, "code")) == [str(LONG), "1.5", str(LONG + 2)]
    assert list(text_values(layer, "q")) == ["1.5", None, "2"]
    said = "was read as empty in 1 feature(s): 'q' of feature 2"
    assert any(said in note for note in layer.notes)


@pytest.mark.parametrize("word", WORDS, ids=str)
@pytest.mark.parametrize("other", ["A1", 7])
def test_no_number_is_no_code(tmp_path: Path, word: float, other: object) -> None:
    rows = [{"code": other, "name": "x"}, {"code": word, "name": "y"}]
    path = geojson(tmp_path / "a.geojson", *rows)
    with pytest.raises(LayerError, match="feature 2 has no code in field 'code'"):
        read_areas(AreaFile(path, "code", "name"), "city")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"A\ud840B", "A\ufffdB"),
        (r"A\uDC00B", "A\ufffdB"),
        (r"\udc00\ud840", "\ufffd\ufffd"),
        (r"\ud840\ud840\udc00", "\ufffd𠀀"),
        (r"\uD840\uDC00", "𠀀"),
        (r"\\ud840", r"\ud840"),
        (r"\\\ud840", "\\\ufffd"),
    ],
)
def test_half_a_character_is_one_that_was_lost(tmp_path: Path, written: str, text: str) -> None:
    path = geojson(tmp_path / "a.geojson", {"code": "X", "q": float("nan")}, {"code": "𠀁"})
    document = path.read_text().replace('"X"', f'"{written}"')
    path.write_text(document)
    assert list(text_values(read_layer(path), "code")) == [text, "𠀁"]
    # Its type behind all the rest.
    kind = '"type": "FeatureCollection", '
    path.write_text(document.replace(kind, "", 1)[:-1] + f", {kind[:-2]}}}")
    assert list(text_values(read_layer(path), "code")) == [text, "𠀁"]


def test_words_within_texts_are_left(tmp_path: Path) -> None:
    texts = ["NaN", 'say "NaN", -Infinity', "\\Infinity", "Infinity"]
    rows = [{"code": text, "q": [float("nan"), "NaN"]} for text in texts]
    path = geojson(tmp_path / "a.geojson", *rows)
    layer = read_layer(path)
    assert list(text_values(layer, "code")) == texts
    assert set(text_values(layer, "q")) == {'[NaN, "NaN"]'}
    whole = b"".join(plain_json(path))
    found = [one["properties"]["code"] for one in json.loads(whole)["features"]]
    assert found == texts

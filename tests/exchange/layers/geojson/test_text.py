"""GeoJSON in UTF-16 and UTF-32, with and without a mark, is read."""

import codecs
import json
from pathlib import Path

import pytest

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.vectors import text_values
from gridmgmt.exchange.reading.files import read_layer

NAMES = ["石桥街道", "𠀀村", "Zürich"]
FEATURES = [
    {
        "type": "Feature",
        "properties": {"name": name},
        "geometry": {"type": "Point", "coordinates": [120.1, 30.2]},
    }
    for name in NAMES
]
COLLECTION = {"features": FEATURES, "type": "FeatureCollection"}
MARKED = [
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
]


@pytest.mark.parametrize(("mark", "encoding"), [*MARKED, *((b"", name) for _, name in MARKED)])
@pytest.mark.parametrize("begin", ["", "\n "])
def test_utf16_and_utf32_are_known_by_their_first_bytes(
    tmp_path: Path, mark: bytes, encoding: str, begin: str
) -> None:
    text = begin + json.dumps(COLLECTION, ensure_ascii=False)
    path = tmp_path / "a.geojson"
    path.write_bytes(mark + text.encode(encoding))
    for given in (path, tmp_path):
        layer = read_layer(given)
        assert list(text_values(layer, "name")) == NAMES
        read = f"text read as {'UTF-16' if '16' in encoding else 'UTF-32'}"
        assert any(note.startswith(read) for note in layer.notes)
    assert list(text_values(read_layer(path, encoding=encoding), "name")) == NAMES


def test_utf8_may_have_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(COLLECTION, ensure_ascii=False), "utf-8-sig")
    assert list(text_values(read_layer(path), "name")) == NAMES


def test_utf16_that_is_cut_is_refused_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_bytes(json.dumps(COLLECTION, indent=0).encode("utf-16")[:-1])
    with pytest.raises(LayerError, match=r"is not UTF-16 \(first at line \d+\)"):
        read_layer(path)

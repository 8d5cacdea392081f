"""Features that follow each other without a collection are read, each as a feature."""

import json
from pathlib import Path

import pytest

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.vectors import text_values
from gridmgmt.exchange.reading.files import list_layers, read_layer

LONG = 330103001001001001


def feature(code: object) -> dict[str, object]:
    geometry = {"type": "Point", "coordinates": [120.1, 30.2]}
    return {"type": "Feature", "properties": {"code": code}, "geometry": geometry}


FEATURES = [feature(LONG), feature("石桥 {1}\n"), feature(LONG + 1)]
CODES = [str(LONG), "石桥 {1}", str(LONG + 1)]
LINES = [json.dumps(one, ensure_ascii=False) for one in FEATURES]
TALL = [json.dumps(one, ensure_ascii=False, indent=1) for one in FEATURES]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(LINES),
        "\ufeff" + "\r\n".join(LINES) + "\r\n",
        "\n\n" + "\n\n".join(LINES) + "\n \n",
        "".join(f"\x1e{one}\n" for one in LINES),
        "".join(f"\x1e{one}\n" for one in TALL),
        "".join(f"\x1e{one}" for one in LINES),
    ],
)
@pytest.mark.parametrize("name", ["a.geojsonl", "a.geojsons", "a.json", "a.geojson"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_each_feature_of_a_sequence_is_read(
    tmp_path: Path, text: str, name: str, encoding: str
) -> None:
    if encoding == "utf-16":
        text = text.removeprefix("\ufeff")
    (tmp_path / name).write_text(text, encoding, newline="")
    layer = read_layer(tmp_path)
    assert list(text_values(layer, "code")) == CODES
    assert list(layer.feature) == [1, 2, 3]
    assert list_layers(tmp_path / name) == ["a"]


def test_a_single_feature_is_no_sequence(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    for text in (LINES[0], TALL[0], TALL[0] + "\n\n"):
        path.write_text(text, "utf-8")
        assert len(read_layer(path)) == 1


@pytest.mark.parametrize("begin", ["", "\x1e"])
def test_every_text_that_is_no_json_is_named_by_its_line(tmp_path: Path, begin: str) -> None:
    path = tmp_path / "a.geojsonl"
    texts = [LINES[0], LINES[1][:-5], LINES[2], '{"type": "Feature",,}']
    path.write_text("".join(f"{begin}{one}\n" for one in texts), "utf-8")
    with pytest.raises(LayerError) as caught:
        read_layer(path)
    told = str(caught.value)
    assert "2 of the features in it are no JSON" in told
    assert [one[:6] for one in caught.value.problems] == ["line 2", "line 4"]
    assert "write one whole feature in each line" in told


def test_members_of_a_sequence_that_are_no_feature_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.geojsonl"
    path.write_text("\n".join([LINES[0], json.dumps(FEATURES[0]["geometry"]), LINES[1]]))
    with pytest.raises(LayerError, match="no Feature, and cannot be read: number 2"):
        read_layer(path)

"""A first look at a layer, before anything of it is stored."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from gridmgmt.errors import LayerError
from gridmgmt.exchange.content import layer_previews
from tests.factories import two_streets, write_areas
from tests.shared import shared_data


def test_a_look_names_fields_and_shows_the_first_rows(tmp_path: Path) -> None:
    look = layer_previews.look(write_areas(tmp_path / "cells.geojson", two_streets()["cell"]))
    assert look.fields == ("code", "name", "parent")
    assert look.features == 8
    assert look.sample[0] == ("A1", "A1", "A")
    assert len(look.sample) == layer_previews.SAMPLE_ROWS
    assert (look.layers, look.layer) == (("cells",), "cells")


def test_of_several_layers_the_first_is_shown_until_one_is_named() -> None:
    file = shared_data("hangzhou_xiacheng/areas.gpkg")
    first = layer_previews.look(file)
    assert first.layer == first.layers[0]
    assert {"streets", "communities", "grids"} <= set(first.layers)
    assert layer_previews.look(file, layer="grids").features == 297


def test_a_file_that_is_no_layer_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "a.gpkg"
    wrong.write_bytes(b"not a database")
    with pytest.raises(LayerError, match=r"not what its suffix"):
        layer_previews.look(wrong)


@pytest.mark.parametrize(
    ("fields", "level", "above", "expected"),
    [
        (("grid_code", "name"), "cell", None, {"code": "grid_code", "name": "name"}),
        (("grid_code", "name"), "street", None, {"name": "name"}),
        (
            ("编码", "名称", "上级"),
            "cell",
            "community",
            {"code": "编码", "name": "名称", "parent": "上级"},
        ),
        (("CODE", "Name"), "street", None, {"code": "CODE", "name": "Name"}),
        (("ward",), "ward", None, {"code": "ward", "name": "ward"}),
    ],
)
def test_fields_are_proposed_by_what_they_are_called(
    fields: tuple[str, ...], level: str, above: str | None, expected: dict[str, str]
) -> None:
    assert layer_previews.guess(fields, level, above) == expected


def test_only_what_can_be_drawn_is_drawn() -> None:
    given = np.array([None, shapely.Polygon(), shapely.box(0, 0, 1, 1)], dtype=object)
    assert len(layer_previews.drawable(given)) == 1

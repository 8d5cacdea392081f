import json
import re
from typing import Any, get_args

from gridmgmt.maps.city import ShownEdition, ShownLevel
from gridmgmt.maps.document import BaseMap, MapParts, PageAssets
from gridmgmt.maps.small import (
    GROUND_SCRIPTS,
    MapGround,
    MapSource,
    Pick,
    Style,
    small_map,
)
from tests.maps.drawn_styles import styles_drawn_by_the_scripts

HOSTILE = "</script><script>alert(1)</script><b>甲 & 'x'"


def base() -> BaseMap:
    return BaseMap(PageAssets(lambda path: f"/static/{path}", "n0nce", {"failed": HOSTILE}))


def configuration(parts: MapParts) -> Any:
    found = re.search(r"gridmgmtMaps\.smallMap\(\s*map_\w+, (\{.*\})\s*\);", parts.script)
    assert found
    return json.loads(found[1])


def test_sources_are_named_in_their_order_and_nothing_of_them_is_inlined() -> None:
    sources = [
        MapSource("/a.json?x=1&y=2", "neighbour", "旁"),
        MapSource("/b.json", "area", "本"),
    ]
    told = configuration(small_map(sources, base=base()))
    assert told["sources"] == [
        {"url": "/a.json?x=1&y=2", "style": "neighbour", "label": "旁"},
        {"url": "/b.json", "style": "area", "label": "本"},
    ]
    assert told["pick"] is None


def test_a_pick_names_the_two_fields_it_fills() -> None:
    told = configuration(small_map([], base=base(), pick=Pick("lon", "lat")))
    assert told["pick"] == {
        "lon_input_id": "lon",
        "lat_input_id": "lat",
        "accuracy_input_id": None,
    }


def test_markup_in_a_label_or_an_address_cannot_end_the_script() -> None:
    parts = small_map([MapSource(f"/x?{HOSTILE}", "area", HOSTILE)], base=base())
    assert parts.script.count("<") == 2  # the script's own opening and its end
    told = configuration(parts)
    assert told["sources"][0]["label"] == HOSTILE
    assert told["words"]["failed"] == HOSTILE


def test_the_scripts_know_every_style_and_no_other() -> None:
    assert styles_drawn_by_the_scripts() == set(get_args(Style))


def test_the_ground_loads_what_it_needs_and_nothing_else_does() -> None:
    edition = ShownEdition(3, "v1", (ShownLevel("cell", "网格", 8),))
    ground = MapGround(
        "/shapes/{edition}/{level}/{zoom}.json", "/places.json", "/search.json", edition
    )
    parts = small_map([], base=base(), ground=ground)
    assert configuration(parts)["ground"]["edition"]["levels"][0]["areas"] == 8
    assert all(f"/static/js/map/{name}.js" in parts.head for name in GROUND_SCRIPTS)
    plain = small_map([], base=base())
    assert configuration(plain)["ground"] is None
    assert not any(f"/static/js/map/{name}.js" in plain.head for name in GROUND_SCRIPTS)

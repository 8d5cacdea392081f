import json
import re
from pathlib import Path
from typing import Any

from gridmgmt.maps import small
from gridmgmt.maps.city import SCRIPTS, CityMap, ShownEdition, ShownLevel, city_map
from gridmgmt.maps.document import BaseMap, MapParts, PageAssets

FOLDER = Path(__file__).parents[2] / "web" / "static" / "js" / "map"


def parts(**words: str) -> MapParts:
    city = CityMap(
        urls={"shapes": "/map/shapes/{edition}/{level}/{zoom}.json", "cases": None},
        editions=[ShownEdition(2, "v7", (ShownLevel("cell", "<i>网格</i>", 10_000),))],
        categories=["", "E1</script>"],
        state={"layer": "density"},
        language="zh-CN",
    )
    page = PageAssets(lambda path: f"/static/{path}", "n0nce", words)
    return city_map(city, base=BaseMap(page))


def configuration(drawn: MapParts) -> Any:
    found = re.search(r"gridmgmtMaps\.cityMap\(\s*map_\w+, (\{.*\})\s*\);", drawn.script)
    assert found
    return json.loads(found[1])


def test_the_page_is_told_where_to_ask_and_holds_no_outline() -> None:
    drawn = parts(empty="没有案件")
    told = configuration(drawn)
    assert told["editions"] == [
        {
            "number": 2,
            "version": "v7",
            "levels": [{"name": "cell", "label": "<i>网格</i>", "areas": 10_000}],
        }
    ]
    assert told["words"] == {"empty": "没有案件"}
    assert "</i>" not in drawn.script
    assert drawn.script.count("</script>") == 1


def test_the_scripts_are_there_and_none_is_left_out() -> None:
    there = {path.stem for path in FOLDER.glob("*.js")}
    of_small = {*small.SCRIPTS, *small.PICK_SCRIPTS, *small.GROUND_SCRIPTS}
    assert set(SCRIPTS) | of_small == there
    head = parts().head
    places = [head.index(f"/static/js/map/{name}.js") for name in SCRIPTS]
    assert places == sorted(places)
    assert head.index("vendor/leaflet/leaflet.js") < places[0]


def test_what_comes_from_data_is_never_read_as_html_by_the_scripts() -> None:
    for path in FOLDER.glob("*.js"):
        source = path.read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", source)
        # The name of SVG looks like an address; nothing is fetched from it.
        without = source.replace('"http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?://|\beval\(|new Function", without), path.name
        # Leaflet reads a text in a tooltip or a popup as HTML; an element it takes as it is.
        for given in re.findall(r"(?:setContent|bindTooltip|bindPopup)\(([^()]*)", source):
            assert given.startswith(("maps.label", "content", "links")), f"{path.name}: {given}"

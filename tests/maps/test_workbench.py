import json
import re
from pathlib import Path
from typing import Any

from gridmgmt.maps.city import ShownLevel
from gridmgmt.maps.document import BaseMap, MapParts, PageAssets
from gridmgmt.maps.workbench import LIBRARIES, SCRIPTS, WorkbenchMap, workbench_map

STATIC = Path(__file__).parents[2] / "web" / "static"
FOLDER = STATIC / "js" / "workbench"


def parts(**words: str) -> MapParts:
    workbench = WorkbenchMap(
        urls={"exact": "/drafts/1/workbench/exact/{level}.json"},
        levels=[ShownLevel("cell", "</script>网格", 3)],
        head=7,
        csrf_token="a token",
        may_edit=True,
        language="zh-CN",
    )
    page = PageAssets(lambda path: f"/static/{path}", "n0nce", words)
    return workbench_map(workbench, base=BaseMap(page))


def configuration(drawn: MapParts) -> Any:
    found = re.search(r"gridmgmtMaps\.workbench\(\s*map_\w+, (\{.*\})\s*\);", drawn.script)
    assert found
    return json.loads(found[1])


def test_the_page_is_told_where_to_ask_what_it_has_seen_and_no_outline() -> None:
    drawn = parts(map="草案地图")
    assert configuration(drawn) == {
        "urls": {"exact": "/drafts/1/workbench/exact/{level}.json"},
        "levels": [{"name": "cell", "label": "</script>网格", "areas": 3}],
        "head": 7,
        "csrf_token": "a token",
        "may_edit": True,
        "language": "zh-CN",
        "words": {"map": "草案地图"},
    }
    assert drawn.script.count("</script>") == 1
    assert 'aria-label="草案地图"' in drawn.html


def test_the_scripts_are_there_in_their_order_and_none_is_left_out() -> None:
    assert {path.stem for path in FOLDER.glob("*.js")} == set(SCRIPTS)
    assert all((STATIC / "vendor" / name).is_file() for name in LIBRARIES)
    head = parts().head
    wanted = ["leaflet/leaflet.js", *LIBRARIES]
    names = [f"vendor/{name}" for name in wanted] + [
        f"js/workbench/{one}.js" for one in SCRIPTS
    ]
    places = [head.index(f'src="/static/{name}"') for name in names]
    assert places == sorted(places)
    assert "css/workbench.css" in head


def test_what_comes_from_data_is_never_read_as_html_by_the_scripts() -> None:
    for path in FOLDER.glob("*.js"):
        source = path.read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", source)
        assert "http" not in source


def test_every_word_of_the_scripts_is_one_the_page_gives() -> None:
    given = (STATIC.parent / "pages" / "workbench_words.py").read_text("utf-8")
    given += (STATIC.parent / "pages" / "base_map.py").read_text("utf-8")
    for path in FOLDER.glob("*.js"):
        for word in re.findall(r"words\.([a-z_0-9]+)", path.read_text("utf-8")):
            assert f'"{word}":' in given, (path.name, word)

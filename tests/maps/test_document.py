import re

import folium
import pytest

from gridmgmt.maps.document import BaseMap, MapParts, PageAssets, PageMap, Tiles, compose

ADDRESS = re.compile(r"""(?:https?:)?//[\w.-]+|(?:src|href)\s*=\s*["'](?!/static/)""")


def page(nonce: str = "n0nce") -> PageAssets:
    return PageAssets(lambda path: f"/static/{path}?v=1", nonce, {"map": "地图"})


KINDS = {
    "none": None,
    "web": Tiles("/map/tiles/{z}/{x}/{y}", "测绘局"),
    "national": Tiles("/map/tiles/{z}/{x}/{y}", "天地图", "EPSG4326", 0, 17, 1),
    "file": Tiles("/map/tiles/{z}/{x}/{y}", "", bounds=(120.0, 30.0, 121.0, 31.0)),
}


def whole(parts: MapParts) -> str:
    return f"{parts.head}{parts.html}{parts.script}"


def drawn(tiles: Tiles | None, **options: object) -> MapParts:
    return compose(PageMap(BaseMap(page(), tiles), label="地图", **options), "n0nce")


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_with_a_map_names_no_address_outside(kind: str) -> None:
    assert ADDRESS.findall(whole(drawn(KINDS[kind]))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_script_and_style_carries_the_nonce(kind: str) -> None:
    parts = drawn(KINDS[kind])
    tags = re.findall(r"<(?:script|style)\b[^>]*>", whole(parts))
    assert tags
    assert [tag for tag in tags if 'nonce="n0nce"' not in tag] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_map_needs_no_inline_style_and_leaves_the_page_around_it_alone(kind: str) -> None:
    text = whole(drawn(KINDS[kind]))
    assert not re.search(r"\sstyle\s*=|\son\w+\s*=|<meta|<style|<html|<body", text)


def test_the_national_services_grid_is_drawn_as_degrees_one_level_further() -> None:
    script = drawn(KINDS["national"]).script
    assert "L.CRS.EPSG4326" in script
    assert '"zoomOffset": 1' in script


def test_a_file_is_asked_only_for_where_it_has_tiles() -> None:
    script = re.sub(r"\s+", "", drawn(KINDS["file"]).script)
    assert '"bounds":[[30.0,120.0,],[31.0,121.0,],]' in script


def test_no_tile_is_asked_for_before_the_view_is_known() -> None:
    assert '"zoom"' not in drawn(KINDS["web"]).script


def test_markup_in_an_attribution_or_a_label_stays_text() -> None:
    tiles = Tiles("/map/tiles/{z}/{x}/{y}", "<img src=x onerror=alert(1)></script>")
    parts = compose(PageMap(BaseMap(page(), tiles), label='"><script>alert(1)</script>'), "n")
    assert "<img" not in whole(parts)
    assert whole(parts).count("</script>") == whole(parts).count("<script nonce")
    # Leaflet reads the attribution as HTML, after the script has read it as a string.
    assert r'"attribution": "\u0026lt;img src=x' in parts.script


def test_a_nonce_is_written_so_that_it_cannot_end_its_attribute() -> None:
    parts = compose(PageMap(BaseMap(page()), label="x"), '"><script>')
    assert '"><script>' not in whole(parts)


def test_folium_maps_made_elsewhere_keep_their_own_addresses() -> None:
    drawn(None)
    assert any(address.startswith("https://") for _, address in folium.Map.default_js)

"""What lies below the borders at the workbench, and an officer's own layer they snap to."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, Site
from tests.browser.watching import axe_faults, settle
from tests.browser.workbench.test_editing import Bench

pytestmark = pytest.mark.proof

COUNT = "gridmgmtWorkbench.here.backdrops.layers.places.getLayers().length"


@pytest.fixture
def at(sample: Site, open_page: Open) -> Bench:
    return Bench(sample, open_page(sample, "gis_officer", width=1366))


def test_roads_are_shown_near_and_nowhere_else(at: Bench) -> None:
    at.near(*at.vertex(3)[0])
    at.page.click(".workbench-layers summary")
    assert axe_faults(at.page) == []
    at.page.check("#workbench-show-places")
    settle(at.page)
    assert at.page.evaluate(COUNT) == 1
    at.page.uncheck("#workbench-show-places")
    at.page.evaluate("gridmgmtWorkbench.here.map.setZoom(13, { animate: false })")
    at.page.check("#workbench-show-places")
    settle(at.page)
    assert at.page.evaluate(COUNT) == 0


def test_a_border_snaps_to_a_layer_that_is_sent_nowhere(at: Bench, tmp_path: Path) -> None:
    place, codes = at.vertex(3)
    x, y = at.on_screen(place)
    lon, lat = at.page.evaluate(
        """([x, y]) => { const { map } = gridmgmtWorkbench.here;
          const box = map.getContainer().getBoundingClientRect();
          const at = map.containerPointToLatLng([x - box.left, y - box.top]);
          return [at.lng, at.lat]; }""",
        [x + 24, y + 18],
    )
    wanted = (round(lon, 8), round(lat, 8))
    path = tmp_path / "line.geojson"
    line = {"type": "LineString", "coordinates": [wanted, (lon + 0.001, lat + 0.001)]}
    path.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": line}))
    sent: list[str] = []
    at.page.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    at.page.click(".workbench-layers summary")
    at.page.set_input_files("#workbench-own", path)
    expect(at.page.locator("#workbench-own-said")).to_contain_text("1")
    assert not [one for one in sent if "presence" not in one]
    at.page.click(".workbench-layers summary")
    # Some pixels beside it: it snaps.
    at.drag(place, 21, 21)
    moved = at.changed()
    assert set(codes) <= set(moved)
    assert all(wanted in moved[code] for code in codes)
    at.keys("Control+z")
    assert at.changed() == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "不是 GeoJSON"),
        ('{"type": "FeatureCollection", "features": []}', "没有点、线或面"),
        ('{"type": "Point", "coordinates": [500000, 3400000]}', "不是经纬度"),
        ('{"type": "LineString", "coordinates": [[1], null]}', "不是经纬度"),
    ],
)
def test_a_file_that_is_no_layer_says_why(
    at: Bench, tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "own.geojson"
    path.write_text(text)
    at.page.click(".workbench-layers summary")
    at.page.set_input_files("#workbench-own", path)
    expect(at.page.locator("#workbench-own-said")).to_contain_text(said)

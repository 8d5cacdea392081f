from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmgmt.errors import SettingsError
from gridmgmt.exchange.tiles.tiles import image_type
from gridmgmt.settings import Settings
from tests.exchange.tile_making import make_mbtiles, make_pmtiles, png, upstream
from web import create_app
from web.pages.base_map import base_map

TILES = {(1, 1, 0): png(7), (12, 3410, 1690): png(9)}


@pytest.fixture
def asking(settings: Settings) -> Callable[..., Settings]:
    return lambda **base: replace(settings, **base)


@pytest.fixture
def app(settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    path = make_mbtiles(
        tmp_path / "a.mbtiles", TILES, format="png", attribution="<b>测绘局</b>"
    )
    made = create_app(replace(settings, base_map=str(path)))
    yield made
    made.extensions["gridmgmt"].engine.dispose()


@pytest.fixture
def somebody(login: Callable[..., FlaskClient]) -> FlaskClient:
    return login("planner")


def test_a_tile_of_the_file_is_answered_to_whoever_is_logged_in(
    somebody: FlaskClient,
) -> None:
    answer = somebody.get("/map/tiles/1/1/0")
    assert (answer.status_code, answer.data) == (200, png(7))
    assert answer.mimetype == "image/png"
    assert "private" in answer.headers["Cache-Control"]


def test_nobody_gets_a_tile_without_logging_in(client: FlaskClient) -> None:
    assert client.get("/map/tiles/1/1/0").status_code == 303


def test_where_the_file_has_no_tile_a_transparent_one_is_answered(
    somebody: FlaskClient,
) -> None:
    answer = somebody.get("/map/tiles/1/0/0")
    assert answer.status_code == 200
    assert image_type(answer.data) == "image/png"
    assert answer.data != png(7)
    assert answer.headers["Cache-Control"] == "private, max-age=60"


@pytest.mark.parametrize("path", ["1/2/0", "1/0/2", "0/0/1", "99/0/0", "1/-1/0", "1/x/0"])
def test_a_tile_outside_the_world_is_not_found(somebody: FlaskClient, path: str) -> None:
    assert somebody.get(f"/map/tiles/{path}").status_code == 404


def test_the_map_is_told_what_the_file_says(app: Flask) -> None:
    with app.test_request_context("/"):
        tiles = base_map().tiles
    assert tiles is not None
    assert tiles.url == "/map/tiles/{z}/{x}/{y}"
    assert (tiles.min_zoom, tiles.max_zoom, tiles.attribution) == (1, 12, "<b>测绘局</b>")


def test_the_deployments_own_words_go_before_the_files(
    asking: Callable[..., Settings], tmp_path: Path
) -> None:
    path = make_pmtiles(tmp_path / "b.pmtiles", TILES)
    app = create_app(asking(base_map=str(path), base_map_attribution="天地图 GS(2026)1号"))
    with app.test_request_context("/"):
        tiles = base_map().tiles
    assert tiles is not None
    assert tiles.attribution == "天地图 GS(2026)1号"
    assert tiles.bounds == (120.0, 30.0, 121.0, 31.0)
    app.extensions["gridmgmt"].engine.dispose()


def test_without_a_base_map_there_are_no_tiles(asking: Callable[..., Settings]) -> None:
    app = create_app(asking())
    with app.test_request_context("/"):
        assert base_map().tiles is None
    app.extensions["gridmgmt"].engine.dispose()


def test_a_national_service_is_counted_from_its_first_level_and_asked_by_the_server(
    asking: Callable[..., Settings],
) -> None:
    with upstream() as service:
        app = create_app(
            asking(
                base_map=f"{service.address}/wmts?SERVICE=WMTS&LAYER=vec&tk=secret",
                base_map_matrix="EPSG:4490",
                base_map_zoom=17,
            )
        )
        with app.test_request_context("/"):
            tiles = base_map().tiles
        assert tiles is not None
        assert (tiles.crs, tiles.zoom_offset) == ("EPSG4326", 1)
        assert (tiles.min_zoom, tiles.max_zoom) == (0, 16)
        assert "secret" not in tiles.url
        source = app.extensions["gridmgmt_tiles"]
        # At level 2 the world is four tiles wide and two high.
        assert source.matrix.holds(2, 3, 1)
        assert not source.matrix.holds(2, 0, 2)
        assert source.picture(2, 3, 1) == png(9)
        assert service.asked[0].endswith("TILEMATRIX=2&TILECOL=3&TILEROW=1")
        app.extensions["gridmgmt"].engine.dispose()


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ({"base_map": "http://host/tiles"}, "no place for: zoom, column, row"),
        ({"base_map": "{file}", "base_map_matrix": "EPSG:4490"}, "EPSG:3857"),
        ({"base_map": "{vector}"}, "vector tiles"),
    ],
)
def test_a_base_map_that_cannot_be_used_is_told_when_the_application_starts(
    asking: Callable[..., Settings], tmp_path: Path, base: dict[str, str], said: str
) -> None:
    path = make_mbtiles(tmp_path / "f.mbtiles", TILES, format="png")
    vector = make_mbtiles(tmp_path / "v.mbtiles", TILES, format="pbf")
    base = {key: value.format(file=path, vector=vector) for key, value in base.items()}
    with pytest.raises(SettingsError, match=said):
        create_app(asking(**base))

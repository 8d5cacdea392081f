from pathlib import Path

import pytest
from pmtiles.tile import TileType

from gridmgmt.errors import LayerError
from gridmgmt.exchange.tiles.files import open_tile_file
from gridmgmt.exchange.tiles.tiles import image_type
from tests.exchange.tile_making import make_mbtiles, make_pmtiles, png

TILES = {(1, 0, 0): png(1), (1, 1, 0): png(2), (1, 0, 1): png(3), (2, 3, 2): png(4)}


@pytest.fixture(params=["mbtiles", "pmtiles"])
def tile_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"base.{request.param}"
    if request.param == "pmtiles":
        return make_pmtiles(path, TILES)
    return make_mbtiles(
        path, TILES, format="png", bounds="120,30,121,31", attribution="the survey's office"
    )


def test_each_tile_comes_from_its_column_and_its_row_from_the_north(tile_file: Path) -> None:
    source = open_tile_file(tile_file)
    assert {place: source.picture(*place) for place in TILES} == TILES


def test_a_tile_the_file_does_not_have_is_none(tile_file: Path) -> None:
    assert open_tile_file(tile_file).picture(2, 0, 0) is None


def test_a_file_says_where_it_has_tiles_and_who_made_them(tile_file: Path) -> None:
    there = open_tile_file(tile_file).range
    assert (there.min_zoom, there.max_zoom) == (1, 2)
    assert there.bounds == (120, 30, 121, 31)
    assert there.attribution == "the survey's office"


def test_vector_tiles_are_refused_with_what_to_do(tmp_path: Path) -> None:
    drawn = make_mbtiles(tmp_path / "a.mbtiles", TILES, format="pbf")
    packed = make_pmtiles(tmp_path / "a.pmtiles", TILES, TileType.MVT)
    for path in (drawn, packed):
        with pytest.raises(LayerError, match=r"(?s)vector tiles.*make raster tiles"):
            open_tile_file(path)


@pytest.mark.parametrize("name", ["a.mbtiles", "a.pmtiles"])
def test_a_file_that_holds_something_else_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"certainly no tiles in here" * 20)
    with pytest.raises(LayerError, match=r"is no (MB|PM)Tiles file"):
        open_tile_file(path)


def test_an_empty_mbtiles_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="holds no tile"):
        open_tile_file(make_mbtiles(tmp_path / "a.mbtiles", {}, format="png"))


@pytest.mark.parametrize("bounds", ["", "1,2,3", "a,b,c,d", "10,10,5,20", "0,0,400,80"])
def test_bounds_that_enclose_nothing_limit_nothing(tmp_path: Path, bounds: str) -> None:
    path = make_mbtiles(tmp_path / "a.mbtiles", TILES, format="png", bounds=bounds)
    assert open_tile_file(path).range.bounds is None


def test_a_folder_with_odd_signs_in_its_name_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / "底图?mode=rw#1"
    folder.mkdir()
    source = open_tile_file(make_mbtiles(folder / "a.mbtiles", TILES, format="png"))
    assert source.picture(1, 0, 0) == png(1)


def test_pictures_are_known_by_their_first_bytes() -> None:
    assert image_type(png(0)) == "image/png"
    assert image_type(b"\xff\xd8\xff\xe0....") == "image/jpeg"
    assert image_type(b"RIFF....WEBPVP8 ") == "image/webp"
    assert image_type(b"GIF89a") == "image/gif"
    assert image_type(b"<ServiceException/>") is None

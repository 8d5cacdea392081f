"""Axes in the wrong order, found by the area a CRS is for."""

from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely

from gridmgmt.errors import CRSError
from gridmgmt.exchange.layers.layer_out import Format, check_datum
from gridmgmt.exchange.layers.vectors import read_layer
from gridmgmt.exchange.reading import files
from gridmgmt.geometry.crs.crs import Datum, resolve

CITY = shapely.box(120.1, 30.2, 120.11, 30.21)


def in_crs(path: Path, crs: str, *, swapped: bool = False, said: str | None = None) -> Path:
    data = geopandas.GeoDataFrame({"code": ["A1"]}, geometry=[CITY], crs=4326).to_crs(crs)
    if swapped:
        data.geometry = [shapely.transform(data.geometry[0], lambda xy: xy[:, ::-1])]
    pyogrio.write_dataframe(data.set_crs(said or crs, allow_override=True), path)
    return path


def same(geom: object) -> bool:
    return bool(shapely.equals_exact(geom, CITY, tolerance=3e-8, normalize=True))


def refusal(path: Path, datum: Datum | None = None) -> str:
    with pytest.raises(CRSError) as caught:
        read_layer(path, datum=datum)
    return str(caught.value)


@pytest.mark.parametrize("crs", ["EPSG:4549", "EPSG:4528", "EPSG:32651", "EPSG:2437"])
@pytest.mark.parametrize("suffix", ["shp", "gpkg", "fgb"])
def test_north_before_east_is_named_with_the_way_to_read_it(
    tmp_path: Path, crs: str, suffix: str
) -> None:
    path = in_crs(tmp_path / f"a.{suffix}", crs, swapped=True)
    told = refusal(path)
    assert "east and north are swapped" in told
    assert f'say --crs "{crs},yx"' in told
    datum = resolve(f"{crs},yx")
    right = read_layer(in_crs(tmp_path / f"b.{suffix}", crs))
    assert shapely.equals_exact(
        read_layer(path, datum=datum).geom[0], right.geom[0], tolerance=3e-8, normalize=True
    )


def test_the_reading_process_hears_that_north_comes_first(tmp_path: Path) -> None:
    path = in_crs(tmp_path / "a.gpkg", "EPSG:4549", swapped=True)
    assert same(files.read_layer(path, datum=resolve("EPSG:4549,yx")).geom[0])


def test_axes_said_to_be_swapped_that_are_not(tmp_path: Path) -> None:
    path = in_crs(tmp_path / "a.gpkg", "EPSG:4549")
    assert 'say --crs "EPSG:4549", or' in refusal(path, datum=resolve("EPSG:4549,yx"))


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490"])
def test_latitude_first_can_be_read(tmp_path: Path, crs: str) -> None:
    path = in_crs(tmp_path / "a.gpkg", crs, swapped=True)
    assert f'say --crs "{crs},yx"' in refusal(path)
    assert same(read_layer(path, datum=resolve(f"{crs},yx")).geom[0])


def test_gcj02_with_latitude_first_can_be_read(tmp_path: Path) -> None:
    path = in_crs(tmp_path / "a.gpkg", "EPSG:4326", swapped=True)
    there = read_layer(path, datum=resolve("gcj02,yx"))
    again = read_layer(in_crs(tmp_path / "b.gpkg", "EPSG:4326"), datum=resolve("gcj02"))
    assert shapely.equals(there.geom[0], again.geom[0])


@pytest.mark.parametrize(
    ("written", "said"),
    [("EPSG:4528", "EPSG:4549"), ("EPSG:4549", "EPSG:4528"), ("EPSG:4498", "EPSG:4509")],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_a_zone_in_front_of_the_eastings_that_does_not_fit_is_named(
    tmp_path: Path, written: str, said: str, swapped: bool
) -> None:
    path = in_crs(tmp_path / "a.gpkg", written, swapped=swapped, said=said)
    told = refusal(path)
    remedy = f"{written},yx" if swapped else written
    assert f'say --crs "{remedy}"' in told
    assert same(read_layer(path, datum=resolve(remedy)).geom[0])


def test_positions_outside_the_area_either_way_are_said(tmp_path: Path) -> None:
    path = in_crs(tmp_path / "a.gpkg", "EPSG:32651", said="EPSG:2154")
    assert any("is it the right CRS?" in note for note in read_layer(path).notes)


def test_a_city_just_outside_its_zone_is_no_concern(tmp_path: Path) -> None:
    notes = read_layer(in_crs(tmp_path / "a.gpkg", "EPSG:4548")).notes
    assert not any("is it the right CRS?" in note for note in notes)


def test_layers_are_never_written_with_north_first() -> None:
    with pytest.raises(CRSError, match="east or longitude first"):
        check_datum(Path("a.gpkg"), Format.GPKG, resolve("EPSG:4549,yx"))


def test_a_city_far_from_its_zone_with_north_first_is_not_left_in_the_sea(
    tmp_path: Path,
) -> None:
    path = in_crs(tmp_path / "a.gpkg", "EPSG:4547", swapped=True)
    told = refusal(path)
    assert "east and north are swapped" in told
    assert same(read_layer(path, datum=resolve("EPSG:4547,yx")).geom[0])


def test_web_mercator_with_north_first_is_said(tmp_path: Path) -> None:
    said = 'would lie in China: if they are to, say --crs "EPSG:3857,yx"'
    path = in_crs(tmp_path / "a.gpkg", "EPSG:3857", swapped=True)
    assert any(said in note for note in read_layer(path).notes)
    assert same(read_layer(path, datum=resolve("EPSG:3857,yx")).geom[0])
    for right in ("EPSG:3857", "EPSG:4549", "EPSG:4326"):
        notes = read_layer(in_crs(tmp_path / "b.gpkg", right)).notes
        assert not any("would lie in China" in note for note in notes)


@pytest.mark.parametrize("place", [(3_342_000, 511_000), (0, 0), (511_000, 33_420_000)])
def test_features_far_from_the_others_and_their_area_are_named(
    tmp_path: Path, place: tuple[float, float]
) -> None:
    path = tmp_path / "a.gpkg"
    city = [shapely.box(x, 3_342_000, x + 100, 3_342_100) for x in (510_000, 510_100)]
    stray = shapely.box(*place, place[0] + 100, place[1] + 100)
    data = geopandas.GeoDataFrame(
        {"code": ["A1", "A2", "A3"]}, geometry=[city[0], stray, city[1]], crs=4549
    )
    pyogrio.write_dataframe(data, path)
    said = (
        "1 feature(s) lie far outside the area that EPSG:4549 is for, where the others lie: 2"
    )
    assert any(said in note for note in read_layer(path).notes)

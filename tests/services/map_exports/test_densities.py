from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.case_choice import CaseChoice
from gridmgmt.errors import InputError, NotAllowedError
from gridmgmt.exchange.layers.layer_out import Format
from gridmgmt.geometry.crs.crs import resolve
from gridmgmt.services.accounts.case_scopes import area_case_scope
from gridmgmt.services.exports.files import ExportReport, suffix_of
from gridmgmt.services.map_exports.exports import export_map
from gridmgmt.services.map_exports.wanted import MapExport, MapLayer
from gridmgmt.services.situation.map_density import MapDensity
from gridmgmt.services.situation.map_density import density as drawn_density
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.databases import Databases
from tests.services.map_city import ALL, AS_OF, make_map_city

BANDWIDTH_M = 150.0


@pytest.fixture(scope="module")
def city(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    with databases.engine(template) as engine, engine.connect() as conn:
        make_map_city(conn, tmp_path_factory.mktemp("map"))
        yield conn


def export(
    conn: Connection, folder: Path, layer: MapLayer, fmt: Format, **other: Any
) -> ExportReport:
    given = {
        "reported": ReportedFilter(ALL),
        "edition": 2,
        "as_of": AS_OF,
        "bandwidth_m": BANDWIDTH_M,
        "force": True,
        **other,
    }
    path = folder / f"out{suffix_of(fmt)}"
    return export_map(conn, MapExport(layer=layer, path=path, fmt=fmt, **given), now=AS_OF)


def on_map(conn: Connection, street: str | None = None) -> tuple[MapDensity, np.ndarray]:
    """The values that the map draws, with the ring of pixels beyond the outline."""
    found = drawn_density(
        conn,
        2,
        ReportedFilter(ALL),
        now=AS_OF,
        bandwidth_m=BANDWIDTH_M,
        area=None if street is None else ("street", street),
    )
    grid = np.array(found.values, dtype=float).reshape(found.rows, found.cols)
    return found, np.where(grid < 0, np.nan, grid * found.scale)


def middles(found: MapDensity) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of the middles of the map's pixels, by its own bounds."""
    width = (found.east - found.west) / found.cols
    height = (found.north - found.south) / found.rows
    lon = found.west + (np.arange(found.cols) + 0.5) * width
    lat = found.north - (np.arange(found.rows) + 0.5) * height
    across, down = np.meshgrid(lon, lat)
    return across.ravel(), down.ravel()


def outline(conn: Connection, street: str | None = None) -> shapely.Geometry:
    areas = areas_in(conn, 2, "street")["street"]
    these = areas.geoms if street is None else areas.geoms[areas.codes == street]
    return shapely.union_all(these)


@pytest.mark.parametrize("street", [None, "A"])
def test_the_raster_has_at_every_place_the_value_that_the_map_draws(
    city: Connection, tmp_path: Path, street: str | None
) -> None:
    clip = None if street is None else ("street", street)
    report = export(city, tmp_path, MapLayer.DENSITY, Format.TIF, clip=clip)
    found, values = on_map(city, street)
    lon, lat = middles(found)
    inside = shapely.contains_xy(outline(city, street), lon, lat)
    with rasterio.open(report.path) as raster:
        assert raster.crs.to_epsg() == 4326
        assert (raster.nodata, raster.units, raster.count) == (-1.0, ("1/km2",), 1)
        sampled = np.array([one[0] for one in raster.sample(zip(lon, lat, strict=True))])
        tags = raster.tags()
    assert np.array_equal(sampled, np.where(inside, values.ravel(), -1.0))
    assert (sampled[inside] >= 0).all()
    assert (tags["BANDWIDTH_M"], tags["FROM"], tags["TO"]) == (
        "150 m",
        "2026-01-01",
        "2026-03-31",
    )
    assert tags["EDITION"] == "2"
    assert tags.get("CASES") == (None if found.cases is None else str(found.cases))
    assert tags.get("AREA") == (None if clip is None else "street:A")
    assert report.rows == np.count_nonzero(inside) > 10


def test_a_clipped_raster_is_the_surface_of_the_city_there(
    city: Connection, tmp_path: Path
) -> None:
    part = export(city, tmp_path, MapLayer.DENSITY, Format.TIF, clip=("street", "A")).path
    with rasterio.open(part) as raster:
        window = raster.read(1, masked=True)
        places = [
            raster.xy(row, column)
            for row, column in np.argwhere(~np.ma.getmaskarray(window)).tolist()
        ]
        here = np.array([one[0] for one in raster.sample(places)])
    (tmp_path / "whole").mkdir()
    whole = export(city, tmp_path / "whole", MapLayer.DENSITY, Format.TIF).path
    with rasterio.open(whole) as raster:
        there = np.array([one[0] for one in raster.sample(places)])
    assert len(here) > 10
    assert np.array_equal(here, there)


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326"])
def test_the_raster_states_its_crs(city: Connection, tmp_path: Path, crs: str) -> None:
    report = export(city, tmp_path, MapLayer.DENSITY, Format.TIF, datum=resolve(crs))
    with rasterio.open(report.path) as raster:
        assert f"EPSG:{raster.crs.to_epsg()}" == crs


@pytest.mark.parametrize("crs", ["EPSG:4549", "gcj02"])
def test_another_crs_would_change_its_values_and_is_refused(
    city: Connection, tmp_path: Path, crs: str
) -> None:
    with pytest.raises(InputError, match=r"choose EPSG:4326 or EPSG:4490"):
        export(city, tmp_path, MapLayer.DENSITY, Format.TIF, datum=resolve(crs))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("layer", [MapLayer.DENSITY, MapLayer.CONTOURS])
def test_an_account_of_one_responder_gets_no_density(
    city: Connection, tmp_path: Path, layer: MapLayer
) -> None:
    own = replace(ReportedFilter(ALL), case_scope=CaseScope(responder_code="S1"))
    with pytest.raises(NotAllowedError, match="cases of one responder"):
        export(city, tmp_path, layer, layer.formats[0], reported=own)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fmt", MapLayer.CONTOURS.formats)
def test_contours_run_where_the_surface_has_their_value(
    city: Connection, tmp_path: Path, fmt: Format
) -> None:
    report = export(city, tmp_path, MapLayer.CONTOURS, fmt)
    read = geopandas.read_parquet if fmt is Format.PARQUET else geopandas.read_file
    lines = read(report.path)
    found, values = on_map(city)
    assert set(lines["per_km2"]) <= set(found.classes.shown)
    assert len(lines) >= 2
    assert (lines["length_km"] > 0).all()
    height = (found.north - found.south) / found.rows
    width = (found.east - found.west) / found.cols
    for line in lines.itertuples():
        lon, lat = shapely.get_coordinates(line.geometry).T
        row = np.clip(((found.north - lat) / height).astype(int), 1, found.rows - 2)
        column = np.clip(((lon - found.west) / width).astype(int), 1, found.cols - 2)
        around = np.stack(
            [values[row + down, column + right] for down in (-1, 0, 1) for right in (-1, 0, 1)]
        )
        assert (np.nanmin(around, axis=0) <= line.per_km2).all()
        assert (np.nanmax(around, axis=0) >= line.per_km2).all()


@pytest.mark.parametrize("clip", [None, ("street", "A")])
def test_bands_cover_the_ground_once_and_hold_the_values_they_say(
    city: Connection, tmp_path: Path, clip: tuple[str, str] | None
) -> None:
    report = export(city, tmp_path, MapLayer.CONTOURS, Format.GPKG, bands=True, clip=clip)
    bands = geopandas.read_file(report.path)
    ground = outline(city, None if clip is None else "A")
    assert bands.geometry.is_valid.all()
    assert shapely.area(shapely.union_all(bands.geometry.to_numpy())) == pytest.approx(
        shapely.area(ground), rel=1e-9
    )
    apart = shapely.area(bands.geometry.to_numpy()).sum()
    assert apart == pytest.approx(shapely.area(ground), rel=1e-9)
    assert bands["up_to"].isna().sum() == 1
    found, values = on_map(city, None if clip is None else "A")
    there = shapely.contains_xy(ground, *middles(found)).reshape(values.shape)
    values = np.where(there, values, np.nan)
    largest = np.nanmax(values)
    assert bands["above"].max() < largest
    row, column = np.unravel_index(np.nanargmax(values), values.shape)
    height = (found.north - found.south) / found.rows
    width = (found.east - found.west) / found.cols
    top = shapely.Point(found.west + (column + 0.5) * width, found.north - (row + 0.5) * height)
    [of_top] = bands[bands.geometry.contains(top)].itertuples()
    assert of_top.above == bands["above"].max()


def test_without_cases_there_is_one_band_and_no_line(city: Connection, tmp_path: Path) -> None:
    nothing = ReportedFilter(ALL, CaseChoice(category="nothing of it"))
    report = export(
        city, tmp_path, MapLayer.CONTOURS, Format.GPKG, bands=True, reported=nothing
    )
    [band] = geopandas.read_file(report.path).itertuples()
    assert shapely.equals_exact(band.geometry.envelope, outline(city).envelope, 1e-9)
    with pytest.raises(InputError, match="no contours to export"):
        export(city, tmp_path, MapLayer.CONTOURS, Format.GPKG, reported=nothing)
    raster = export(city, tmp_path, MapLayer.DENSITY, Format.TIF, reported=nothing)
    with rasterio.open(raster.path) as zeros:
        assert np.unique(zeros.read(1)).tolist() in ([0.0], [-1.0, 0.0])


def test_an_account_of_a_street_gets_the_surface_of_its_street(
    city: Connection, tmp_path: Path
) -> None:
    area = ("street", "A")
    own = replace(ReportedFilter(ALL), case_scope=area_case_scope(city, area))
    report = export(
        city, tmp_path, MapLayer.CONTOURS, Format.GPKG, bands=True, within=area, reported=own
    )
    bands = geopandas.read_file(report.path)
    assert shapely.union_all(bands.geometry.to_numpy()).within(outline(city, "A").buffer(1e-8))

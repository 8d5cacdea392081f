"""What the API gives as files is what the map shows and the pages make."""

from pathlib import Path

import geopandas
import pytest
import rasterio
from flask import Flask
from sqlalchemy.engine import Engine

from tests.web.test_api import Program, chief, program  # noqa: F401 - a fixture

MARCH = {"from": "2026-03-01", "to": "2026-03-10"}


@pytest.fixture
def planner(app: Flask, city: Engine) -> Program:
    return program(app, city, "planner")


@pytest.mark.parametrize(
    ("fmt", "name"), [("gpkg", "a.gpkg"), ("parquet", "a.parquet"), ("geojson", "a.geojson")]
)
def test_figures_are_those_of_each_area(
    planner: Program, tmp_path: Path, fmt: str, name: str
) -> None:
    answer = planner.get("/exports/figures", level="cell", format=fmt, **MARCH)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/octet-stream"
    (tmp_path / name).write_bytes(answer.data)
    read = geopandas.read_parquet if fmt == "parquet" else geopandas.read_file
    for row in read(tmp_path / name).itertuples():
        told = planner.get(f"/areas/cell/{row.code}/figures", **MARCH).get_json()["figures"]
        for count in ("cases", "open", "overdue", "on_time", "late", "without_due", "due"):
            assert getattr(row, count) == told[count]


def test_geojson_says_what_is_beside_its_rows(planner: Program) -> None:
    answer = planner.get("/exports/figures", level="cell", format="geojson", **MARCH)
    described = answer.get_json(force=True)["description"]
    assert "unlocated 1" in described
    assert "from 2026-03-01" in described


def test_density_contours_and_points_are_files_too(planner: Program, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(planner.get("/exports/density", bandwidth_m=150, **MARCH).data)
    with rasterio.open(path) as raster:
        assert raster.tags()["FROM"] == "2026-03-01"
    given = {"format": "gpkg", "bandwidth_m": 150, **MARCH}
    path = tmp_path / "a.gpkg"
    path.write_bytes(planner.get("/exports/contours", bands="true", **given).data)
    assert "area_km2" in geopandas.read_file(path).columns
    path = tmp_path / "b.gpkg"
    path.write_bytes(planner.get("/exports/case_points", format="gpkg", **MARCH).data)
    listed = planner.get("/cases", **MARCH).get_json()["cases"]
    placed = {one["case_no"] for one in listed if one["position"]}
    assert set(geopandas.read_file(path)["case_no"]) == placed


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"level": "ward"}, 404),
        ({"level": "cell", "area": "street:Z"}, 404),
        ({"level": "cell", "format": "tif"}, 400),
        ({"level": "cell", "format": "dxf"}, 400),
        ({"level": "cell", "weekday": "8"}, 400),
        ({"level": "cell", "nonsense": "1"}, 400),
    ],
)
def test_unfit_requests_are_refused(
    planner: Program, query: dict[str, str], status: int
) -> None:
    assert planner.get("/exports/figures", **query).status_code == status
    assert planner.get("/exports/nothing").status_code == 404


def test_each_layer_is_for_who_may_export_its_noun(chief: Program) -> None:  # noqa: F811
    assert chief.get("/exports/case_points", **MARCH).status_code == 200
    assert chief.get("/exports/figures", level="cell", **MARCH).status_code == 403

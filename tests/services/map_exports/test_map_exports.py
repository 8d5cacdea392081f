import csv
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from sqlalchemy import update
from sqlalchemy.engine import Connection

from gridmgmt.domain.case_choice import CaseChoice
from gridmgmt.domain.cases.case import CaseMark
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.domain.period import Period
from gridmgmt.domain.responsibility.responder import ResponderKind
from gridmgmt.errors import InputError, NotFoundError
from gridmgmt.exchange.content.export_content import fields_for
from gridmgmt.exchange.layers.layer_out import Format
from gridmgmt.geometry.crs.crs import WGS84, geometries_from_lonlat, resolve
from gridmgmt.geometry.measure import area_m2, on_grid
from gridmgmt.services.accounts.case_scopes import area_case_scope
from gridmgmt.services.areas.scopes import ground_of
from gridmgmt.services.exports.files import ExportReport, suffix_of
from gridmgmt.services.map_exports import case_points, figures
from gridmgmt.services.map_exports.exports import export_map
from gridmgmt.services.map_exports.wanted import MapExport, MapLayer
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.case_pages import count_up_to
from gridmgmt.store.cases.cases import list_cases
from gridmgmt.store.schema import areas as areas_table
from gridmgmt.store.schema import cases as cases_table
from gridmgmt.store.schema import responders as responders_table
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.databases import Databases
from tests.services.case_city import SHANGHAI
from tests.services.map_city import ALL, FEBRUARY, make_map_city

LAYERS = (Format.SHP, Format.GPKG, Format.PARQUET, Format.GEOJSON)
EMPTY = Period(date(2020, 1, 1), date(2020, 1, 31), SHANGHAI)
MANY = 10_000
# After everything that happened to the cases, so that status and times say the same.
AS_OF = datetime(2026, 5, 1, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def city(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    """The small city under two editions, three of its cases at a default position."""
    with databases.engine(template) as engine, engine.connect() as conn:
        make_map_city(conn, tmp_path_factory.mktemp("map"))
        marked = [CaseMark.DEFAULT_POSITION.value]
        these = cases_table.c.case_no.in_(["M0003", "M0004", "M0005"])
        conn.execute(update(cases_table).where(these).values(marks=marked))
        personal = {"description": "乱堆渣土，电话 13800000000", "address": "某路 7 号王家"}
        conn.execute(update(cases_table).values(**personal))
        some = cases_table.c.case_no.like("M00%") & cases_table.c.due_at.is_not(None)
        limit = {"due_limit": "2天", "due_provisional": True}
        conn.execute(update(cases_table).where(some).values(**limit))
        yield conn


def wanted(layer: MapLayer, path: Path, fmt: Format = Format.GPKG, **other: Any) -> MapExport:
    given = {"reported": ReportedFilter(ALL), "edition": 2, "as_of": AS_OF, **other}
    if layer is MapLayer.FIGURES:
        given = {"level": "cell", **given}
    return MapExport(layer=layer, path=path / f"out{suffix_of(fmt)}", fmt=fmt, **given)


def export(
    conn: Connection, folder: Path, layer: MapLayer, fmt: Format = Format.GPKG, **other: Any
) -> tuple[ExportReport, geopandas.GeoDataFrame]:
    report = export_map(conn, wanted(layer, folder, fmt, **other), now=AS_OF)
    return report, read(report.path)


def read(path: Path) -> geopandas.GeoDataFrame:
    if path.suffix == ".parquet":
        return geopandas.read_parquet(path)
    return geopandas.read_file(path)


def fact(report: ExportReport, key: str) -> str:
    return next(one.value for one in report.facts if one.key == key)


def counted(conn: Connection, **other: Any) -> int:
    base = CaseFilter(since=ALL.begin, until=ALL.end, unmarked=CaseMark.DEFAULT_POSITION)
    return count_up_to(conn, replace(base, **other), MANY)


@pytest.mark.parametrize("edition", [1, 2])
@pytest.mark.parametrize("level", ["cell", "street"])
def test_every_row_is_the_count_of_its_list_and_all_rows_are_the_city(
    city: Connection, tmp_path: Path, level: str, edition: int
) -> None:
    report, found = export(city, tmp_path, MapLayer.FIGURES, level=level, edition=edition)
    assert len(found) == len(areas_in(city, edition, level)[level].codes)
    for row in found.itertuples():
        here = {"ground": ground_of(city, edition, (level, row.code))}
        judged = {**here, "as_of": AS_OF}
        assert row.cases == counted(city, **here)
        assert row.open == counted(city, **here, open=True)
        assert row.overdue == counted(city, **judged, deadline=Deadline.OVERDUE)
        assert row.on_time == counted(city, **judged, deadline=Deadline.ON_TIME)
        assert row.late == counted(city, **judged, deadline=Deadline.LATE)
        assert row.without_due == counted(city, **here, deadline=Deadline.WITHOUT, as_of=AS_OF)
    beside = ("unlocated", "unlocated_here", "elsewhere", "at_default")
    assert int(found["cases"].sum()) == int(fact(report, "cases_in_rows"))
    everything = count_up_to(city, ReportedFilter(ALL).cases, MANY)
    assert everything == found["cases"].sum() + sum(int(fact(report, key)) for key in beside)
    assert int(fact(report, "cases_in_all")) == everything
    assert int(fact(report, "unlocated")) > 0
    assert int(fact(report, "at_default")) == 3


def test_densities_and_rates_say_what_they_are_made_of(
    city: Connection, tmp_path: Path
) -> None:
    _, found = export(city, tmp_path, MapLayer.FIGURES)
    stored = areas_in(city, 2, "cell")["cell"]
    assert found["code"].tolist() == stored.codes.tolist()
    assert np.allclose(found["area_km2"], area_m2(stored.geoms) / 1e6, atol=1e-8)
    assert np.allclose(found["per_km2"], found["cases"] / found["area_km2"], atol=1e-6)
    assert (found["due"] == found["on_time"] + found["late"] + found["overdue"]).all()
    some = found[found["due"] > 0]
    assert len(some) > 4
    assert np.allclose(some["on_time_pct"], 100 * some["on_time"] / some["due"], atol=0.0051)
    part = (some["on_time"] + some["late"]) / some["due"]
    assert np.allclose(some["disposal_pct"], 100 * part, atol=0.0051)


@pytest.mark.parametrize("fmt", LAYERS)
def test_a_period_without_cases_leaves_zeros_and_empty_rates(
    city: Connection, tmp_path: Path, fmt: Format
) -> None:
    report, found = export(
        city, tmp_path, MapLayer.FIGURES, fmt, reported=ReportedFilter(EMPTY)
    )
    names = ["cases", "open", "overdue", "on_time", "late", "due", "per_km2", "demolished"]
    assert (found[names] == 0).all(axis=None)
    rates = ["ontime_pct", "disp_pct"] if fmt is Format.SHP else ["on_time_pct", "disposal_pct"]
    assert found[rates].isna().all(axis=None)
    assert fact(report, "cases_in_all") == "0"


def test_demolitions_are_summed_where_a_point_on_them_lies(
    city: Connection, tmp_path: Path
) -> None:
    period = Period(date(2026, 2, 1), date(2026, 4, 30), SHANGHAI)
    for level in ("cell", "street"):
        folder = tmp_path / level
        folder.mkdir()
        _, found = export(
            city,
            folder,
            MapLayer.FIGURES,
            level=level,
            reported=ReportedFilter(period),
        )
        torn_down = found[found["demolished"] > 0]
        assert torn_down["demolished"].sum() == 2
        assert torn_down["claimed_m2"].sum() == 102.0
        assert torn_down["measured_m2"].sum() > 1000
        assert torn_down["not_measured"].sum() == 1
        untouched = found[found["demolished"] == 0]
        assert (untouched[["claimed_m2", "measured_m2", "not_measured"]] == 0).all(axis=None)


@pytest.mark.parametrize("fmt", LAYERS)
@pytest.mark.parametrize("layer", [MapLayer.FIGURES, MapLayer.CASE_POINTS])
def test_every_format_says_the_same(
    city: Connection, tmp_path: Path, layer: MapLayer, fmt: Format
) -> None:
    report, found = export(city, tmp_path, layer, fmt)
    plain = tmp_path / "plain"
    plain.mkdir()
    _, exact = export(city, plain, layer, Format.PARQUET)
    module = figures if layer is MapLayer.FIGURES else case_points
    shortly = fmt is Format.SHP
    for field in fields_for(module.FIELDS, None):
        values, meant = found[field.named(shortly=shortly)], exact[field.name]
        assert values.isna().tolist() == meant.isna().tolist()
        there = ~meant.isna()
        if field.kind == "time":
            assert (pd.to_datetime(values[there], utc=True) == meant[there]).all()
        elif field.kind == "real":
            assert np.allclose(values[there].astype(float), meant[there].astype(float))
        else:
            assert values[there].astype(str).str.removesuffix(".0").tolist() == (
                meant[there].astype(str).tolist()
            )
    # GeoJSON has the eight decimals of the storage grid; positions need not lie on it.
    shapes = (on_grid(one.geometry.to_numpy()) for one in (found, exact))
    assert shapely.equals(*shapes).all()
    assert found.crs.equals("EPSG:4326", ignore_axis_order=True)
    assert report.rows == len(found)


def test_geoparquet_states_what_the_specification_asks(
    city: Connection, tmp_path: Path
) -> None:
    report, _ = export(city, tmp_path, MapLayer.FIGURES, Format.PARQUET)
    schema = pq.read_schema(report.path)
    about = json.loads(schema.metadata[b"geo"])
    assert (about["version"], about["primary_column"]) == ("1.1.0", "geometry")
    column = about["columns"]["geometry"]
    assert column["encoding"] == "WKB"
    assert column["geometry_types"] == ["MultiPolygon"]
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 4326}
    assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    assert column["bbox"] == pytest.approx(
        shapely.total_bounds(areas_in(city, 2, "cell")["cell"].geoms).tolist()
    )
    assert "unlocated" in schema.metadata[b"gridmgmt"].decode()
    west = geopandas.read_parquet(report.path, bbox=(120.15, 30.25, 120.151, 30.251))
    assert 0 < len(west) < len(areas_in(city, 2, "cell")["cell"].codes)


def test_cases_are_points_with_their_leaf_and_nothing_personal(
    city: Connection, tmp_path: Path
) -> None:
    report, found = export(city, tmp_path, MapLayer.CASE_POINTS, Format.PARQUET, edition=1)
    _, cells = export(city, tmp_path, MapLayer.FIGURES, edition=1)
    by_leaf = found["leaf_code"].value_counts().to_dict()
    assert by_leaf == {row.code: row.cases for row in cells.itertuples() if row.cases}
    stored = {one.given.case_no: one for one in list_cases(city, CaseFilter(), limit=MANY)}
    for row in found.itertuples():
        case = stored[row.case_no]
        assert (row.geometry.x, row.geometry.y) == (case.location.lon, case.location.lat)
        assert row.reported == case.given.reported_at
        assert row.status == case.status
    beside = ("no_position", "at_default")
    assert len(found) + sum(int(fact(report, key)) for key in beside) == len(stored)
    personal = {"description", "address", "reporter", "phone"}
    assert personal.isdisjoint(found.columns)
    plain = export_map(city, wanted(MapLayer.CASE_POINTS, tmp_path, Format.GEOJSON), now=AS_OF)
    told = plain.path.read_text("utf-8")
    texts = {
        text
        for one in stored.values()
        for text in (one.given.description, one.given.address)
        if text
    }
    assert texts
    assert all(text not in told for text in texts)


def test_times_of_points_end_with_their_seconds(city: Connection, tmp_path: Path) -> None:
    undone = city.begin_nested()
    later = cases_table.c.reported_at + timedelta(microseconds=839_576)
    city.execute(update(cases_table).values(reported_at=later))
    report, _ = export(city, tmp_path, MapLayer.CASE_POINTS, Format.CSV)
    undone.rollback()
    rows = csv.DictReader(report.path.read_text("utf-8-sig").splitlines())
    times = [row["reported"] for row in rows]
    assert times
    assert {len(one) for one in times} == {len("2026-02-01T08:30:00+08:00")}


@pytest.mark.parametrize("kind", list(ResponderKind))
def test_points_name_bodies_that_answer_but_no_person(
    city: Connection, tmp_path: Path, kind: ResponderKind
) -> None:
    undone = city.begin_nested()
    city.execute(update(responders_table).values(kind=kind.value, name="马小七"))
    _, found = export(city, tmp_path, MapLayer.CASE_POINTS, Format.PARQUET)
    undone.rollback()
    named = found.dropna(subset=["resp_code"])["resp_name"]
    assert len(named) > 0
    is_person = kind in (ResponderKind.STREET_CHIEF, ResponderKind.GRID_MEMBER)
    assert set(named.fillna("")) == ({""} if is_person else {"马小七"})


@pytest.mark.parametrize("left_out", [False, True])
def test_the_rate_of_points_is_that_of_their_area(
    city: Connection, tmp_path: Path, left_out: bool
) -> None:
    asked = ReportedFilter(ALL, CaseChoice(without_provisional=left_out), as_of=AS_OF)
    _, points = export(city, tmp_path, MapLayer.CASE_POINTS, Format.PARQUET, reported=asked)
    report, cells = export(city, tmp_path, MapLayer.FIGURES, reported=asked)
    rated = points[points["is_on_time"].notna() & points["leaf_code"].notna()]
    assert cells["provisional"].sum() == rated["due_prov"].sum()
    assert bool(cells["provisional"].any()) is not left_out
    assert ("provisional" in {one.key for one in report.facts}) is left_out
    share = points.groupby("leaf_code")["is_on_time"].agg(["sum", "count"])
    for row in cells[cells["due"] > 0].itertuples():
        assert tuple(share.loc[row.code]) == (row.on_time, row.due)


@pytest.mark.parametrize("layer", [MapLayer.FIGURES, MapLayer.CASE_POINTS])
def test_clipped_to_a_street_it_has_its_rows_unchanged(
    city: Connection, tmp_path: Path, layer: MapLayer
) -> None:
    _, whole = export(city, tmp_path, layer)
    (tmp_path / "a").mkdir()
    report, part = export(city, tmp_path / "a", layer, clip=("street", "A"))
    name = "code" if layer is MapLayer.FIGURES else "leaf_code"
    inside = whole[whole[name].fillna("").str.startswith("A")].reset_index(drop=True)
    assert part.equals(inside)
    assert fact(report, "area") == "street:A"
    assert "unlocated" not in {one.key for one in report.facts}


def test_an_account_of_a_street_gets_only_its_areas_and_cases(
    city: Connection, tmp_path: Path
) -> None:
    area = ("street", "A")
    limited = {
        "within": area,
        "reported": ReportedFilter(ALL, case_scope=area_case_scope(city, area)),
    }
    report, found = export(city, tmp_path, MapLayer.FIGURES, **limited)
    assert found["code"].str.startswith("A").all()
    assert any("your account may see" in note for note in report.notes)
    other = wanted(MapLayer.FIGURES, tmp_path, clip=("street", "B"), force=True, **limited)
    with pytest.raises(NotFoundError):
        export_map(city, other, now=AS_OF)
    cell = wanted(MapLayer.FIGURES, tmp_path, clip=("cell", "A2"), force=True, **limited)
    assert export_map(city, cell, now=AS_OF).rows == 1
    (tmp_path / "p").mkdir()
    _, points = export(city, tmp_path / "p", MapLayer.CASE_POINTS, **limited)
    assert points["leaf_code"].dropna().str.startswith("A").all()
    above = wanted(
        MapLayer.FIGURES, tmp_path, clip=("cell", "A2"), level="street", force=True, **limited
    )
    with pytest.raises(InputError, match=r"street lies above cell:A2.*choose one of: cell"):
        export_map(city, above, now=AS_OF)


def test_the_zip_explains_every_column_in_chinese_and_says_what_is_beside(
    city: Connection, tmp_path: Path
) -> None:
    report, _ = export(city, tmp_path, MapLayer.FIGURES, Format.SHP)
    with zipfile.ZipFile(report.path) as archive:
        names = archive.namelist()
        text = archive.read("figures_cell_dictionary.csv").decode("utf-8-sig")
        assert archive.read("figures_cell.cpg") == b"UTF-8"
    assert "figures_cell.prj" in names
    rows = {row[0]: row for row in csv.reader(text.splitlines())}
    for one in fields_for(figures.FIELDS, None):
        assert rows[one.named(shortly=True)][2] == one.heading.zh
    assert rows["#unlocated"][5] == fact(report, "unlocated")
    assert rows["#from"][5] == "2026-01-01"


def test_a_geopackage_names_every_column_in_chinese(city: Connection, tmp_path: Path) -> None:
    report, found = export(city, tmp_path, MapLayer.FIGURES)
    with closing(sqlite3.connect(report.path)) as file:
        named = dict(file.execute("SELECT column_name, name FROM gpkg_data_columns"))
        used = {row[0] for row in file.execute("SELECT extension_name FROM gpkg_extensions")}
    assert named == {one.name: one.heading.zh for one in fields_for(figures.FIELDS, None)}
    assert set(named) == set(found.columns) - {"geometry"}
    assert "gpkg_schema" in used


@pytest.mark.parametrize("module", [figures, case_points])
def test_field_names_fit_a_shapefile(module: Any) -> None:
    names = [one.named(shortly=True) for one in module.FIELDS]
    assert all(name.isascii() and len(name) <= 10 for name in names)
    assert len(set(names)) == len(names)
    assert len({one.heading.zh for one in module.FIELDS if one.heading.zh}) == len(names)


@pytest.mark.parametrize("fmt", [*LAYERS, Format.CSV, Format.XLSX])
def test_hostile_names_come_back_or_are_reported(
    city: Connection, tmp_path: Path, fmt: Format
) -> None:
    names = {"A1": '=HYPERLINK("x")', "A2": "𠀀'; DROP\u2028TABLE", "A3": "网" * 200}
    with city.begin_nested() as undone:
        for code, name in names.items():
            city.execute(
                update(areas_table)
                .where(areas_table.c.code == code, areas_table.c.until.is_(None))
                .values(name=name)
            )
        report = export_map(city, wanted(MapLayer.FIGURES, tmp_path, fmt), now=AS_OF)
        undone.rollback()
    reported = {loss.row for loss in report.losses}
    if fmt in LAYERS:
        found = dict(zip(*(read(report.path)[name] for name in ("code", "name")), strict=True))
        assert {code for code, name in names.items() if found[code] != name} <= reported
        assert found["A2"] == names["A2"]


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4549", "gcj02"])
@pytest.mark.parametrize("fmt", [Format.GPKG, Format.PARQUET, Format.SHP])
def test_other_coordinate_systems_are_stated(
    city: Connection, tmp_path: Path, fmt: Format, crs: str
) -> None:
    datum = resolve(crs)
    report, found = export(city, tmp_path, MapLayer.CASE_POINTS, fmt, datum=datum)
    (tmp_path / "w").mkdir()
    _, lonlat = export(city, tmp_path / "w", MapLayer.CASE_POINTS, Format.PARQUET)
    meant = geometries_from_lonlat(lonlat.geometry.to_numpy(), datum)
    assert shapely.equals_exact(found.geometry.to_numpy(), meant, 1e-8).all()
    if datum.crs is None:
        assert found.crs is None
        assert any("no CRS describes" in loss.what for loss in report.losses)
    else:
        assert found.crs.to_epsg(min_confidence=20) == datum.crs.to_epsg()


def test_what_does_not_fit_together_is_refused_with_a_remedy(
    city: Connection, tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError, match="level"):
        export(city, tmp_path, MapLayer.FIGURES, level="ward")
    with pytest.raises(NotFoundError):
        export(city, tmp_path, MapLayer.FIGURES, clip=("street", "Z"))
    with pytest.raises(InputError, match="there are no case points to export"):
        export(city, tmp_path, MapLayer.CASE_POINTS, reported=ReportedFilter(EMPTY))
    assert list(tmp_path.iterdir()) == []


def test_a_filter_of_category_is_said_and_kept(city: Connection, tmp_path: Path) -> None:
    asked = ReportedFilter(FEBRUARY, CaseChoice(category="E1"))
    report, _ = export(city, tmp_path, MapLayer.FIGURES, reported=asked)
    assert fact(report, "category") == "E1"
    assert int(fact(report, "cases_in_all")) == count_up_to(city, asked.cases, MANY) > 0
    described = pyogrio.read_info(report.path)["layer_metadata"]["DESCRIPTION"]
    assert "category E1" in described
    assert f"unlocated {fact(report, 'unlocated')}" in described
    assert WGS84.label in described

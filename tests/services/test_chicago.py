"""Complaints of Chicago under two editions of its wards: the as-of test, on real data."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.arrays import FloatArray
from gridmgmt.domain.areas.edition import parse_effective_from
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.judging.reroute import Fate
from gridmgmt.domain.period import Period
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.geometry.crs.crs import resolve
from gridmgmt.services.areas.scopes import ground_of
from gridmgmt.services.case_imports.imports import CaseImport, import_cases
from gridmgmt.services.case_imports.report import CaseImportReport
from gridmgmt.services.cases.exports import CaseExport, CaseTable, open_export
from gridmgmt.services.drafts.drafts import create, import_areas
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.judging.case_locator import CaseLocator
from gridmgmt.services.judging.reroutes import RerouteAsked, reroute
from gridmgmt.services.situation.map_density import density
from gridmgmt.services.situation.map_figures import figures
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.cases.cases import list_cases
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.responsibility.responders import put_responders
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.databases import Databases
from tests.shared import shared_data

CHICAGO = ZoneInfo("America/Chicago")
NORRIDGE = (-87.827, 41.963)
MAPPING = {
    "case_no": "case_id",
    "category": "type",
    "reported_at": "created",
    "closed_at": "closed",
    "description": "nature",
}


@dataclass(frozen=True)
class City:
    engine: Engine
    report: CaseImportReport
    asked: CaseImport


def publish_wards(conn: Connection, year: str, layer: str, **options: object) -> None:
    path = shared_data("chicago311/areas.gpkg")
    create(conn, year, actor="tester")
    where = options.pop("where", None)
    assert where is None or isinstance(where, str)
    file = AreaFile(path, code="ward", name="ward", layer=layer, where=where)
    import_areas(conn, year, "district", file, actor="tester")
    at = parse_effective_from(str(options.pop("at")), CHICAGO)
    publish(conn, year, at, actor="tester", **options)  # type: ignore[arg-type]


# Whole real cities take minutes; `make test` has Hangzhou, whose true cells are stated too.
pytestmark = pytest.mark.proof


@pytest.fixture(scope="module")
def city(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    """Both editions published, all complaints taken in under them."""
    path = shared_data("chicago311/cases.csv.gz")
    with databases.engine(template) as engine:
        with engine.begin() as conn:
            publish_wards(
                conn,
                "2003",
                "wards_2003_2015",
                where="ward <> 'OUT'",
                at="2003-05-05",
                tolerance_m2=7_000.0,
            )
            publish_wards(conn, "2015", "wards_2015_2023", at="2015-05-18")
            asked = CaseImport(
                path=path,
                actor="tester",
                rules=JudgingRules(CHICAGO),
                mapping=MAPPING,
                now=datetime(2026, 1, 1, tzinfo=UTC),
            )
            report = import_cases(conn, asked)
        yield City(engine, report, asked)


@pytest.fixture(scope="module")
def truth() -> dict[str, str]:
    """The ward the city itself wrote, by case number, for the complaints of 2011 to 2014."""
    with gzip.open(shared_data("chicago311/cases.csv.gz"), "rt", encoding="utf-8") as stream:
        found: dict[str, str] = {}
        for line in csv.DictReader(stream):
            if "2011" <= line["created"][:4] <= "2014" and line["ward"]:
                found.setdefault(line["case_id"], line["ward"])
        return found


def share_right(rows: list[tuple[str, list[str]]], truth: dict[str, str]) -> float:
    """The share of cases that have their true ward among their candidates."""
    judged = [truth[no] in candidates for no, candidates in rows if no in truth]
    assert len(judged) > 73_000
    return float(np.mean(judged))


def test_every_row_is_accounted_for(city: City) -> None:
    report = city.report
    assert report.rows == 74_401
    assert report.new == 74_401 - 375
    assert report.rows == report.new + report.repeats.identical_rows + len(report.rejected)
    assert (report.unchanged, report.updated, report.ends_early) == (0, 0, 0)


def test_repeated_numbers_old_cases_and_missing_coordinates_are_counted(city: City) -> None:
    report = city.report
    # 371 numbers stand on 375 further rows; of one number only the very same row comes again.
    assert (report.repeats.numbers, report.repeats.differing) == (371, 370)
    assert (report.repeats.differing_rows, report.repeats.identical_rows) == (372, 3)
    assert len(report.rejected) == 372
    assert all("closed_at" in one.reason for one in report.rejected)
    assert report.unlocated["before_first_edition"] == 28
    assert report.unlocated["address_only"] == 24


def test_all_complaints_of_those_years_are_judged_by_the_wards_of_2003(city: City) -> None:
    assert city.report.editions == {1: 74_401 - 375 - 28}


def test_nearly_all_have_their_true_ward_among_their_candidates(
    city: City, truth: dict[str, str]
) -> None:
    with city.engine.connect() as conn:
        rows = conn.execute(sa.text("SELECT case_no, candidates FROM cases")).all()
    assert share_right([(no, candidates) for no, candidates in rows], truth) >= 0.998


def test_by_the_wards_of_2015_three_quarters_would_have_on_demand_and_nothing_is_stored(
    city: City, truth: dict[str, str]
) -> None:
    with city.engine.connect() as conn:
        before = conn.execute(sa.text("SELECT sum(hashtext(c::text)) FROM cases c")).scalar()
        asked = CaseExport(actor="tester", rules=JudgingRules(CHICAGO), edition=2)
        table: CaseTable = open_export(conn, asked)
        number, again = (
            table.columns.index(name) for name in ("case_no", "rejudged_candidates")
        )
        rows = [(str(row[number]), str(row[again]).split(";")) for row in table.rows()]
        after = conn.execute(sa.text("SELECT sum(hashtext(c::text)) FROM cases c")).scalar()
    assert table.rows_written == len(rows) == city.report.new
    assert share_right(rows, truth) == pytest.approx(0.75, abs=0.01)
    assert after == before


def test_points_outside_every_ward_are_snapped_by_at_most_8_m(city: City) -> None:
    assert city.report.snapped == pytest.approx(250, abs=15)
    assert city.report.unlocated["outside"] == 0
    with city.engine.connect() as conn:
        farthest = conn.execute(
            sa.text("SELECT max(distance_m) FROM cases WHERE snapped")
        ).scalar_one()
    assert 0 < farthest <= 8


def test_without_snapping_the_very_same_points_are_unlocated(city: City) -> None:
    with city.engine.connect() as conn:
        snapped = conn.execute(
            sa.text("SELECT ST_X(geom), ST_Y(geom) FROM cases WHERE snapped")
        ).all()
        locator = CaseLocator(conn, JudgingRules(CHICAGO, snap_m=0.0))
        lonlat = np.array([tuple(row) for row in snapped])
        locations = locator.locate(
            np.ones(len(lonlat), dtype=np.int64), lonlat[:, 0], lonlat[:, 1]
        )
    assert {where.unlocated_reason for where in locations} == {"outside"}


def test_a_point_in_the_middle_of_norridge_is_unlocated_under_both_editions(
    city: City,
) -> None:
    with city.engine.connect() as conn:
        locator = CaseLocator(conn, JudgingRules(CHICAGO))
        lon, lat = (np.array([value, value]) for value in NORRIDGE)
        locations = locator.locate(np.array([1, 2]), lon, lat)
    assert [where.unlocated_reason for where in locations] == ["outside", "outside"]
    assert all(where.border_m is not None and where.border_m > 500 for where in locations)


def test_taking_the_file_in_again_changes_nothing(city: City) -> None:
    with city.engine.begin() as conn:
        again = import_cases(conn, city.asked)
        events = conn.execute(sa.text("SELECT count(*) FROM case_events")).scalar_one()
    assert (again.new, again.updated, again.unchanged) == (0, 0, city.report.new)
    assert len(again.rejected) == len(city.report.rejected)
    closed = conn_count(city.engine, "closed_at IS NOT NULL")
    assert events == city.report.new + closed


def conn_count(engine: Engine, condition: str) -> int:
    with engine.connect() as conn:
        query = sa.text(f"SELECT count(*) FROM cases WHERE {condition}")
        return int(conn.execute(query).scalar_one())


def test_a_position_given_in_illinois_feet_lands_where_the_degrees_do(
    city: City, tmp_path: Path
) -> None:
    with gzip.open(shared_data("chicago311/cases.csv.gz"), "rt", encoding="utf-8") as stream:
        rows = [line for line, _ in zip(csv.DictReader(stream), range(600), strict=False)]
    some = [line for line in rows if line["x_3435"] and line["created"] > "2003"]
    assert len(some) > 500
    path = tmp_path / "feet.csv"
    lines = [f"X{n},t,2012-01-05,{r['x_3435']},{r['y_3435']}" for n, r in enumerate(some)]
    path.write_text("\n".join(["case_no,category,reported_at,lon,lat", *lines]))
    with city.engine.connect() as conn:
        asked = CaseImport(
            path, "tester", JudgingRules(CHICAGO), datum=resolve("3435"), now=city.asked.now
        )
        report = import_cases(conn, asked)
        moved = conn.execute(
            sa.text(
                "SELECT ST_X(geom), ST_Y(geom) FROM cases WHERE case_no LIKE 'X%'"
                " ORDER BY CAST(substr(case_no, 2) AS int)"
            )
        ).all()
        conn.rollback()
    assert report.new == len(some)
    expected = np.array([(float(r["lon"]), float(r["lat"])) for r in some])
    assert np.abs(np.array([tuple(row) for row in moved]) - expected).max() < 2e-5


A_YEAR = Period(date(2012, 1, 1), date(2012, 12, 31), CHICAGO)


def test_the_map_shows_every_case_in_the_ward_where_it_lies_under_either_edition(
    city: City,
) -> None:
    with city.engine.connect() as conn:
        wanted = ReportedFilter(A_YEAR)
        found = {n: figures(conn, n, "district", wanted, as_of=A_YEAR.end) for n in (1, 2)}
        listed = list_cases(conn, wanted.cases, limit=100_000)
        counts = {
            n: {c: k for c, k in zip(one.codes, one.columns["cases"], strict=True) if k}
            for n, one in found.items()
        }
        for number, shown in counts.items():
            ward = next(iter(shown))
            behind = replace(wanted.cases, ground=ground_of(conn, number, ("district", ward)))
            assert len(list_cases(conn, behind, limit=100_000)) == shown[ward]
        located = [one.location for one in listed if one.location.area_code is not None]
        lon, lat = np.array([(one.lon, one.lat) for one in located]).T
        wards = {n: Counter(ward_of(conn, n, lon, lat)) for n in (1, 2)}
    for number, one in found.items():
        elsewhere = one.elsewhere
        everything = sum(counts[number].values()) + elsewhere.unlocated_here
        assert everything + elsewhere.unlocated == len(listed)
        # GEOS alone snaps nothing: a few cases on the shore and beside a border of parks.
        inside = wards[number]
        snapped = inside.pop("", 0) - elsewhere.unlocated_here
        assert sum((counts[number][code] - inside[code]) for code in counts[number]) == snapped
        assert all(counts[number][code] >= inside[code] for code in inside)
    assert counts[1] != counts[2]


def test_the_density_of_a_city_in_utm_adds_up(city: City) -> None:
    with city.engine.connect() as conn:
        found = density(conn, 1, ReportedFilter(A_YEAR), bandwidth_m=500.0, now=A_YEAR.end)
        outline = areas_in(conn, 1, "district")["district"].geoms
    assert found.cases > 10_000
    grid = np.array(found.values, dtype=float).reshape(found.rows, found.cols)
    lon = found.west + (np.arange(found.cols) + 0.5) * (found.east - found.west) / found.cols
    lat = found.north - (np.arange(found.rows) + 0.5) * (found.north - found.south) / found.rows
    # Pixels of half a bandwidth: 16 to a square kilometre, those in the lake left out.
    inside = shapely.contains_xy(shapely.union_all(outline), *np.meshgrid(lon, lat))
    pixels = grid[inside] * found.scale
    assert pixels.sum() / 16 == pytest.approx(found.cases, rel=0.02)
    west = min(geom.bounds[0] for geom in outline)
    assert found.west < west < found.west + 0.02


def ward_of(conn: Connection, edition: int, lon: FloatArray, lat: FloatArray) -> list[str]:
    """The ward by GEOS alone: of those that cover a point the smallest code, else nothing."""
    wards = areas_in(conn, edition, "district")["district"]
    points, found = shapely.STRtree(wards.geoms).query(
        shapely.points(lon, lat), predicate="covered_by"
    )
    ward = [""] * len(lon)
    for point, code in sorted(zip(points.tolist(), wards.codes[found], strict=True))[::-1]:
        ward[point] = code
    return ward


def test_open_complaints_follow_the_new_wards_and_every_count_is_right(city: City) -> None:
    with city.engine.connect() as conn:
        wards = sorted(areas_in(conn, 2, "district")["district"].codes)
        squads = [Responder(f"W{code}", ResponderKind.SQUAD, f"Ward {code}") for code in wards]
        put_responders(conn, squads)
        on = (DutyRole.DISPOSE, DutyTarget.AREA, "district")
        add_duties(conn, [Duty(0, f"W{code}", *on, code, None) for code in wards])
        late = "reported_at >= '2014-07-01' AND reported_at < '2015-05-18' AND geom IS NOT NULL"
        conn.execute(
            sa.text(f"UPDATE cases SET closed_at = NULL, status = 'triage' WHERE {late}")
        )
        rules = JudgingRules(CHICAGO)
        at = datetime(2015, 1, 1, tzinfo=UTC)
        first = reroute(conn, RerouteAsked(1, rules, "tester", at))
        done = reroute(conn, RerouteAsked(2, rules, "tester", city.asked.now))
        again = reroute(conn, RerouteAsked(2, rules, "tester", city.asked.now))
        still_open = "status IN ('triage', 'dispatched') AND geom IS NOT NULL"
        rows = conn.execute(
            sa.text(
                f"SELECT responder_code, ST_X(geom), ST_Y(geom) FROM cases WHERE {still_open}"
            )
        ).all()
        lon, lat = np.array([row[1:] for row in rows], dtype=np.float64).T
        before, after = ward_of(conn, 1, lon, lat), ward_of(conn, 2, lon, lat)
        conn.rollback()
    assert len(rows) > 8_000
    # Beside the city's edge cases are snapped to a ward, which GEOS alone does not do.
    inside = [n for n in range(len(rows)) if before[n] and after[n]]
    assert len(inside) > 0.99 * len(rows)
    assert [rows[n][0] for n in inside] == [f"W{after[n]}" for n in inside]
    moves = Counter((f"W{before[n]}", f"W{after[n]}") for n in inside)
    moved = Counter({move: n for move, n in moves.items() if move[0] != move[1]})
    assert moved.total() > 1_000
    assert (done.moves - moved).total() + (moved - done.moves).total() <= len(rows) - len(
        inside
    )
    assert first.fates[Fate.OWNED] + first.fates[Fate.UNCHANGED] == first.open_cases
    assert again.changed == 0

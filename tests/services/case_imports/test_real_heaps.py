"""Coordinates that many real cases share: a busy house, and what a geocoder would answer."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import Level
from gridmgmt.domain.cases.case import CaseMark
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.services.case_imports.imports import CaseImport, import_cases
from gridmgmt.services.case_imports.report import CaseImportReport
from gridmgmt.services.cases.default_positions import accept
from gridmgmt.services.cases.summaries import CaseSummary, summarise
from gridmgmt.services.drafts.drafts import create, import_areas
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.store.areas.levels import store_levels
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from tests.shared import shared_data

CHICAGO, LOS_ANGELES = ZoneInfo("America/Chicago"), ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
# 125 complaints are about this house.
MOZART_STREET = (-87.69949148880588, 41.9548460781068)
CITY_HALL = (-118.24276, 34.053691)
LATEST = 4_000


def rows_of(city: str) -> Iterator[dict[str, str]]:
    path = shared_data(f"{city}/cases.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def take(
    conn: Connection, path: Path, rows: list[dict[str, str]], tz: ZoneInfo, **columns: str
) -> CaseImportReport:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    mapping = {"case_no": "case_id", **columns}
    return import_cases(
        conn, CaseImport(path, "tester", JudgingRules(tz), mapping=mapping, now=NOW)
    )


@pytest.mark.parametrize("has_addresses", [True, False])
def test_a_house_with_many_complaints_is_proposed_only_where_no_address_tells(
    conn: Connection, tmp_path: Path, has_addresses: bool
) -> None:
    rows = list(rows_of("chicago311"))
    x, y = map(str, MOZART_STREET)
    there = [row for row in rows if (row["lon"], row["lat"]) == (x, y)]
    assert len(there) == 125
    others = [row for row in rows[:LATEST] if row not in there]
    columns = {"category": "type", "reported_at": "created"}
    if not has_addresses:
        columns["address"] = "zip"
        there = [{**row, "zip": ""} for row in there]
    report = take(conn, tmp_path / "c.csv", [*there, *others], CHICAGO, **columns)
    found = [(heap.x, heap.y, heap.rows) for heap in report.heaps]
    numbers = {row["case_id"] for row in there}
    assert found == ([] if has_addresses else [(*MOZART_STREET, len(numbers))])


def summary(conn: Connection) -> CaseSummary:
    return summarise(conn, level="division", as_of=NOW)


@pytest.mark.proof
def test_addresses_that_nobody_found_are_proposed_and_leave_the_figures_as_they_were(
    conn: Connection, tmp_path: Path
) -> None:
    """The requests of Los Angeles without coordinates, as such a geocoder would give them."""
    areas = shared_data("la311/areas.gpkg")
    store_levels(conn, [Level("division", 0, "division", "division")])
    create(conn, "2017", actor="tester")
    file = AreaFile(areas, code="division", name="name_uc", layer="lapd_divisions")
    import_areas(conn, "2017", "division", file, actor="tester")
    publish(conn, "2017", datetime(2017, 1, 1, tzinfo=LOS_ANGELES), actor="tester")
    rows = list(rows_of("la311"))
    columns = {
        "category": "requesttype",
        "reported_at": "createddate",
        "due_at": "servicedate",
        "closed_at": "closeddate",
    }
    located = [row for row in rows if row["lon"]][:LATEST]
    take(conn, tmp_path / "located.csv", located, LOS_ANGELES, **columns)
    before = summary(conn)
    lon, lat = map(repr, CITY_HALL)
    not_found = [{**row, "lon": lon, "lat": lat} for row in rows if not row["lon"]]
    report = take(conn, tmp_path / "all.csv", [*located, *not_found], LOS_ANGELES, **columns)
    assert (report.new, report.unchanged) == (2_871, LATEST)
    (heap,) = report.heaps
    assert (heap.lon, heap.lat, heap.rows, heap.addresses) == (*CITY_HALL, 2_871, 1_000)
    crowded = summary(conn)
    assert crowded.areas != before.areas
    assert accept(conn, CITY_HALL, actor="tester") == 2_871
    after = summary(conn)
    assert after.areas == before.areas
    assert after.at_default.cases == 2_871
    assert after.city == crowded.city
    # They stay where they are and with whom they are.
    assert (after.places, after.responders) == (crowded.places, crowded.responders)
    marked = list_cases(conn, CaseFilter(mark=CaseMark.DEFAULT_POSITION), limit=3_000)
    assert {case.location.area_code for case in marked} == {"1"}

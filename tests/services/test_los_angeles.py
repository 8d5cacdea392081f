"""Requests of Los Angeles under four nested police levels, on real data."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.areas.area import Level
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.services.case_imports.imports import CaseImport, import_cases
from gridmgmt.services.case_imports.report import CaseImportReport
from gridmgmt.services.cases.summaries import parents_at, summarise
from gridmgmt.services.drafts.drafts import create, import_areas
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.levels import store_levels
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from tests.shared import shared_data

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
LEVELS = (
    ("bureau", "lapd_bureaus", "name", "name", None),
    ("division", "lapd_divisions", "division", "name_uc", "bureau"),
    ("basic_car_area", "lapd_basic_car_areas", "basic_car_area", "basic_car_area", "division"),
    (
        "reporting_district",
        "lapd_reporting_districts",
        "reporting_district",
        "reporting_district",
        "basic_car_area",
    ),
)


# Whole real cities take minutes; `make test` has Hangzhou, whose true cells are stated too.
pytestmark = pytest.mark.proof


@pytest.fixture(scope="module")
def city(shared_engine: Engine) -> Iterator[tuple[Connection, CaseImportReport]]:
    """Everything in one transaction that is rolled back after the last test."""
    path = shared_data("la311/areas.gpkg")
    cases = shared_data("la311/cases.csv.gz")
    with shared_engine.connect() as conn:
        store_levels(conn, [Level(name, n, name, name) for n, (name, *_) in enumerate(LEVELS)])
        create(conn, "2017", actor="tester")
        for level, layer, code, name, parent in LEVELS:
            file = AreaFile(path, code=code, name=name, parent=parent, layer=layer)
            import_areas(conn, "2017", level, file, actor="tester")
        publish(conn, "2017", datetime(2017, 1, 1, tzinfo=LOS_ANGELES), actor="tester")
        asked = CaseImport(
            path=cases,
            actor="tester",
            rules=JudgingRules(LOS_ANGELES),
            mapping={
                "case_no": "case_id",
                "category": "requesttype",
                "reported_at": "createddate",
                "due_at": "servicedate",
                "closed_at": "closeddate",
                "channel": "requestsource",
            },
            now=datetime(2026, 1, 1, tzinfo=UTC),
        )
        yield conn, import_cases(conn, asked)
        conn.rollback()


def test_the_division_above_the_located_district_is_the_stated_one(
    city: tuple[Connection, CaseImportReport],
) -> None:
    conn, _ = city
    with gzip.open(shared_data("la311/cases.csv.gz"), "rt", encoding="utf-8") as stream:
        truth = {r["case_id"]: r["lapd_division"] for r in csv.DictReader(stream)}
    divisions = areas_in(conn, 1, "division")["division"]
    name_of = dict(zip(divisions.codes, divisions.names, strict=True))
    division_of = parents_at(conn, 1, "division")
    located = [
        (truth[case.given.case_no], name_of.get(division_of.get(case.location.area_code or "")))
        for case in list_cases(conn, CaseFilter(), limit=100_000)
        if truth[case.given.case_no] and case.location.lon is not None
    ]
    assert len(located) == 37_128
    agreement = sum(stated == found for stated, found in located) / len(located)
    assert agreement >= 0.998


def test_requests_without_coordinates_and_early_ends_are_counted(
    city: tuple[Connection, CaseImportReport],
) -> None:
    _, report = city
    assert report.new == 39_999
    assert report.unlocated["address_only"] == 2_871
    assert report.ends_early == 48


def test_the_sums_of_the_bureaus_equal_the_citys(
    city: tuple[Connection, CaseImportReport],
) -> None:
    conn, report = city
    summary = summarise(conn, level="bureau", as_of=datetime(2026, 1, 1, tzinfo=UTC))
    assert len(summary.areas) == 5
    assert summary.areas[0].code == ""
    assert summary.areas[0].counts.cases == report.unlocated.total()
    assert summary.city.cases == 39_999
    assert summary.city.without_due == 2_458
    assert summary.city.due + summary.city.pending + 2_458 == 39_999

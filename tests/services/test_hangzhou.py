"""Events of a district of Hangzhou with the cell their own reporters named, on real data."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.engine import Connection, Engine

from gridmgmt.geometry.crs import resolve
from gridmgmt.services.area_layers import AreaFile
from gridmgmt.services.case_import_report import CaseImportReport
from gridmgmt.services.case_imports import CaseImport, import_cases
from gridmgmt.services.case_summaries import parents_at
from gridmgmt.services.drafts import create, import_areas
from gridmgmt.services.publishing import publish
from gridmgmt.store.case_filter import CaseFilter
from gridmgmt.store.cases import list_cases
from tests.shared import shared_data

SHANGHAI = ZoneInfo("Asia/Shanghai")
ASKED = {
    "actor": "tester",
    "tz": SHANGHAI,
    "mapping": {"case_no": "event_id", "category": "type", "channel": "platform"},
    "now": datetime(2026, 1, 1, tzinfo=UTC),
}
LEVELS = (
    ("street", "streets", "street_code", "street", None),
    ("community", "communities", "community_code", "community", "street_code"),
    ("cell", "grids", "grid_code", "grid_name", "community_code"),
)


@pytest.fixture
def conn(shared_engine: Engine) -> Iterator[Connection]:
    """Streets, communities and cells as one edition with parents, rolled back."""
    path = shared_data("hangzhou_xiacheng/areas.gpkg")
    with shared_engine.connect() as connection:
        create(connection, "2018", actor="tester")
        for level, layer, code, name, parent in LEVELS:
            file = AreaFile(path, code=code, name=name, parent=parent, layer=layer)
            import_areas(connection, "2018", level, file, actor="tester")
        publish(connection, "2018", datetime(2018, 1, 1, tzinfo=SHANGHAI), actor="tester")
        yield connection
        connection.rollback()


def take_in(conn: Connection, **asked: object) -> CaseImportReport:
    path = shared_data("hangzhou_xiacheng/grid_events.csv.gz")
    return import_cases(conn, CaseImport(path, **{**ASKED, **asked}))  # type: ignore[arg-type]


def truths() -> dict[str, dict[str, str]]:
    path = shared_data("hangzhou_xiacheng/grid_events.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return {line["event_id"]: line for line in csv.DictReader(stream)}


def test_226_of_228_events_lie_in_their_stated_cell_and_all_in_their_community(
    conn: Connection,
) -> None:
    report = take_in(conn)
    assert (report.new, report.inside, report.unlocated.total()) == (228, 228, 0)
    truth = truths()
    community_of = parents_at(conn, 1, "community")
    events = {
        case.given.case_no: str(case.placed.area_code)
        for case in list_cases(conn, CaseFilter(), limit=1_000)
    }
    assert events.keys() == truth.keys()
    in_cell = [no for no, cell in events.items() if cell == truth[no]["grid_code"]]
    in_community = [
        no for no, cell in events.items() if community_of[cell] == truth[no]["community_code"]
    ]
    assert (len(in_cell), len(in_community)) == (226, 228)


def test_nobody_stated_the_datum_so_both_possibilities_are_told_with_their_shares(
    conn: Connection,
) -> None:
    report = take_in(conn)
    (warning,) = report.warnings
    assert "nobody stated the datum" in warning
    assert "100.0% of them lie in an area as they are" in warning


def test_a_stated_datum_is_not_doubted(conn: Connection) -> None:
    report = take_in(conn, datum=resolve("4490"))
    assert report.warnings == []
    assert any("CGCS2000" in note for note in report.notes)


def test_events_said_to_be_gcj02_by_mistake_come_out_in_other_cells(conn: Connection) -> None:
    take_in(conn, datum=resolve("gcj02"))
    truth = truths()
    moved = list_cases(conn, CaseFilter(), limit=1_000)
    right = sum(
        case.placed.area_code == truth[case.given.case_no]["grid_code"] for case in moved
    )
    assert right < 20

"""Events of a district of Hangzhou with the cell their own reporters named, on real data."""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.domain.cases.case import GivenCase
from gridmgmt.domain.judging.judged import Judged
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.period import Period
from gridmgmt.domain.responsibility.category import Category, CategoryClass
from gridmgmt.domain.responsibility.component import Tie
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.exchange.content.import_files import FileOptions
from gridmgmt.geometry.crs.crs import resolve
from gridmgmt.geometry.drawing.compact import CompactShapes, decode
from gridmgmt.geometry.measure import metres_per_degree
from gridmgmt.services.case_imports.imports import CaseImport, import_cases
from gridmgmt.services.case_imports.report import CaseImportReport
from gridmgmt.services.cases.summaries import parents_at
from gridmgmt.services.drafts.drafts import create, import_areas
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.judging.judge import Judge
from gridmgmt.services.judging.location_batch import CategoryColumn
from gridmgmt.services.judging.router import Router
from gridmgmt.services.record_imports.rows import ImportSummary
from gridmgmt.services.responsibility.components import RegisterOptions, import_components
from gridmgmt.services.situation.map_density import density
from gridmgmt.services.situation.map_figures import figures
from gridmgmt.services.situation.map_shapes import Zoom, shapes
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.components import list_components
from gridmgmt.store.responsibility.responders import put_responders
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.shared import shared_data

SHANGHAI = ZoneInfo("Asia/Shanghai")
ASKED = {
    "actor": "tester",
    "rules": JudgingRules(SHANGHAI),
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
        case.given.case_no: str(case.location.area_code)
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
        case.location.area_code == truth[case.given.case_no]["grid_code"] for case in moved
    )
    assert right < 20


# The register of the district: places without codes of 16 digits and without owners, so a
# bureau says what the classes are and who runs each kind.
CLASSES = {"公共厕所": "0301", "公交站点": "0204", "公共自行车租赁点": "0225"}
OWNERS = {"0301": "WC", "0204": "BUS", "0225": "BIKE"}
COUNTS = {"0204": 233, "0225": 352, "0301": 168}


def take_in_register(conn: Connection) -> ImportSummary:
    put_responders(
        conn, [Responder(one, ResponderKind.COMPANY, one) for one in OWNERS.values()]
    )
    kinds = [
        Category(f"C{code}", word, None, CategoryClass.COMPONENT, class_code=code)
        for word, code in CLASSES.items()
    ]
    put_categories(conn, kinds)
    path = shared_data("hangzhou_xiacheng/city_components.csv.gz")
    mapping = {"code": "component_id", "class_code": "category", "name": "name"}
    options = FileOptions(mapping=mapping, datum=resolve("4490"))
    said = RegisterOptions(owners=OWNERS)
    return import_components(conn, path, options, said, actor="tester")


def report(conn: Connection, category: str, lon: float, lat: float) -> Judged:
    at = datetime(2018, 9, 3, 2, tzinfo=UTC)
    judge = Judge(conn, JudgingRules(SHANGHAI))
    return judge.judge_one(GivenCase("X", category, at, lon, lat), (lon, lat))


def test_all_753_components_are_taken_in_by_the_names_of_their_classes(
    conn: Connection,
) -> None:
    summary = take_in_register(conn)
    assert (summary.added, summary.changed, summary.unmapped) == (
        753,
        0,
        ("code", "parking_spaces"),
    )
    found, _ = list_components(conn)
    assert dict(Counter(one.class_code for one in found)) == COUNTS
    assert {one.owner_code for one in found} == set(OWNERS.values())
    assert any("753 code(s) do not have 16 digits" in note for note in summary.notes)
    # All of them lie in a grid, so there is nothing to say about that.
    assert not any("has no area" in note for note in summary.notes)


def test_a_case_at_a_bus_stop_goes_to_its_owner_and_one_20_m_off_does_not(
    conn: Connection,
) -> None:
    take_in_register(conn)
    found, points = list_components(conn)
    at = shapely.get_coordinates(points)
    m_lon, m_lat = metres_per_degree(at[:, 1])
    stops = np.array([one.class_code == "0204" for one in found])

    def next_stop_m(i: int) -> float:
        east, north = (at[stops] - at[i]).T * ((m_lon[i],), (m_lat[i],))
        return float(np.sort(np.hypot(east, north))[1])

    # One without another stop so near that it matters 20 m east of it.
    lonely = next(i for i in np.flatnonzero(stops).tolist() if next_stop_m(i) > 60)
    lon, lat = (float(value) for value in at[lonely])
    here = report(conn, "C0204", lon, lat).decision
    assert (here.responder, here.component) == ("BUS", found[lonely].code)
    other_kind = report(conn, "C0301", lon, lat).decision
    assert other_kind.component != found[lonely].code
    away = report(conn, "C0204", lon + 20 / float(m_lon[lonely]), lat)
    assert away.surroundings is not None
    assert (away.surroundings.components, away.decision.component) == ((), None)


def test_every_component_is_found_by_a_case_of_its_class_at_its_place(conn: Connection) -> None:
    take_in_register(conn)
    found, points = list_components(conn)
    at = shapely.get_coordinates(points)
    router = Router.load(conn, 1, tz=SHANGHAI)
    categories = CategoryColumn.from_codes([f"C{one.class_code}" for one in found], ())
    near = router.surroundings_batch(*at.T, np.full(len(at), -1), categories).components
    for one, here in zip(found, near.at(np.arange(len(found))), strict=True):
        assert here[0][1] == 0.0
        assert router.book.key(Surroundings((), components=here)).tie == Tie(
            min(code for code, metres in here if metres == 0.0), (OWNERS[one.class_code],)
        )


YEARS = Period(date(2015, 1, 1), date(2025, 12, 31), SHANGHAI)


def test_the_map_counts_the_events_in_their_cells_and_streets(conn: Connection) -> None:
    take_in(conn)
    events = list_cases(conn, CaseFilter(), limit=1_000)
    wanted = ReportedFilter(YEARS)
    for level in ("cell", "community", "street"):
        found = figures(conn, 1, level, wanted, as_of=YEARS.end)
        counted = dict(zip(found.codes, found.columns["cases"], strict=True))
        above = {str(c): str(c) for c in areas_in(conn, 1, "cell")["cell"].codes}
        above = above if level == "cell" else parents_at(conn, 1, level)
        one_by_one = Counter(above[str(case.location.area_code)] for case in events)
        assert {code: n for code, n in counted.items() if n} == one_by_one
    assert density(conn, 1, wanted, now=YEARS.end).cases == len(events)


def test_the_outlines_of_the_district_are_drawn_without_losing_a_cell(
    conn: Connection, tmp_path: Path
) -> None:
    cells = areas_in(conn, 1, "cell")["cell"]
    for zoom, away_m in ((Zoom.FAR, 150), (Zoom.NEAR, 40)):
        told = json.loads(gzip.decompress(shapes(conn, tmp_path, 1, "cell", zoom).compressed))
        back = decode(CompactShapes(tuple(told["origin"]), told["unit"], told["polygons"]))
        assert told["codes"] == cells.codes.tolist()
        assert (shapely.area(back) > 0).all()
        assert shapely.hausdorff_distance(cells.geoms, back).max() * 111_000 < away_m
        grown = shapely.area(back).sum() / shapely.area(cells.geoms).sum()
        assert grown == pytest.approx(1, abs=0.005)
        overlap = shapely.area(back).sum() - shapely.area(shapely.union_all(back))
        assert overlap < 0.002 * np.sum(shapely.area(back))

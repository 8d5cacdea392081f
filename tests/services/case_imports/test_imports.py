import json
import math
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import (
    CaseEventKind,
    CaseStatus,
    UnlocatedReason,
    UnroutedReason,
)
from gridmgmt.domain.cases.duplicates import DuplicateRule
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.errors import CRSError, InputError, LayerError
from gridmgmt.geometry.crs.crs import from_lonlat, resolve
from gridmgmt.services.case_imports import imports
from gridmgmt.store.cases.cases import get_trace, list_events
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.schema import audit_log, case_events, cases
from tests.factories import make_edition, make_level
from tests.services.answering import make_city
from tests.services.case_city import (
    A1,
    A2,
    B1,
    BETWEEN_A1_AND_A2,
    FAR_AWAY,
    SHANGHAI,
    TEN_METRES_WEST,
    case_file,
    give_duties,
    row,
    stored,
    take_in,
)


@pytest.fixture
def city(conn: Connection) -> Connection:
    make_city(conn)
    give_duties(conn)
    return conn


def counts(conn: Connection) -> tuple[int, int]:
    total = [
        conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in (cases, case_events)
    ]
    return total[0], total[1]


def test_a_case_is_located_routed_and_stored_with_trace_and_first_event(
    city: Connection, tmp_path: Path
) -> None:
    report = take_in(city, case_file(tmp_path, [row("C1"), row("C2", B1)]))
    assert (report.new, report.inside, report.routed) == (2, 2, 2)
    case = stored(city, "C1")
    assert (case.location.area_code, case.location.level, case.location.edition) == (
        "A1",
        "cell",
        1,
    )
    assert (case.responder_code, case.status) == ("S1", CaseStatus.DISPATCHED)
    assert stored(city, "C2").responder_code == "S2"
    trace = get_trace(city, "C1")
    assert trace["given"] == {"x": A1[0], "y": A1[1], "crs": "EPSG:4326"}
    assert trace["candidates"] == [["A1", 0.0]]
    assert trace["settings"] == {
        "candidate_m": 1.0,
        "snap_m": 30.0,
        "component_m": 15.0,
        "confidence": 0.5,
    }
    assert 200 < trace["border_m"] < 300
    assert trace["decision"]["rule"] == "area:cell"
    assert trace["program"]
    (event,) = list_events(city, "C1")
    assert (event.kind, event.seq, event.actor) == (CaseEventKind.REPORTED, 1, "tester")
    assert event.happened_at == case.given.reported_at
    assert event.detail["file"] == "cases.csv"
    assert event.detail["row"] == 2
    assert event.detail["responder"] == "S1"


def test_ends_that_the_file_gives_become_events_and_the_status(
    city: Connection, tmp_path: Path
) -> None:
    ended = row("C1", disposed_at="2026-03-03 10:00", closed_at="2026-03-04")
    report = take_in(city, case_file(tmp_path, [ended, row("C2", disposed_at="2026-03-03")]))
    assert [event.kind for event in list_events(city, "C1")] == [
        CaseEventKind.REPORTED,
        CaseEventKind.DISPOSED,
        CaseEventKind.CLOSED,
    ]
    assert stored(city, "C1").status is CaseStatus.CLOSED
    assert stored(city, "C1").last_seq == 3
    assert stored(city, "C2").status is CaseStatus.DISPOSED
    assert report.ends_early == 0


def test_an_end_before_the_report_is_taken_and_named(city: Connection, tmp_path: Path) -> None:
    same_day = row("C1", closed_at="2026-03-02")
    report = take_in(city, case_file(tmp_path, [same_day]))
    assert (report.new, report.ends_early) == (1, 1)
    assert any("before they were reported" in note for note in report.notes_said())


def test_a_deadline_before_the_report_is_taken_and_named(
    city: Connection, tmp_path: Path
) -> None:
    early = row("C1", reported_at="2026-03-02 08:00", due_at="2026-03-02 07:59")
    at_once = row("C2", reported_at="2026-03-02 08:00", due_at="2026-03-02 08:00")
    report = take_in(city, case_file(tmp_path, [early, at_once]))
    assert (report.new, report.due_early) == (2, 1)
    assert any("1 case(s) were due before" in note for note in report.notes_said())


def test_a_case_without_a_position_is_stored_unlocated(
    city: Connection, tmp_path: Path
) -> None:
    report = take_in(city, case_file(tmp_path, [row("C1", None), row("C2")]))
    case = stored(city, "C1")
    assert case.location.unlocated_reason is UnlocatedReason.NO_POSITION
    assert (case.unrouted_reason, case.status) == (UnroutedReason.UNLOCATED, CaseStatus.TRIAGE)
    assert report.unlocated == {"no_position": 1}
    assert any("no coordinates" in note for note in report.notes_said())


def test_a_case_on_a_border_goes_to_the_smallest_code(city: Connection, tmp_path: Path) -> None:
    report = take_in(city, case_file(tmp_path, [row("C1", BETWEEN_A1_AND_A2)]))
    location = stored(city, "C1").location
    assert (location.area_code, location.on_boundary) == ("A1", True)
    assert location.candidates == ("A1", "A2")
    assert report.on_boundary == 1


def test_a_case_just_outside_is_snapped_with_its_distance_unless_snapping_is_off(
    city: Connection, tmp_path: Path
) -> None:
    path = case_file(tmp_path, [row("C1", TEN_METRES_WEST)])
    with city.begin_nested() as savepoint:
        assert take_in(city, path).snapped == 1
        location = stored(city, "C1").location
        assert (location.area_code, location.snapped) == ("A1", True)
        assert location.distance_m == pytest.approx(9.6, abs=0.1)
        savepoint.rollback()
    report = take_in(city, path, rules=JudgingRules(SHANGHAI, snap_m=0.0))
    assert report.unlocated == {"outside": 1}
    assert stored(city, "C1").location.unlocated_reason is UnlocatedReason.OUTSIDE


def test_a_case_older_than_the_first_edition_is_counted_with_the_remedy(
    city: Connection, tmp_path: Path
) -> None:
    old = row("C1", reported_at="2025-12-31 23:59")
    report = take_in(city, case_file(tmp_path, [old, row("C2")]))
    reason = stored(city, "C1").location.unlocated_reason
    assert reason is UnlocatedReason.BEFORE_FIRST_EDITION
    assert stored(city, "C1").location.lon == A1[0]
    assert any(
        "edition extend 1 --from 2025-12-31" in warning for warning in report.warnings_said()
    )


def test_without_any_edition_cases_are_stored_and_the_remedy_is_named(
    conn: Connection, tmp_path: Path
) -> None:
    report = take_in(conn, case_file(tmp_path, [row("C1")]))
    assert report.unlocated == {"before_first_edition": 1}
    assert any("no edition is published" in warning for warning in report.warnings_said())


def test_importing_the_same_file_twice_changes_nothing(
    city: Connection, tmp_path: Path
) -> None:
    path = case_file(tmp_path, [row("C1", description="占道"), row("C2", None), row("C3", A2)])
    take_in(city, path)
    before = counts(city), city.execute(sa.select(cases).order_by("case_no")).all()
    audited = city.execute(sa.select(sa.func.count()).select_from(audit_log)).scalar_one()
    for options in ({}, {"update_known": True}):
        report = take_in(city, path, **options)
        assert (report.new, report.unchanged, report.updated) == (0, 3, 0)
        assert report.rejected == []
    after = counts(city), city.execute(sa.select(cases).order_by("case_no")).all()
    assert after == before
    now = city.execute(sa.select(sa.func.count()).select_from(audit_log)).scalar_one()
    assert now == audited


def test_in_a_file_the_first_row_of_a_number_wins_and_the_others_name_their_differences(
    city: Connection, tmp_path: Path
) -> None:
    rows = [
        row("C1", closed_at="2026-03-05"),
        row("C1", closed_at="2026-03-06", zip="x"),
        row("C1", closed_at="2026-03-05"),
        row("C1", A2, closed_at="2026-03-05"),
        row("C2"),
        row("C2"),
    ]
    report = take_in(city, case_file(tmp_path, rows))
    assert (report.repeats.numbers, report.repeats.differing) == (2, 1)
    assert (report.repeats.identical_rows, report.repeats.differing_rows) == (2, 2)
    assert [one.row for one in report.rejected] == [3, 5]
    assert report.rejected[0].reason.endswith("differs in closed_at")
    assert "appears in row 2" in report.rejected[0].reason
    assert report.rejected[1].reason.endswith("differs in lon")
    assert report.rows == 6 == report.new + report.repeats.identical_rows + 2
    assert report.columns_not_stored == ("zip",)


def test_an_unreadable_row_does_not_take_its_number_from_a_readable_one(
    city: Connection, tmp_path: Path
) -> None:
    report = take_in(city, case_file(tmp_path, [row("C1", (120.15, 91.0)), row("C1")]))
    assert report.new == 1
    assert [one.reason for one in report.rejected] == ["lat 91 is beyond 90 degrees"]


def test_a_known_number_with_other_content_is_reported_and_left_alone(
    city: Connection, tmp_path: Path
) -> None:
    take_in(city, case_file(tmp_path, [row("C1"), row("C2")]))
    before = counts(city)
    again = case_file(tmp_path, [row("C1", A2, category="E2"), row("C2")], "again.csv")
    report = take_in(city, again)
    assert (report.unchanged, report.known_differing, report.new) == (1, 1, 0)
    assert [one.reason for one in report.rejected] == [
        "case_no C1 is known and differs in category, lon"
    ]
    assert counts(city) == before
    assert stored(city, "C1").given.category == "E1"


def test_an_update_becomes_events_and_the_new_state(city: Connection, tmp_path: Path) -> None:
    take_in(city, case_file(tmp_path, [row("C1", channel="12345")]))
    moved = row("C1", B1, channel="12319", disposed_at="2026-03-03")
    report = take_in(city, case_file(tmp_path, [moved], "again.csv"), update_known=True)
    assert (report.updated, report.rerouted, report.new) == (1, 1, 0)
    case = stored(city, "C1")
    assert (case.location.area_code, case.responder_code) == ("B1", "S2")
    assert (case.status, case.given.channel) == (CaseStatus.DISPOSED, "12319")
    first, updated, rerouted, disposed = list_events(city, "C1")
    assert case.last_seq == disposed.seq == 4
    assert updated.kind is CaseEventKind.UPDATED
    assert updated.detail["changed"] == {
        "lon": [A1[0], B1[0]],
        "channel": ["12345", "12319"],
    }
    assert rerouted.kind is CaseEventKind.REROUTED
    assert rerouted.detail["from"]["responder"] == "S1"
    assert rerouted.detail["to"] == {
        "edition": 1,
        "level": "cell",
        "area": "B1",
        "unlocated": None,
        "responder": "S2",
        "unrouted": None,
    }
    assert rerouted.detail["trace_before"]["area"] == "A1"
    assert disposed.kind is CaseEventKind.DISPOSED
    assert first.kind is CaseEventKind.REPORTED
    assert get_trace(city, "C1")["area"] == "B1"


def test_an_update_of_words_alone_judges_nothing_again(
    city: Connection, tmp_path: Path
) -> None:
    take_in(city, case_file(tmp_path, [row("C1", description="a")]))
    judged = get_trace(city, "C1")
    # The duty is gone meanwhile: judging the case again would move it.
    city.execute(sa.text("DELETE FROM duties"))
    again = case_file(tmp_path, [row("C1", description="b")], "again.csv")
    report = take_in(city, again, update_known=True)
    assert (report.updated, report.rerouted) == (1, 0)
    assert stored(city, "C1").responder_code == "S1"
    assert stored(city, "C1").given.description == "b"
    assert get_trace(city, "C1") == judged
    assert [event.kind for event in list_events(city, "C1")][1:] == [CaseEventKind.UPDATED]


def test_a_field_the_file_does_not_have_stays_as_it_is_known(
    city: Connection, tmp_path: Path
) -> None:
    take_in(city, case_file(tmp_path, [row("C1", description="a", due_at="2026-03-04")]))
    report = take_in(city, case_file(tmp_path, [row("C1")], "short.csv"))
    assert report.unchanged == 1
    changed = case_file(tmp_path, [row("C1", category="E2")], "short.csv")
    take_in(city, changed, update_known=True)
    given = stored(city, "C1").given
    assert (given.category, given.description) == ("E2", "a")
    assert given.due_at is not None


def test_an_update_takes_no_end_back(city: Connection, tmp_path: Path) -> None:
    take_in(city, case_file(tmp_path, [row("C1", disposed_at="2026-03-03")]))
    again = case_file(tmp_path, [row("C1", disposed_at="")], "again.csv")
    report = take_in(city, again, update_known=True)
    assert report.updated == 0
    assert "an import never removes the end of a case" in report.rejected[0].reason
    assert stored(city, "C1").status is CaseStatus.DISPOSED


def test_the_same_numbers_in_another_datum_are_another_position(
    city: Connection, tmp_path: Path
) -> None:
    path = case_file(tmp_path, [row("C1")])
    take_in(city, path)
    report = take_in(city, path, datum=resolve("gcj02"))
    assert report.known_differing == 1
    assert report.rejected[0].reason.endswith("differs in crs")


def test_an_unknown_category_is_kept_as_unmapped_and_seen_by_general_duties_only(
    city: Connection, tmp_path: Path
) -> None:
    rows = [row("C1", category="新类"), row("C2", B1, category="新类"), row("C3")]
    report = take_in(city, case_file(tmp_path, rows))
    assert report.unknown_categories == {"新类": 2}
    assert {one.code: one.mapped for one in list_categories(city)}["新类"] is False
    assert stored(city, "C1").responder_code == "S1"
    assert stored(city, "C2").unrouted_reason is UnroutedReason.NO_DISPOSER
    assert any("新类 (2)" in warning for warning in report.warnings_said())


def test_a_duty_that_names_a_category_waits_until_the_category_is_mapped(
    city: Connection, tmp_path: Path
) -> None:
    named = frozenset({"新类", "X9"})
    add_duties(city, [Duty(0, "S1", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "B1", named)])
    rows = [row("C1", B1, category="新类"), row("C2", B1, category="X9")]
    report = take_in(city, case_file(tmp_path, rows))
    # X9 is known since earlier cases had it, but nobody has mapped it either.
    assert report.unrouted == {"no_owner": 2}
    assert report.unknown_categories == {"新类": 1, "X9": 1}


def test_gcj02_is_converted_and_the_original_kept(city: Connection, tmp_path: Path) -> None:
    gcj02 = resolve("gcj02")
    lon, lat = (float(v[0]) for v in from_lonlat([A1[0]], [A1[1]], gcj02))
    take_in(city, case_file(tmp_path, [row("C1", (lon, lat))]), datum=gcj02)
    case = stored(city, "C1")
    assert (case.given.x, case.given.y, case.given_crs) == (lon, lat, "gcj02")
    assert case.location.lon == pytest.approx(A1[0], abs=1e-8)
    assert case.location.area_code == "A1"


def test_positions_that_fit_only_as_gcj02_are_told_with_both_shares(
    city: Connection, tmp_path: Path
) -> None:
    # The other way round: what is GCJ-02 lies outside when it is taken as WGS 84.
    east = [(120.1695, 30.2505 + k / 1000) for k in range(9)]
    gcj02 = resolve("gcj02")
    shifted = [
        tuple(float(v[0]) for v in from_lonlat([lon], [lat], gcj02)) for lon, lat in east
    ]
    rows = [row(f"C{n}", (at[0], at[1])) for n, at in enumerate(shifted)]
    report = take_in(city, case_file(tmp_path, rows))
    (warning,) = [w for w in report.warnings if "GCJ-02" in w]
    assert "0.0% of them lie in an area as they are, 100.0% when taken as GCJ-02" in warning
    assert "--crs gcj02" in warning


def test_projected_positions_are_taken_with_their_crs_and_refused_without(
    city: Connection, tmp_path: Path
) -> None:
    zone = resolve("4549")
    x, y = (float(v[0]) for v in from_lonlat([A1[0]], [A1[1]], zone))
    path = case_file(tmp_path, [row("C1", (x, y))])
    with pytest.raises(CRSError, match="metres, not degrees") as caught:
        take_in(city, path)
    assert "--crs EPSG" in caught.value.remedy
    take_in(city, path, datum=zone)
    assert stored(city, "C1").location.area_code == "A1"
    degrees = case_file(tmp_path, [row("C2", A1)])
    with pytest.raises(CRSError, match="look like degrees, not like"):
        take_in(city, degrees, datum=zone)


def test_swapped_axes_are_refused_with_the_mapping_that_helps(
    city: Connection, tmp_path: Path
) -> None:
    rows = [row(f"C{n}", (A1[1], A1[0])) for n in range(3)]
    path = case_file(tmp_path, rows)
    with pytest.raises(CRSError, match="swapped") as caught:
        take_in(city, path)
    assert caught.value.remedy == "--map lon=lat,lat=lon"
    report = take_in(city, path, mapping={"lon": "lat", "lat": "lon"})
    assert report.inside == 3


def test_swapped_axes_are_seen_by_the_areas_where_the_numbers_do_not_tell(
    conn: Connection, tmp_path: Path
) -> None:
    cell = shapely.box(-87.7, 41.8, -87.6, 41.9)
    make_edition(conn, {"cell": make_level("cell", {"W1": cell})})
    rows = [row(f"C{n}", (41.85, -87.65)) for n in range(3)]
    with pytest.raises(CRSError, match=r"0% of them .* as given, 100% when swapped"):
        take_in(conn, case_file(tmp_path, rows))


def test_positions_outside_every_area_are_counted_and_nearly_all_of_them_warned_of(
    city: Connection, tmp_path: Path
) -> None:
    rows = [row(f"C{n}", (FAR_AWAY[0], FAR_AWAY[1] + n / 100)) for n in range(19)]
    report = take_in(city, case_file(tmp_path, [*rows, row("C99")]))
    assert report.unlocated == {"outside": 19}
    warnings = "\n".join(report.warnings_said())
    assert "95% of the positions lie outside every area" in warnings
    assert "19 position(s) (95.0%) lie outside every area" in warnings


def heap_rows(
    name: str, count: int, addresses: Sequence[str] = (), at: tuple[float, float] = A1
) -> list[dict[str, str]]:
    told = addresses or [""]
    return [row(f"{name}{n}", at, address=told[n % len(told)]) for n in range(count)]


@pytest.mark.parametrize(
    ("rows", "others", "found"),
    [
        pytest.param(100, 0, 100, id="a hundred of any file"),
        pytest.param(99, 0, None, id="one fewer"),
        pytest.param(101, 10_000, None, id="less than one in a hundred of a long file"),
    ],
)
def test_a_coordinate_of_many_cases_of_a_file_is_a_heap(
    city: Connection, tmp_path: Path, rows: int, others: int, found: int | None
) -> None:
    elsewhere = [row(f"D{n}", (A2[0] + n * 1e-9, A2[1])) for n in range(others)]
    report = take_in(city, case_file(tmp_path, [*heap_rows("C", rows), *elsewhere]))
    heaps = [(heap.x, heap.y, heap.lon, heap.lat, heap.rows) for heap in report.heaps]
    assert heaps == ([] if found is None else [(*A1, *A1, found)])
    said = "share the coordinate 120.1525 30.2525 to the last digit: most likely a geocoder's"
    assert any(said in warning for warning in report.warnings_said()) == (found is not None)


def test_rows_of_one_case_count_once_in_a_heap(city: Connection, tmp_path: Path) -> None:
    rows = heap_rows("C", 99)
    report = take_in(city, case_file(tmp_path, [*rows, *rows]))
    assert (report.new, report.heaps) == (99, [])


def test_positions_that_differ_in_the_last_digit_are_no_heap(
    city: Connection, tmp_path: Path
) -> None:
    near = (math.nextafter(A1[0], 180), A1[1])
    report = take_in(
        city, case_file(tmp_path, heap_rows("C", 99) + heap_rows("D", 99, at=near))
    )
    assert (report.new, report.heaps) == (198, [])


@pytest.mark.parametrize(
    ("addresses", "different"),
    [
        pytest.param([""], 0, id="none"),
        pytest.param(["1 Hill Road", "2 Hill Road", ""], 2, id="two"),
        pytest.param(["1 Hill Road", " 1  Hill Road ", ""], None, id="one and the same"),
    ],
)
def test_cases_of_one_address_are_no_heap(
    city: Connection, tmp_path: Path, addresses: list[str], different: int | None
) -> None:
    report = take_in(city, case_file(tmp_path, heap_rows("C", 150, addresses)))
    assert [heap.addresses for heap in report.heaps] == (
        [] if different is None else [different]
    )
    # The report is kept with the job and printed; addresses are personal data.
    told = json.dumps(report.to_json()) + "".join(report.sentences())
    assert "Hill" not in told
    assert [heap.examples for heap in report.heaps if heap.addresses] in (
        [],
        [("1 Hill Road", "2 Hill Road")],
    )


def test_times_without_an_offset_are_taken_in_the_zone_given(
    city: Connection, tmp_path: Path
) -> None:
    rows = [row("C1", reported_at="2026/3/2 9:30"), row("C2", reported_at="2026-03-02T01:30Z")]
    take_in(city, case_file(tmp_path, rows), source_tz=ZoneInfo("America/Chicago"))
    assert stored(city, "C1").given.reported_at.isoformat() == "2026-03-02T15:30:00+00:00"
    assert stored(city, "C2").given.reported_at.isoformat() == "2026-03-02T01:30:00+00:00"


def test_every_missing_column_is_named_before_anything_is_read(
    city: Connection, tmp_path: Path
) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("id,category,reported_at\n1,E1,2026-03-02\n")
    with pytest.raises(LayerError) as caught:
        take_in(city, path)
    assert caught.value.problems == (
        "there is no column 'case_no' or '案件编号'",
        "there is no column 'lon'",
        "there is no column 'lat'",
    )
    assert "id, category, reported_at" in caught.value.remedy
    with pytest.raises(InputError, match="no field colour"):
        take_in(city, path, mapping={"colour": "id"})


def test_a_header_alone_is_refused(city: Connection, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("case_no,category,reported_at,lon,lat\n")
    with pytest.raises(LayerError, match="no rows"):
        take_in(city, path)


def test_when_every_row_is_unfit_the_report_says_so(city: Connection, tmp_path: Path) -> None:
    report = take_in(city, case_file(tmp_path, [row("C1", reported_at="2099-01-01")]))
    assert report.is_useless
    assert counts(city) == (0, 0)


def test_one_transaction_may_take_in_several_files(city: Connection, tmp_path: Path) -> None:
    for no in ("C1", "C2"):
        take_in(city, case_file(tmp_path, [row(no)], f"{no}.csv"))
    assert counts(city) == (2, 2)


def test_a_position_that_its_projection_cannot_have_is_refused_by_row(
    city: Connection, tmp_path: Path
) -> None:
    zone = resolve("4549")
    x, y = (float(v[0]) for v in from_lonlat([A1[0]], [A1[1]], zone))
    rows = [row("C1", (x, y)), row("C2", (9e8, 9e8))]
    report = take_in(city, case_file(tmp_path, rows), datum=zone)
    assert report.new == 1
    assert [one.reason for one in report.rejected] == [
        "lon 900000000, lat 900000000 cannot be a position in EPSG:4549"
    ]


def test_a_case_that_gets_its_time_from_an_update_may_find_an_edition(
    city: Connection, tmp_path: Path
) -> None:
    take_in(city, case_file(tmp_path, [row("C1", reported_at="2025-12-01")]))
    later = case_file(tmp_path, [row("C1")], "again.csv")
    report = take_in(city, later, update_known=True)
    assert report.rerouted == 1
    assert stored(city, "C1").location.area_code == "A1"
    updated, rerouted = list_events(city, "C1")[1:]
    assert updated.detail["changed"]["reported_at"][1].startswith("2026-03-02T09:30")
    assert rerouted.detail["from"]["unlocated"] == "before_first_edition"


def test_a_case_with_an_address_and_no_position_is_told_apart(city, tmp_path):
    rows = [
        row("C1", None, address="某路1号"),
        row("C2", None),
        row("C3", A1, address="某路2号"),
    ]
    report = take_in(city, case_file(tmp_path, rows))
    assert report.unlocated == {"address_only": 1, "no_position": 1}
    case = stored(city, "C1")
    assert (case.location.unlocated_reason, case.status) == ("address_only", "triage")
    assert any("only an address" in sentence for sentence in report.notes_said())

    # Who is told an address later is told apart then; who had a position stays where it is.
    rows = [row("C2", None, address="某路3号"), row("C3", A1, address="某路4号")]
    take_in(city, case_file(tmp_path, rows), update_known=True)
    assert stored(city, "C2").location.unlocated_reason == "address_only"
    kinds = [[event.kind for event in list_events(city, no)] for no in ("C2", "C3")]
    assert kinds == [["reported", "updated", "rerouted"], ["reported", "updated"]]


def test_new_cases_that_may_be_the_same_as_an_open_one_are_counted(city, tmp_path):
    assert take_in(city, case_file(tmp_path, [row("C1", A1), row("C2", A2)])).alike == 0
    rows = [
        row("C3", A1),
        row("C4", A1, disposed_at="2026-03-03"),
        row("C5", A2),
        row("C6", B1),
    ]
    report = take_in(city, case_file(tmp_path, rows))
    assert report.alike == 2
    assert any("may be the same" in sentence for sentence in report.notes_said())
    assert take_in(city, case_file(tmp_path, rows)).alike == 0


@pytest.mark.parametrize(("most", "looked"), [(3, True), (2, False)])
def test_new_cases_are_compared_where_not_too_many_of_them_are_open(
    city, tmp_path, monkeypatch, most, looked
):
    monkeypatch.setattr(imports, "_MOST_COMPARED", most)
    rows = [row(f"C{k}", A1, disposed_at="2026-03-03" if k > 2 else "") for k in range(9)]
    report = take_in(city, case_file(tmp_path, rows), rows_at_once=2)
    assert report.alike == (2 if looked else 0)
    assert len(report.new_open) == 3
    assert (
        any("were not compared with others" in note for note in report.notes_said()) != looked
    )


def test_who_wants_no_hint_at_duplicates_is_told_nothing_of_them(city, tmp_path, monkeypatch):
    monkeypatch.setattr(imports, "_MOST_COMPARED", 1)
    rows = [row(f"C{k}", A1) for k in range(3)]
    report = take_in(city, case_file(tmp_path, rows), duplicates=DuplicateRule(metres=0.0))
    assert (report.alike, report.notes) == (0, [])
    assert len(report.new_open) == 2


def test_all_faults_of_a_row_are_told_at_once(city: Connection, tmp_path: Path) -> None:
    good = [row(f"C{n}", A1) for n in range(20)]
    path = case_file(
        tmp_path,
        [
            *good,
            row("9" * 300, (500.0, 30.2), reported_at="2026-02-31", accuracy_m="-1"),
            row("C30", (120.1, 95.0), category=""),
            {**row("C31", A1, closed_at="soon"), "lat": "north"},
        ],
    )
    report = take_in(city, path)
    assert report.new == len(good)
    told = [one.reason for one in report.rejected]
    for reason, expected in zip(
        told,
        [
            ("case_no: ", "reported_at: ", "accuracy_m: ", "lon 500 is beyond 180 degrees"),
            ("category is empty", "lat 95 is beyond 90 degrees"),
            ("lat: 'north' is no coordinate", "closed_at: "),
        ],
        strict=True,
    ):
        assert all(part in reason for part in expected), reason
        assert len(reason.split("; ")) >= len(expected)

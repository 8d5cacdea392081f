"""Traces are put together as text; what is read back is what was written."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.domain.cases.case import CaseLocation, GivenCase, Share, UnlocatedReason
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.judged import Judged
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.services.judging.traces import TraceWriter

SHANGHAI = ZoneInfo("Asia/Shanghai")
WRITER = TraceWriter(JudgingRules(SHANGHAI))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
CODES = st.text(max_size=5) | st.sampled_from(['"', "\\", '"}, "x": {"', "新类", "a\tb\n"])
LOCATIONS = st.builds(
    CaseLocation,
    lon=st.none() | NUMBERS,
    lat=st.none() | NUMBERS,
    edition=st.none() | st.integers(1, 9),
    level=st.none() | CODES,
    area_code=st.none() | CODES,
    on_boundary=st.booleans(),
    snapped=st.booleans(),
    distance_m=st.none() | NUMBERS,
    border_m=st.none() | NUMBERS,
    unlocated_reason=st.none() | st.sampled_from(UnlocatedReason),
)
CASES = st.builds(
    GivenCase,
    case_no=st.just("C1"),
    category=CODES,
    reported_at=st.datetimes(datetime.fromisoformat("1900-01-02"), timezones=st.just(UTC)),
    x=NUMBERS,
    y=NUMBERS,
    accuracy_m=st.none() | NUMBERS,
)


@given(CASES, LOCATIONS, st.lists(st.tuples(CODES, NUMBERS), max_size=3), CODES)
def test_every_value_is_read_back_as_it_was(
    case: GivenCase, where: CaseLocation, near: list[tuple[str, float]], name: str
) -> None:
    located = CaseLocation(
        **{field: getattr(where, field) for field in CaseLocation.__dataclass_fields__}
        | {"candidates": tuple(c for c, _ in near), "candidate_m": tuple(m for _, m in near)}
    )
    judged = Judged(located, Surroundings((("cell", name),)), Decision(name or "S1", None))
    decided = {"assigned": {"responder": name, "by": "wang", "seq": 2}}
    for by_hand in ({}, decided):
        trace = json.loads(WRITER.write(case, name, judged, by_hand))
        at = datetime.fromisoformat(trace.pop("reported_at"))
        assert (at, at.utcoffset()) == (case.reported_at, at.astimezone(SHANGHAI).utcoffset())
        rules = {"program", "settings", "place", "decision"}
        assert {field: trace[field] for field in trace.keys() - rules} == {
            "given": {"x": case.x, "y": case.y, "crs": name},
            "lon": where.lon,
            "lat": where.lat,
            "category": case.category,
            "edition": where.edition,
            "level": where.level,
            "area": where.area_code,
            "unlocated": where.unlocated_reason,
            "on_boundary": where.on_boundary,
            "snapped": where.snapped,
            "distance_m": where.distance_m,
            "border_m": where.border_m,
            "candidates": [list(one) for one in near],
            **by_hand,
        }
        assert trace.keys() >= rules
        assert trace["place"]["areas"] == [["cell", name]]


def test_a_case_without_a_position_has_none_and_shares_only_where_there_are_several() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    decision, shares = Decision("S1", None), (Share("A1", 2 / 3, 1.0, 2.0),)
    bare = GivenCase("C1", "E1", at)
    trace = json.loads(WRITER.write(bare, None, Judged(CaseLocation(), None, decision)))
    assert (trace["given"], trace["place"], trace["candidates"]) == (None, None, [])
    assert trace.keys().isdisjoint({"shares", "accuracy_m"})
    wide = GivenCase("C1", "E1", at, 1.0, 2.0, accuracy_m=50.0)
    judged = Judged(CaseLocation(1.0, 2.0, shares=shares), None, decision)
    trace = json.loads(WRITER.write(wide, "EPSG:4326", judged))
    assert (trace["accuracy_m"], trace["shares"]) == (50.0, [["A1", 0.6667]])

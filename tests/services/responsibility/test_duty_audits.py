from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from gridmgmt.domain.areas.surroundings import Zone, ZoneKind
from gridmgmt.domain.auditing.duty_audit import FindingKind, Whole
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.errors import EditionError, NotFoundError
from gridmgmt.services.record_imports.shaped_records import multipolygon
from gridmgmt.services.responsibility.duty_audits import area_names_of, audit
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.responsibility.zones import put_zones
from tests.factories import make_edition, square, two_streets
from tests.services.answering import make_city, objects

TZ = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 5, 4)


def duty(responder, target, level, code):
    return Duty(0, responder, DutyRole.DISPOSE, target, level, code, None)


def test_unmapped_categories_are_not_looked_at_and_offices_are_no_disposers(conn):
    make_city(conn)
    add_duties(conn, [duty("S1", DutyTarget.AREA, "street", "B")])
    result = audit(conn, DAY, tz=TZ)
    assert (result.areas, result.categories) == (8, 2)
    (found,) = result.findings
    assert (found.categories, found.whole) == (("E1", "E2"), (Whole("street", "A", 4),))
    assert found.outcome.falls_to == ("OA",)


def test_zones_that_only_touch_are_no_double_zones_that_overlap_are(conn):
    make_city(conn)
    put_zones(
        conn,
        [Zone(code, ZoneKind.VENDOR, code) for code in ("Z1", "Z2", "Z3")],
        objects(
            multipolygon(square(0, 0)),
            multipolygon(square(1, 0)),
            multipolygon(square(0.5, 0.5)),
        ),
    )
    pairs = (("S1", "Z1"), ("S2", "Z2"), ("OA", "Z3"))
    add_duties(conn, [duty(squad, DutyTarget.ZONE, None, code) for squad, code in pairs])
    doubles = [
        one.places
        for one in audit(conn, DAY, tz=TZ).findings
        if one.outcome.kind is FindingKind.DOUBLE
    ]
    assert doubles == [("Z1", "Z3"), ("Z2", "Z3")]


def test_the_edition_in_force_when_the_day_begins_is_judged(conn):
    make_city(conn)
    only = {"street": two_streets()["street"]}
    # 16:00 UTC is midnight in Shanghai: in force from the first moment of the 5th.
    make_edition(conn, only, effective_from=datetime(2026, 5, 4, 16, tzinfo=UTC))
    add_duties(conn, [duty("S1", DutyTarget.AREA, "cell", "A1")])
    before, after = (audit(conn, date(2026, 5, day), tz=TZ) for day in (4, 5))
    assert (before.areas, before.stale) == (8, ())
    assert after.areas == 2
    assert [one.target_code for one in after.stale] == ["A1"]
    with pytest.raises(EditionError, match="no edition is in force on 2020-01-01"):
        audit(conn, date(2020, 1, 1), tz=TZ)


def test_one_area_is_audited_alone_with_what_touches_it(conn):
    make_city(conn)
    put_zones(
        conn,
        [Zone(code, ZoneKind.VENDOR, code) for code in ("ZA", "ZB")],
        objects(multipolygon(square(0, 0)), multipolygon(square(1, 0))),
    )
    add_duties(
        conn,
        [
            duty("S1", DutyTarget.AREA, "street", "A"),
            *(duty(squad, DutyTarget.ZONE, None, "ZA") for squad in ("S1", "S2")),
            *(duty(squad, DutyTarget.ZONE, None, "ZB") for squad in ("S1", "S2")),
            duty("S2", DutyTarget.AREA, "cell", "A1"),
        ],
    )
    here, there = (audit(conn, DAY, tz=TZ, within=("street", code)) for code in "AB")
    assert (here.areas, here.pairs) == (4, {})
    assert [one.places for one in here.findings] == [("ZA",)]
    assert there.pairs == {FindingKind.HOLE: 8}
    assert {one.places for one in there.findings} == {(), ("ZB",)}
    with pytest.raises(NotFoundError):
        audit(conn, DAY, tz=TZ, within=("street", "Z"))


def test_areas_of_findings_have_names(conn):
    make_city(conn)
    found = audit(conn, DAY, tz=TZ)
    assert area_names_of(conn, found, tz=TZ) == {("street", "A"): "A", ("street", "B"): "B"}

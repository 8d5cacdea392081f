from datetime import date

import pytest

from gridmgmt.domain.areas.surroundings import Zone, ZoneKind
from gridmgmt.services.record_imports.shaped_records import multipolygon
from gridmgmt.store.days import days, days_of
from gridmgmt.store.responsibility.zones import list_zones, put_zones
from tests.factories import square
from tests.services.answering import objects

SPANS = [
    (None, None),
    (date(2026, 1, 1), None),
    (None, date(2026, 12, 31)),
    (date(2026, 1, 1), date(2026, 1, 1)),
]


@pytest.mark.parametrize("span", SPANS)
def test_the_last_day_belongs_to_the_days_there_and_back(conn, span):
    assert days_of(days(*span)) == span
    put_zones(
        conn, [Zone("Z", ZoneKind.RIVER, "河", *span)], objects(multipolygon(square(0, 0)))
    )
    (zone,) = list_zones(conn)[0]
    assert (zone.valid_from, zone.valid_to) == span

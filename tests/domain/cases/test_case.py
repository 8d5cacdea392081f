from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gridmgmt.domain.cases.case import CaseStatus, GivenCase, differing_fields, status_of

AT = datetime(2024, 1, 5, 8, 30, tzinfo=UTC)
CASE = GivenCase("C1", "noise", AT, x=120.1, y=30.2)


@pytest.mark.parametrize(
    ("responder", "disposed_at", "closed_at", "status"),
    [
        (None, None, None, CaseStatus.TRIAGE),
        ("S1", None, None, CaseStatus.DISPATCHED),
        ("S1", AT, None, CaseStatus.DISPOSED),
        ("S1", AT, AT, CaseStatus.CLOSED),
        (None, AT, None, CaseStatus.DISPOSED),
        ("S1", None, AT, CaseStatus.CLOSED),
    ],
)
def test_the_status_names_the_step_that_was_taken_last(
    responder: str | None,
    disposed_at: datetime | None,
    closed_at: datetime | None,
    status: CaseStatus,
) -> None:
    assert status_of(responder, disposed_at, closed_at) is status


def test_only_the_fields_asked_for_are_compared_and_named_as_import_fields() -> None:
    other = replace(CASE, y=30.3, channel="12345", description="louder")
    assert differing_fields(CASE, other, ["case_no", "lon", "lat", "channel"]) == (
        "lat",
        "channel",
    )


def test_the_same_instant_in_another_zone_is_no_difference() -> None:
    moved = replace(CASE, reported_at=datetime.fromisoformat("2024-01-05T16:30:00+08:00"))
    assert differing_fields(CASE, moved, ["reported_at"]) == ()

from datetime import UTC
from zoneinfo import ZoneInfo

from gridmgmt.domain.accounts.audit import Told, told


def test_fields_that_did_not_change_are_not_told() -> None:
    detail = {"before": {"role": "a", "name": "x"}, "after": {"role": "b", "name": "x"}}
    assert told(detail, UTC) == [Told("role", "a", "b")]


def test_a_field_that_was_not_there_before_had_nothing() -> None:
    assert told({"before": {}, "after": {"area": "A"}}, UTC) == [Told("area", None, "A")]


def test_each_record_of_an_import_is_named() -> None:
    changed = {"key": "S1", "fields": ["name"], "before": {"name": "x"}, "after": {"name": "y"}}
    assert told({"file": "r.csv", "changed": [changed]}, UTC) == [
        Told("file", None, "r.csv", is_change=False),
        Told("name", "x", "y", of="S1"),
    ]


def test_a_change_whose_values_are_left_out_is_told_without_them() -> None:
    changed = {"key": "S1", "fields": ["phone"], "before": {}, "after": {}}
    assert told({"changed": [changed]}, UTC) == [
        Told("phone", None, None, of="S1", is_personal=True)
    ]


def test_personal_data_that_got_in_are_not_told_wherever_they_stand() -> None:
    detail = {
        "before": {"address": "old street"},
        "after": {"address": "new street"},
        "phone": "0571",
        "more": {"rows": [{"address": "third street", "code": "S1"}]},
    }
    said = repr(told(detail, UTC))
    assert "street" not in said
    assert "0571" not in said
    assert "S1" in said


def test_what_says_nothing_is_left_out_and_a_zero_is_not() -> None:
    assert told({"added": 0, "changed": [], "where": None, "merge": False}, UTC) == [
        Told("added", None, "0", is_change=False),
        Told("merge", None, "false", is_change=False),
    ]


def test_instants_are_shown_on_the_clock_of_the_bureau() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    detail = {
        "before": {"disposed_at": None, "until": "2026-11-28T18:46:21.839576+00:00"},
        "after": {"disposed_at": "2026-11-28T18:46:21+00:00", "until": "2026-11-28T16:00:00Z"},
        "span": {"from": "2025-12-31T16:00:00+00:00", "what": "2026-13-99T99:99:99+00:00"},
    }
    assert [(one.before, one.after) for one in told(detail, shanghai)] == [
        (None, "2026-11-29 02:46:21"),
        ("2026-11-29 02:46:21", "2026-11-29 00:00"),
        (None, '{"from": "2026-01-01 00:00", "what": "2026-13-99T99:99:99+00:00"}'),
    ]

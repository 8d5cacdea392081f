from gridmgmt.domain.accounts.audit import Told, told


def test_fields_that_did_not_change_are_not_told() -> None:
    detail = {"before": {"role": "a", "name": "x"}, "after": {"role": "b", "name": "x"}}
    assert told(detail) == [Told("role", "a", "b")]


def test_a_field_that_was_not_there_before_had_nothing() -> None:
    assert told({"before": {}, "after": {"area": "A"}}) == [Told("area", None, "A")]


def test_each_record_of_an_import_is_named() -> None:
    changed = {"key": "S1", "fields": ["name"], "before": {"name": "x"}, "after": {"name": "y"}}
    assert told({"file": "r.csv", "changed": [changed]}) == [
        Told("file", None, "r.csv", is_change=False),
        Told("name", "x", "y", of="S1"),
    ]


def test_a_change_whose_values_are_left_out_is_told_without_them() -> None:
    changed = {"key": "S1", "fields": ["phone"], "before": {}, "after": {}}
    assert told({"changed": [changed]}) == [
        Told("phone", None, None, of="S1", is_personal=True)
    ]


def test_personal_data_that_got_in_are_not_told_wherever_they_stand() -> None:
    detail = {
        "before": {"address": "old street"},
        "after": {"address": "new street"},
        "phone": "0571",
        "more": {"rows": [{"address": "third street", "code": "S1"}]},
    }
    said = repr(told(detail))
    assert "street" not in said
    assert "0571" not in said
    assert "S1" in said


def test_what_says_nothing_is_left_out_and_a_zero_is_not() -> None:
    assert told({"added": 0, "changed": [], "where": None, "merge": False}) == [
        Told("added", None, "0", is_change=False),
        Told("merge", None, "false", is_change=False),
    ]

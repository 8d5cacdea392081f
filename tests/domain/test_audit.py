from gridmgmt.domain.audit import Told, told


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


def test_an_import_that_changed_nothing_of_known_records_is_a_list_of_facts() -> None:
    assert told({"added": 3, "changed": []}) == [
        Told("added", None, "3", is_change=False),
        Told("changed", None, "", is_change=False),
    ]

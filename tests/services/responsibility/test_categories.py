from pathlib import Path

import pytest

from gridmgmt.domain.responsibility.category import Category, CategoryClass
from gridmgmt.errors import LayerError
from gridmgmt.services.responsibility.categories import import_categories
from gridmgmt.store.responsibility.categories import list_categories, put_categories
from tests.services.answering import PLAIN, table

SAMPLE = Path(__file__).parents[3] / "geodata" / "categories.csv"


def test_the_sample_table_is_read_with_its_class_and_lists_what_is_not_stored(conn):
    summary = import_categories(conn, SAMPLE, PLAIN, actor="tester")
    assert summary.added == len(SAMPLE.read_text("utf-8").splitlines()) - 1
    assert "filing_condition" in summary.unmapped
    assert "class" not in summary.unmapped
    stored = {one.code: one for one in list_categories(conn)}
    assert stored["E0101-1"].category_class is CategoryClass.EVENT
    assert stored["E0101-1"].code_set == "SAMPLE-2025"
    assert stored["C0204-1"].component_class == "0204"
    # Events and components are two lists of digits: those of an event are no component's.
    assert (stored["E0101-1"].class_code, stored["E0101-1"].component_class) == (
        "0101",
        "E0101-1",
    )
    assert import_categories(conn, SAMPLE, PLAIN, actor="tester").unchanged == summary.added


def test_a_category_that_came_in_with_cases_becomes_mapped(conn, tmp_path):
    put_categories(conn, [Category("E9", "E9", mapped=False)])
    summary = import_categories(conn, table(tmp_path, "code,name\nE9,占道"), PLAIN, actor="t")
    assert (summary.added, summary.changed) == (0, 1)
    assert list_categories(conn) == [Category("E9", "占道", mapped=True)]


def test_a_code_of_another_code_set_is_not_taken_over(conn, tmp_path):
    put_categories(conn, [Category("E9", "占道", code_set="A")])
    with pytest.raises(LayerError, match="row 2: code 'E9' is taken by code set 'A'"):
        import_categories(
            conn, table(tmp_path, "code,name,code_set\nE9,违建,B"), PLAIN, actor="t"
        )


@pytest.mark.parametrize(
    "columns", ["class_code\nC1,盖,0101", "major_code,minor_code\nC1,盖,1,01"]
)
def test_the_class_of_components_is_one_column_or_two_that_lost_their_zeros(
    conn, tmp_path, columns
):
    import_categories(conn, table(tmp_path, f"code,name,{columns}"), PLAIN, actor="t")
    assert list_categories(conn)[0].class_code == "0101"


def test_a_table_without_classes_of_components_leaves_those_that_are_stored(conn, tmp_path):
    put_categories(conn, [Category("C1", "盖", class_code="0101")])
    summary = import_categories(conn, table(tmp_path, "code,name\nC1,井盖"), PLAIN, actor="t")
    assert list_categories(conn) == [Category("C1", "井盖", class_code="0101")]
    assert "class_code: the file has no such column; the stored values stay" in summary.notes


@pytest.mark.parametrize("code", ["A;B", "甲；乙", "*"])
def test_a_code_that_a_list_of_codes_cannot_hold_is_refused(conn, tmp_path, code):
    with pytest.raises(LayerError, match="lists of categories are separated by ;"):
        import_categories(conn, table(tmp_path, f"code,name\n{code},占道"), PLAIN, actor="t")


def test_limits_without_a_plain_length_are_taken_in_and_named(conn, tmp_path):
    rows = ["A,甲,2天", "B,乙,及时", "C,丙,4小时|1-3天", "D,丁,", "E,戊,1个月"]
    file = table(tmp_path, "\n".join(["code,name,time_limit", *rows]))
    summary = import_categories(conn, file, PLAIN, actor="t")
    assert summary.added == 5
    assert [str(note).partition(": ")[2] for note in summary.notes] == [
        "及时 states no length of time: cases get no deadline from it",
        "1-3天 is not understood as a time limit: cases get no deadline from it",
        "1个月 is not always equally long: cases get no deadline from it",
    ]

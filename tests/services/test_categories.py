from pathlib import Path

import pytest

from gridmgmt.domain.category import Category, CategoryClass
from gridmgmt.errors import LayerError
from gridmgmt.services.categories import import_categories
from gridmgmt.store.categories import list_categories, put_categories
from tests.services.answering import PLAIN, table

SAMPLE = Path(__file__).parents[2] / "geodata" / "categories.csv"


def test_the_sample_table_is_read_with_its_class_and_lists_what_is_not_stored(conn):
    summary = import_categories(conn, SAMPLE, PLAIN, actor="tester")
    assert summary.added == len(SAMPLE.read_text("utf-8").splitlines()) - 1
    assert "filing_condition" in summary.unmapped
    assert "class" not in summary.unmapped
    stored = {one.code: one for one in list_categories(conn)}
    assert stored["E0101-1"].category_class is CategoryClass.EVENT
    assert stored["E0101-1"].code_set == "SAMPLE-2025"
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

import pytest
from openpyxl import Workbook

from gridmgmt.errors import LayerError
from gridmgmt.problem_groups import group_problems
from gridmgmt.services.responsibility.responders import import_responders
from tests.services.answering import PLAIN, table


def test_an_xlsx_file_is_read_like_a_csv(conn, tmp_path):
    book = Workbook()
    book.active.append(["code", "kind", "name", "phone"])
    book.active.append(["S1", "squad", "一中队", 13900000000])
    book.active.append([2, "boss", "二中队", None])
    path = tmp_path / "rows.xlsx"
    book.save(path)
    with pytest.raises(LayerError) as caught:
        import_responders(conn, path, PLAIN, actor="tester")
    (problem,) = caught.value.problems
    assert problem.startswith("row 3: kind: 'boss' is unknown")


def test_a_row_that_could_not_be_parsed_refuses_the_file_like_any_bad_row(conn, tmp_path):
    path = table(tmp_path, "code,kind,name\nS1,squad,一\nS2,squad,二,三,四")
    with pytest.raises(LayerError) as caught:
        import_responders(conn, path, PLAIN, actor="tester")
    (problem,) = caught.value.problems
    assert problem.startswith("row 3: ")


def test_each_of_hundreds_of_bad_rows_is_named(conn, tmp_path):
    rows = [f"S{n},{'boss' if n % 2 else 'squad'},队" for n in range(300)]
    rows += [f"T{n},squad," for n in range(100)]
    path = table(tmp_path, "code,kind,name\n" + "\n".join(rows))
    with pytest.raises(LayerError) as caught:
        import_responders(conn, path, PLAIN, actor="tester")
    assert "250 row(s) cannot be used" in str(caught.value)
    assert len(caught.value.problems) == 250
    kinds = [(one.count, one.kind) for one in group_problems(caught.value.problems)]
    assert kinds == [
        (150, "row …: kind: … is unknown; write one of …"),
        (100, "row …: name is empty"),
    ]

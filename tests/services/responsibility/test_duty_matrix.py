from datetime import date
from zoneinfo import ZoneInfo

import pytest

from gridmgmt.domain.auditing.duty_audit import FindingKind
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.errors import EditionError, InputError, NotFoundError
from gridmgmt.services.responsibility import duty_matrix as service
from gridmgmt.services.responsibility.duty_audits import audit
from gridmgmt.services.responsibility.duty_matrix import MatrixQuery, duty_matrix
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.duties import add_duties
from tests.services.answering import make_city

TZ = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 5, 4)


@pytest.fixture
def answered(conn):
    """S1 answers in A1, S2 for E1 in street B, both for E2 in B2; two major classes."""
    make_city(conn)
    put_categories(
        conn,
        [
            Category("E1", "占道", major_class="街面秩序"),
            Category("E2", "违建", major_class="违法建设"),
            Category("E3", "店外", major_class="街面秩序"),
        ],
    )

    def disposes(responder, level, code, *named):
        categories = frozenset(named) or None
        return Duty(0, responder, DutyRole.DISPOSE, DutyTarget.AREA, level, code, categories)

    add_duties(
        conn,
        [
            disposes("S1", "cell", "A1"),
            disposes("S2", "street", "B", "E1"),
            disposes("S1", "cell", "B2", "E2"),
            disposes("S2", "cell", "B2", "E2"),
        ],
    )
    return conn


def ask(conn, **other):
    return duty_matrix(conn, MatrixQuery(DAY, **other), tz=TZ)


def test_streets_by_major_classes_come_first(answered):
    page = ask(answered)
    assert (page.level, page.levels) == ("street", ("street", "cell"))
    assert [column.name for column in page.columns] == ["街面秩序", "违法建设"]
    assert [(row.area, row.leaves) for row in page.rows] == [
        (("street", "A"), 4),
        (("street", "B"), 4),
    ]
    order_in_a, unlawful_in_b = page.rows[0].cells[0], page.rows[1].cells[1]
    assert (order_in_a.pairs, order_in_a.disposers) == (8, {"S1": 2})
    assert (order_in_a.kinds, order_in_a.falls_to) == ({FindingKind.HOLE: 6}, ("OA",))
    assert unlawful_in_b.kinds == {FindingKind.HOLE: 3, FindingKind.DOUBLE: 1}
    assert unlawful_in_b.falls_to == ()
    assert page.names["S1"] == "一中队"


def test_a_street_opens_into_its_cells_and_a_class_into_its_categories(answered):
    page = ask(answered, parent=("street", "B"), major="街面秩序")
    assert (page.level, page.above) == ("cell", ((("street", "B"), "B"),))
    assert [row.area[1] for row in page.rows] == ["B1", "B2", "B3", "B4"]
    assert [(one.name, one.categories, one.major) for one in page.columns] == [
        ("占道", ("E1",), None),
        ("店外", ("E3",), None),
    ]
    assert [dict(cell.disposers) for cell in page.rows[0].cells] == [{"S2": 1}, {}]


def test_all_rows_together_are_what_the_audit_counts(answered):
    page = ask(answered, level="cell")
    found = audit(answered, DAY, tz=TZ)
    assert page.total.pairs == found.areas * found.categories == 24
    assert page.total.kinds == {kind: n for kind, n in found.pairs.items() if n}
    assert sum(cell.pairs for row in page.rows for cell in row.cells) == 24


def test_rows_come_in_pages_by_code_and_only_faulty_ones_when_asked(answered, monkeypatch):
    monkeypatch.setattr(service, "PAGE_ROWS", 3)
    seen, after = [], None
    while True:
        page = ask(answered, level="cell", after=after)
        seen += [row.area[1] for row in page.rows]
        assert page.row_count == 8
        after = page.next_after
        if after is None:
            break
    assert seen == ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4"]
    faulty = ask(answered, level="cell", faults_only=True)
    assert faulty.row_count == 7
    assert "A1" not in {row.area[1] for row in faulty.rows}


def test_an_account_limited_to_a_street_sees_that_street_only(answered):
    page = ask(answered, within=("street", "A"))
    assert {row.area[1] for row in page.rows} == {"A1", "A2", "A3", "A4"}
    with pytest.raises(NotFoundError):
        ask(answered, within=("street", "A"), parent=("street", "B"))


def test_a_bureau_without_categories_has_a_matrix_without_columns(conn):
    make_city(conn)
    conn.exec_driver_sql("UPDATE categories SET mapped = false")
    page = ask(conn)
    assert (page.columns, page.total.pairs) == ((), 0)
    assert all(row.cells == () for row in page.rows)


def test_what_is_not_there_is_told(answered):
    with pytest.raises(InputError, match="'ward' has no areas; choose one of street, cell"):
        ask(answered, level="ward")
    with pytest.raises(InputError, match="not a major class; choose one of 街面秩序, 违法建设"):
        ask(answered, major="绿化")
    with pytest.raises(NotFoundError):
        ask(answered, parent=("street", "Z"))
    with pytest.raises(EditionError, match="no edition is in force on 2020-01-01"):
        duty_matrix(answered, MatrixQuery(date(2020, 1, 1)), tz=TZ)


def test_a_row_sums_the_faults_of_all_its_columns(answered):
    page = ask(answered)
    sums = [row.kinds for row in page.rows]
    assert [sum(some.values()) for some in sums] == [
        sum(sum(cell.kinds.values()) for cell in row.cells) for row in page.rows
    ]
    assert sums[1] == {FindingKind.DOUBLE: 1, FindingKind.HOLE: 7}

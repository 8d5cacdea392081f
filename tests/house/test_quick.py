import grimp
import pytest

from tests.quick import HOUSE, ROOT, Bound, modules_of, nearest_tests, own_tests


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(
        "gridmgmt", "web", "tests", cache_dir=str(ROOT / ".import_linter_cache")
    )


def test_a_module_is_tested_by_the_file_of_its_path() -> None:
    assert own_tests("gridmgmt.domain.judging.duty_book") == [
        "tests/domain/judging/test_duty_book.py"
    ]
    assert own_tests("web.views.responsibility.duties") == [
        "tests/web/views/responsibility/test_duties.py"
    ]
    assert own_tests("gridmgmt.errors") == []


def test_a_statement_and_a_template_are_known_by_who_names_them() -> None:
    assert modules_of("gridmgmt/store/sql/known_areas.sql") == ["gridmgmt.store.areas.areas"]
    assert "web.views.responsibility.duties" in modules_of("web/templates/duties/index.html")
    assert modules_of("README.md") == []


def test_the_nearest_come_first_then_the_house_then_importers(
    graph: grimp.ImportGraph,
) -> None:
    near = nearest_tests(["gridmgmt/domain/judging/duty_book.py"], graph)
    assert near[0] == "tests/domain/judging/test_duty_book.py"
    assert near[1] == HOUSE
    assert "tests/services/judging/test_router.py" in near[2:]


def test_what_tests_share_leads_to_the_tests_that_use_it(graph: grimp.ImportGraph) -> None:
    near = nearest_tests(["tests/streets.py"], graph)
    assert "tests/geometry/coverage/test_parents.py" in near


def test_words_lead_to_the_house_alone(graph: grimp.ImportGraph) -> None:
    assert nearest_tests(["README.md"], graph) == [HOUSE]


def test_when_the_time_is_over_tests_are_left_out_and_counted(
    request: pytest.FixtureRequest,
) -> None:
    item = request.node
    assert Bound(60).pytest_runtest_protocol(item) is None
    over = Bound(-1)
    assert over.pytest_runtest_protocol(item) is True
    assert over.left == {"tests/house/test_quick.py": 1}

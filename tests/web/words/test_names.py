"""Names of persons and codes on pages."""

from flask import Flask

from gridmgmt.domain.accounts.audit import STRANGER
from web.words.names import person, person_with_login, with_code

PEOPLE = {"wang": "王伟", "root": "root", "li": ""}


def test_a_person_is_named_and_stands_by_the_login_only_without_a_name(app: Flask) -> None:
    with app.test_request_context("/"):
        assert person("wang", PEOPLE) == "王伟"
        assert [person(one, PEOPLE) for one in ("li", "root", "import cases")] == [
            "li",
            "root",
            "import cases",
        ]
        assert person(STRANGER, PEOPLE) == "未登录者"


def test_the_log_adds_the_login_once(app: Flask) -> None:
    with app.test_request_context("/"):
        assert person_with_login("wang", PEOPLE) == "王伟（wang）"
        assert person_with_login("root", PEOPLE) == "root"
        assert person_with_login(STRANGER, PEOPLE) == person(STRANGER, PEOPLE)
        assert with_code("S1", None) == "S1"

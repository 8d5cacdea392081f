"""What pages and API hint at: marks, where a case may lie, cases that may be the same."""

import csv
import io
import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.engine import Engine

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.surroundings import Zone, ZoneKind
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.services.record_imports.shaped_records import multipolygon
from gridmgmt.store.responsibility.zones import put_zones
from gridmgmt.store.schema import role_permissions
from tests.factories import square
from tests.services.answering import objects
from tests.services.case_city import A1, A2, SHANGHAI, case_file, row, take_in
from tests.web.conftest import Login, csrf_of
from tests.web.test_api import Program, program
from tests.web.views.cases.test_cases import listed

# 10 m inside A1, which is S1's; A2 answers to its street's office.
NEAR_THE_BORDER = (120.154896, 30.2525)


@pytest.fixture
def hints(city: Engine, tmp_path: Path) -> Engine:
    """H1 is marked, H2 too uncertain, H3 has an address only; H4 may be the same as H5."""
    with city.begin() as conn:
        zone = Zone("Z1", ZoneKind.VENDOR, "夜市")
        put_zones(conn, [zone], objects(multipolygon(square(0.5, 0.5, 0.2, 0.2))))
        rows = [
            row("H1", (120.1559, 30.2559)),
            row("H2", NEAR_THE_BORDER, accuracy_m="50"),
            row("H3", None, address="丙路3号"),
            row("H4", A2, reported_at="2026-03-08 09:00", category="E2"),
            row("H5", (A2[0] + 0.0002, A2[1]), reported_at="2026-03-08 11:30", category="E2"),
        ]
        take_in(
            conn,
            case_file(tmp_path, rows, "hints.csv"),
            rules=JudgingRules(SHANGHAI, confidence=0.7),
        )
    return city


def test_lists_are_narrowed_by_mark_and_by_why_a_case_lies_nowhere(
    hints: Engine, login: Login
) -> None:
    client = login("dispatcher")
    asked = {
        "mark=vendor_zone": ["H1"],
        "reason=uncertain": ["H2"],
        "nowhere=address_only": ["H3"],
        "nowhere=outside": ["C5"],
    }
    assert {query: listed(client, query) for query in asked} == asked
    for query in ("mark=x", "nowhere=x"):
        assert client.get(f"/cases?{query}").status_code == 400
    page = client.get("/cases?mark=vendor_zone&lang=en").text
    assert "In a vendor zone" in page or "固定摊点群内" in page


def test_a_marked_case_says_so_on_its_page_and_in_an_export(
    hints: Engine, login: Login
) -> None:
    client = login("duty_chief")
    page = client.get("/cases/H1").text
    assert "固定摊点群内" in page
    assert "允许设摊" in page
    written = (
        client.get("/cases/export?format=csv&headings=machine").get_data().decode("utf-8-sig")
    )
    marks = {one["case_no"]: one["marks"] for one in csv.DictReader(io.StringIO(written))}
    assert {no for no, mark in marks.items() if mark} == {"H1"}
    assert marks["H1"] == "vendor_zone"


def test_an_uncertain_case_says_where_it_may_lie_and_who_may_answer(
    hints: Engine, login: Login
) -> None:
    page = login("dispatcher").get("/cases/H2").text
    assert "定位精度不足" in page
    assert "可能位于" in page
    assert "63 %" in page
    assert page.count("37 %") >= 2  # the area and, in the form and beside it, the office
    assert re.search(r'name="candidate" [^>]*value="OA"', page)
    assert "可能位置中 37 %由其负责" in page


def test_where_a_case_can_hardly_lie_is_not_told_as_nowhere(
    hints: Engine, login: Login, tmp_path: Path
) -> None:
    # A metre of its disc of 50 reaches over the border to the north as well.
    corner = row("H6", (NEAR_THE_BORDER[0], 30.254558), accuracy_m="50")
    with hints.begin() as conn:
        take_in(
            conn,
            case_file(tmp_path, [corner], "corner.csv"),
            rules=JudgingRules(SHANGHAI, confidence=0.7),
        )
    page = login("dispatcher").get("/cases/H6").text
    assert "&lt;1 %" in page
    assert ">0 %" not in page


def test_a_case_that_may_be_the_same_is_linked_with_how_far_off_it_is(
    hints: Engine, login: Login
) -> None:
    client = login("dispatcher")
    page = client.get("/cases/H5").text
    assert 'id="alike"' in page
    assert 'href="/cases/H4"' in page
    assert "相距 19.2 米" in page
    assert "早 2 小时 30 分" in page
    assert 'id="alike"' not in client.get("/cases/H1").text


def test_a_case_out_of_sight_is_hinted_at_nowhere(
    app: Flask, hints: Engine, login: Login
) -> None:
    # H2 waits for a person, so it is no responder's; C1 is S1's, and so is what S1 sees of it.
    chief = login("responder", responder_code="S1")
    assert 'id="alike"' not in chief.get("/cases/C1").text
    outside = program(app, hints, "responder", "s2", responder_code="S2")
    assert outside.get("/cases/H4").status_code == 404


def test_who_reports_a_case_is_told_of_those_near_it(hints: Engine, login: Login) -> None:
    client = login("acceptor")
    given = {
        "csrf_token": csrf_of(client.get("/cases/new").text),
        "category": "E2",
        "reported_at": "2026-03-08T12:00",
        "lon": str(A2[0]),
        "lat": str(A2[1]),
    }
    answer = client.post("/cases/new", data=given, follow_redirects=True)
    assert "附近有疑似重复的未办结案件：2 件" in answer.text


def test_a_program_is_told_of_those_near_what_it_reports(app: Flask, hints: Engine) -> None:
    chief = program(app, hints, "duty_chief")
    answer = report(chief, "P-1", A2)
    assert [one["case_no"] for one in answer["alike"]] == ["H4", "H5"]
    assert answer["alike"][1] == {"case_no": "H5", "metres": 19.248, "hours": -0.5}
    assert answer["marks"] == []
    assert report(chief, "P-2", A1)["alike"] == []


def test_who_may_not_see_cases_there_or_at_all_is_told_of_none(
    app: Flask, hints: Engine
) -> None:
    elsewhere = program(app, hints, "acceptor", "in-b", area=("street", "B"))
    assert report(elsewhere, "P-1", A2)["alike"] == []
    own_only = program(app, hints, "collector")
    assert report(own_only, "P-2", A2)["alike"] == []
    assert [one["case_no"] for one in report(own_only, "P-3", A2)["alike"]] == ["P-2"]
    with hints.begin() as conn:
        sees = role_permissions.c.permission == Permission.SEE_REPORTED_CASES
        conn.execute(role_permissions.delete().where(sees))
    only_reports = program(app, hints, "collector", "blind")
    assert report(only_reports, "P-4", A2)["alike"] == []


def report(caller: Program, no: str, at: tuple[float, float]) -> dict:
    position = {"lon": at[0], "lat": at[1]}
    given = {"case_no": no, "category": "E2", "reported_at": "2026-03-08T12:00:00+08:00"}
    answer = caller.post("/cases", {**given, **position})
    assert answer.status_code == 201, answer.text
    return answer.get_json()

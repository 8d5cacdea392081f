"""The pages, the API and files take the same texts of a case, and refuse the same."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.engine import Engine

from gridmgmt.domain.cases.case_texts import LONGEST_SHORT, LONGEST_TEXT
from gridmgmt.domain.codes import LONGEST_CODE
from tests.services.case_city import A1, case_file, row, take_in
from tests.web.conftest import Login, csrf_of
from tests.web.test_api import program

# The field, its text, whether it is taken; a NUL in a CSV file is a fault of the whole line.
TEXTS = [
    ("description", "字" * LONGEST_TEXT, True),
    ("description", "字" * (LONGEST_TEXT + 1), False),
    ("address", "x" * LONGEST_TEXT, True),
    ("address", "x" * (LONGEST_TEXT + 1), False),
    ("channel", "x" * LONGEST_SHORT, True),
    ("channel", "x" * (LONGEST_SHORT + 1), False),
    ("case_no", "x" * LONGEST_CODE, True),
    ("case_no", "x" * (LONGEST_CODE + 1), False),
    ("case_no", "案件（1）", True),
    ("case_no", "C\u200b1", False),
    ("case_no", "C\u00a01", False),
    ("case_no", "Ｃ1", False),
    ("case_no", "1.5E+11", False),
    ("category", "x" * (LONGEST_CODE + 1), False),
    ("category", "\u202eE1", False),
    ("lon", "1_20.105", False),
    ("lat", "３０.25", False),
    ("description", "坑洞\n甲路\t1号", True),
    ("description", "a\x00b", False),
    ("description", "a\x1bb", False),
    ("channel", "a\x07b", False),
    ("address", "a\x7fb", False),
    ("case_no", "a\x01b", False),
]


@pytest.mark.parametrize("door", ["page", "api", "file"])
def test_every_door_takes_the_same_texts(
    door: str, app: Flask, login: Login, city: Engine, tmp_path: Path
) -> None:
    chief, programs = login("duty_chief"), program(app, city, "acceptor")
    token = csrf_of(chief.get("/cases/new").text)
    wrong = []
    for number, (field, text, is_fit) in enumerate(TEXTS):
        given = {"case_no": f"T{number}", "category": "E1", field: text}
        if door == "page":
            data = {"csrf_token": token, "lon": str(A1[0]), "lat": str(A1[1])} | given
            data["reported_at"] = "2026-03-03T09:00"
            status = chief.post("/cases/new", data=data).status_code
            assert status in {303, 400}
            taken = status == 303
        elif door == "api":
            positions = {"lon": A1[0], "lat": A1[1]} if field in {"lon", "lat"} else {}
            status = programs.post("/cases", positions | given).status_code
            assert status in {201, 422}
            taken = status == 201
        else:
            cells = row(given.pop("case_no"), A1, **given)
            with city.begin() as conn:
                report = take_in(conn, case_file(tmp_path, [cells], f"{number}.csv"))
            taken = report.new == 1
        if taken is not is_fit:
            wrong.append((field, text[:10], len(text), taken))
    assert wrong == []


def test_a_line_end_counts_as_one_character(login: Login, city: Engine) -> None:
    client = login("duty_chief")
    page = client.get("/cases/new").text
    assert f'maxlength="{LONGEST_TEXT}"' in page
    data = {"csrf_token": csrf_of(page), "category": "E1", "case_no": "lines"}
    data |= {"lon": str(A1[0]), "lat": str(A1[1]), "description": "字\r\n" * 1000}
    assert client.post("/cases/new", data=data).status_code == 303

"""What stands in an address decides what is asked for, and nothing else."""

import pytest

from tests.web.conftest import Login

OWN = [
    {"endpoint": "x"},
    {"values": "x"},
    {"_method": "POST"},
    {"_scheme": "javascript", "_external": "1"},
    {"_anchor": "x"},
]
PAGES = (
    ("administrator", "/audit"),
    ("gis_officer", "/areas"),
    ("gis_officer", "/duties"),
    ("gis_officer", "/duties/matrix"),
    ("gis_officer", "/duties/audit"),
    ("gis_officer", "/responders"),
)
NUMBERS = (
    ("gis_officer", "/drafts/{}"),
    ("gis_officer", "/editions/{}"),
    ("gis_officer", "/jobs/{}"),
    ("planner", "/cases/exports/{}"),
    ("planner", "/map/shapes/{}/street/far.json"),
)


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(("role", "page"), PAGES)
def test_no_parameter_is_taken_for_a_command(login: Login, role: str, page: str) -> None:
    client = login(role)
    for given in OWN:
        answer = client.get(page, query_string=given)
        assert answer.status_code == 200, given
        assert "javascript:" not in answer.text


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(("role", "page"), NUMBERS)
def test_a_number_too_large_to_be_kept_is_of_nothing(
    login: Login, role: str, page: str
) -> None:
    assert login(role).get(page.format(2**31)).status_code == 404
    assert login(role).get(page.format(2**31 - 1)).status_code == 404


def test_a_tolerance_is_one_of_a_city(login: Login, city: object) -> None:
    client = login("gis_officer")
    for given in ("1e308", "nan", "-1"):
        answer = client.get("/drafts/1/check", query_string={"tolerance_m2": given})
        assert answer.status_code in {400, 404}, given

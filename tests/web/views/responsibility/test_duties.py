import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.duties import add_duties
from tests.web.conftest import Login

MARKUP = "<img src=x onerror=alert(1)>"


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.fixture
def officer(city: Engine, login: Login) -> FlaskClient:
    """Of a city where two squads would both dispose of unlawful building in B2."""
    with city.begin() as conn:
        put_categories(
            conn,
            [
                Category("E1", "占道", major_class="街面秩序"),
                Category("E2", "违建", major_class="违法建设"),
            ],
        )
        add_duties(
            conn,
            [
                Duty(
                    0, squad, DutyRole.DISPOSE, DutyTarget.AREA, "cell", "B2", frozenset({"E2"})
                )
                for squad in ("S1", "S2")
            ],
        )
    return login("gis_officer")


def test_the_list_names_who_where_and_by_which_letter(officer: FlaskClient) -> None:
    page = officer.get("/duties?lang=en&area=A1")
    assert page.status_code == 200
    said = text_of(page.text)
    assert "1 duties" in said
    assert "一中队" in said
    assert "17号" in said
    assert "二中队" not in said


def test_the_list_takes_names_of_areas_and_responders(officer: FlaskClient) -> None:
    page = officer.get("/duties?responder=二中&lang=en")
    said = text_of(page.text)
    assert "二中队" in said
    assert "17号" not in said
    assert 'name="responder" value="二中队 · S2"' in page.text
    by_area = officer.get("/duties?area=cell:A1&responder=一中队 · S1&lang=en")
    assert "1 duties" in text_of(by_area.text)
    assert officer.get("/duties?responder=中队").status_code == 400
    assert "No duty matches" in officer.get("/duties?responder=nobody&lang=en").text


def test_areas_out_of_sight_are_neither_offered_nor_found(city: Engine, login: Login) -> None:
    client = login("gis_officer", "limited", area=("street", "A"))
    offered = client.get("/areas/choices.json?q=1").get_json()["choices"]
    assert [one["code"] for one in offered] == ["A1"]
    assert client.get("/duties?area=A1").status_code == 200
    assert client.get("/duties?area=cell:B1").status_code == 400
    assert client.get("/duties/audit?area=cell:B1").status_code == 400
    whole = login("gis_officer").get("/areas/choices.json?q=1").get_json()["choices"]
    assert [one["code"] for one in whole] == ["A1", "B1"]


def test_a_filter_that_finds_nothing_says_what_to_do(officer: FlaskClient) -> None:
    page = officer.get("/duties?letter=none&lang=en")
    assert "No duty matches" in page.text
    assert "Take one of the filters away." in page.text


@pytest.mark.parametrize(
    "asked",
    [
        "area=Z9",
        "on=tomorrow",
        "role=boss",
        "target=moon",
        "expires=soon",
        "expires=99999",
        "after=x",
    ],
)
def test_a_filter_that_cannot_be_used_is_refused(officer: FlaskClient, asked: str) -> None:
    assert officer.get(f"/duties?{asked}").status_code == 400


def test_the_matrix_names_owners_and_marks_holes_and_doubles_in_words(
    officer: FlaskClient,
) -> None:
    page = officer.get("/duties/matrix?level=cell&on=2026-05-04&lang=en").text
    said = text_of(page)
    assert "Two owners: 1" in said
    assert "16 pairs of Grid cell and category" in said
    rows = dict(re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', page, re.DOTALL))
    cells = {text_of(area).split()[0]: text_of(row) for area, row in rows.items()}
    sums = {text_of(area).split()[0]: text_of(area).split()[1:] for area in rows}
    assert (sums["A1"], sums["A2"], sums["B2"]) == ([], ["none", "2"], ["two", "1"])
    assert cells["A1"].split() == ["一中队", "一中队"]
    assert cells["A2"].split() == ["none", "none"]
    assert cells["B2"].split() == ["二中队", "一中队", "+1", "two"]


def test_a_street_opens_into_its_cells_and_a_class_into_its_categories(
    officer: FlaskClient,
) -> None:
    streets = officer.get("/duties/matrix?on=2026-05-04&lang=en").text
    (address,) = re.findall(
        r'href="(/duties/matrix\?[^"]*parent=street%?3?A?:?B[^"]*)"', streets
    )
    cells = officer.get(address.replace("&amp;", "&")).text
    assert 'href="/duties?area=cell:B1' in cells
    assert 'href="/duties?area=cell:A1' not in cells
    opened = officer.get("/duties/matrix?major=街面秩序&lang=en").text
    assert "占道" in opened
    assert "违建" not in opened


def test_a_fault_leads_who_may_not_mend_it_to_the_audit_of_it(
    officer: FlaskClient, login: Login
) -> None:
    del officer
    chief = login("duty_chief")
    page = chief.get("/duties/matrix?level=cell&on=2026-05-04&lang=en").text
    assert "Duties are changed by: " in text_of(page)
    assert "GIS officer" in text_of(page)
    (address,) = re.findall(r'<a class="fault fault-double" href="([^"]+)"', page)
    said = text_of(chief.get(address.replace("&amp;", "&")).text)
    assert "Two owners 1 of 1 pairs of area and category" in said
    assert "一中队" in said
    assert "二中队" in said
    holes = re.findall(r'<a class="fault fault-hole" href="([^"]+)"', page)
    hole = text_of(chief.get(holes[0].replace("&amp;", "&")).text)
    assert "No owner 1 of 1 pairs of area and category" in hole


def test_only_who_may_not_change_duties_is_told_who_may(officer: FlaskClient) -> None:
    for page in ("matrix", "audit"):
        assert "Duties are changed by" not in officer.get(f"/duties/{page}?lang=en").text


def test_the_audit_tells_the_same_and_leads_to_the_places(officer: FlaskClient) -> None:
    page = officer.get("/duties/audit?on=2026-05-04&lang=en").text
    said = text_of(page)
    assert "Two owners 1 of 16 pairs of area and category" in said
    assert 'href="/duties?area=cell:B2&amp;on=2026-05-04"' in page
    assert 'href="/responders/S2"' in page
    assert "A街道办" in said


def test_nobody_who_is_limited_to_a_street_sees_the_other(city: Engine, login: Login) -> None:
    client = login("gis_officer", "limited", area=("street", "A"))
    listed = client.get("/duties").text
    assert "二中队" not in listed
    for address in re.findall(r'href="(/areas/[^"]+)"', listed):
        assert client.get(address).status_code == 200, address
    matrix = client.get("/duties/matrix?level=cell").text
    assert "cell:A1" in matrix
    assert "cell:B1" not in matrix
    assert client.get("/duties/matrix?parent=street:B").status_code == 404
    audit = text_of(client.get("/duties/audit?on=2026-05-04&lang=en").text)
    assert "of 8 pairs of area and category" in audit


def test_no_duty_of_a_street_leads_who_sees_one_cell_to_a_dead_end(
    city: Engine, login: Login
) -> None:
    assert 'href="/areas/street/B"' in login("gis_officer").get("/duties").text
    limited = login("gis_officer", "limited", area=("cell", "B1")).get("/duties").text
    assert "二中队" in limited
    assert 'href="/areas/street/' not in limited


def test_days_and_places_that_are_not_there_are_told(officer: FlaskClient) -> None:
    assert officer.get("/duties/matrix?on=2020-01-01").status_code == 409
    assert officer.get("/duties/audit?on=2020-01-01").status_code == 409
    assert officer.get("/duties/matrix?level=ward").status_code == 400
    assert officer.get("/duties/matrix?major=x").status_code == 400


def test_a_bureau_without_an_edition_is_told_what_to_do(login: Login) -> None:
    client = login("gis_officer")
    assert "import" in client.get("/duties?lang=en").text.lower()
    for page in ("/duties/matrix", "/duties/audit"):
        assert "publish one first" in client.get(f"{page}?lang=en").text


def test_text_from_files_is_never_markup(city: Engine, login: Login) -> None:
    with city.begin() as conn:
        conn.exec_driver_sql("UPDATE responders SET name = name || %s", (MARKUP,))
        conn.exec_driver_sql(
            "UPDATE categories SET name = name || %s, major_class = %s", (MARKUP, MARKUP)
        )
        conn.exec_driver_sql(
            "UPDATE duties SET letter_no = %s WHERE letter_no IS NOT NULL", (MARKUP,)
        )
        conn.exec_driver_sql("UPDATE areas SET name = name || %s", (MARKUP,))
    client = login("gis_officer")
    for page in (
        "/duties",
        "/duties/matrix?level=cell",
        "/duties/audit",
        "/responders",
        "/responders/S1",
        "/responders/CA",
    ):
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert "onerror" in answer.text, page
        assert "<img" not in answer.text, page


@pytest.mark.parametrize(
    ("address", "lang", "words"),
    [
        ("/duties?area=A2", "zh", "周一至周五 8:00–18:00"),
        ("/duties?area=A2", "en", "Mo-Fr 08:00-18:00"),
        ("/duties/audit", "zh", "仅下列时段有主办单位： 周一至周五 8:00–18:00"),
        ("/areas/cell/A2", "zh", "周一至周五 8:00–18:00"),
        ("/map/areas/cell/A2", "zh", "周一至周五 8:00–18:00"),
        ("/responders/S1", "zh", "周一至周五 8:00–18:00"),
    ],
)
def test_hours_stand_in_words_on_chinese_pages(
    officer: FlaskClient, city: Engine, address: str, lang: str, words: str
) -> None:
    with city.begin() as conn:
        add_duties(
            conn,
            [
                Duty(0, "S1", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A2", None,
                     hours="Mo-Fr 08:00-18:00")
            ],
        )  # fmt: skip
    officer.get(f"/account?lang={lang}")
    said = text_of(officer.get(address).text)
    assert words in said
    assert ("Mo-Fr" in said) is (lang == "en")

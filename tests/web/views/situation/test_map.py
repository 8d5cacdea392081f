import json
import re
from collections.abc import Callable
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.demolition import Demolition
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.demolitions import put_demolitions
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.responsibility.responders import put_responders
from tests.services.case_city import A1, B1, case_file, row, take_in

Login = Callable[..., FlaskClient]

PERIOD = "from=2026-03-01&to=2026-03-31"
HOSTILE = "</script><img src=x onerror=alert(1)>"


def configuration(page: str) -> Any:
    found = re.search(r"gridmgmtMaps\.cityMap\(\s*map_\w+, (\{.*\})\s*\);", page)
    assert found, page
    return json.loads(found[1])


@pytest.fixture
def page(login: Login, city: Engine) -> str:
    answer = login("commander").get("/map")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_without_an_edition_the_page_says_what_to_do(login: Login) -> None:
    page = login("gis_officer").get("/map?lang=en").text
    assert "There are no areas yet." in page
    assert 'href="/drafts"' in page


def test_the_page_starts_with_the_thirty_days_up_to_the_newest_case(page: str) -> None:
    state = configuration(page)["state"]
    assert (state["from"], state["to"]) == ("2026-02-01", "2026-03-02")
    assert (state["layer"], state["edition"], state["level"]) == ("density", 1, "cell")
    assert state["by"] == "street"


def test_the_page_holds_no_outline_and_no_case(page: str) -> None:
    told = configuration(page)
    assert set(told) == {
        "urls",
        "editions",
        "categories",
        "state",
        "language",
        "words",
        "area_level",
        "no_density",
    }
    # Nonces and form tokens are drawn at random and may hold any two characters.
    drawn = re.sub(r'(?:nonce|value)="[^"]*"', "", page)
    assert "C1" not in drawn
    assert len(json.dumps(told)) < 12_000


def test_every_address_the_scripts_are_given_answers(login: Login, city: Engine) -> None:
    client = login("commander")
    told = configuration(client.get("/map").text)
    places = {"edition": "1", "level": "cell", "zoom": "far", "code": "A1", "case_no": "C1"}
    box = "west=120.1&south=30.2&east=120.2&north=30.3"
    query = f"{PERIOD}&edition=1&level=cell&step=week&q=A1&{box}"
    for name, url in told["urls"].items():
        answer = client.get(f"{url.format(**places)}?{query}")
        assert answer.status_code == 200, f"{name}: {answer.text}"


def test_outlines_asked_for_by_their_version_may_be_kept_for_ever(
    login: Login, city: Engine
) -> None:
    client = login("commander")
    told = configuration(client.get("/map").text)
    url = told["urls"]["shapes"].format(edition=1, level="cell", zoom="far")
    kept = client.get(f"{url}?v={told['editions'][0]['version']}").headers["Cache-Control"]
    assert "immutable" in kept


def test_who_may_see_no_case_is_given_no_address_of_cases(login: Login, city: Engine) -> None:
    told = configuration(login("gis_officer").get("/map").text)
    assert told["urls"]["cases"] is None
    assert told["urls"]["case"] is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_scripts_speak_the_language_of_the_page(
    login: Login, city: Engine, language: str
) -> None:
    told = configuration(login("commander").get(f"/map?lang={language}").text)
    # What does not apply, such as a note about a setting, is said by no word.
    words = [word for word in told["words"].values() if word]
    chinese = [word for word in words if re.search(r"[一-鿿]", word)]
    assert len(chinese) == (len(words) if language == "zh" else 0)
    assert told["words"]["rate_of_n"].count("%(") == 3
    assert told["language"] == {"zh": "zh-CN", "en": "en"}[language]


def test_the_page_loads_nothing_from_outside_and_every_script_has_its_nonce(
    login: Login, city: Engine
) -> None:
    answer = login("commander").get("/map")
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce
    tags = re.findall(r"<(?:script|style)\b[^>]*>", answer.text)
    assert [tag for tag in tags if f'nonce="{nonce[1]}"' not in tag] == []
    assert not re.search(r"(?:https?:)?//[\w.-]+\.\w+", answer.text)
    assert "style=" not in answer.text


def test_markup_in_names_comes_out_as_text(login: Login, city: Engine) -> None:
    with city.begin() as conn:
        put_categories(conn, [Category("E1", HOSTILE, major_class=HOSTILE)])
        put_responders(
            conn,
            [Responder("CA", ResponderKind.STREET_CHIEF, HOSTILE, HOSTILE, "H", "street", "A")],
        )
    client = login("duty_chief")
    pages = [client.get(url).text for url in ("/map", f"/map/areas/cell/A1?{PERIOD}")]
    for page in pages:
        assert HOSTILE not in page
        assert escape(HOSTILE) in page


def panel_of(client: FlaskClient, area: str, more: str = "") -> str:
    answer = client.get(f"/map/areas/{area}?{PERIOD}&lang=en{more}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_panel_names_the_street_chief_the_squad_and_the_letters(
    login: Login, city: Engine
) -> None:
    panel = panel_of(login("commander"), "cell/A1")
    for name in ("总街长", "一中队"):
        assert name in panel
    assert "data-panel-title=" in panel
    assert "<html" not in panel


def test_the_panel_names_what_oversees_and_to_whom_a_gap_falls(
    login: Login, city: Engine
) -> None:
    with city.begin() as conn:
        department = Responder("D", ResponderKind.DEPARTMENT, "督查科")
        put_responders(conn, [department])
        oversees = Duty(0, "D", DutyRole.OVERSEE, DutyTarget.AREA, "street", "A", None)
        disposes = Duty(
            0, "D", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A2", frozenset({"E1"})
        )
        add_duties(conn, [oversees, disposes])
    panel = panel_of(login("commander"), "street/A")
    assert "Street chiefs" not in panel
    assert re.search(r"Who oversees</h3>\s*<ul[^>]*>.*督查科.*?</ul>\s*<h3>", panel, re.DOTALL)
    assert "in parts: 1 of 4 leaf areas" in panel
    assert re.search(r"No owner</span>.*Without a duty, cases fall to: ", panel, re.DOTALL)
    cell = panel_of(login("commander"), "cell/A2")
    assert "leaf areas" not in cell


def test_equal_rates_differ_by_nothing_and_not_by_points_of_nothing(
    login: Login, city: Engine, tmp_path: Path
) -> None:
    with city.begin() as conn:
        before = {
            "C6": {"reported_at": "2026-02-10 08:00", "due_at": "2026-02-11 09:30"},
            # Only periods after the first case are compared.
            "C7": {"reported_at": "2026-01-10 08:00", "due_at": "2026-01-11 09:30"},
        }
        rows = [row(no, B1, **given) for no, given in before.items()]
        take_in(conn, case_file(tmp_path, rows))
    panel = panel_of(login("commander"), "cell/B1")
    changes = re.findall(r'map-panel-change">([^<]*)</span>', panel)
    assert changes == ["=", "="]


def test_the_panel_sums_what_was_measured_and_what_was_claimed(
    login: Login, city: Engine
) -> None:
    with city.begin() as conn:
        a_point = shapely.Point(*A1)
        put_demolitions(
            conn,
            [
                Demolition("D1", demolished_on=date(2026, 3, 1), claimed_m2=1_200.0),
                Demolition("D2", demolished_on=date(2026, 3, 31), claimed_m2=34.0),
                Demolition("D3", demolished_on=date(2026, 4, 1), claimed_m2=5.0),
            ],
            np.array([a_point] * 3),
        )
    panel = panel_of(login("commander"), "cell/A1")
    assert "Torn down in the period: 2, measured 0 m², claimed 1,234 m²" in panel


def test_the_numbers_of_the_panel_lead_to_as_many_cases(login: Login, city: Engine) -> None:
    client = login("commander")
    panel = panel_of(client, "cell/A1")
    links = re.findall(r'map-panel-value"><a href="([^"]+)">(\d+)</a>', panel)
    assert [int(number) for _, number in links] == [2, 1, 1]
    for href, number in links:
        listed = client.get(href.replace("&amp;", "&")).text
        shown = set(re.findall(r'href="/cases/(C\d)[?"]', listed))
        assert len(shown) == int(number), href


def test_phones_are_told_to_dispatching_roles_only(login: Login, city: Engine) -> None:
    with city.begin() as conn:
        put_responders(
            conn, [Responder("S1", ResponderKind.SQUAD, "一中队", phone="13900000001")]
        )
    assert "13900000001" in panel_of(login("duty_chief"), "cell/A1")
    assert "13900000001" not in panel_of(login("commander"), "cell/A1")


def test_an_area_outside_the_accounts_own_has_no_panel(login: Login, city: Engine) -> None:
    client = login("street_chief", area=("street", "A"))
    assert "data-panel-title" in panel_of(client, "cell/A1")
    assert client.get(f"/map/areas/cell/B1?{PERIOD}").status_code == 404
    assert client.get(f"/map/areas/street/nowhere?{PERIOD}").status_code == 404


def test_the_edition_can_be_chosen_and_an_unknown_one_is_not_found(
    login: Login, city: Engine
) -> None:
    client = login("commander")
    assert "data-panel-title" in panel_of(client, "cell/A1", "&edition=1")
    answer = client.get(f"/map/areas/cell/A1?{PERIOD}&edition=9")
    assert answer.status_code == 404


def test_every_field_of_the_page_has_a_label(page: str, app: Flask) -> None:
    ids = set(re.findall(r'<(?:input|select)\b[^>]*\bid="(map-[^"]+)"', page))
    labelled = set(re.findall(r'<label\b[^>]*\bfor="([^"]+)"', page))
    named = set(re.findall(r'<input\b[^>]*\bid="([^"]+)"[^>]*aria-label=', page))
    assert ids - labelled - named == set()
    assert len(ids) > 10

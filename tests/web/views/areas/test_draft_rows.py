"""Duties and zones of a draft on pages: listed, checked, previewed, published."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from shapely.geometry import mapping
from sqlalchemy.engine import Engine

from gridmgmt.services.draft_records import operations as rows
from gridmgmt.services.drafts import drafts
from gridmgmt.services.responsibility.duties import list_duties
from gridmgmt.services.workbench import editing
from gridmgmt.store.areas.drafts import get_draft
from tests.services.answering import make_city
from tests.services.draft_records.test_duties_in_drafts import A1, bring
from tests.streets import square
from tests.web.conftest import Login, csrf_of
from tests.web.views.responsibility.test_duties import text_of


@pytest.fixture
def draft(engine: Engine, tmp_path: Path) -> int:
    """A draft that ends a duty and states a zone with one; no area changes."""
    with engine.begin() as conn:
        make_city(conn)
        bring(conn, tmp_path, A1)
        drafts.create(conn, "d", actor="li")
        (duty,) = list_duties(conn)
        some: list[editing.AnyOperation] = [
            rows.EndDuty(duty.id),
            rows.SetZone("Z1", "早市", "vendor", geometry=mapping(square(0.2, 0.2))),
            rows.SetDuty("S2", "dispose", "zone", "Z1", "*"),
        ]
        editing.edit(conn, "d", some, border_m=0.05, actor="li")
        return get_draft(conn, "d").id


def test_a_draft_of_duties_alone_is_listed_and_previewed(draft: int, login: Login) -> None:
    client: FlaskClient = login("gis_officer")
    client.get("/drafts?lang=en")
    page = client.get(f"/drafts/{draft}").text
    told = re.sub(r"\s+", " ", text_of(page))
    assert "Duties, zones and the like that it changes: 3" in told
    assert "Last day: – → the day before the edition takes effect" in told
    assert "This draft changes nothing yet" not in told
    assert "Submit for review" in told
    checked = client.get(f"/drafts/{draft}/check").text
    assert "cannot be published as they are" not in checked
    given = {
        "csrf_token": csrf_of(page),
        "effective_from": "2099-03-01",
        "tolerance_m2": "1",
        "seen": "0",
    }
    shown = re.sub(
        r"\s+", " ", text_of(client.post(f"/drafts/{draft}/publish", data=given).text)
    )
    assert "Special zone: 早市 (Z1) added" in shown
    assert "Duty: 二中队" in shown
    assert "2099-02-28" in shown
    assert client.get(f"/drafts/{draft}?lang=zh").text.count("版本生效日前一天") == 1


def test_what_others_changed_is_told_on_the_pages(
    draft: int, login: Login, engine: Engine, tmp_path: Path
) -> None:
    with engine.begin() as conn:
        bring(conn, tmp_path, A1.replace(",,L1", ",2099-12-31,L1"), actor="zhao")
    client = login("gis_officer")
    client.get("/drafts?lang=zh")
    page = client.get(f"/drafts/{draft}/check").text
    assert "若今天发布，有以下问题" in page
    assert "zhao 于" in page
    given = {
        "csrf_token": csrf_of(page),
        "effective_from": "2099-03-01",
        "tolerance_m2": "1",
        "seen": "0",
    }
    shown = client.post(f"/drafts/{draft}/publish", data=given).text
    assert "草案涉及的记录此后已被他人修改" in shown
    assert "原为" in shown
    assert "请逐条核对" in shown
    assert client.get(f"/drafts/{draft}/conflicts.csv").status_code == 200


def test_the_page_counts_and_names_the_edits_of_each_step(
    draft: int, login: Login, engine: Engine
) -> None:
    with engine.begin() as conn:
        zone = rows.SetZone("Z2", "夜市", "vendor", geometry=mapping(square(0.3, 0.3)))
        editing.edit(conn, "d", [zone], border_m=0.05, actor="li")
    client = login("gis_officer")
    page = re.sub(r"\s+", " ", text_of(client.get(f"/drafts/{draft}?lang=en").text))
    assert "made 3 edits (ended a duty, stated a zone, stated a duty)" in page
    assert "made 1 edit (stated a zone)" in page

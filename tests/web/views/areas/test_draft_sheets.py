"""The sheet of a draft from its page: for who edits and who reviews, in their language."""

from pathlib import Path

import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.services.drafts import drafts
from gridmgmt.store.areas.drafts import get_draft
from tests.services.reroute_city import draft_a2_to_b, fill
from tests.web.conftest import Login
from web.pages import draft_pages


@pytest.fixture
def page(engine: Engine, tmp_path: Path) -> str:
    with engine.begin() as conn:
        fill(conn, tmp_path)
        return f"/drafts/{get_draft(conn, draft_a2_to_b(conn, 'A2')).id}"


@pytest.fixture(params=["gis_officer", "commander"])
def person(login: Login, request: pytest.FixtureRequest) -> FlaskClient:
    """Who edits drafts, or reviews them."""
    return login(request.param)


def text_of(document: bytes) -> str:
    with pypdfium2.PdfDocument(document) as opened:
        return "".join(one.get_textpage().get_text_range() for one in opened)


def test_the_page_of_a_draft_leads_to_its_sheet_in_the_language_of_the_reader(
    person: FlaskClient, page: str
) -> None:
    address = f"{page}/sheet.pdf"
    assert f'action="{address}"' in person.get(page).text
    answer = person.get(f"{address}?from=2027-01-31")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("inline;")
    assert "拟自2027年1月31日起施行" in text_of(answer.data)
    person.get("/?lang=en")
    assert "Areas that change" in text_of(person.get(address).data)
    assert person.get(f"{address}?from=soon").status_code == 400


def test_a_draft_without_changes_leads_nowhere(
    person: FlaskClient, page: str, engine: Engine
) -> None:
    with engine.begin() as conn:
        empty = f"/drafts/{drafts.create(conn, 'empty', actor='a').id}"
    assert "sheet.pdf" not in person.get(empty).text
    refused = person.get(f"{empty}/sheet.pdf")
    assert refused.status_code == 409
    assert "未调整任何网格，无需公示" in refused.text


def test_a_very_large_draft_is_refused(
    person: FlaskClient, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft_pages, "PUT_UP_AT_ONCE", 2)
    refused = person.get(f"{page}/sheet.pdf")
    assert refused.status_code == 409
    assert "调整的网格过多" in refused.text

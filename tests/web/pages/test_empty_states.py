"""A page with nothing on it says so and what to do next, with a link the person may follow."""

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from tests.web.conftest import Login

BLOCK = re.compile(r'<div class="empty-state">(.*?)</div>', re.DOTALL)
LINK = re.compile(r'<a [^>]*href="([^"]+)"')
# In a bureau that has nothing yet: the role that looks, and the page.
IN_AN_EMPTY_CITY = (
    ("duty_chief", "/cases"),
    ("duty_chief", "/overview"),
    ("duty_chief", "/map"),
    ("duty_chief", "/case-imports"),
    ("gis_officer", "/areas"),
    ("gis_officer", "/editions"),
    ("gis_officer", "/drafts"),
    ("gis_officer", "/duties"),
    ("gis_officer", "/duties/matrix"),
    ("gis_officer", "/duties/audit"),
    ("gis_officer", "/duties/bounces"),
    ("gis_officer", "/responders"),
    ("gis_officer", "/components"),
    ("duty_chief", "/jobs"),
    ("collector", "/cases"),
    ("collector", "/cases/new"),
    ("street_chief", "/supervision"),
    ("administrator", "/displays"),
)
# In a city at work: searches and queues without a hit.
WITHOUT_A_HIT = (
    ("duty_chief", "/cases?q=no-such-case"),
    ("duty_chief", "/cases?status=triage&reason=uncertain"),
    ("gis_officer", "/areas?q=no-such-area"),
    ("gis_officer", "/duties?letter=no-such-letter"),
    ("gis_officer", "/responders?q=no-such-responder"),
    ("gis_officer", "/components?q=no-such-component"),
    ("gis_officer", "/duties/bounces"),
    ("administrator", "/audit?actor=nobody-of-the-kind"),
)
# The form that fills the page stands on it: no link leads elsewhere.
WITH_ITS_FORM = {"/drafts", "/displays", "/case-imports", "/cases/new"}


def looks_empty(client: FlaskClient, path: str) -> None:
    """Find the block, something to do in it, and that its links open for who sees them."""
    page = client.get(path, follow_redirects=True)
    assert page.status_code == 200
    blocks = BLOCK.findall(page.text)
    assert blocks, f"{path} says nothing of being empty"
    for block in blocks:
        assert block.count("<p") == 2, f"{path} does not say what to do: {block}"
        found = LINK.findall(block)
        assert found or path in WITH_ITS_FORM, f"{path} leads nowhere: {block}"
        for link in found:
            assert client.get(link.replace("&amp;", "&")).status_code < 400, link


@pytest.mark.parametrize(("role", "path"), IN_AN_EMPTY_CITY)
def test_a_page_of_a_new_bureau_says_where_to_begin(login: Login, role: str, path: str) -> None:
    looks_empty(login(role), path)


@pytest.mark.parametrize(("role", "path"), WITHOUT_A_HIT)
def test_a_search_without_a_hit_leads_back(
    city: Engine, login: Login, role: str, path: str
) -> None:
    looks_empty(login(role), path)


def test_who_has_no_case_is_told_what_comes_here(city: Engine, login: Login) -> None:
    idle = (
        "SELECT code FROM responders r WHERE NOT EXISTS"
        " (SELECT FROM cases c WHERE c.responder_code = r.code) ORDER BY code LIMIT 1"
    )
    with city.connect() as conn:
        code = conn.execute(sa.text(idle)).scalar_one()
    looks_empty(login("responder", responder_code=code), "/cases")

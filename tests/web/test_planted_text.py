"""Every page with markup planted in every text: it comes out as text, and nothing runs.

The same walk looks at what holds for every answer: headers, nonces, no address outside.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from gridmgmt.domain.areas.review import Remark
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.component import Component
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.services.accounts import accounts, tokens
from gridmgmt.services.case_imports.report import CaseImportReport
from gridmgmt.services.drafts import reviews
from gridmgmt.services.files import jobs
from gridmgmt.store.accounts.accounts import get_account
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.components import put_components
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.schema import metadata
from tests.factories import make_draft, make_edition, make_level, square, two_streets
from tests.services.answering import objects
from tests.services.case_city import A1, B1, case_file, row, take_in
from tests.web.conftest import PASSWORD, Login, csrf_of
from tests.web.test_roles import kind

PLANT = "\"'></script><script>PLANTED()</script><img src=x onerror=PLANTED()>{{7*7}}"

# Every column a person's or a file's words end up in.
TEXTS = {
    "levels": ("name_zh", "name_en"),
    "roles": ("name_zh", "name_en"),
    "areas": ("name",),
    "editions": ("label", "published_by"),
    "drafts": ("label", "created_by"),
    "draft_reviews": ("made_by",),
    "draft_comments": ("text", "made_by"),
    "responders": ("name", "phone"),
    "categories": ("name", "major_class", "minor_class", "time_limit"),
    "duties": ("letter_no",),
    "groups": ("name",),
    "zones": ("name",),
    "road_segments": ("name",),
    "demolitions": ("name", "address"),
    "components": ("name", "owner_name", "maintainer_name", "manager_name"),
    "cases": ("description", "address", "channel", "given_crs", "due_limit"),
    "accounts": ("name",),
    "api_tokens": ("name",),
    "jobs": ("title", "error"),
}


# An address of another server, or one that is a script.
_OUTSIDE = re.compile(r"\s*(?:[a-z][\w+.-]*:)?//|\s*(?:javascript|data):", re.IGNORECASE)

# Between them they reach every page.
WALKERS = {
    "gis_officer": {},
    "duty_chief": {},
    "responder": {"responder_code": "S1"},
    "administrator": {},
}
# What no link leads to: it waits for a file that was sent, or a job that ended.
UNLINKED = {
    "workbench.index",
    "case_imports.columns",
    "case_imports.report",
    "case_imports.rejected",
    "cases.exported",
    "draft_imports.layer",
    "draft_impacts.report",
    "draft_publications.report",
    # A form leads to it; test_draft_sheets.py sends that.
    "draft_sheets.sheet",
    # Only long lists have a table of all.
    "draft_publications.conflicts",
    "drafts.problem_list",
    "reroutes.report",
    "edition_extensions.report",
    # Nothing was bounced here; its own tests follow the links.
    "bounces.cases",
    "exports.detail",
    "exports.file",
    "exports.losses",
    "layer_imports.columns",
    "upload_problems.table",
    "map_tiles.tile",
    # The way in: for who is not logged in whole, or on a screen.
    "account.first_password",
    "displays.open_link",
    "second_factor.code",
    "second_factor.enrol",
    "second_factor.first",
}


class Looked(HTMLParser):
    """What of a page could run, load or lead somewhere."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    @property
    def handlers(self) -> list[str]:
        return [
            f"{tag} {name}" for tag, given in self.tags for name in given if name[:2] == "on"
        ]

    @property
    def unsigned(self) -> list[dict[str, str]]:
        data = ("application/json", "application/geo+json")
        return [
            given
            for tag, given in self.tags
            if tag in {"script", "style"}
            and "nonce" not in given
            and given.get("type") not in data
        ]

    @property
    def nonces(self) -> set[str]:
        return {given["nonce"] for _, given in self.tags if "nonce" in given}

    @property
    def addresses(self) -> list[str]:
        names = ("href", "src", "action", "poster", "data", "formaction", "content")
        found = [given[name] for _, given in self.tags for name in names if name in given]
        return [
            one
            for one in found
            if re.match(r"\s*(?:[a-z][\w+.-]*:)?//|\s*javascript:", one, re.I)
        ]


def plant(engine: Engine) -> None:
    """Put markup behind every text there is."""
    with engine.begin() as conn:
        for name, columns in TEXTS.items():
            table = metadata.tables[name]
            values = {column: table.c[column] + PLANT for column in columns}
            conn.execute(table.update().values(**values))


@pytest.fixture
def planted(city: Engine, login: Login, tmp_path) -> Engine:
    """The city with a draft, a token, odd numbers and codes, and markup in every text."""
    with city.begin() as conn:
        put_categories(conn, [Category("<b>E9", "x", major_class="y", minor_class="z")])
        units = {"owner_name": "x", "maintainer_name": "y", "manager_name": "z"}
        component = Component("<s>K1", "E1", "x", "<s>U", maintainer_code="S1", **units)
        put_components(conn, [component], objects(shapely.Point(A1)))
        rows = [
            row("<i>&\"'", A1, description="x", address="y", channel="z"),
            row("odd", B1, category="<b>E9"),
        ]
        report: CaseImportReport = take_in(conn, case_file(tmp_path, rows, "odd.csv"))
        assert report.new + len(report.rejected) == 2
        later = two_streets()
        later["cell"] = make_level("cell", {"A1": square(0, 0)}, parents={"A1": "A"})
        make_edition(conn, later, label="x")
        make_draft(conn, "a draft", two_streets().values())
        reviews.submit(conn, "a draft", actor="x")
        reviews.give_back(conn, "a draft", [Remark("y", "cell", "A1")], actor="z")
        # Two dispose of everything in A1, so that there is something to mend.
        second = Duty(
            0, "S2", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A1", None, letter_no="x"
        )
        add_duties(conn, [second])
        jobs.enqueue(conn, "case_export", {}, title="x", actor="duty_chief")
        accounts.create(
            conn, "<u>li", "planner", PASSWORD, name="x", must_change=False, actor="<u>root"
        )
        li = get_account(conn, "<u>li")
        tokens.create(conn, li, "x", days=1, now=datetime.now(UTC))
    for role, limits in WALKERS.items():
        login(role, **limits)
    plant(city)
    return city


def walk(client: FlaskClient) -> Iterator[tuple[str, TestResponse]]:
    """Follow every link and read every answer that a page names, one of each kind."""
    waiting = ["/account", "/", "/map", "/map/areas/cell/A1", "/login", "/healthz", "/nowhere"]
    waiting += ["/editions/1/diff/2", "/editions/compare?first=1&second=2"]
    seen = {*waiting}
    while waiting:
        path = waiting.pop()
        with client.get(path) as answer:
            yield path, answer
            if answer.mimetype != "text/html":
                continue
            text = answer.text
        for found in re.findall(r'(?:href|data-[a-z-]+|src)="(/[^"#]*)', text):
            link = found.replace("&amp;", "&").replace("&#34;", '"').replace("&#39;", "'")
            if not link.startswith(("/static", "//")) and kind(link) not in seen:
                seen |= {link, kind(link)}
                waiting.append(link)


@pytest.mark.proof
def test_planted_markup_stays_text_on_every_page(
    app: Flask, login: Login, planted: Engine
) -> None:
    nonces: set[str] = set()
    reached: Counter[str] = Counter()
    texts = 0
    for role in WALKERS:
        for path, answer in walk(login(role)):
            # No worker runs beside this test, and /healthz says so.
            assert answer.status_code < 500 or path == "/healthz", (role, path)
            reached[endpoint_of(app, path)] += 1
            check_headers(path, answer)
            if answer.mimetype != "text/html":
                continue
            looked = check_page(path, answer)
            assert not nonces & looked.nonces, path
            nonces |= looked.nonces
            texts += answer.text.count("&lt;script&gt;PLANTED()")
    assert texts > 200
    assert sorted(pages(app) - {*reached} - UNLINKED) == []


def pages(app: Flask) -> set[str]:
    """What is answered with a page: neither data for scripts nor files."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.rule.endswith(".json")
        and not rule.rule.startswith("/static/")
        and not rule.rule.startswith("/api/")
    }


def endpoint_of(app: Flask, path: str) -> str:
    try:
        endpoint, _ = app.url_map.bind("localhost").match(path.partition("?")[0])
    except HTTPException:
        return ""
    return str(endpoint)


def check_page(path: str, answer: TestResponse) -> Looked:
    page, looked = answer.text, Looked(answer.text)
    assert "<script>PLANTED" not in page, path
    assert "<img src=x" not in page, path
    assert "49" not in re.findall(r"PLANTED\(\)&gt;(49)?", page), path
    assert looked.handlers == [], path
    assert looked.unsigned == [], path
    assert looked.addresses == [], path
    policy = answer.headers["Content-Security-Policy"]
    assert all(f"'nonce-{nonce}'" in policy for nonce in looked.nonces), path
    return looked


def check_headers(path: str, answer: TestResponse) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy, path
    for word in ("unsafe-inline", "unsafe-eval", "http:", "https:", " * "):
        assert word not in policy.partition("style-src")[0], path
    assert answer.headers["X-Content-Type-Options"] == "nosniff", path
    assert answer.headers["X-Frame-Options"] == "DENY", path
    assert answer.headers["Referrer-Policy"] == "same-origin", path
    assert "public" not in answer.headers.get("Cache-Control", "public"), path


def test_the_name_of_a_file_stays_text(login: Login, planted: Engine) -> None:
    client = login("duty_chief")
    name = "\"'><img src=x onerror=PLANTED()>.csv"
    content = io.BytesIO(f"case_no,{PLANT.replace(',', '')}\nA,b\n".encode())
    data = {"csrf_token": csrf_of(client.get("/case-imports").text), "file": (content, name)}
    answer = client.post("/case-imports", data=data, follow_redirects=True)
    assert answer.status_code < 500
    assert "<img src=x" not in answer.text
    assert "<script>PLANTED" not in answer.text
    assert Looked(answer.text).handlers == []
    assert "img src=x" in answer.text


def test_what_is_typed_comes_back_as_text(login: Login, planted: Engine) -> None:
    """Every page is asked with markup in each of its questions."""
    client = login("duty_chief")
    names = (
        "q",
        "area",
        "from",
        "category",
        "status",
        "sort",
        "level",
        "edition",
        "on",
        "after",
    )
    asked = 0
    for path in (
        "/cases",
        "/areas",
        "/duties",
        "/responders",
        "/map",
        "/",
        "/jobs",
        "/editions",
    ):
        for name in names:
            answer = client.get(path, query_string={name: PLANT})
            assert answer.status_code < 500, (path, name)
            assert "<script>PLANTED" not in answer.text, (path, name)
            assert "<img src=x" not in answer.text, (path, name)
            asked += "&lt;script&gt;PLANTED" in answer.text
    assert asked > 10
    for path in (
        f"/{PLANT}",
        f"/cases/{PLANT}",
        f"/areas/street/{PLANT}",
        f"/login?next={PLANT}",
    ):
        text = client.application.test_client().get(path, follow_redirects=True).text
        assert "<script>PLANTED" not in text

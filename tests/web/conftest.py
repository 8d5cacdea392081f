"""The application on a database of its own, and clients logged in as any role."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import ClassVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.engine import Connection, Engine, make_url
from werkzeug.routing import Rule

from gridmgmt.services.accounts import accounts
from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine
from tests.databases import Databases
from tests.services.answering import make_city
from tests.services.case_city import A1, A2, B1, FAR_AWAY, case_file, give_duties, row, take_in
from web import create_app

PASSWORD = "a password for tests"

# The role, then what limits the account: area=(level, code), responder_code=….
Login = Callable[..., FlaskClient]


class CompiledTemplates(BytecodeCache):
    """Keeps what Jinja made of each template, by its text, for all applications of a process.

    Nearly every test makes an application of its own, which would compile its pages anew.
    """

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code


class CompiledRule(Rule):
    """Keeps what Werkzeug compiled of each rule, which was half of making an application.

    What it compiles builds addresses, and follows from the rule, its parts and its defaults.
    """

    _builders: ClassVar[dict[object, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        known = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if known not in self._builders:
            self._builders[known] = super()._compile_builder(append_unknown)
        return self._builders[known]


Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}
Flask.url_rule_class = CompiledRule


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    yield made
    made.extensions["gridmgmt"].engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Nobody yet."""
    return app.test_client()


@pytest.fixture
def login(app: Flask, engine: Engine) -> Login:
    """Make an account of a role and return a client that is logged in with it.

    An account of the same name is made once, so that a test can log in twice.
    """
    made: set[str] = set()

    def log_in(role: str, username: str | None = None, **limits: object) -> FlaskClient:
        name = username or role
        if name not in made:
            with engine.begin() as conn:
                accounts.create(
                    conn,
                    name,
                    role,
                    PASSWORD,
                    must_change=False,
                    actor="a test",
                    **limits,  # type: ignore[arg-type]
                )
            made.add(name)
        client = app.test_client()
        page = client.get("/login")
        answer = client.post(
            "/login",
            data={"username": name, "password": PASSWORD, "csrf_token": csrf_of(page.text)},
        )
        assert answer.status_code == 303, answer.text
        return client

    return log_in


@pytest.fixture(scope="session")
def template_city(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a database with the city, filled once and copied for each of its tests."""
    with databases.lent(template) as url:
        engine = make_engine(url)
        with engine.begin() as conn:
            fill(conn, tmp_path_factory.mktemp("city"))
        engine.dispose()
        name = make_url(url).database
        assert name is not None
        yield name


def fill(conn: Connection, folder: Path) -> None:
    make_city(conn)
    give_duties(conn)
    rows = [
        row("C1", A1, due_at="2026-03-03 09:30", description="坑洞", address="甲路1号"),
        row("C2", A1, due_at="2026-03-04 09:30", disposed_at="2026-03-03 10:00"),
        row("C3", A2),
        row("C4", B1, due_at="2026-03-03 09:30"),
        row("C5", FAR_AWAY),
    ]
    report = take_in(conn, case_file(folder, rows))
    assert report.new == len(rows), report.sentences()


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, databases: Databases, template: str
) -> Iterator[str]:
    """A database of its own, with the city in it where the test asks for that."""
    wants_city = "city" in request.fixturenames
    with databases.lent(
        request.getfixturevalue("template_city") if wants_city else template
    ) as url:
        yield url


@pytest.fixture
def city(engine: Engine) -> Engine:
    """Streets A and B of ``answering`` with duties and five cases, committed.

    C1 and C2 went to S1 (cell A1), C3 lies in A2 and has no owner but its street's office,
    C4 went to S2 (cell B1), C5 lies nowhere.
    """
    return engine


def csrf_of(page: str) -> str:
    """Return the token of the first form on a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "no form on this page"
    return found[1]

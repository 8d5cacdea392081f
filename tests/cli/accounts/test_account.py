import io
import json
from datetime import UTC, datetime

import pyotp
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.cli import run
from gridmgmt.domain.accounts.account import Account
from gridmgmt.services.accounts import second_factors, sessions
from gridmgmt.services.accounts.accounts import check_password
from gridmgmt.services.accounts.sealing import Seal
from gridmgmt.settings import Settings
from gridmgmt.store.accounts.accounts import list_accounts
from gridmgmt.store.accounts.second_factors import find_second_factor
from gridmgmt.store.engine import make_engine, transaction
from gridmgmt.store.schema import audit_log
from tests.services.answering import bureau, stored

PASSWORD = "a long password"


@pytest.fixture(autouse=True)
def from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\r\n"))


def create(settings: Settings, username: str, *options: str, role: str = "dispatcher") -> int:
    given = ["account", "create", username, "--role", role, *options]
    if "--generate" not in options:
        given.append("--password-stdin")
    return run(given, settings)


def logs_in(settings: Settings, username: str, password: str) -> Account | None:
    return stored(settings, lambda conn: check_password(conn, username, password))


def test_an_account_is_made_with_what_was_said(settings, capsys) -> None:
    bureau(settings)
    options = ["--name", "李派遣", "--area", "street:A", "--responder", "S1", "--commit"]
    assert create(settings, "li", *options) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == ["account li: Dispatcher (派遣员)", "committed"]
    made = logs_in(settings, "li", PASSWORD)
    assert made is not None
    assert (made.name, made.area, made.responder_code) == ("李派遣", ("street", "A"), "S1")
    assert made.must_change
    log = stored(
        settings, lambda conn: conn.execute(sa.select(audit_log).order_by(audit_log.c.id)).all()
    )
    assert [(one.actor, one.action) for one in log] == [("tester", "create_account")]


def test_without_commit_no_account_is_made_and_no_password_shown(settings, capsys) -> None:
    assert create(settings, "li", "--generate") == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines()[-1].startswith("dry run")
    assert stored(settings, list_accounts) == []


def test_a_generated_password_is_shown_once_and_opens(settings, capsys) -> None:
    assert create(settings, "li", "--generate", "--commit") == 0
    password = capsys.readouterr().out.strip()
    assert logs_in(settings, "li", password) is not None


def test_without_an_option_the_password_is_asked_for_twice(
    settings, capsys, monkeypatch
) -> None:
    asked = []

    def type_it(prompt: str) -> str:
        asked.append(prompt)
        return "typed by my own hand"

    monkeypatch.setattr("click.termui.hidden_prompt_func", type_it)
    assert run(["account", "create", "li", "--role", "planner", "--commit"], settings) == 0
    assert len(asked) == 2
    assert "typed by my own hand" not in "".join(capsys.readouterr())
    assert logs_in(settings, "li", "typed by my own hand") is not None


@pytest.mark.parametrize(
    ("options", "role", "told"),
    [
        ([], "boss", "there is no role 'boss'; choose one of: gis_officer, acceptor"),
        (["--area", "street"], "planner", "write LEVEL:CODE"),
        (["--area", "street:Z"], "planner", "area:"),
        (["--responder", "Z"], "planner", "there is no responder 'Z'"),
        ([], "responder", "must name the responder"),
        (["--generate", "--password-stdin"], "planner", "either --generate or"),
    ],
)
def test_an_account_that_cannot_be_says_why(settings, capsys, options, role, told) -> None:
    assert create(settings, "li", *options, "--commit", role=role) == 2
    assert told in capsys.readouterr().err
    assert stored(settings, list_accounts) == []


def test_accounts_are_listed_for_people_and_machines(settings, capsys) -> None:
    bureau(settings)
    create(settings, "li", "--name", "李派遣", "--area", "street:A", "--commit")
    capsys.readouterr()
    assert run(["account", "list"], settings) == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed[0].split() == ["username", "name", "role", "area", "responder", "active"]
    assert listed[1].split() == ["li", "李派遣", "dispatcher", "street:A", "–", "True"]
    assert run(["account", "list", "--json"], settings) == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "username": "li",
            "name": "李派遣",
            "role": "dispatcher",
            "area": "street:A",
            "responder": None,
            "active": True,
        }
    ]


def test_a_disabled_account_logs_in_no_more_until_it_is_enabled(settings, capsys) -> None:
    create(settings, "li", "--commit")
    assert run(["account", "disable", "li"], settings) == 0
    assert logs_in(settings, "li", PASSWORD) is not None
    assert run(["account", "disable", "li", "--commit"], settings) == 0
    assert logs_in(settings, "li", PASSWORD) is None
    assert run(["account", "enable", "li", "--commit"], settings) == 0
    assert logs_in(settings, "li", PASSWORD) is not None


def test_the_last_administrator_is_not_disabled(settings, capsys) -> None:
    create(settings, "root", "--commit", role="administrator")
    assert run(["account", "disable", "root", "--commit"], settings) == 5
    assert "'root' is the last active account" in capsys.readouterr().err


def test_a_password_is_changed(settings, capsys, monkeypatch) -> None:
    create(settings, "li", "--commit")
    capsys.readouterr()
    assert run(["account", "password", "li", "--generate", "--commit"], settings) == 0
    password = capsys.readouterr().out.strip()
    assert logs_in(settings, "li", PASSWORD) is None
    changed = logs_in(settings, "li", password)
    assert changed is not None
    assert changed.must_change
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert run(["account", "password", "li", "--password-stdin", "--commit"], settings) == 2
    assert "give 10 to 1000 characters" in capsys.readouterr().err


def test_a_lost_second_factor_is_reset(settings, capsys) -> None:
    create(settings, "li", "--commit")
    secret, now = second_factors.new_secret(), datetime.now(UTC)
    seal = Seal("k" * 40, second_factors.PURPOSE)
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    with transaction(engine, commit=True) as conn:
        code = pyotp.TOTP(secret).at(now)
        second_factors.set_up(conn, "li", secret, code, seal, now=now)
    engine.dispose()

    def has_one() -> bool:
        return stored(settings, lambda conn: find_second_factor(conn, "li")) is not None

    assert run(["account", "reset-second-factor", "li"], settings) == 0
    assert has_one()
    assert run(["account", "reset-second-factor", "li", "--commit"], settings) == 0
    assert not has_one()
    assert run(["account", "reset-second-factor", "li", "--commit"], settings) == 6


@pytest.mark.parametrize("verb", [["disable"], ["enable"], ["password", "--generate"]])
def test_an_account_that_is_not_there_is_named(settings, capsys, verb) -> None:
    assert run(["account", *verb, "nobody", "--commit"], settings) == 6
    told = capsys.readouterr()
    assert "there is no account 'nobody'" in told.err
    assert told.out == ""


@pytest.mark.parametrize(("given", "left"), [(["li"], 1), (["--everybody"], 0)])
def test_sessions_are_ended_for_one_or_for_everybody(settings, capsys, given, left) -> None:
    now = datetime.now(UTC)

    def live(conn: Connection) -> int:
        limits = settings.session_limits
        found = (sessions.list_live(conn, name, limits, now=now) for name in ("li", "wang"))
        return sum(map(len, found))

    for name in ("li", "wang"):
        assert create(settings, name, "--generate", "--commit") == 0
    engine = make_engine(settings.database_url)
    with engine.begin() as conn:
        for name in ("li", "li", "wang"):
            sessions.begin(conn, name, address="", user_agent="", now=now)
    engine.dispose()
    assert run(["account", "end-sessions", *given], settings) == 0
    assert stored(settings, live) == 3
    assert run(["account", "end-sessions", *given, "--commit"], settings) == 0
    assert f"{3 - left} session(s) ended" in capsys.readouterr().err
    assert stored(settings, live) == left


def test_whose_sessions_end_must_be_said_once(settings) -> None:
    for given in ([], ["li", "--everybody"]):
        assert run(["account", "end-sessions", *given], settings) == 2
    assert run(["account", "end-sessions", "nobody"], settings) == 6

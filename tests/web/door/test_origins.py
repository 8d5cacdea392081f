"""The host a request names: never written back, and one of ours where they are listed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.engine import Engine

from gridmgmt.settings import Settings
from tests.web.conftest import Login
from tests.web.test_roles import calls
from web import create_app

EVIL = "evil.example"


def test_no_answer_names_the_host_that_was_asked_for(
    app: Flask, login: Login, city: Engine
) -> None:
    strange = ["", "//x", "//cases", "/cases//C1", "///", "/login//", "/cases/"]
    paths = [path for _, method, path in [*calls(app, api=False), *calls(app, api=True)]]
    paths += [*strange, *(f"{path}/" for path in set(paths)), "/static//app.css", "/static/x"]
    for client in (app.test_client(), login("duty_chief")):
        for path in dict.fromkeys(paths):
            # As it is written: a client takes what follows two slashes for a host.
            environ = {"HTTP_HOST": EVIL, "PATH_INFO": path, "REQUEST_URI": path}
            with client.get("/", environ_overrides=environ) as answer:
                told = f"{answer.headers}{answer.get_data(as_text=True)}"
                assert EVIL not in told, path
                where = answer.headers.get("Location", "/")
                assert where.startswith("/"), path
                assert not where.startswith("//"), path


def test_no_address_is_corrected_by_sending_elsewhere(app: Flask) -> None:
    # The router would write the host into such an answer.
    assert app.url_map.merge_slashes is False
    ends = [rule.rule for rule in app.url_map.iter_rules() if rule.rule.endswith("/")]
    assert ends == ["/"]


def test_two_slashes_in_the_number_of_a_case_are_two(app: Flask) -> None:
    adapter = app.url_map.bind("localhost")
    assert adapter.match("/cases/A//B") == ("cases.detail", {"case_no": "A//B"})


@pytest.fixture
def listed(settings: Settings) -> Iterator[Flask]:
    made = create_app(replace(settings, hosts=("grid.example.cn", "10.1.2.3", "::1")))
    yield made
    made.extensions["gridmgmt"].engine.dispose()


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("grid.example.cn", True),
        ("Grid.Example.cn:8443", True),
        ("grid.example.cn.", True),
        ("10.1.2.3", True),
        ("10.1.2.3:8000", True),
        # Who looks from this machine whether the pages are well.
        ("127.0.0.1:8000", True),
        ("localhost", True),
        ("[::1]:8000", True),
        (EVIL, False),
        (f"grid.example.cn.{EVIL}", False),
        ("10.1.2.30", False),
        ("grid.example.cn@evil.example", False),
        ("", False),
    ],
)
def test_where_hosts_are_listed_others_are_refused(
    listed: Flask, host: str, is_ours: bool
) -> None:
    environ = {"HTTP_HOST": host, "SERVER_NAME": EVIL}
    for path in ("/login", "/healthz", "/nowhere", "/api/v1/openapi.json"):
        answer = listed.test_client().get(path, environ_overrides=environ)
        assert (answer.status_code != 400) is is_ours, path
        assert EVIL not in answer.get_data(as_text=True)


def test_without_a_list_any_name_will_do(app: Flask) -> None:
    for host in ("grid", "192.168.7.7:8000", "[fe80::1]:8000"):
        assert app.test_client().get("/login", base_url=f"http://{host}").status_code == 200

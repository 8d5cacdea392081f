"""What deploy says agrees with what the program does."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from gridmgmt.cli import run
from gridmgmt.settings import PREFIX, Settings
from web import create_app
from web.door import bodies
from web.server.limits import Limits

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NGINX = (DEPLOY / "nginx" / "gridmgmt.conf").read_text("utf-8")
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def location(head: str) -> str:
    found = re.search(rf"location {re.escape(head)} \{{(.*?)\n    \}}", NGINX, re.DOTALL)
    assert found, head
    return found[1]


def test_nginx_takes_what_the_pages_take() -> None:
    assert f"client_max_body_size {bodies.FORM // 1024}k;" in NGINX
    assert f"client_max_body_size {bodies.LOGIN // 1024}k;" in location("= /login")
    assert f"client_max_body_size {bodies.CASE // 1024}k;" in location("/api/")
    assert f"client_max_body_size {Settings().upload_mb}m;" in NGINX


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    yield made
    made.extensions["gridmgmt"].engine.dispose()


def test_nginx_knows_every_address_that_takes_files(app: Flask) -> None:
    pattern = re.search(r"location ~ (\S+) \{", NGINX)
    assert pattern
    takes = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) - bodies.SAFE
        and getattr(app.view_functions[rule.endpoint], bodies._TAKES, 0) is None
    ]
    assert len(takes) >= 3
    for rule in takes:
        path = re.sub(r"<int:\w+>", "7", rule)
        path = re.sub(r"<\w+>", "street-segments", path)
        assert re.search(pattern[1], path), rule


def test_the_pages_outlast_what_nginx_holds_open() -> None:
    kept = re.search(r"keepalive_timeout (\d+)s;", NGINX)
    assert kept
    assert int(kept[1]) < Limits().idle_s
    waits = re.search(r"proxy_read_timeout (\d+)s;", NGINX)
    assert waits
    assert int(waits[1]) > Settings().statement_s


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_runs_a_command_there_is(
    unit: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    command = re.search(r"^ExecStart=\S+/gridmgmt (.+)$", unit.read_text("utf-8"), re.M)
    assert command
    name, *options = command[1].split()
    assert run([name, "--help"], settings) == 0
    said = capsys.readouterr().out
    for option in options:
        assert not option.startswith("--") or option in said


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_the_units_are_well_formed() -> None:
    verified = subprocess.run(
        ["systemd-analyze", "verify", *map(str, UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    wrong = [
        line
        for line in (verified.stdout + verified.stderr).splitlines()
        if "is not executable" not in line and "gridmgmt" in line
    ]
    assert wrong == []


def test_the_example_of_an_environment_names_settings_there_are() -> None:
    lines = (DEPLOY / "gridmgmt.env").read_text("utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    assert all(name.startswith(PREFIX) for name in given)
    assert Settings.from_env(given).proxies == 1
    known = {PREFIX + name.upper() for name in Settings.__dataclass_fields__}
    assert set(given) <= known

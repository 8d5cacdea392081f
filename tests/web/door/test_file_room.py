"""Uploads that fail in any way: a sentence, and nothing left behind."""

import gc
import io
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmgmt.settings import Settings
from tests.web.conftest import Login, csrf_of
from web import create_app

MB = 1 << 20


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def app(settings: Settings, temporary: Path) -> Iterator[Flask]:
    made = create_app(replace(settings, upload_mb=3, upload_quota_mb=2, free_mb=1))
    yield made
    made.extensions["gridmgmt"].engine.dispose()


def left(settings: Settings, temporary: Path) -> list[Path]:
    """Whatever lies in the folders of files, but for a file made by logging in."""
    kept = [settings.home / name for name in ("uploads", "downloads")]
    return [path for folder in (temporary, *kept) for path in folder.rglob("*")]


def send(
    client: FlaskClient, content: bytes, *, token: str | None = None, lost: int = 0
) -> tuple[int, str]:
    """Send a file as a browser does; ``lost`` bytes of it are announced and never come."""
    given = token or csrf_of(client.get("/case-imports").text)
    head = (
        '--B\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
        f"{given}\r\n"
        '--B\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    )
    body = head.encode() + content + b"\r\n--B--\r\n"
    answer = client.post(
        "/case-imports",
        input_stream=io.BytesIO(body[: len(body) - lost]),
        headers={"Content-Type": "multipart/form-data; boundary=B"},
        environ_overrides={"CONTENT_LENGTH": str(len(body))},
    )
    return answer.status_code, answer.text


def test_a_file_that_fits_is_kept(login: Login, settings: Settings, temporary: Path) -> None:
    assert send(login("acceptor"), b"x" * MB)[0] == 303
    names = {path.name for path in left(settings, temporary) if path.is_file()}
    assert names == {".sender", ".cases", "a.csv"}


def test_a_file_over_the_quota_leaves_nothing(
    login: Login, settings: Settings, temporary: Path
) -> None:
    status, text = send(login("acceptor"), b"x" * (2 * MB + 1))
    assert status == 507
    assert "最多可保留 2 MB" in text
    assert left(settings, temporary) == []


def test_a_file_that_is_too_long_leaves_nothing(
    login: Login, settings: Settings, temporary: Path
) -> None:
    assert send(login("acceptor"), b"x" * (3 * MB + 1))[0] in {413, 507}
    assert left(settings, temporary) == []


def test_a_form_without_its_token_leaves_nothing(
    login: Login, settings: Settings, temporary: Path
) -> None:
    assert send(login("acceptor"), b"x" * MB, token="forged")[0] == 400
    assert left(settings, temporary) == []


def test_an_empty_file_leaves_nothing(
    login: Login, settings: Settings, temporary: Path
) -> None:
    send(login("acceptor"), b"")
    assert [path.name for path in left(settings, temporary)] == []


# The parser leaves its file, which has no name, to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_body_that_breaks_off_leaves_nothing(
    login: Login, settings: Settings, temporary: Path
) -> None:
    for lost in (3, MB // 2, MB):
        assert send(login("acceptor"), b"x" * MB, lost=lost)[0] == 400, lost
    gc.collect()
    assert left(settings, temporary) == []


def test_a_full_disk_takes_no_file_and_says_so(
    login: Login, settings: Settings, temporary: Path, app: Flask
) -> None:
    client = login("acceptor")
    platform = app.extensions["gridmgmt"]
    app.extensions["gridmgmt"] = replace(
        platform, settings=replace(platform.settings, free_mb=1 << 40)
    )
    status, text = send(client, b"x" * MB)
    assert status == 507
    assert "磁盘剩余空间不足" in text
    assert left(settings, temporary) == []


def test_an_export_that_cannot_be_made_leaves_nothing(
    login: Login, settings: Settings, temporary: Path
) -> None:
    client = login("planner")
    token = csrf_of(client.get("/exports").text)
    form = {"csrf_token": token, "noun": "areas", "format": "shp", "crs": "EPSG:1"}
    assert client.post("/exports", data=form).status_code == 303
    assert left(settings, temporary) == []

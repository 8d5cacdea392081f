"""The disks of the home and of temporary files run full, one after the other, and are freed."""

import dataclasses
import http.cookiejar
import json
import os
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy.engine import Engine

from gridmgmt.services.accounts import accounts
from gridmgmt.settings import Settings
from gridmgmt.store.engine import transaction
from tests.cli.serving_program import Serving, serving
from tests.worker.counting import eventually

SIZE_MB, FILE_MB = 48, 8
PASSWORD = "eight words of a Thursday"
MB = 1024 * 1024


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own, which only root can make."""
    folder.mkdir()
    size = f"size={SIZE_MB}m"
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"no disk can be mounted here: {made.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    if os.getuid() != 0:
        pytest.skip("only root can mount a disk to fill")
    with small_disk(tmp_path / "home") as home, small_disk(tmp_path / "temporary") as temporary:
        yield home, temporary


class Person:
    """Somebody with a browser."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)

    def ask(self, path: str, data: bytes | None = None, kind: str = "") -> tuple[int, str]:
        headers = {"Content-Type": kind} if kind else {}
        request = urllib.request.Request(f"{self.origin}{path}", data, headers)
        try:
            with self._opener.open(request, timeout=60) as answer:
                return int(answer.status), f"{answer.url}\n{answer.read().decode()}"
        except urllib.error.HTTPError as error:
            with error:
                return int(error.code), error.read().decode()

    def token(self, path: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.ask(path)[1])
        assert found
        return found[1]

    def log_in(self) -> None:
        given = {"username": "li", "password": PASSWORD, "csrf_token": self.token("/login")}
        form = urlencode(given).encode()
        status, page = self.ask("/login", form, "application/x-www-form-urlencoded")
        assert status == 200
        assert "/login" not in page.partition("\n")[0]

    def send_file(self) -> tuple[int, str]:
        token = self.token("/case-imports")
        rows = b"case_no,lon,lat\n" + b"1,120.15,30.25,xxxxxxxxxxxxxxxx\n" * (
            FILE_MB * MB // 32
        )
        parts = (
            b'--B\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n',
            token.encode(),
            b"\r\n--B\r\nContent-Disposition: form-data",
            b'; name="file"; filename="cases.csv"\r\n\r\n',
            rows,
            b"\r\n--B--\r\n",
        )
        return self.ask("/case-imports", b"".join(parts), "multipart/form-data; boundary=B")


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Fill a disk to its last byte."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * MB):
                pass
        except OSError:
            pass
        try:
            while file.write(b"x" * 512):
                pass
        except OSError:
            pass
    yield
    filler.unlink()


def health(served: Serving) -> tuple[int, str]:
    status, said = Person(served.port).ask("/healthz")
    if status == 200:
        return status, ""
    return status, str(json.loads(said)["reason"])


def folders(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in (home / "uploads").rglob("*")}


# With a floor of free space the file is turned away before it comes, without one by the disk.
@pytest.mark.parametrize("free_mb", [SIZE_MB // 4, 0])
def test_a_full_disk_refuses_files_with_a_sentence_and_all_is_well_again(
    settings: Settings,
    engine: Engine,
    disks: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    free_mb: int,
) -> None:
    home, temporary = disks
    monkeypatch.setenv("TMPDIR", str(temporary))
    with transaction(engine, commit=True) as conn:
        accounts.create(conn, "li", "acceptor", PASSWORD, must_change=False, actor="a test")
    small = dataclasses.replace(settings, home=home, upload_mb=20, free_mb=free_mb)
    with serving(small, "serve", "--port", "0", "--workers", "1") as served:
        eventually(lambda: health(served)[0] == 200, most_s=60)
        person = Person(served.port)
        person.log_in()
        for disk, name in ((home, "the home"), (temporary, "the temporary folder")):
            before = folders(home)
            with full(disk):
                assert health(served) == (503, f"nothing can be written in {name}")
                status, page = person.send_file()
                assert status == 507, page
                assert str(disk) not in page
                # The site works on, and nothing of the file is left.
                assert person.ask("/case-imports")[0] == 200
                assert folders(home) == before
            assert str(disk) in served.said, "the log tells the operator where"
            eventually(lambda: health(served)[0] == 200)
            status, page = person.send_file()
            assert status == 200, page
            assert re.match(r".*/case-imports/[0-9a-f]{32}", page)
            assert len(folders(home)) > len(before)
        assert served.stop() == 0
    assert "Traceback" not in served.said

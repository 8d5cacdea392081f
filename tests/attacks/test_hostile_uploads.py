"""Uploads that hang or burst while they are looked at: the pages live on, nothing is left."""

import dataclasses
import threading
import time
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from sqlalchemy.engine import Engine

from gridmgmt.services.accounts import accounts
from gridmgmt.settings import Settings
from gridmgmt.store.engine import transaction
from tests.attacks import hostile_files as hostile
from tests.attacks.hostile_files import cell
from tests.attacks.test_full_disk import PASSWORD, Person
from tests.cli.serving_program import Serving, serving
from tests.worker.counting import eventually

READ_MB, READ_S = 200, 6


def endless_blank_rows(path: Path) -> Path:
    """A workbook of a million rows that hold nothing, below a header."""
    header = f'<row r="1">{cell("A1", "case_no")}{cell("B1", "lon")}</row>'
    blank = (f'<row r="{n}"><c r="A{n}"/><c r="B{n}"/></row>' for n in range(2, 1_000_000))
    return hostile.workbook(path, [header, *blank])


def one_large_value(path: Path) -> Path:
    """A Parquet file with values of 150 MB, which packed are a few bytes."""
    text = pyarrow.array(["x" * (150 << 20)] * 2, pyarrow.large_string())
    pyarrow.parquet.write_table(pyarrow.table({"case_no": text}), path, compression="zstd")
    return path


def many_texts(path: Path) -> Path:
    """A workbook whose shared texts inflate to 180 MB, packed into a few hundred kB."""
    return hostile.many_strings(path, 180)


class Sender(threading.Thread):
    """Somebody who sends a file and waits for the page that shows it."""

    def __init__(self, person: Person, path: Path) -> None:
        super().__init__()
        self._person, self._path = person, path
        self.status, self.page, self.took_s = 0, "", 0.0

    def run(self) -> None:
        begin = time.monotonic()
        token = self._person.token("/case-imports")
        body = (
            b'--B\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
            + token.encode()
            + b'\r\n--B\r\nContent-Disposition: form-data; name="file"; filename="'
            + self._path.name.encode()
            + b'"\r\n\r\n'
            + self._path.read_bytes()
            + b"\r\n--B--\r\n"
        )
        self.status, self.page = self._person.ask(
            "/case-imports", body, "multipart/form-data; boundary=B"
        )
        self.took_s = time.monotonic() - begin


def readers(served: Serving) -> list[int]:
    """Processes that read a file for the pages: children of the reading processes below us."""
    below, found = {served.process.pid}, []
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            parents[int(entry.name)] = (int(stat[1]), b"gridmgmt.exchange.reading" in line)
    for pid in sorted(parents):
        parent, is_reader = parents[pid]
        if parent in below:
            below.add(pid)
            if is_reader and parents.get(parent, (0, False))[1]:
                found.append(pid)
    return found


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def test_three_uploads_that_hang_stop_nobody(
    settings: Settings, engine: Engine, tmp_path: Path, temporary: Path
) -> None:
    files = [
        endless_blank_rows(tmp_path / "blank.xlsx"),
        one_large_value(tmp_path / "large.parquet"),
        many_texts(tmp_path / "texts.xlsx"),
    ]
    with transaction(engine, commit=True) as conn:
        accounts.create(conn, "li", "acceptor", PASSWORD, must_change=False, actor="a test")
    bounded = dataclasses.replace(settings, page_read_mb=READ_MB, page_read_s=READ_S)
    with serving(bounded, "serve", "--port", "0", "--workers", "1") as served:
        eventually(lambda: served.get("/healthz").status == 200, most_s=120)
        people = [Person(served.port) for _ in files]
        for person in people:
            person.log_in()
        senders = [Sender(*pair) for pair in zip(people, files, strict=True)]
        for sender in senders:
            sender.start()
        answered = 0
        most_s = 0.0
        while any(sender.is_alive() for sender in senders):
            begin = time.monotonic()
            assert served.get("/healthz").status == 200
            assert served.get("/login").status == 200
            most_s = max(most_s, time.monotonic() - begin)
            answered += 1
            time.sleep(0.1)
        assert answered > 3
        assert most_s < READ_S, "while three files hang, others are answered"
        for sender in senders:
            assert sender.status in (200, 422), sender.page
            assert sender.took_s < 20 * READ_S
        said = [sender.page for sender in senders]
        assert f"{READ_S}" in said[0] + said[1]
        assert "2,048" not in "".join(said)
        eventually(lambda: not readers(served), most_s=30)
        eventually(lambda: not _left(temporary), most_s=30)
        assert people[0].ask("/case-imports")[0] == 200
        assert served.stop() == 0
    assert "Traceback" not in served.said
    assert not _left(temporary)


def _left(temporary: Path) -> list[str]:
    """What reading left in the folder for temporary files; kept uploads lie elsewhere."""
    return sorted(path.name for path in temporary.iterdir())

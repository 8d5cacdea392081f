import io
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.errors import InputError, NoRoomError, NotFoundError
from gridmgmt.services.files import uploads
from gridmgmt.services.files.room import FileRoom


def test_a_file_is_kept_under_its_name_and_found_by_its_number(tmp_path: Path) -> None:
    kept = uploads.keep(FileRoom(tmp_path), io.BytesIO(b"a,b\n"), "案件 2026.csv", actor="li")
    assert kept.name == "案件 2026.csv"
    assert kept.path.read_bytes() == b"a,b\n"
    assert kept.path.parent.stat().st_mode & 0o777 == 0o700
    kept.result("rejected.csv").write_text("beside")
    assert uploads.find(tmp_path, kept.id, "li") == kept


def test_a_file_is_found_by_who_sent_it_and_by_nobody_else(tmp_path: Path) -> None:
    kept = uploads.keep(FileRoom(tmp_path), io.BytesIO(b"a,b\n"), ".sender", actor="li")
    assert uploads.find(tmp_path, kept.id, "li").path.read_bytes() == b"a,b\n"
    for other in ("wang", "", "LI"):
        with pytest.raises(NotFoundError):
            uploads.find(tmp_path, kept.id, other)


def test_an_empty_file_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="empty"):
        uploads.keep(FileRoom(tmp_path), io.BytesIO(), "a.csv", actor="li")
    assert list((tmp_path / "uploads").iterdir()) == []


class Breaking(io.BytesIO):
    """A file whose sender goes away after the first megabyte."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise ConnectionResetError
        return super().read(size)


def test_a_file_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConnectionResetError):
        uploads.keep(FileRoom(tmp_path), Breaking(b"x" * (3 << 20)), "a.csv", actor="li")
    assert list((tmp_path / "uploads").iterdir()) == []


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """Let the kernel refuse to write more, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_that_the_disk_has_no_room_for_leaves_nothing(tmp_path: Path) -> None:
    with no_file_longer_than(1 << 20), pytest.raises(NoRoomError, match="disk space"):
        uploads.keep(FileRoom(tmp_path), io.BytesIO(b"x" * (3 << 20)), "a.csv", actor="li")
    assert list((tmp_path / "uploads").iterdir()) == []


def test_where_no_file_can_be_written_a_sentence_says_so(tmp_path: Path) -> None:
    # A file in the folder's place keeps root out as well.
    (tmp_path / "uploads").write_text("in the way")
    with pytest.raises(NoRoomError, match="cannot write files now"):
        uploads.keep(FileRoom(tmp_path), io.BytesIO(b"a"), "a.csv", actor="li")


def test_a_file_over_the_accounts_quota_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    room = FileRoom(tmp_path, quota_mb=2)
    kept = uploads.keep(room, io.BytesIO(b"x" * (3 << 19)), "a.csv", actor="li")
    with pytest.raises(NoRoomError, match="2 MB"):
        uploads.keep(room, io.BytesIO(b"x" * (1 << 20)), "b.csv", actor="li")
    assert list((tmp_path / "uploads").iterdir()) == [kept.path.parent]
    uploads.keep(room, io.BytesIO(b"x" * (1 << 20)), "b.csv", actor="wang")


@pytest.mark.parametrize("number", ["", ".", "..", "0" * 32, "../uploads", "%2e%2e"])
def test_an_unknown_number_finds_nothing(tmp_path: Path, number: str) -> None:
    kept = uploads.keep(FileRoom(tmp_path), io.BytesIO(b"x"), "a.csv", actor="li")
    with pytest.raises(NotFoundError):
        uploads.find(tmp_path, number, "li")
    with pytest.raises(NotFoundError):
        uploads.find(tmp_path, kept.id.upper() if kept.id.upper() != kept.id else "x", "li")


def test_old_uploads_go_with_everything_beside_them_and_nothing_else(tmp_path: Path) -> None:
    old = uploads.keep(FileRoom(tmp_path), io.BytesIO(b"x"), "old.csv", actor="li")
    old.result("rejected.csv").write_text("x")
    new = uploads.keep(FileRoom(tmp_path), io.BytesIO(b"x"), "new.csv", actor="li")
    stranger = tmp_path / "uploads" / "somebody's folder"
    stranger.mkdir()
    eight_days_ago = time.time() - 8 * 24 * 3600
    for path in (old.path.parent, stranger):
        os.utime(path, (eight_days_ago, eight_days_ago))
    assert uploads.remove_old(tmp_path, datetime.now(UTC)) == 1
    assert not old.path.exists()
    assert new.path.exists()
    assert stranger.is_dir()
    assert uploads.remove_old(tmp_path / "nothing here", datetime.now(UTC)) == 0


@given(st.text(max_size=400))
def test_whatever_a_file_is_called_its_name_leads_nowhere_else(name: str) -> None:
    safe = uploads.safe_name(name)
    assert safe == Path(safe).name
    assert safe not in {"", ".", ".."}
    assert safe.isprintable()
    assert len(safe.encode()) <= 200


def test_a_long_name_keeps_its_ending() -> None:
    assert uploads.safe_name("案" * 300 + ".csv.gz").endswith(".csv.gz")

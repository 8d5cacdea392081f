import shutil
from pathlib import Path

import pytest

from gridmgmt.errors import NoRoomError
from gridmgmt.services.files import room as file_room
from gridmgmt.services.files.room import OWNER_FILE, FileRoom, used


def put(home: Path, folder: str, number: str, owner: str, size: int) -> None:
    own = home / folder / number / "file"
    own.mkdir(parents=True)
    (own.parent / OWNER_FILE).write_text(owner)
    (own / "a.csv").write_bytes(b"x" * size)


def test_what_an_account_has_is_counted_over_uploads_and_made_files(tmp_path: Path) -> None:
    assert used(tmp_path, "li") == 0
    put(tmp_path, "uploads", "1", "li", 700)
    put(tmp_path, "downloads", "2", "li", 300)
    put(tmp_path, "downloads", "3", "wang", 5_000)
    (tmp_path / "uploads" / "stray").write_text("nobody's")
    assert used(tmp_path, "li") == 1_000 + 2 * len("li")
    assert used(tmp_path, "wang") == 5_000 + len("wang")


def test_files_may_fill_the_quota_and_not_go_over_it(tmp_path: Path) -> None:
    put(tmp_path, "uploads", "1", "li", 1 << 20)
    room = FileRoom(tmp_path, quota_mb=3)
    room.check("li", 1 << 20)
    with pytest.raises(NoRoomError, match="may take 3 MB and take 1"):
        room.check("li", 2 << 20)
    FileRoom(tmp_path, quota_mb=0).check("li", 1 << 50)


def test_a_disk_that_would_be_nearly_full_takes_nothing_more(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free >> 20
    room = FileRoom(tmp_path / "not there yet", free_mb=max(free // 2, 1))
    room.check("li")
    with pytest.raises(NoRoomError, match="too little free disk space"):
        room.check("li", free << 20)
    with pytest.raises(NoRoomError, match="too little free disk space"):
        FileRoom(tmp_path, free_mb=2 * free).check("li")


def test_the_disk_of_temporary_files_counts_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "temporary"
    free = file_room._free
    monkeypatch.setattr(file_room.tempfile, "gettempdir", lambda: str(there))
    monkeypatch.setattr(file_room, "_free", lambda at: 0 if at == there else free(at))
    with pytest.raises(NoRoomError):
        FileRoom(tmp_path, free_mb=1).check("li")

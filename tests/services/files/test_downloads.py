import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gridmgmt.errors import NotFoundError
from gridmgmt.services.files import downloads
from gridmgmt.services.files.room import FileRoom

NOW = datetime.now(UTC)


def made(home: Path, actor: str = "ann") -> str:
    with downloads.making(FileRoom(home), actor, NOW) as (download_id, folder):
        (folder / "案件.csv").write_text("a,b\n")
        downloads.finish(home, download_id, actor, {"rows": 1})
    return download_id


def test_a_file_is_found_by_its_id_for_who_asked_for_it(tmp_path: Path) -> None:
    found = downloads.find(tmp_path, made(tmp_path), "ann")
    assert (found.path.name, found.report) == ("案件.csv", {"rows": 1})
    assert oct(found.path.parents[1].stat().st_mode)[-3:] == "700"


def test_nobody_else_finds_it_and_no_other_path_is_followed(tmp_path: Path) -> None:
    download_id = made(tmp_path)
    for wrong, actor in ((download_id, "bob"), ("0" * 32, "ann"), ("../downloads", "ann")):
        with pytest.raises(NotFoundError):
            downloads.find(tmp_path, wrong, actor)


def test_a_file_that_was_never_finished_is_not_there(tmp_path: Path) -> None:
    with downloads.making(FileRoom(tmp_path), "ann", NOW) as (download_id, folder):
        (folder / "half.csv").write_text("a")
        with pytest.raises(NotFoundError):
            downloads.find(tmp_path, download_id, "ann")


def test_a_file_whose_making_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(error: BaseException) -> None:
        with downloads.making(FileRoom(tmp_path), "ann", NOW) as (_, folder):
            (folder / "half.csv").write_text("a")
            raise error

    for error in (OSError("no space"), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            fail(error)
    assert list((tmp_path / "downloads").iterdir()) == []


def test_what_a_killed_program_left_goes_after_a_day(tmp_path: Path) -> None:
    with downloads.making(FileRoom(tmp_path), "ann", NOW) as (download_id, folder):
        (folder / "half.csv").write_text("a")
    downloads.remove_old(tmp_path, NOW)
    assert folder.is_dir()
    downloads.remove_old(tmp_path, NOW + downloads.KEPT_FOR + timedelta(hours=3))
    assert not (tmp_path / "downloads" / download_id).exists()


def test_files_go_after_a_day_and_nothing_else_does(tmp_path: Path) -> None:
    old, new = made(tmp_path), made(tmp_path)
    folder = tmp_path / "downloads"
    (folder / "somebody's own").mkdir()
    long_ago = (NOW - downloads.KEPT_FOR - timedelta(minutes=1)).timestamp()
    for name in (old, "somebody's own"):
        os.utime(folder / name, (long_ago, long_ago))
    made(tmp_path)
    with pytest.raises(NotFoundError):
        downloads.find(tmp_path, old, "ann")
    assert downloads.find(tmp_path, new, "ann").report == {"rows": 1}
    assert (folder / "somebody's own").is_dir()

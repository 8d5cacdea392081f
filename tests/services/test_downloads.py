import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gridmgmt.errors import NotFoundError
from gridmgmt.services import downloads

NOW = datetime.now(UTC)


def made(home: Path, actor: str = "ann") -> str:
    download_id, folder = downloads.new_folder(home, NOW)
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
    download_id, folder = downloads.new_folder(tmp_path, NOW)
    (folder / "half.csv").write_text("a")
    with pytest.raises(NotFoundError):
        downloads.find(tmp_path, download_id, "ann")


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

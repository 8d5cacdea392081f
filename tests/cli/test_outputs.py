"""Commands that write a file replace none unless somebody says --force."""

from pathlib import Path

import click
import pytest

from gridmgmt.cli.outputs import check_output
from gridmgmt.errors import InputError
from tests.cli.areas.test_draft import Bureau, bureau, with_edition
from tests.commands import commands
from tests.services.archives.archive_folders import area_file, make_archive

__all__ = ["bureau", "with_edition"]

# What an import rejects, and lists of problems, are told anew by every run, dry runs too.
OUTPUTS = {"-o", "--output"}
# What a command needs beside the file that it writes.
MORE: dict[str, tuple[str, ...]] = {
    "archive count": ("archive", "--by", "category"),
    "draft export": ("d",),
    "draft repairs": ("d",),
    "draft sheet": ("d",),
    "export areas": ("--level", "cell"),
    "export figures": ("--level", "cell"),
    "locate": ("cases.csv", "--areas", "areas.gpkg", "--code", "code"),
}
SUFFIXES = {
    "draft export": ".gpkg",
    "draft repairs": ".jsonl",
    "draft sheet": ".pdf",
    "export contours": ".gpkg",
    "export density": ".tif",
}
WRITERS = {
    name: one
    for name, one in commands().items()
    if any(OUTPUTS & {*param.opts} for param in one.params)
}


def test_every_command_that_writes_a_file_has_force() -> None:
    assert {"draft export", "draft repairs", "export areas"} <= WRITERS.keys()
    lacking = [
        name
        for name, one in WRITERS.items()
        if not any("--force" in param.opts for param in one.params)
    ]
    assert lacking == []


def test_no_command_opens_a_file_before_it_is_asked_whether_it_may() -> None:
    opening = [
        name
        for name, one in WRITERS.items()
        for param in one.params
        if isinstance(param.type, click.File) and "w" in param.type.mode
    ]
    assert opening == []


@pytest.mark.parametrize("name", WRITERS)
def test_every_command_keeps_a_file_that_is_there(
    with_edition: Bureau, tmp_path: Path, name: str
) -> None:
    area_file(tmp_path)
    make_archive(tmp_path / "archive", files=1, rows=5)
    (tmp_path / "cases.csv").write_text("lon,lat\n120.105,30.205\n", encoding="utf-8")
    kept = tmp_path / f"kept{SUFFIXES.get(name, '.csv')}"
    kept.write_text("kept", encoding="utf-8")
    args = (*name.split(), *MORE.get(name, ()), "-o", kept)
    assert with_edition(*args) == 2
    assert "there already" in with_edition.err
    assert kept.read_text(encoding="utf-8") == "kept"
    # Of what there is none, as of zones or changes here, no file is written.
    with_edition(*args, "--force")
    is_nothing = any(told in with_edition.err for told in ("there are no", "changes no area"))
    assert (kept.read_bytes() != b"kept") != is_nothing


def test_a_file_that_is_there_is_replaced_by_force_only(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    check_output(file, force=False)
    file.write_text("kept", encoding="utf-8")
    with pytest.raises(InputError, match="is there already; add --force"):
        check_output(file, force=False)
    check_output(file, force=True)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no folder .*new; make it"):
        check_output(tmp_path / "new" / "x.jsonl", force=True)

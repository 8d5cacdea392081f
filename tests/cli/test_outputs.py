"""Commands that write a file replace none unless somebody says --force."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gridmgmt.cli import program
from gridmgmt.cli.outputs import check_output
from gridmgmt.errors import InputError

# What an import rejects, and lists of problems, are told anew by every run, dry runs too.
OUTPUTS = {"-o", "--output"}


def commands(
    group: click.Command, ctx: click.Context, name: str = ""
) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(group, click.Group):
        yield name.strip(), group
        return
    for one in group.list_commands(ctx):
        found = group.get_command(ctx, one)
        assert found is not None
        yield from commands(found, ctx, f"{name} {one}")


def writers() -> list[tuple[str, click.Command]]:
    return [
        (name, one)
        for name, one in commands(program, click.Context(program))
        if any(OUTPUTS & {*param.opts} for param in one.params)
    ]


def test_every_command_that_writes_a_file_has_force() -> None:
    found = dict(writers())
    assert {"draft export", "draft repairs", "export areas"} <= found.keys()
    lacking = [
        name
        for name, one in found.items()
        if not any("--force" in param.opts for param in one.params)
    ]
    assert lacking == []


def test_no_command_opens_a_file_before_it_is_asked_whether_it_may() -> None:
    opening = [
        name
        for name, one in writers()
        for param in one.params
        if isinstance(param.type, click.File) and "w" in param.type.mode
    ]
    assert opening == []


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

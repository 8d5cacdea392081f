"""One rule of exit codes for all commands on areas: what is wrong decides, not the command."""

from pathlib import Path

import pytest

from tests.cli.areas.test_draft import FIELDS, LEVELS, Bureau, bureau, with_edition
from tests.commands import commands
from tests.factories import write_areas

__all__ = ["bureau", "with_edition"]

RENAME = '{"op": "rename", "level": "cell", "code": "%s", "name": "x"}\n'

# What a command needs beside the label of a draft; FILE stands for a file of areas, OPS for one
# of operations, GONE for a file that is not there.
MORE: dict[str, tuple[str, ...]] = {
    "edit": ("OPS",),
    "export": ("-o", "new.gpkg"),
    "import": ("FILE", "--level", "cell", *FIELDS),
    "publish": ("--effective-from", "2030-01-01"),
    "sheet": ("-o", "new.pdf"),
}
# Nobody may ask about a draft without being allowed to approve it.
ALLOWED_FIRST = {"approve"}
LABELLED = sorted(
    name.removeprefix("draft ")
    for name, one in commands().items()
    if name.startswith("draft ")
    and name != "draft create"
    and any(param.name == "label" for param in one.params)
)

IMPORT = ("draft", "import", "d", "FILE", "--level", "cell", *FIELDS)


@pytest.fixture
def said(with_edition: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    monkeypatch.chdir(tmp_path)
    write_areas(tmp_path / "FILE.geojson", LEVELS["cell"])
    (tmp_path / "OPS").write_text(RENAME % "A1", encoding="utf-8")
    (tmp_path / "NONE").write_text(RENAME % "A9", encoding="utf-8")
    (tmp_path / "THERE.gpkg").write_text("", encoding="utf-8")
    (tmp_path / "BROKEN").write_text("{", encoding="utf-8")
    return with_edition


def code(said: Bureau, *args: str) -> int:
    return said(*("FILE.geojson" if one == "FILE" else one for one in args))


def test_all_commands_about_a_draft_are_among_these() -> None:
    assert {"edit", "export", "history", "impact", "repairs", "submit", "undo"} <= set(LABELLED)


@pytest.mark.parametrize("name", LABELLED)
def test_a_draft_that_is_not_there_is_6(said: Bureau, name: str) -> None:
    found = code(said, "draft", name, "no", *MORE.get(name, ()))
    assert found == (5 if name in ALLOWED_FIRST else 6), said.err
    assert name in ALLOWED_FIRST or "there is no draft 'no'" in said.err


@pytest.mark.parametrize("name", LABELLED)
def test_a_command_without_a_draft_is_2(said: Bureau, name: str) -> None:
    assert code(said, "draft", name) == 2


@pytest.mark.parametrize(
    ("exit_code", "args"),
    [
        (2, ("draft", "create", " ")),
        (2, ("draft", "import", "d", "FILE")),
        (2, (*IMPORT, "--within", "A", "--merge")),
        (2, (*IMPORT, "--crs", "nonsense")),
        (2, (*IMPORT, "--attribute", "x")),
        (2, (*IMPORT, "--drop", "x")),
        (2, ("draft", "publish", "d", "--effective-from", "soon")),
        (2, ("draft", "return", "d", "--comment", "x", "y")),
        (2, ("draft", "rebase", "d", "--take", "x")),
        (2, ("draft", "check", "d", "--tolerance-m2", "x")),
        (2, ("draft", "repairs", "d", "-o", "OPS")),
        (2, ("draft", "repairs", "d", "-o", "no/ops.jsonl")),
        (2, ("draft", "export", "d", "-o", "THERE.gpkg")),
        (2, ("draft", "export", "d", "-o", "no/d.gpkg")),
        (2, ("draft", "export", "d", "-o", "d.shp")),
        (2, ("area", "show", "A1", "--on", "soon")),
        (3, ("draft", "edit", "d", "GONE")),
        (3, ("draft", "edit", "d", "BROKEN")),
        (3, ("draft", "edit", "d", "OPS", "--lines", "GONE")),
        (3, ("draft", "import", "d", "GONE")),
        (3, ("draft", "import", "d", "GONE", "--level", "cell", *FIELDS)),
        (3, ("draft", "import", "d", "FILE", "--level", "cell", "--code", "x", "--name", "x")),
        (3, (*IMPORT, "--layer", "no")),
        (5, ("draft", "create", "d")),
        (5, ("draft", "undo", "d")),
        (5, ("draft", "redo", "d")),
        (5, ("draft", "submit", "d")),
        (5, ("draft", "return", "d", "--comment", "-", "y")),
        (5, ("draft", "edit", "d", "NONE")),
        (5, ("draft", "publish", "d", "--effective-from", "2030-01-01")),
        (6, ("draft", "import", "d", "FILE", "--level", "moon", *FIELDS)),
        (6, (*IMPORT, "--within", "Z")),
        (6, (*IMPORT, "--attribute", "no=name")),
        (6, ("area", "show", "Z")),
        (6, ("area", "show", "A1", "--level", "moon")),
        (6, ("area", "show", "A1", "--level", "street")),
        (6, ("area", "history", "Z")),
        (6, ("edition", "diff", "1", "9")),
        (6, ("edition", "revert", "9")),
    ],
)
def test_what_is_wrong_decides(said: Bureau, exit_code: int, args: tuple[str, ...]) -> None:
    assert code(said, *args) == exit_code, said.err
    assert "rror" in said.err

import ast
import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from gridmgmt import errors
from gridmgmt.cli import EXIT_CODES
from gridmgmt.settings import PREFIX, Settings
from tests.commands import commands
from tests.house.document_tables import OF_TESTS, TABLES, written_anew

ROOT = Path(__file__).parents[2]
READMES = ["README.md", "README.zh-CN.md"]
COMMANDS = ["docs/commands.md", "docs/commands.zh-CN.md"]
DOCUMENTS = sorted(
    str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
)


@pytest.mark.parametrize("file", TABLES)
def test_tables_are_what_the_program_says(file: str) -> None:
    """``make docs`` writes them anew."""
    assert (ROOT / file).read_text("utf-8") == written_anew(file)


def test_the_chinese_table_lists_every_setting_and_no_other() -> None:
    text = (ROOT / "docs/settings.zh-CN.md").read_text("utf-8")
    listed = re.findall(r"^\| `(GRIDMGMT_\w+)`", text, re.MULTILINE)
    expected = {PREFIX + setting.name.upper() for setting in fields(Settings)}
    assert sorted(listed) == sorted(expected | {OF_TESTS[0]})


@pytest.mark.parametrize("readme", READMES)
def test_a_readme_is_read_in_one_go(readme: str) -> None:
    assert len((ROOT / readme).read_text("utf-8").splitlines()) <= 100


@pytest.mark.parametrize("file", DOCUMENTS)
def test_links_between_documents_lead_somewhere(file: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    linked = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", text)
    missing = [one for one in linked if not ((ROOT / file).parent / one).exists()]
    assert missing == []


def imported_files(path: Path) -> set[str]:
    """The files of ours that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{name.name}" for name in node.names)]
            found |= {f"{name.replace('.', '/')}.py" for name in names}
    return found


def test_the_two_ways_to_read_are_whole_and_short() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    part = text.partition("## Two ways to read\n")[2].partition("\n## ")[0]
    ways = [
        re.findall(r"^\d+\. `(\S+\.py)`", way, re.MULTILINE)
        for way in part.split("\n\nOne reported case:\n")
    ]
    assert [len(way) <= most for way, most in zip(ways, (12, 8), strict=True)] == [True, True]
    for way in ways:
        assert len(way) > 5
        for n, file in enumerate(way):
            above = way[:n]
            read = set().union(*(imported_files(ROOT / one) for one in above))
            assert n == 0 or file in read, f"{file} is imported by none above it"


def test_every_command_stands_in_the_chinese_table() -> None:
    text = (ROOT / "docs/commands.zh-CN.md").read_text("utf-8")
    missing = [name for name in commands() if f"`{name}`" not in text]
    assert missing == []


@pytest.mark.parametrize("file", [*READMES, *COMMANDS])
def test_every_command_and_option_that_is_shown_exists(file: str) -> None:
    known = commands()
    shown = re.findall(r"^(?:\$ )?(?:\.venv/bin/)?gridmgmt (.+)$", _code(file), re.MULTILINE)
    assert len(shown) > 4
    for line in shown:
        name = max((n for n in known if f"{line} ".startswith(f"{n} ")), key=len, default=None)
        assert name is not None, line
        options = {opt for param in known[name].params for opt in param.opts}
        asked = set(re.findall(r"(?<=\s)(--[a-z0-9-]+)", line))
        assert asked <= options | {"--help"}, line


def _code(file: str) -> str:
    text = (ROOT / file).read_text("utf-8").replace("\\\n", " ")
    return "\n".join(re.findall(r"^```.*?\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


def test_every_command_says_what_it_does() -> None:
    assert [name for name, command in commands().items() if not command.help] == []


def test_every_exception_has_an_exit_code_and_a_sentence() -> None:
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.GridMgmtError)
    ]
    for kind in kinds:
        assert kind.__doc__
        if kind not in (errors.GridMgmtError, errors.ProblemsError):
            assert any(issubclass(kind, base) for base, _ in EXIT_CODES), kind


def test_no_file_of_the_project_names_a_package_registry_or_a_machine_path() -> None:
    words = ["pypi." + "org", "pythonhosted." + "org", "npmjs." + "org", "deb.debian" + ".org"]
    words += ["/root" + "/", "/work" + "/"]
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        text = (ROOT / name).read_bytes().decode("utf-8", "ignore")
        assert [word for word in words if word in text] == [], name

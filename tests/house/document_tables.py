"""The tables of ``docs/`` that the program itself can write: ``make docs`` writes them.

A table stands between two comments; ``tests/house/test_documents.py`` compares it with what
would be written now.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from pathlib import Path

from gridmgmt.settings import PREFIX, Settings
from tests.browser.stories import table as stories
from tests.commands import commands
from tests.house.column_table import column_table
from tests.house.role_table import role_table

ROOT = Path(__file__).parents[2]
# What only tests read.
OF_TESTS = (
    "GRIDMGMT_TEST_DATABASE_URL",
    "the only server tests obey; they make and drop databases named gridmgmt_test_*",
    "unset: a cluster of their own",
)


def settings_table() -> Iterator[str]:
    """Write every setting, with the words of the program."""
    yield from ("| variable | meaning | default |", "|---|---|---|")
    told = [
        (PREFIX + one.name.upper(), one.metadata["help"], one.metadata["shown"])
        for one in fields(Settings)
    ]
    for name, meaning, default in (*told, OF_TESTS):
        yield f"| `{name}` | {_cell(meaning)} | {_cell(default)} |"


def commands_table() -> Iterator[str]:
    """Write every command, with the first sentence of its help."""
    yield from ("| command | what it does |", "|---|---|")
    for name, command in commands().items():
        first = (command.help or "").partition("\n\n")[0]
        yield f"| `{name}` | {_cell(' '.join(first.split()))} |"


def _cell(text: str) -> str:
    # Stars and pipes would be read as Markdown.
    return re.sub(r"([*|])", r"\\\1", text)


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "docs/settings.md": settings_table,
    "docs/commands.md": commands_table,
    "docs/files.md": partial(column_table, "en"),
    "docs/files.zh-CN.md": partial(column_table, "zh"),
    "docs/first-ten-minutes.md": stories.english_table,
    "docs/first-ten-minutes.zh-CN.md": stories.chinese_table,
    "docs/operations.md": partial(role_table, "en"),
    "docs/operations.zh-CN.md": partial(role_table, "zh"),
}
_BETWEEN = re.compile(r"(<!-- make docs -->\n).*?(\n<!-- end -->)", re.DOTALL)


def written_anew(file: str) -> str:
    """Return a document with its table as it would be written now."""
    text = (ROOT / file).read_text("utf-8")
    table = "\n".join(TABLES[file]())
    assert len(_BETWEEN.findall(text)) == 1, file
    return _BETWEEN.sub(lambda found: f"{found[1]}{table}{found[2]}", text)


if __name__ == "__main__":
    for name in TABLES:
        (ROOT / name).write_text(written_anew(name), "utf-8")

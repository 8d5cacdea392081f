"""The command line, asked as a person asks it, with everything it says kept."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import entry_points
from pathlib import Path


def gridmgmt(words: str, *more: object, to: str | None = None) -> tuple[int, str]:
    """Run a command; return its exit code and what it printed, which also goes ``to`` a file.

    It runs in this process, because a new one takes a second to begin.
    """
    (program,) = entry_points(group="console_scripts", name="gridmgmt")
    arguments = [*words.split(), *map(str, more)]
    printed, told, before = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["gridmgmt", *arguments]
    code = 0
    try:
        with redirect_stdout(printed), redirect_stderr(told):
            program.load()()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.argv = before
    append("exit-codes.txt", f"{code} {' '.join(arguments)}\n")
    append("english.txt", f"$ {' '.join(arguments)}\n{told.getvalue()}\n")
    if to is not None:
        Path(to).write_text(printed.getvalue(), "utf-8")
    return code, printed.getvalue()


def must(words: str, *more: object, to: str | None = None) -> str:
    """Run a command that has to succeed; return what it printed."""
    code, printed = gridmgmt(words, *more, to=to)
    assert code == 0, Path("english.txt").read_text("utf-8")[-2000:]
    return printed


def append(name: str, text: str) -> None:
    with Path(name).open("a", encoding="utf-8") as stream:
        stream.write(text)

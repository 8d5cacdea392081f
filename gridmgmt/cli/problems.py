"""Print lists of problems: some of each kind on the terminal, all of them in a file."""

import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from gridmgmt.cli.work import say
from gridmgmt.errors import GridMgmtError, LayerError, ProblemsError
from gridmgmt.problem_groups import digest, is_short
from gridmgmt.sentence import Sentence


def say_notes(notes: Iterable[str], subject: object) -> None:
    """Print notes on stderr, some of each kind; ``subject`` names the file for all of them."""
    for line in problem_lines(list(notes), subject):
        say(f"note: {line}")


def error_text(error: GridMgmtError) -> str:
    """Return what an error says, with some of its problems of each kind."""
    if not isinstance(error, ProblemsError):
        return str(error)
    return error.told(problem_lines(error.listed, error.subject_name))


def problem_lines(problems: Sequence[str], subject: object) -> list[str]:
    """Return the lines of a list of problems, grouped by kind, the most frequent first.

    A list that is not shown whole is written to a file named after ``subject``, a text or a
    path, with one row for each problem. It replaces an earlier list of the same name.
    """
    return problem_sections({"": problems}, subject)[""]


def problem_sections(
    sections: Mapping[str, Sequence[str]],
    subject: object,
    folded: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, list[str]]:
    """Return the lines of each section of a list, like ``problem_lines``; all in one file.

    ``folded`` has other lines for sections, in which some problems are only counted; the file
    has them one by one.
    """
    shown = sections if folded is None else folded
    fewer = any(len(shown[name]) < len(problems) for name, problems in sections.items())
    if not fewer and all(is_short(problems) for problems in shown.values()):
        return {name: list(problems) for name, problems in shown.items()}
    every = [problem for problems in sections.values() for problem in problems]
    path = str(_written(every, subject))
    lines = {name: digest(problems, path) for name, problems in shown.items()}
    for name, problems in sections.items():
        if len(shown[name]) < len(problems) and not any(path in line for line in lines[name]):
            lines[name].append(Sentence("all {} in {}", f"{len(problems):,}", path))
    return lines


def _written(problems: Sequence[str], subject: object) -> Path:
    from gridmgmt.exchange.tables.problem_tables import write_problems

    name = _file_name(subject)
    try:
        write_problems(Path(name), problems)
    except (LayerError, OSError):
        # Some programs work in a folder where nobody may write.
        kept = Path(tempfile.mkdtemp(prefix="gridmgmt-")) / name
        write_problems(kept, problems)
        return kept
    return Path(name)


def _file_name(subject: object) -> str:
    stem = subject.stem if isinstance(subject, Path) else str(subject)
    plain = re.sub(r"[^\w.-]+", "-", stem).strip("-.")
    return f"{plain or 'gridmgmt'}-problems.csv"

"""Print the problems that the check of a draft finds."""

from itertools import groupby
from typing import TYPE_CHECKING

import click

from gridmgmt.cli.problems import problem_sections
from gridmgmt.sentence import Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmgmt.geometry.coverage.problem import Problem


def print_problems(label: str, problems: "Sequence[Problem]") -> None:
    """Print problems by level, some of each kind; all of them go to a file."""
    by_level = _by_level(problems)
    every = {
        level: [problem_sentence(one) for one in found] for level, found in by_level.items()
    }
    short = {level: folded_lines(found) for level, found in by_level.items()}
    for level, lines in problem_sections(every, label, short).items():
        click.echo(f"{level}:")
        for line in lines:
            click.echo(f"  {line}")


def problem_sentence(problem: "Problem") -> Sentence:
    """Return a problem with its severity and its place."""
    from gridmgmt.geometry.coverage.problem_report import sentence_with_place

    return Sentence("{}: {}", problem.severity, sentence_with_place(problem))


def folded_lines(problems: "Sequence[Problem]") -> list[str]:
    """Return a line for each problem, and one for those that are counted together."""
    from gridmgmt.geometry.coverage.problem_folds import fold

    kept, folds = fold(problems)
    return [
        *map(problem_sentence, kept),
        *(Sentence("{}: {}", one.largest.severity, one.sentence) for one in folds),
    ]


def _by_level(problems: "Sequence[Problem]") -> "dict[str, list[Problem]]":
    by_level = groupby(problems, lambda one: one.level)
    return {level: list(found) for level, found in by_level}

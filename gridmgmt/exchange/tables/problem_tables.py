"""Write a list of problems as a table, of which a terminal or a page shows only some."""

from collections.abc import Callable, Iterable
from pathlib import Path

from gridmgmt.exchange.bytes.safe_tables import write_table
from gridmgmt.problem_groups import kind_of


def write_problems(
    path: Path,
    problems: Iterable[str],
    said: Callable[[str], str] = str,
    headings: tuple[str, str] = ("kind", "problem"),
) -> None:
    """Write one row for each problem, with its kind before it.

    Parameters
    ----------
    path : .csv (UTF-8 with a BOM) or .xlsx; a file of this name is replaced
    said : translates a sentence
    headings : names of the two columns

    Raises
    ------
    LayerError, OSError
        when the file cannot be written
    """
    rows = ([said(kind_of(one)), said(one)] for one in problems)
    write_table(path, headings, rows)

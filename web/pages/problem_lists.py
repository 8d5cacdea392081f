"""Long lists of problems on pages: some of each kind, and all of them as a table."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Response

from gridmgmt.errors import GridMgmtError, ProblemsError
from gridmgmt.exchange.tables.problem_tables import write_problems
from gridmgmt.problem_groups import digest
from web.pages.uploads import page_words
from web.words.sentences import said


def some_of(error: GridMgmtError) -> str:
    """Return what an error says, with some of its problems of each kind."""
    if not isinstance(error, ProblemsError):
        return str(error)
    return error.told(digest(error.listed))


def problem_table(problems: Sequence[str], name: str) -> Response:
    """Return a download of all problems: one row for each, with its kind before it."""
    with TemporaryDirectory(prefix="gridmgmt-") as folder:
        path = Path(folder) / "problems.csv"
        write_problems(path, problems, lambda sentence: page_words(said(sentence)))
        answer = Response(path.read_bytes(), content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}-problems.csv")
    answer.headers["Cache-Control"] = "no-store"
    return answer

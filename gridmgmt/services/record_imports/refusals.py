"""Refuse the rows of a file: the problems of all of them, in one error."""

from collections.abc import Iterable

from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.import_files import ImportFile
from gridmgmt.sentence import Sentence


def refuse_rows(file: ImportFile, problems: Iterable[tuple[int, str]]) -> None:
    """Raise LayerError with every problem of every row, if there are any.

    Parameters
    ----------
    problems : the number of a row, and what is wrong with it
    """
    in_order = sorted(dict.fromkeys(problems), key=lambda problem: problem[0])
    if not in_order:
        return
    at_fault = len({number for number, _ in in_order})
    raise LayerError(
        file.path,
        _unusable(file.what, f"{at_fault:,}"),
        problems=[about(file.what, number, why) for number, why in in_order],
        remedy=Sentence("correct them and import the file again"),
    )


def _unusable(what: str, count: str) -> Sentence:
    if what == "row":
        return Sentence("{} row(s) cannot be used; nothing was loaded", count)
    return Sentence("{} feature(s) cannot be used; nothing was loaded", count)


def about(what: str, number: int, words: str) -> Sentence:
    """Return a sentence about a row of a table, or a feature of a layer."""
    if what == "row":
        return Sentence("row {}: {}", number, words)
    return Sentence("feature {}: {}", number, words)

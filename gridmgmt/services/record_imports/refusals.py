"""Refuse the rows of a file: the problems of all of them, in one error."""

from collections.abc import Iterable, Sequence

from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.import_files import ImportFile
from gridmgmt.sentence import Sentence

# With more faults than this, a person needs reasons and not rows: rows with the same reason
# share a line.
MOST_ROWS_APART = 200


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
    told = [about(file.what, number, why) for number, why in in_order]
    if len(told) > MOST_ROWS_APART:
        rows_of: dict[str, list[int]] = {}
        for number, why in in_order:
            rows_of.setdefault(why, []).append(number)
        told = [about(file.what, spans(rows), why) for why, rows in rows_of.items()]
    raise LayerError(
        file.path,
        Sentence("{} {}(s) cannot be used; nothing was loaded", f"{at_fault:,}", file.what),
        problems=told,
        remedy=Sentence("correct them and import the file again"),
    )


def about(what: str, numbers: object, words: str) -> Sentence:
    """Return a sentence about rows of a table, or features of a layer."""
    if what == "row":
        return Sentence("row {}: {}", numbers, words)
    return Sentence("feature {}: {}", numbers, words)


def spans(numbers: Sequence[int]) -> str:
    """Return ascending numbers as text, with consecutive ones as ranges.

    Examples
    --------
    >>> spans([2, 3, 4, 7])
    '2-4, 7'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)

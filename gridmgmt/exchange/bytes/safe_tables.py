"""Write tables for people: never half a file, and nothing a spreadsheet would evaluate."""

import csv
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import chain
from pathlib import Path
from typing import TextIO

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.workbooks import write_workbook
from gridmgmt.sentence import Sentence

# With one more for each that stands there already, whoever reads it takes exactly one away.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


@contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside ``path``, and rename it to ``path`` on success.

    If the block fails, ``path`` stays as it was. A device (``/dev/stdout``) is written
    directly, since a rename would replace it.
    """
    target = Path(path)
    if target.exists() and not target.is_file():
        if target.is_dir():
            raise LayerError(target, "is a folder, not a file that can be written")
        yield target
        return
    if not target.parent.is_dir():
        message = f"cannot be written: there is no folder {target.parent}"
        raise LayerError(target, message)
    try:
        folder = tempfile.TemporaryDirectory(prefix=".writing-", dir=target.parent)
    except OSError as error:
        raise LayerError(target, Sentence("cannot be written: {}", error.strerror)) from error
    with folder as name:
        # The temporary name keeps the suffix: writers choose the format by it.
        temporary = Path(name) / target.name
        yield temporary
        temporary.replace(target)


def safe_text(value: object) -> object:
    """Put ``'`` before text that a spreadsheet would evaluate as a formula.

    Numbers do not change, also when they are written as text.

    >>> safe_text("=1+1"), safe_text("-5.2"), safe_text(-5.2), safe_text("-x")
    ("'=1+1", '-5.2', -5.2, "'-x")
    """
    if not isinstance(value, str) or not _FORMULA.match(value):
        return value
    return value if _NUMBER.fullmatch(value) else f"'{value}"


def unprotected(text: str) -> str:
    """Return the text that ``safe_text`` protected, or the text itself if it did not.

    >>> unprotected("'=1+1"), unprotected("'a'"), unprotected("'007")
    ('=1+1', "'a'", "'007")
    """
    return text[1:] if text[:1] == "'" and safe_text(text[1:]) == text else text


def write_table(
    path: Path | str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    sheet: str = "table",
) -> int:
    """Write a table as CSV (UTF-8 with BOM) or as XLSX, according to the suffix.

    ``"-"`` writes CSV without a BOM to standard output. None and NaN become empty cells, times
    become ISO text. Text that would be evaluated as a formula gets a leading ``'`` (CSV) or the
    cell type text (XLSX). The file appears only when it is complete.

    Returns
    -------
    how many texts have a ``'`` that was not theirs
    """
    if str(path) == "-":
        return _write_csv(sys.stdout, columns, rows)
    with replacing(path) as temporary:
        if temporary.suffix.lower() == ".xlsx":
            shown = ([cell_value(value) for value in row] for row in rows)
            write_workbook(Path(path), temporary, columns, shown, sheet)
            return 0
        with temporary.open("w", encoding="utf-8-sig", newline="") as stream:
            return _write_csv(stream, columns, rows)


def _write_csv(stream: TextIO, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    writer = csv.writer(stream, lineterminator="\n")
    # The csv module quotes a line feed but not a single carriage return, which would end the
    # row.
    quoting = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    quoted = 0
    for row in chain([columns], rows):
        shown = [cell_value(value) for value in row]
        values = [safe_text(value) for value in shown]
        quoted += sum(a is not b for a, b in zip(shown, values, strict=True))
        has_return = any(isinstance(value, str) and "\r" in value for value in values)
        (quoting if has_return else writer).writerow(values)
    return quoted


def cell_value(value: object) -> object:
    """Return what a cell shows for a value: text, a number, or None.

    >>> cell_value(float("nan")), cell_value(True), cell_value(datetime(2024, 1, 5, 8, 30))
    (None, 'true', '2024-01-05T08:30:00')
    """
    if value is None or value != value:  # only NaN is not equal to itself
        return None
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    item = getattr(value, "item", None)  # a numpy scalar
    return cell_value(item()) if callable(item) else str(value)

"""Read two columns of a table as positions, with a reason for each row without one."""

from dataclasses import dataclass

import numpy as np

from gridmgmt.domain.columns import column_called
from gridmgmt.domain.numbers import number_of
from gridmgmt.errors import FieldError
from gridmgmt.exchange.content.given_positions import GivenPositions
from gridmgmt.exchange.tables.tables import Rejected, Table
from gridmgmt.geometry.crs.crs import Datum
from gridmgmt.sentence import Sentence, joined


@dataclass(frozen=True)
class PointColumns:
    """The positions of the rows of a table.

    ``without`` counts rows whose two cells are empty; ``bad`` holds rows with unusable cells.
    Both have NaN as position.
    """

    given: GivenPositions
    without: int
    bad: list[Rejected]


def point_columns(
    table: Table, x_column: str, y_column: str, said: Datum | None
) -> PointColumns:
    """Read positions from two columns of text.

    Parameters
    ----------
    said : the datum a person stated; None if nobody did

    Raises
    ------
    FieldError
        when a column does not exist
    CRSError
        when the numbers do not fit the stated datum
    """
    x_column = column_called("positions", x_column, table.columns)
    y_column = column_called("positions", y_column, table.columns)
    FieldError.check(table.path, (x_column, y_column), table.columns)
    bad: list[Rejected] = []
    without = 0
    x, y = np.full(len(table), np.nan), np.full(len(table), np.nan)
    pairs = zip(table.values[x_column], table.values[y_column], strict=True)
    for i, (x_text, y_text) in enumerate(pairs):
        if x_text is None and y_text is None:
            without += 1
            continue
        try:
            x[i], y[i] = coordinate(x_column, x_text), coordinate(y_column, y_text)
        except ValueError:
            reason = why_no_position((x_column, y_column), (x_text, y_text), said)
            bad.append(Rejected(table.row[i], reason))
    swap = Sentence("swap them: --lon {} --lat {}", y_column, x_column)
    given = GivenPositions(table.path, (x_column, y_column), swap, x, y, said)
    given.refuse_other_numbers()
    nowhere = given.nowhere()
    bad += [Rejected(table.row[i], given.why_nowhere(int(i))) for i in np.flatnonzero(nowhere)]
    x[nowhere], y[nowhere] = np.nan, np.nan
    bad.sort(key=lambda one: one.row)
    return PointColumns(given, without, bad)


def why_no_position(
    columns: tuple[str, str], texts: tuple[str | None, str | None], said: Datum | None
) -> str:
    """Return everything that is wrong with two cells, of which at least one is no number."""
    problems: list[str] = []
    found = [np.nan, np.nan]
    for i, (column, text) in enumerate(zip(columns, texts, strict=True)):
        try:
            found[i] = coordinate(column, text)
        except ValueError as error:
            problems.append(str(error))
    if len(problems) == 1:
        x, y = np.array(found[:1]), np.array(found[1:])
        other = GivenPositions("", columns, "", x, y, said)
        problems += [other.why_nowhere(0)] if other.nowhere()[0] else []
    return problems[0] if len(problems) == 1 else joined("; ", problems)


def coordinate(column: str, text: str | None) -> float:
    """Parse one coordinate of a row whose other coordinate is given.

    Raises
    ------
    ValueError
        saying why the two are not a position
    """
    if text is None:
        raise ValueError(Sentence("{} is empty, the other coordinate is not", column))
    value = number_of(text)
    if np.isnan(value):
        raise ValueError(Sentence("{} {} is not a number", column, repr(text[:40])))
    return value

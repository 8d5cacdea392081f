"""Limit the number of columns of a table or layer."""

from gridmgmt.errors import LayerError
from gridmgmt.sentence import Sentence

# No file of a bureau has nearly as many. A page lists all columns for each field it asks for.
MOST_COLUMNS = 2_000


def check_column_count(path: object, count: int) -> None:
    """Raise LayerError if a table or layer has too many columns."""
    if count > MOST_COLUMNS:
        raise LayerError(
            path,
            Sentence("has {} columns; {} are read at most", f"{count:,}", f"{MOST_COLUMNS:,}"),
            remedy=Sentence("keep only the columns that are needed"),
        )

"""Limit the number of columns of a table or layer."""

from gridmgmt.errors import LayerError

# No file of a bureau has nearly as many. A page lists all columns for each field it asks for.
MOST_COLUMNS = 2_000


def check_column_count(path: object, count: int) -> None:
    """Raise LayerError if a table or layer has too many columns."""
    if count > MOST_COLUMNS:
        message = f"has {count:,} columns; {MOST_COLUMNS:,} are read at most"
        raise LayerError(path, message, remedy="keep only the columns that are needed")

"""How many columns a table or a layer may have."""

from gridmgmt.errors import LayerError

# No bureau's file has nearly as many, and a page offers all of them for each field it asks for.
MOST_COLUMNS = 2_000


def check_column_count(path: object, count: int) -> None:
    """Raise LayerError when a table or a layer has more columns than are read."""
    if count > MOST_COLUMNS:
        message = f"has {count:,} columns; {MOST_COLUMNS:,} are read at most"
        raise LayerError(path, message, remedy="keep only the columns that are needed")

"""Long lists in sentences."""

from collections.abc import Iterable


def listed(names: Iterable[object], most: int = 20) -> str:
    """Return the first few names and the number of the others.

    Examples
    --------
    >>> listed(["A", "B"]), listed(range(1, 6), most=3)
    ('A, B', '1, 2, 3 and 2 more')
    """
    every = [str(name) for name in names]
    more = f" and {len(every) - most:,} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more

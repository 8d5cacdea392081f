"""Long lists in sentences."""

from collections.abc import Iterable

from gridmgmt.sentence import Sentence, joined


def listed(names: Iterable[object], most: int = 20) -> str:
    """Return the first few names and the number of the others.

    Examples
    --------
    >>> listed(["A", "B"]), listed(range(1, 6), most=3)
    ('A, B', '1, 2, 3 and 2 more')
    """
    every = [str(name) for name in names]
    told = any(isinstance(name, Sentence) for name in every)
    first = joined(", ", every[:most]) if told else ", ".join(every[:most])
    if len(every) <= most:
        return first
    return Sentence("{} and {} more", first, f"{len(every) - most:,}")

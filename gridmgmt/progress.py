"""How long pieces of work tell how far they are, whoever listens."""

from collections.abc import Callable

# Told the name of a step, how much is done, of how much; 0 of 0 while nobody knows.
Progress = Callable[[str, int, int], None]


def no_progress(step: str, done: int, total: int) -> None:
    """Tell nobody."""

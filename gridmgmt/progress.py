"""How long work reports its progress to any listener."""

from collections.abc import Callable

# Called with the name of a step, the amount done and the total; 0 of 0 while the total is
# unknown.
Progress = Callable[[str, int, int], None]


def no_progress(step: str, done: int, total: int) -> None:
    """Ignore the progress."""

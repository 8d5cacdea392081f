"""A progress bar on stderr for steps that take more than a moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from gridmgmt.progress import Progress


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show the steps of one piece of work, each with its own bar.

    Without a terminal nothing is shown: a bar would leave empty lines.
    """
    screen = Console(stderr=True)
    bar = Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )
    tasks = {}

    def tell(step: str, done: int, total: int) -> None:
        if step not in tasks:
            # While a file is read, nobody knows how long it is: then the total is 0.
            tasks[step] = bar.add_task(step, total=total or None)
        bar.update(tasks[step], completed=done, total=total or None)

    with bar:
        yield tell

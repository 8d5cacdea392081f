"""Tables on the terminal."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

_NEVER_FOLDED = 10_000


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under the names of their columns; None is an empty cell.

    Written to a file or pipe, a row is never folded: a line is a record.
    """
    table = Table(*columns, box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        # Text, not str: a name in square brackets is no markup.
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_NEVER_FOLDED)
    console.print(table)

"""Print tables on the terminal; a Chinese character takes two columns."""

import unicodedata
from collections.abc import Iterable, Sequence

import click


def print_columns(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table on stdout; numbers are aligned to the right, None is a dash."""
    body = [[_text(value) for value in row] for row in rows]
    numeric = [True] * len(headings)
    widths = [_width(heading) for heading in headings]
    kept = [list(row) for row in body]
    for row in kept:
        for i, text in enumerate(row):
            widths[i] = max(widths[i], _width(text))
            numeric[i] = numeric[i] and _is_number(text)
    for row in [list(headings), *kept]:
        cells = [
            _padded(text, width, right)
            for text, width, right in zip(row, widths, numeric, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.1f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def _is_number(text: str) -> bool:
    return text == "–" or text.replace(",", "").replace(".", "", 1).lstrip("-").isdigit()


def _width(text: str) -> int:
    # len() counts a Chinese character once, but a terminal gives it two columns.
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space

"""Parse the values of settings as people write them.

Each function takes the text of a variable and raises ValueError with the rest of the sentence.
"""

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from gridmgmt.domain.areas.review import ReviewRule
from gridmgmt.domain.numbers import number_of


def number(most: float, unit: str = "") -> Callable[[str], float]:
    """Return a parser for numbers from 0 to ``most``, both included, in a unit."""
    asked = f"give {unit}, a number" if unit else "give a number"

    def read(text: str) -> float:
        value = number_of(text)
        # Written in this way so that NaN, which stands for a wrong text, is refused too.
        if not 0 <= value <= most:
            message = f"{asked} between 0 and {most:g}"
            raise ValueError(message)
        return value

    return read


def zone(text: str) -> ZoneInfo:
    """Parse the name of a time zone."""
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        message = "no such time zone; write one like Asia/Shanghai"
        raise ValueError(message) from None


def server(text: str) -> str:
    """Parse the URL of a PostgreSQL server."""
    if not text.startswith(("postgresql://", "postgres://")):
        message = "write postgresql://user@host/database"
        raise ValueError(message)
    return text


def file(text: str) -> Path:
    """Parse the path of an existing file."""
    path = Path(text).expanduser()
    if not path.is_file():
        message = "there is no such file"
        raise ValueError(message)
    return path


def tiles(text: str) -> str:
    """Parse the path of a tile archive, or the URL of a tile service."""
    if text.startswith(("http://", "https://")):
        return text
    path = file(text)
    if path.suffix.lower() not in {".mbtiles", ".pmtiles"}:
        message = "name an .mbtiles or .pmtiles file, or an address"
        raise ValueError(message)
    return str(path.resolve())


def tile_matrix(text: str) -> str:
    """Parse the name of a tile matrix set."""
    if text.upper() not in {"EPSG:3857", "EPSG:4326", "EPSG:4490"}:
        message = "write EPSG:3857, EPSG:4326 or EPSG:4490"
        raise ValueError(message)
    return text.upper()


def zoom(text: str) -> int:
    """Parse a zoom level."""
    level = whole(text)
    if level > 24:
        message = "give a level up to 24"
        raise ValueError(message)
    return level


def folder(text: str) -> Path:
    """Parse the path of a folder, which need not exist."""
    return Path(text).expanduser().resolve()


def secret(text: str) -> str:
    """Parse a secret that is long enough not to be guessed."""
    if len(text) < 32:
        message = "give at least 32 characters"
        raise ValueError(message)
    return text


def yes_or_no(text: str) -> bool:
    """Parse yes or no."""
    if text.lower() not in {"yes", "no"}:
        message = "write yes or no"
        raise ValueError(message)
    return text.lower() == "yes"


def review_rule(text: str) -> ReviewRule:
    """Parse where drafts must be approved."""
    try:
        return ReviewRule(text.lower())
    except ValueError:
        message = "write always, pages or never"
        raise ValueError(message) from None


def whole(text: str) -> int:
    """Parse a whole number from 0."""
    if not text.isascii() or not text.isdigit():
        message = "give a whole number"
        raise ValueError(message)
    return int(text)


def between(least: int, most: int, unit: str) -> Callable[[str], int]:
    """Return a parser for whole numbers from ``least`` to ``most``, both included."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            message = f"give {unit}, a whole number from {least} to {most}"
            raise ValueError(message)
        return int(text)

    return read


MB, SECONDS = between(64, 1 << 20, "megabytes"), between(1, 7 * 86_400, "seconds")
DAYS = between(1, 36_500, "days")


def two_rates(text: str) -> tuple[float, float]:
    """Parse two percentages, separated by a comma.

    Examples
    --------
    >>> two_rates("80, 92.5")
    (80.0, 92.5)
    """
    rates = [number_of(part.strip()) for part in text.split(",")]
    # Written in this way so that NaN, which stands for a wrong text, is refused too.
    if len(rates) != 2 or not 0 < rates[0] < rates[1] <= 100:
        message = "give two ascending percentages up to 100, such as 90,95"
        raise ValueError(message)
    return rates[0], rates[1]


def hosts(text: str) -> tuple[str, ...]:
    """Parse host names, separated by commas."""
    names = tuple(name for part in text.split(",") if (name := part.strip().lower()))
    if any("/" in name or " " in name or name.rpartition(":")[2].isdigit() for name in names):
        message = "write names only, without scheme, port or path: grid.example.cn,10.1.2.3"
        raise ValueError(message)
    return names

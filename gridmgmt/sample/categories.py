"""The categories the sample city's cases are filed under."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

CATEGORIES_FILE = Path(__file__).resolve().parents[2] / "geodata" / "categories.csv"

_HOURS = re.compile(r"(\d+)(?:紧急工作)?(?:小)?时")
_DAYS = re.compile(r"(\d+)(?:紧急工作日|天)")


@dataclass(frozen=True)
class SampleCategory:
    """One row of the table; ``limit_h`` is its time limit in plain hours."""

    code: str
    minor_class: str
    filing_condition: str
    limit_h: float


def load_categories(path: Path = CATEGORIES_FILE) -> dict[str, SampleCategory]:
    """Read the table, keyed by code."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: SampleCategory(
                row["code"],
                row["minor_class"],
                row["filing_condition"],
                limit_hours(row["time_limit"]),
            )
            for row in csv.DictReader(file)
        }


def limit_hours(text: str) -> float:
    """Return a limit in plain hours; a day has 24.

    The sample city has no holidays and no opening hours, so the legal clock does not matter.

    Raises
    ------
    ValueError
        when the text is neither hours nor days

    Examples
    --------
    >>> limit_hours("2紧急工作时"), limit_hours("4小时"), limit_hours("15天")
    (2.0, 4.0, 360.0)
    """
    if found := _HOURS.fullmatch(text):
        return float(found[1])
    if found := _DAYS.fullmatch(text):
        return float(found[1]) * 24.0
    message = f"{text!r} is no time limit"
    raise ValueError(message)

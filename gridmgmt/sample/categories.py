"""The categories the sample city's cases are filed under."""

import csv
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from gridmgmt.domain.cases.deadline import plain_length
from gridmgmt.domain.time_limit import parse_limits

CATEGORIES_FILE = Path(__file__).resolve().parents[2] / "geodata" / "categories.csv"


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
    """Return the one limit of a category in plain hours; a day has 24.

    The sample city has no holidays and no opening hours, so the legal clock does not matter.

    Raises
    ------
    ValueError
        when the text is not one limit with a plain length

    Examples
    --------
    >>> limit_hours("2紧急工作时"), limit_hours("4小时"), limit_hours("15天")
    (2.0, 4.0, 360.0)
    """
    lengths = [plain_length(limit) for limit in parse_limits(text)]
    if len(lengths) != 1 or lengths[0] is None:
        message = f"{text!r} is not one time limit with a plain length"
        raise ValueError(message)
    return lengths[0] / timedelta(hours=1)

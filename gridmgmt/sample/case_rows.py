"""Cases as rows of text, with the few bad rows that every real file has."""

from collections.abc import Iterator

import numpy as np

from gridmgmt.arrays import FloatArray, MomentArray
from gridmgmt.sample.cases import Cases

CASE_COLUMNS = (
    "case_no",
    "category",
    "reported_at",
    "lon",
    "lat",
    "due_at",
    "disposed_at",
    "closed_at",
    "channel",
    "description",
    "address",
    "accuracy_m",
)
Row = tuple[str, ...]


def case_rows(cases: Cases) -> Iterator[Row]:
    """Return the good rows in the order of reporting."""
    return zip(
        cases.case_no,
        cases.category,
        _times(cases.reported_at),
        _decimals(cases.lon, 7),
        _decimals(cases.lat, 7),
        _times(cases.outcome.due_at),
        _times(cases.outcome.disposed_at),
        _times(cases.outcome.closed_at),
        cases.channel,
        cases.description,
        cases.address,
        _decimals(cases.accuracy_m, 1),
        strict=True,
    )


def bad_rows(rows: list[Row]) -> list[Row]:
    """Return rows that an import has to refuse, made from good ones.

    They have a latitude of 91, a report in 2099, no case number, an impossible date, only one
    coordinate; and two have a case number of another row, with other content.
    """
    last = len(rows) - 1
    at = [last // 7 * i for i in range(1, 8)]
    return [
        _changed(rows[at[0]], case_no="SYN-BAD-000001", lat="91.0000000", lon="112.8600000"),
        _changed(rows[at[1]], case_no="SYN-BAD-000002", reported_at="2099-01-01 08:00:00"),
        _changed(rows[at[2]], case_no=""),
        _changed(rows[at[3]], case_no="SYN-BAD-000003", reported_at="2026-02-30 08:00:00"),
        _changed(rows[at[4]], case_no="SYN-BAD-000004", lon="112.8600000", lat=""),
        _changed(rows[at[5]], category="E0110-1", channel="110联动"),
        _changed(rows[at[6] - 1], description="【合成数据】同一编号，内容不同。"),
    ]


def _changed(row: Row, **changes: str) -> Row:
    return tuple(
        changes.get(name, value) for name, value in zip(CASE_COLUMNS, row, strict=True)
    )


def _times(at: MomentArray) -> list[str]:
    text = np.datetime_as_string(at, unit="s")
    return ["" if value == "NaT" else value.replace("T", " ") for value in text.tolist()]


def _decimals(values: FloatArray, places: int) -> list[str]:
    return ["" if value != value else f"{value:.{places}f}" for value in values.tolist()]

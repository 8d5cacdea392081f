from pathlib import Path

from gridmgmt.exchange.content.point_columns import point_columns
from gridmgmt.exchange.tables.tables import Table
from gridmgmt.geometry.crs.crs import resolve


def reasons(x: list[str | None], y: list[str | None], said: str | None = None) -> list[str]:
    rows = list(range(2, 2 + len(x)))
    table = Table(Path("t.csv"), ("lon", "lat"), {"lon": x, "lat": y}, rows, [], "utf-8", ())
    found = point_columns(table, "lon", "lat", None if said is None else resolve(said))
    return [one.reason for one in found.bad]


def test_all_faults_of_a_position_are_told_at_once() -> None:
    x = ["120.1", "120.1", "120.1", "120.1", "abc", "181", "200", None]
    y = ["30.2", "30.2", "30.2", "30.2", "95", "", "91", "-91"]
    assert reasons(x, [text or None for text in y]) == [
        "lon 'abc' is not a number; lat 95 is beyond 90 degrees",
        "lat is empty, the other coordinate is not; lon 181 is beyond 180 degrees",
        "lon 200 is beyond 180 degrees; lat 91 is beyond 90 degrees",
        "lon is empty, the other coordinate is not; lat -91 is beyond 90 degrees",
    ]


def test_one_metre_alone_is_nowhere_in_particular() -> None:
    assert reasons(["500000", "5e8"], ["3340000", "abc"], "EPSG:4549") == [
        "lat 'abc' is not a number"
    ]

"""Counts on their way between processes."""

import pickle
from datetime import date

import pyarrow

from gridmgmt.services.archives.counting import Counted, nothing_counted
from gridmgmt.services.archives.rows import BadRows

BY = ("day", "area", "category")


def counted(area: str, cases: int) -> Counted:
    row = {"day": date(2026, 3, 2), "area": area, "category": "E1", "cases": cases}
    table = pyarrow.Table.from_pylist([row], schema=nothing_counted(BY).schema)
    return Counted(table, BadRows.of("a", 2, {0: "wrong"}))


def test_counts_arrive_in_memory_of_their_own() -> None:
    apart: list[pickle.PickleBuffer] = []
    sent = pickle.dumps(counted("A", 3), protocol=5, buffer_callback=apart.append)
    assert apart == []
    arrived = pickle.loads(sent)
    assert arrived.table.equals(counted("A", 3).table)
    assert arrived.bad == counted("A", 3).bad


def test_counts_add_up() -> None:
    nothing = Counted(nothing_counted(BY))
    parts = [counted("A", 3), counted("B", 1), nothing, counted("A", 2)]
    both = Counted.sum([Counted.sum(parts[:2]), Counted.sum(parts[2:])])
    found = {row["area"]: row["cases"] for row in both.table.to_pylist()}
    assert found == {"A": 5, "B": 1}
    assert both.bad.count == 3
    assert Counted.sum([nothing, nothing]).table.num_rows == 0

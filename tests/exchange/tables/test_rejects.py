from pathlib import Path

from gridmgmt.exchange.tables.rejects import Rejected, write_rejects
from gridmgmt.exchange.tables.tables import read_table


def test_rejected_rows_come_back_with_number_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    write_rejects(
        path,
        [
            Rejected(9, "a latitude of 91", {"编号": "2", "lat": "91"}),
            Rejected(4, "has 1 values", {"编号": "=1"}),
            Rejected(5, "line 5 is longer than 1 MiB"),
        ],
    )
    read = read_table(path)
    assert read.columns == ("row", "reason", "编号", "lat")
    assert read.values["row"] == ["4", "5", "9"]
    assert read.values["编号"] == ["=1", None, "2"]
    assert "4,has 1 values,'=1," in path.read_text("utf-8-sig"), "no spreadsheet calculates it"
    assert read.values["lat"] == [None, None, "91"]


def test_rejected_rows_of_rejected_rows_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    values: dict[str, str | None] = {"编号": "1"}
    for again in range(3):
        write_rejects(path, [Rejected(7 + again, "no date", values)])
        read = read_table(path)
        values = {name: read.values[name][0] for name in read.columns}
    assert values == {
        "row_3": "9",
        "reason_3": "no date",
        "row_2": "8",
        "reason_2": "no date",
        "row": "7",
        "reason": "no date",
        "编号": "1",
    }

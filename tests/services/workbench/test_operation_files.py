"""Operations as files have them: read, refused with every fault, described by a schema."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from gridmgmt.errors import LayerError
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.services.draft_records import operations as rows
from gridmgmt.services.workbench.operation_files import read_lines, schema, to_json

ALL: list[ops.Operation] = [
    ops.MoveVertex("cell", (120.1, 30.1), (120.2, 30.2)),
    ops.InsertVertex("cell", (120.1, 30.1)),
    ops.DeleteVertex("cell", (120.1, 30.1)),
    ops.Reshape("cell", ((120.1, 30.1), (120.2, 30.2)), 2.5),
    ops.Align(
        "cell",
        2.5,
        ("A", "B"),
        ((120.1, 30.1), (120.2, 30.2)),
        "road",
        "和平路",
        (((120.1, 30.1), (120.2, 30.2)),),
    ),
    ops.Split("cell", "A", ((120.1, 30.1), (120.2, 30.2)), ("B",)),
    ops.Merge("cell", ("A", "B"), "A"),
    ops.Reassign("cell", ("A",), "P"),
    ops.ReassignWithin("cell", ((120.1, 30.1), (120.2, 30.2), (120.2, 30.1)), "P"),
    ops.Derive("community", ("A",)),
    ops.Give("cell", "A", "B", ((120.1, 30.1), (120.2, 30.2))),
    ops.Draw("cell", ((120.1, 30.1), (120.2, 30.2), (120.2, 30.1)), "新", "P", "C"),
    ops.AddPart("cell", "A", ((120.1, 30.1), (120.2, 30.2), (120.2, 30.1))),
    ops.Trim("cell", "A", "B"),
    ops.Fill("cell", (120.1, 30.1), "A"),
    ops.AllowGap("cell", (120.1, 30.1), "池塘", "水面"),
    ops.ForbidGap("cell", (120.1, 30.1)),
    ops.Rename("cell", "A", "和平"),
    ops.Recode("cell", "A", "B"),
    ops.SetAttributes("cell", ("A", "B"), {"land_use": "居住", "grade": 2, "note": None}),
    ops.Retire("cell", "A"),
]


ON_ROWS: list[rows.RecordOperation] = [
    rows.SetDuty("S1", "dispose", "area", "A", "*", "cell", "24/7", "2026-01-01"),
    rows.EndDuty(7, "2026-12-31"),
    rows.SetZone("Z1", "河", geometry={"type": "Polygon", "coordinates": [[[120, 30.5]]]}),
    rows.EndZone("Z1"),
    rows.SetGroupMember("G1", "A", "cell", "beat", "一组"),
    rows.EndGroupMember("G1", "A"),
    rows.SetRoadSegment("R1", "路", 12.5),
    rows.TakeBackRecord(3),
    rows.KeepRecord(3),
]


def test_an_operation_on_a_row_is_read_as_it_is_written() -> None:
    assert {type(one) for one in ON_ROWS} == set(rows.RECORD_OPERATIONS.values())
    lines = [json.dumps(to_json(one)) for one in ON_ROWS]
    assert read_lines(lines, "ops.jsonl") == ON_ROWS


def test_every_operation_is_read_as_it_is_written() -> None:
    assert {type(one) for one in ALL} == set(ops.OPERATIONS.values())
    lines = [json.dumps(to_json(one)) for one in ALL]
    assert read_lines(["", *lines], "ops.jsonl") == ALL


def test_what_an_operation_says_nothing_about_is_not_written() -> None:
    assert to_json(ops.Fill("cell", (120.1, 30.1))) == {
        "op": "fill",
        "level": "cell",
        "at": (120.1, 30.1),
    }


def test_the_schema_has_every_operation_with_its_fields() -> None:
    kinds = {one["properties"]["op"]["const"]: one for one in schema()["oneOf"]}
    assert set(kinds) == {*ops.OPERATIONS, *rows.RECORD_OPERATIONS}
    for one in (*ALL, *ON_ROWS):
        told = kinds[one.op]
        assert set(told["properties"]) == {"op", *asdict(one)}
        assert told["description"].endswith(".") or told["description"].endswith(").")
    assert kinds["reshape"]["required"] == ["op", "level", "line"]


def test_all_faults_of_all_lines_are_told() -> None:
    lines = [
        "{",
        "[]",
        '{"op": "explode"}',
        '{"op": "rename", "level": "cell", "code": 7, "title": "x"}',
        '{"op": "move_vertex", "level": "cell", "at": [120, 95], "to": [1, 2, 3]}',
        '{"op": "reshape", "level": "cell", "line": [[120, 30]], "within_m": -1}',
        '{"op": "merge", "level": "cell", "codes": [], "into": "A"}',
        '{"op": "insert_vertex", "level": "cell", "at": [true, NaN]}',
        '{"op": "retire", "level": "cell", "code": "A"}',
    ]
    with pytest.raises(LayerError) as caught:
        read_lines(lines, "ops.jsonl")
    told = [str(one) for one in caught.value.problems]
    assert [one.split(":")[0] for one in told] == [
        "line 1",
        "line 2",
        "line 3",
        *["line 4"] * 3,
        *["line 5"] * 2,
        *["line 6"] * 2,
        "line 7",
        "line 8",
    ]
    assert "'explode' is none of move_vertex" in told[2]
    assert "title is unknown; there are level, code, name" in told[3]
    assert "code: 7 is not text" in told[4]
    assert "name is missing" in told[5]
    assert "95 is no number from -90 to 90" in told[6]


def test_what_json_allows_and_no_operation_means_is_refused() -> None:
    reshape = '{"op": "reshape", "level": "cell", "line": [[1, 1], [2, 2]], "within_m": %s}'
    recode = '{"op": "recode", "level": "cell", "code": "A", "to": "%s"}'
    lines = [
        '{"op": "retire", "level": "cell", "code": "A", "code": "B"}',
        "[" * 100_000,
        recode.replace('"%s"', "[" * 300 + "]" * 300),
        reshape % "Infinity",
        reshape % ("1" + "0" * 400),
        '{"op": "merge", "level": "cell", "codes": ["A", "A"], "into": "B"}',
        recode % " B",
        recode % ("B" * 201),
    ]
    wanted = [
        "a key is given twice",
        "lists within lists without end",
        "lists within lists without end",
        "Infinity is no number from 0 to 1000",
        "is no number from 0 to 1000",
        '["A", "A"] names one twice',
        "begins or ends with a space",
        "longer than 200 characters",
    ]
    with pytest.raises(LayerError) as caught:
        read_lines(lines, "ops.jsonl")
    for told, words in zip(caught.value.problems, wanted, strict=True):
        assert words in str(told)


@pytest.mark.parametrize("page", ["commands.md", "commands.zh-CN.md"])
def test_the_operations_that_the_documents_show_are_operations(page: str) -> None:
    lines = (Path(__file__).parents[3] / "docs" / page).read_text(encoding="utf-8").splitlines()
    shown = [line for line in lines if line.startswith('{"op"')]
    assert len(shown) > 10
    read_lines(shown, page)

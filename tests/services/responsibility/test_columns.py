"""Codes and numbers of every import have one reader each."""

from collections.abc import Iterator
from inspect import signature
from pathlib import Path

import pytest

from gridmgmt.domain.columns import Column
from gridmgmt.errors import InputError
from gridmgmt.services.responsibility.layer_imports import ImportNoun, columns_of


def columns() -> Iterator[tuple[str, Column]]:
    for noun in ImportNoun:
        for path in (Path("a.csv"), Path("a.gpkg")):
            for column in columns_of(noun, path):
                yield f"{noun} {path.suffix} {column.name}", column


CODES = [
    one for one in columns() if one[1].name.endswith("code") or one[1].name == "categories"
]


def takes(column: Column, text: str) -> bool:
    try:
        column.parse(text)
    except (ValueError, InputError):
        return False
    return True


def test_there_are_codes_in_every_import() -> None:
    assert {name.split()[0] for name, _ in CODES} == {str(noun) for noun in ImportNoun}


@pytest.mark.parametrize("text", ["A\u200b1", "Ａ1", "A\u00a01", "3.3E+11", "x" * 65])
def test_every_column_of_codes_refuses_what_is_no_code(text: str) -> None:
    assert all(takes(column, "0601") for _, column in CODES)
    assert [name for name, column in CODES if takes(column, text)] == []


@pytest.mark.parametrize("text", ["1_0", "１０", "1e400", "nan"])
def test_every_column_of_numbers_refuses_what_is_no_number(text: str) -> None:
    numbers = [
        (name, column)
        for name, column in columns()
        if len(signature(column.parse).parameters) == 1  # days have a clock, too
        and takes(column, "10")
        and isinstance(column.parse("10"), float | int)
    ]
    assert len(numbers) > 5
    assert [name for name, column in numbers if takes(column, text)] == []

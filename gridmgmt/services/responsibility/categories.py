"""Import categories: what cases are about, by the bureau's own code set."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.deadline import plain_length, why_no_due_at
from gridmgmt.domain.codes import code
from gridmgmt.domain.columns import Column, Rule, headed, plain
from gridmgmt.domain.responsibility.category import Category, CategoryClass
from gridmgmt.domain.time_limit import parse_limits
from gridmgmt.domain.value_words import OneOf
from gridmgmt.exchange.content.import_files import FileOptions, open_table
from gridmgmt.sentence import Sentence
from gridmgmt.services.record_imports.rows import (
    Importable,
    ImportSummary,
    RecordIntake,
    compare,
    note_import,
    read_lines,
)
from gridmgmt.services.record_imports.shaped_records import described
from gridmgmt.services.responsibility.named_categories import category_code
from gridmgmt.store.responsibility.categories import list_categories, put_categories


def _build(values: Mapping[str, Any], _: BaseGeometry | None) -> Category:
    rest = dict(values)
    major, minor = rest.pop("major_code"), rest.pop("minor_code")
    # GB/T 30428.2 has two digits for the major and two for the minor class in a component's
    # code.
    if rest["class_code"] is None and major is not None and minor is not None:
        rest["class_code"] = major + minor
    return Category(**rest)


def _keep_class(item: Category, known: Category) -> Category:
    return replace(item, class_code=known.class_code)


def _two_digits(text: str) -> str:
    """Return a part of a class code with two digits; spreadsheets turn 01 into 1."""
    return code(text).zfill(2)


CATEGORY = Importable(
    noun="category",
    columns=headed(
        "categories",
        Column("code", category_code, required=True),
        Column("name", plain, required=True),
        Column("code_set", plain),
        Column("category_class", OneOf(CategoryClass)),
        Column("major_class", plain),
        Column("minor_class", plain),
        Column("time_limit", plain),
        Column("class_code", code),
        Column("major_code", _two_digits),
        Column("minor_code", _two_digits),
    ),
    build=_build,
    key=lambda category: category.code,
    describe=described,
)


def _warn_of_limits(reading: RecordIntake[Category]) -> None:
    """Note every time limit that gives the cases of its category no deadline."""
    for number, category in reading.lines:
        for limit in parse_limits(category.time_limit):
            if plain_length(limit) is None:
                why = why_no_due_at(limit)
                reading.warn(number, Sentence("{}: cases get no deadline from it", why))


def import_categories(
    conn: Connection, path: Path, options: FileOptions, *, actor: str
) -> ImportSummary:
    """Import categories from a table; a category known only from cases becomes mapped.

    The class of components of a category is ``class_code``, or the codes of its major and minor
    class together.

    A code with another meaning in another code set is refused: cases with this code would
    change their meaning.

    Raises
    ------
    LayerError
        listing every row that cannot be used
    """
    file = open_table(path, options)
    stored = {category.code: category for category in list_categories(conn)}

    def same_code_set(code: str, code_set: str | None) -> None:
        known = stored.get(code)
        if known is not None and known.mapped and known.code_set != code_set:
            raise ValueError(
                Sentence("code {} is taken by code set {}", repr(code), repr(known.code_set))
            )

    rule = Rule(("code", "code_set"), same_code_set)
    reading = read_lines(CATEGORY.with_rules(rule), file, options)
    parts = {"major_code", "minor_code"}
    # A file that states the class in two columns is not a file without it.
    if any(one.class_code for one in stored.values()) and not parts <= set(reading.columns):
        reading.keep("class_code", stored, _keep_class)
    _warn_of_limits(reading)
    changes = compare(reading, stored)
    put_categories(conn, changes.to_store)
    return note_import(conn, reading, changes, actor=actor)

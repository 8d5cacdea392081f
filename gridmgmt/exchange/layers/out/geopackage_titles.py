"""Say in a GeoPackage what its columns mean, as QGIS and GDAL show it."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

_EXTENSION = "http://www.geopackage.org/spec121/#extension_schema"
# The tables of the extension as the specification words them.
_TABLES = (
    """CREATE TABLE gpkg_data_columns (
      table_name TEXT NOT NULL,
      column_name TEXT NOT NULL,
      name TEXT,
      title TEXT,
      description TEXT,
      mime_type TEXT,
      constraint_name TEXT,
      CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
      CONSTRAINT gdc_tn UNIQUE (table_name, name)
    )""",
    """CREATE TABLE gpkg_data_column_constraints (
      constraint_name TEXT NOT NULL,
      constraint_type TEXT NOT NULL,
      value TEXT,
      min NUMERIC,
      min_is_inclusive BOOLEAN,
      max NUMERIC,
      max_is_inclusive BOOLEAN,
      description TEXT,
      CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
    )""",
    """CREATE TABLE IF NOT EXISTS gpkg_extensions (
      table_name TEXT,
      column_name TEXT,
      extension_name TEXT NOT NULL,
      definition TEXT NOT NULL,
      scope TEXT NOT NULL,
      CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
    )""",
)


class Title(NamedTuple):
    """The name of a column for people, in Chinese and in English, and what it means."""

    name_zh: str
    name_en: str
    meaning: str


def add_titles(path: Path, layer: str, titles: Mapping[str, Title]) -> None:
    """Write the titles of the columns of a layer into a GeoPackage that has none yet.

    Two columns of one layer have different Chinese names.
    """
    with closing(sqlite3.connect(path)) as file, file:
        for table in _TABLES:
            file.execute(table)
        file.executemany(
            "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')",
            [
                ("gpkg_data_columns", _EXTENSION),
                ("gpkg_data_column_constraints", _EXTENSION),
            ],
        )
        file.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description)"
            " VALUES (?, ?, ?, ?, ?)",
            [(layer, column, *title) for column, title in titles.items()],
        )

"""The columns and constraints that many tables have in common."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from geoalchemy2 import Geometry

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk__%(table_name)s",
        "ix": "ix__%(table_name)s__%(column_0_N_name)s",
        "uq": "uq__%(table_name)s__%(column_0_N_name)s",
        "fk": "fk__%(table_name)s__%(column_0_N_name)s",
        "ck": "ck__%(table_name)s__%(constraint_name)s",
    }
)


def code_type() -> sa.Text:
    """Sort codes by code point, as Python does; a locale would sort them otherwise."""
    return sa.Text(collation="C")


def code(name: str, *args: sa.schema.SchemaItem, nullable: bool = False) -> sa.Column[str]:
    """Make a column of codes."""
    return sa.Column(name, code_type(), *args, nullable=nullable)


def text(name: str, *, nullable: bool = False, comment: str | None = None) -> sa.Column[str]:
    """Make a column of text without a length limit."""
    return sa.Column(name, sa.Text, nullable=nullable, comment=comment)


def at(name: str, *, nullable: bool = False, now: bool = False) -> sa.Column[datetime]:
    """Make a column of instants."""
    default = sa.func.now() if now else None
    return sa.Column(
        name, sa.DateTime(timezone=True), nullable=nullable, server_default=default
    )


def identity() -> sa.Column[int]:
    """Make an integer key numbered by the database."""
    return sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True)


def geom(kind: str, *, nullable: bool = False, comment: str) -> sa.Column[object]:
    """Make the geometry column; its index is stated apart, by ``geom_index``."""
    column_type = Geometry(kind, srid=4326, spatial_index=False)
    return sa.Column("geom", column_type, nullable=nullable, comment=comment)


def geom_index(table: str) -> sa.Index:
    """Make the spatial index of a table."""
    return sa.Index(f"ix__{table}__geom", "geom", postgresql_using="gist")


def one_of(column: str, values: type[StrEnum]) -> sa.CheckConstraint:
    """Make the constraint that holds a column to the values of an enumeration."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)


def some_of(column: str, values: type[StrEnum]) -> sa.CheckConstraint:
    """Make the constraint that holds a column of arrays to the values of an enumeration."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} <@ ARRAY[{listed}]", name=column)


LONLAT = "lon/lat, EPSG:4326, on the 1e-8 degree grid"

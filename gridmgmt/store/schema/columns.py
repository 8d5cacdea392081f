"""Columns and constraints that many tables share."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import UserDefinedType

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk__%(table_name)s",
        "ix": "ix__%(table_name)s__%(column_0_N_name)s",
        "uq": "uq__%(table_name)s__%(column_0_N_name)s",
        "fk": "fk__%(table_name)s__%(column_0_N_name)s",
        "ck": "ck__%(table_name)s__%(constraint_name)s",
    }
)


class TransactionId(UserDefinedType[str]):
    """The number of a transaction, which is never used again."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the name of the type in PostgreSQL."""
        return "xid8"


def code_type() -> sa.Text:
    """Return a text type sorted by code point, as in Python and unlike any locale."""
    return sa.Text(collation="C")


def code(name: str, *args: sa.schema.SchemaItem, nullable: bool = False) -> sa.Column[str]:
    """Return a column of codes."""
    return sa.Column(name, code_type(), *args, nullable=nullable)


def text(name: str, *, nullable: bool = False, comment: str | None = None) -> sa.Column[str]:
    """Return a column of text without a length limit."""
    return sa.Column(name, sa.Text, nullable=nullable, comment=comment)


def at(name: str, *, nullable: bool = False, now: bool = False) -> sa.Column[datetime]:
    """Return a column of instants."""
    default = sa.func.now() if now else None
    return sa.Column(
        name, sa.DateTime(timezone=True), nullable=nullable, server_default=default
    )


def identity() -> sa.Column[int]:
    """Return an integer key that the database numbers."""
    return sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True)


def attributes() -> sa.Column[object]:
    """Return the values of an area by attribute."""
    return sa.Column(
        "attributes",
        JSONB,
        nullable=False,
        server_default=sa.text("'{}'"),
        comment="values by attribute; absent: not known",
    )


def geom(kind: str, *, nullable: bool = False, comment: str) -> sa.Column[object]:
    """Return the geometry column; ``geom_index`` makes its index."""
    column_type = Geometry(kind, srid=4326, spatial_index=False)
    return sa.Column("geom", column_type, nullable=nullable, comment=comment)


def geom_index(table: str) -> sa.Index:
    """Return the spatial index of a table."""
    return sa.Index(f"ix__{table}__geom", "geom", postgresql_using="gist")


def one_of(column: str, values: type[StrEnum]) -> sa.CheckConstraint:
    """Return the constraint that a column has only values of an enumeration."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)


def some_of(column: str, values: type[StrEnum]) -> sa.CheckConstraint:
    """Return the constraint that a column of arrays has only values of an enumeration."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} <@ ARRAY[{listed}]", name=column)


LONLAT = "lon/lat, EPSG:4326, on the 1e-8 degree grid"

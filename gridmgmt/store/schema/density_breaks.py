"""The table of limits between classes of density."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from gridmgmt.store.schema.columns import at, code_type, identity, metadata

density_breaks = sa.Table(
    "density_breaks",
    metadata,
    identity(),
    sa.Column("edition", sa.Integer, sa.ForeignKey("editions.number"), nullable=False),
    sa.Column(
        "level",
        code_type(),
        sa.ForeignKey("levels.level"),
        comment="whose areas were counted; NULL: the smoothed surface",
    ),
    sa.Column("bandwidth_m", sa.Float, comment="of the smoothed surface, metres"),
    sa.Column(
        "category",
        code_type(),
        sa.ForeignKey("categories.code"),
        comment="whose cases were counted; NULL: all",
    ),
    sa.Column("first_month", sa.Date, nullable=False, comment="first day of twelve months"),
    sa.Column(
        "months",
        sa.Integer,
        nullable=False,
        comment="how many of the twelve had cases of any category",
    ),
    sa.Column("cases", sa.BigInteger, nullable=False, comment="how many were counted"),
    sa.Column(
        "breaks",
        ARRAY(sa.Float),
        nullable=False,
        comment="cases per square kilometre per 30 days, ascending",
    ),
    at("made_at"),
    # The row of a question is found by all of these, whether NULL or not.
    sa.UniqueConstraint(
        "edition",
        "level",
        "bandwidth_m",
        "category",
        "first_month",
        name="uq__density_breaks",
        postgresql_nulls_not_distinct=True,
    ),
    sa.CheckConstraint("(level IS NULL) = (bandwidth_m IS NOT NULL)", name="level"),
    comment="Limits between classes of density, by which maps of one city stay comparable",
)

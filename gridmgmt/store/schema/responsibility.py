"""Tables of responders, duties, and the places duties point at other than areas."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE

from gridmgmt.domain.areas.surroundings import ZoneKind
from gridmgmt.domain.responsibility.category import CategoryClass
from gridmgmt.domain.responsibility.duty import DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import ResponderKind
from gridmgmt.store.schema.columns import (
    LONLAT,
    TransactionId,
    code,
    code_type,
    geom,
    geom_index,
    identity,
    metadata,
    one_of,
    text,
)

responders = sa.Table(
    "responders",
    metadata,
    code("code"),
    text("kind"),
    text("name"),
    text("phone", nullable=True, comment="personal data"),
    sa.Column("superior_code", code_type(), sa.ForeignKey("responders.code")),
    sa.Column("area_level", code_type(), sa.ForeignKey("levels.level")),
    code("area_code", nullable=True),
    sa.PrimaryKeyConstraint("code"),
    one_of("kind", ResponderKind),
    sa.CheckConstraint("(area_level IS NULL) = (area_code IS NULL)", name="area"),
    sa.CheckConstraint("superior_code <> code", name="superior_code"),
    comment="Those who dispose, assist or oversee",
)

duties = sa.Table(
    "duties",
    metadata,
    identity(),
    sa.Column("responder_code", code_type(), sa.ForeignKey("responders.code"), nullable=False),
    text("role"),
    text("target"),
    sa.Column("level", code_type(), sa.ForeignKey("levels.level")),
    code("target_code"),
    sa.Column("categories", ARRAY(code_type()), comment="NULL: every category"),
    text("hours", nullable=True, comment="OpenStreetMap opening_hours; NULL: always"),
    sa.Column("valid", DATERANGE, nullable=False, comment="days"),
    text("letter_no", nullable=True, comment="number of the responsibility letter"),
    sa.UniqueConstraint(
        "responder_code",
        "role",
        "target",
        "level",
        "target_code",
        "categories",
        "hours",
        "valid",
        "letter_no",
        name="uq__duties__stated_once",
        postgresql_nulls_not_distinct=True,
    ),
    one_of("role", DutyRole),
    one_of("target", DutyTarget),
    sa.CheckConstraint("(target = 'area') = (level IS NOT NULL)", name="level"),
    sa.CheckConstraint("NOT isempty(valid)", name="valid"),
    sa.CheckConstraint("cardinality(categories) > 0", name="categories"),
    comment="Who answers where, for what, when, by which letter",
)

road_segments = sa.Table(
    "road_segments",
    metadata,
    code("code"),
    text("name"),
    sa.Column("tolerance_m", sa.Float, nullable=False, comment="metres to either side"),
    geom("MULTILINESTRING", comment=LONLAT),
    sa.PrimaryKeyConstraint("code"),
    sa.CheckConstraint("tolerance_m >= 0", name="tolerance_m"),
    geom_index("road_segments"),
    comment="Stretches of road somebody answers for",
)

zones = sa.Table(
    "zones",
    metadata,
    code("code"),
    text("kind"),
    text("name"),
    sa.Column("valid", DATERANGE, nullable=False, comment="days"),
    geom("MULTIPOLYGON", comment=LONLAT),
    sa.Column(
        "categories",
        ARRAY(code_type()),
        comment="what its exception is about; NULL: everything",
    ),
    sa.PrimaryKeyConstraint("code"),
    one_of("kind", ZoneKind),
    sa.CheckConstraint("cardinality(categories) > 0", name="categories"),
    sa.CheckConstraint("NOT isempty(valid)", name="valid"),
    geom_index("zones"),
    comment="Special polygons with a duty or an exception of their own",
)

categories = sa.Table(
    "categories",
    metadata,
    code("code"),
    text("name"),
    text("code_set", nullable=True, comment="the list the code belongs to"),
    text("category_class", nullable=True),
    text("major_class", nullable=True),
    text("minor_class", nullable=True),
    text("time_limit", nullable=True, comment="as the code set writes it"),
    sa.Column(
        "mapped",
        sa.Boolean,
        nullable=False,
        comment="false: came in with cases, no duty may name it",
    ),
    sa.Column(
        "class_code",
        code_type(),
        comment="major and minor class as codes of components have them",
    ),
    sa.PrimaryKeyConstraint("code"),
    one_of("category_class", CategoryClass),
    comment="What cases are about",
)


# Filled by triggers of the tables that route cases (store/responsibility/routing_changes.py).
routing_changes = sa.Table(
    "routing_changes",
    metadata,
    identity(),
    sa.Column("transaction_id", TransactionId, nullable=False, index=True),
    comment="Append-only: the transactions that changed what routes cases",
)

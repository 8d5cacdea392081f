"""Tables of levels, editions, drafts, areas, lineage and groups of areas."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, TSTZRANGE, ExcludeConstraint

from gridmgmt.domain.areas.attributes import AttributeKind
from gridmgmt.domain.areas.draft import Action, DraftStatus
from gridmgmt.domain.areas.surroundings import GroupKind
from gridmgmt.store.schema.columns import (
    LONLAT,
    at,
    attributes,
    code,
    code_type,
    geom,
    geom_index,
    identity,
    metadata,
    one_of,
    text,
)

levels = sa.Table(
    "levels",
    metadata,
    code("level"),
    sa.Column("rank", sa.Integer, nullable=False, unique=True, comment="0 is the topmost"),
    text("name_zh"),
    text("name_en"),
    text("code_pattern", nullable=True, comment="regular expression; a mismatch warns"),
    sa.Column("size_m2", sa.Float, comment="usual size of an area, square metres"),
    sa.Column(
        "tolerance_m2",
        sa.Float,
        comment="square metres, per problem; empty: that of the check",
    ),
    sa.PrimaryKeyConstraint("level"),
    sa.CheckConstraint("level ~ '^[a-z][a-z0-9_]{0,39}$'", name="level"),
    sa.CheckConstraint("rank >= 0", name="rank"),
    sa.CheckConstraint("tolerance_m2 >= 0", name="tolerance_m2"),
    comment="The levels of the area tree, from the topmost down",
)

area_attributes = sa.Table(
    "area_attributes",
    metadata,
    sa.Column("level", code_type(), sa.ForeignKey("levels.level"), nullable=False),
    code("name"),
    sa.Column("place", sa.Integer, nullable=False, comment="order among those of the level"),
    text("name_zh"),
    text("name_en"),
    text("kind"),
    sa.Column(
        "allowed",
        ARRAY(sa.Text),
        nullable=False,
        comment="the values it may have; empty: any",
    ),
    sa.PrimaryKeyConstraint("level", "name"),
    sa.CheckConstraint("name ~ '^[a-z][a-z0-9_]{0,39}$'", name="name"),
    one_of("kind", AttributeKind),
    comment="What a deployment declares about the areas of a level",
)

editions = sa.Table(
    "editions",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    text("label"),
    at("effective_from"),
    sa.Column(
        "in_force",
        TSTZRANGE,
        nullable=False,
        comment="from effective_from to the next edition's; empty when withdrawn",
    ),
    sa.Column("tolerance_m2", sa.Float, nullable=False, comment="square metres, per problem"),
    at("published_at", now=True),
    text("published_by"),
    at("withdrawn_at", nullable=True),
    ExcludeConstraint(("in_force", "&&"), using="gist", name="ex__editions__in_force"),
    sa.CheckConstraint("number > 0", name="number"),
    sa.CheckConstraint("tolerance_m2 >= 0", name="tolerance_m2"),
    sa.CheckConstraint(
        "CASE WHEN withdrawn_at IS NULL"
        " THEN NOT isempty(in_force) AND lower(in_force) = effective_from"
        " ELSE isempty(in_force) END",
        name="in_force",
    ),
    comment="Published states of all areas; no two are in force at once",
)

drafts = sa.Table(
    "drafts",
    metadata,
    identity(),
    sa.Column("label", sa.Text, nullable=False, unique=True),
    text("status"),
    sa.Column("base_edition", sa.Integer, sa.ForeignKey("editions.number")),
    sa.Column("edition", sa.Integer, sa.ForeignKey("editions.number")),
    at("created_at", now=True),
    text("created_by"),
    one_of("status", DraftStatus),
    sa.CheckConstraint("(status = 'published') = (edition IS NOT NULL)", name="published"),
    comment="Change sets against a base edition",
)

area_changes = sa.Table(
    "area_changes",
    metadata,
    sa.Column("draft_id", sa.Integer, sa.ForeignKey("drafts.id"), nullable=False),
    sa.Column("level", code_type(), sa.ForeignKey("levels.level"), nullable=False),
    code("code"),
    text("action"),
    text("name", nullable=True),
    code("parent_code", nullable=True),
    geom("MULTIPOLYGON", nullable=True, comment=f"{LONLAT}; may be invalid in a draft"),
    text("source", nullable=True, comment="file and feature the change came from"),
    attributes(),
    sa.PrimaryKeyConstraint("draft_id", "level", "code"),
    one_of("action", Action),
    sa.CheckConstraint("(action = 'drop') = (geom IS NULL)", name="geom"),
    comment="What a draft adds, alters and drops",
)

areas = sa.Table(
    "areas",
    metadata,
    identity(),
    sa.Column("level", code_type(), sa.ForeignKey("levels.level"), nullable=False),
    code("code"),
    text("name"),
    code("parent_code", nullable=True),
    geom("MULTIPOLYGON", comment=LONLAT),
    sa.Column("area_m2", sa.Float, nullable=False, comment="geodesic, square metres"),
    sa.Column("since", sa.Integer, sa.ForeignKey("editions.number"), nullable=False),
    sa.Column(
        "until",
        sa.Integer,
        sa.ForeignKey("editions.number"),
        comment="first edition the row is no longer part of",
    ),
    attributes(),
    sa.CheckConstraint("until > since", name="until"),
    sa.CheckConstraint("ST_IsValid(geom) AND NOT ST_IsEmpty(geom)", name="geom"),
    # The expressions keep its index from being read: DECISIONS 84 says why.
    ExcludeConstraint(
        (sa.text("(level || '')"), "="),
        (sa.text("(code || '')"), "="),
        (sa.text("int4range(since, until)"), "&&"),
        using="gist",
        name="ex__areas__one_live_version",
    ),
    sa.Index("ix__areas__code", "level", "code", "since"),
    geom_index("areas"),
    comment="Areas, valid for editions [since, until)",
)

lineage = sa.Table(
    "lineage",
    metadata,
    identity(),
    sa.Column("edition", sa.Integer, sa.ForeignKey("editions.number"), nullable=False),
    sa.Column("level", code_type(), sa.ForeignKey("levels.level"), nullable=False),
    code("old_code"),
    code("new_code", nullable=True),
    sa.Column("overlap_m2", sa.Float, nullable=False, comment="area(old ∩ new)"),
    sa.Column(
        "share", sa.Float, nullable=False, comment="of the old area; sums to 1 per old code"
    ),
    sa.UniqueConstraint(
        "edition", "level", "old_code", "new_code", postgresql_nulls_not_distinct=True
    ),
    sa.CheckConstraint("share > 0 AND share <= 1", name="share"),
    comment="Where each changed code went; new_code NULL: into no new area",
)

groups = sa.Table(
    "groups",
    metadata,
    code("code"),
    text("kind"),
    text("name"),
    sa.PrimaryKeyConstraint("code"),
    one_of("kind", GroupKind),
    comment="Named sets of areas that cross the tree",
)

group_members = sa.Table(
    "group_members",
    metadata,
    identity(),
    sa.Column("group_code", code_type(), sa.ForeignKey("groups.code"), nullable=False),
    sa.Column("level", code_type(), sa.ForeignKey("levels.level"), nullable=False),
    code("area_code"),
    sa.Column("valid", DATERANGE, nullable=False, comment="days"),
    ExcludeConstraint(
        ("group_code", "="),
        ("level", "="),
        ("area_code", "="),
        ("valid", "&&"),
        using="gist",
        name="ex__group_members__one_at_a_time",
    ),
    sa.CheckConstraint("NOT isempty(valid)", name="valid"),
    comment="Which areas belong to a group, and when",
)

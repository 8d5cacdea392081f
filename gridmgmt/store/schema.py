"""The tables, as SQLAlchemy Core; the migrations make the same (a test compares the two)."""

from enum import StrEnum

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, JSONB, TSTZRANGE, ExcludeConstraint

from gridmgmt.domain.case import CaseEventKind, CaseStatus, UnlocatedReason, UnroutedReason
from gridmgmt.domain.category import CategoryClass
from gridmgmt.domain.demolition import DemolitionMode
from gridmgmt.domain.draft import Action, DraftStatus
from gridmgmt.domain.duty import Role, Target
from gridmgmt.domain.place import GroupKind, ZoneKind
from gridmgmt.domain.responder import ResponderKind

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk__%(table_name)s",
        "ix": "ix__%(table_name)s__%(column_0_N_name)s",
        "uq": "uq__%(table_name)s__%(column_0_N_name)s",
        "fk": "fk__%(table_name)s__%(column_0_N_name)s",
        "ck": "ck__%(table_name)s__%(constraint_name)s",
    }
)


def _code_type() -> sa.Text:
    # Codes sort by code point, as Python sorts them; a locale would sort them otherwise.
    return sa.Text(collation="C")


def _code(name: str, *args: sa.schema.SchemaItem, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, _code_type(), *args, nullable=nullable)


def _text(name: str, *, nullable: bool = False, comment: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable, comment=comment)


def _at(name: str, *, nullable: bool = False, now: bool = False) -> sa.Column[sa.DateTime]:
    default = sa.func.now() if now else None
    return sa.Column(
        name, sa.DateTime(timezone=True), nullable=nullable, server_default=default
    )


def _identity() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True)


def _geom(kind: str, *, nullable: bool = False, comment: str) -> sa.Column[object]:
    column_type = Geometry(kind, srid=4326, spatial_index=False)
    return sa.Column("geom", column_type, nullable=nullable, comment=comment)


def _geom_index(table: str) -> sa.Index:
    return sa.Index(f"ix__{table}__geom", "geom", postgresql_using="gist")


def _one_of(column: str, values: type[StrEnum]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)


_LONLAT = "lon/lat, EPSG:4326, on the 1e-8 degree grid"

levels = sa.Table(
    "levels",
    metadata,
    _code("level"),
    sa.Column("rank", sa.Integer, nullable=False, unique=True, comment="0 is the topmost"),
    _text("name_zh"),
    _text("name_en"),
    _text("code_pattern", nullable=True, comment="regular expression; a mismatch warns"),
    sa.Column("size_m2", sa.Float, comment="usual size of an area, square metres"),
    sa.PrimaryKeyConstraint("level"),
    sa.CheckConstraint("level ~ '^[a-z][a-z0-9_]{0,39}$'", name="level"),
    sa.CheckConstraint("rank >= 0", name="rank"),
    comment="The levels of the area tree, from the topmost down",
)

editions = sa.Table(
    "editions",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    _text("label"),
    _at("effective_from"),
    sa.Column(
        "in_force",
        TSTZRANGE,
        nullable=False,
        comment="from effective_from to the next edition's; empty when withdrawn",
    ),
    sa.Column(
        "tolerance_m2", sa.Float, nullable=False, comment="square metres, per problem"
    ),
    _at("published_at", now=True),
    _text("published_by"),
    _at("withdrawn_at", nullable=True),
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
    _identity(),
    sa.Column("label", sa.Text, nullable=False, unique=True),
    _text("status"),
    sa.Column("base_edition", sa.Integer, sa.ForeignKey("editions.number")),
    sa.Column("edition", sa.Integer, sa.ForeignKey("editions.number")),
    _at("created_at", now=True),
    _text("created_by"),
    _one_of("status", DraftStatus),
    sa.CheckConstraint("(status = 'published') = (edition IS NOT NULL)", name="published"),
    comment="Change sets against a base edition",
)

area_changes = sa.Table(
    "area_changes",
    metadata,
    sa.Column("draft_id", sa.Integer, sa.ForeignKey("drafts.id"), nullable=False),
    sa.Column("level", _code_type(), sa.ForeignKey("levels.level"), nullable=False),
    _code("code"),
    _text("action"),
    _text("name", nullable=True),
    _code("parent_code", nullable=True),
    _geom("MULTIPOLYGON", nullable=True, comment=f"{_LONLAT}; may be invalid in a draft"),
    _text("source", nullable=True, comment="file and feature the change came from"),
    sa.PrimaryKeyConstraint("draft_id", "level", "code"),
    _one_of("action", Action),
    sa.CheckConstraint("(action = 'drop') = (geom IS NULL)", name="geom"),
    comment="What a draft adds, alters and drops",
)

areas = sa.Table(
    "areas",
    metadata,
    _identity(),
    sa.Column("level", _code_type(), sa.ForeignKey("levels.level"), nullable=False),
    _code("code"),
    _text("name"),
    _code("parent_code", nullable=True),
    _geom("MULTIPOLYGON", comment=_LONLAT),
    sa.Column("area_m2", sa.Float, nullable=False, comment="geodesic, square metres"),
    sa.Column("since", sa.Integer, sa.ForeignKey("editions.number"), nullable=False),
    sa.Column(
        "until",
        sa.Integer,
        sa.ForeignKey("editions.number"),
        comment="first edition the row is no longer part of",
    ),
    sa.CheckConstraint("until > since", name="until"),
    sa.CheckConstraint("ST_IsValid(geom) AND NOT ST_IsEmpty(geom)", name="geom"),
    ExcludeConstraint(
        ("level", "="),
        ("code", "="),
        (sa.text("int4range(since, until)"), "&&"),
        using="gist",
        name="ex__areas__one_live_version",
    ),
    _geom_index("areas"),
    sa.Index("ix__areas__level_parent_code", "level", "parent_code"),
    comment="Areas, valid for editions [since, until)",
)

lineage = sa.Table(
    "lineage",
    metadata,
    _identity(),
    sa.Column("edition", sa.Integer, sa.ForeignKey("editions.number"), nullable=False),
    sa.Column("level", _code_type(), sa.ForeignKey("levels.level"), nullable=False),
    _code("old_code"),
    _code("new_code", nullable=True),
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
    _code("code"),
    _text("kind"),
    _text("name"),
    sa.PrimaryKeyConstraint("code"),
    _one_of("kind", GroupKind),
    comment="Named sets of areas that cross the tree",
)

group_members = sa.Table(
    "group_members",
    metadata,
    _identity(),
    sa.Column("group_code", _code_type(), sa.ForeignKey("groups.code"), nullable=False),
    sa.Column("level", _code_type(), sa.ForeignKey("levels.level"), nullable=False),
    _code("area_code"),
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

responders = sa.Table(
    "responders",
    metadata,
    _code("code"),
    _text("kind"),
    _text("name"),
    _text("phone", nullable=True, comment="personal data"),
    sa.Column("superior_code", _code_type(), sa.ForeignKey("responders.code")),
    sa.Column("area_level", _code_type(), sa.ForeignKey("levels.level")),
    _code("area_code", nullable=True),
    sa.PrimaryKeyConstraint("code"),
    _one_of("kind", ResponderKind),
    sa.CheckConstraint("(area_level IS NULL) = (area_code IS NULL)", name="area"),
    sa.CheckConstraint("superior_code <> code", name="superior_code"),
    comment="Those who dispose, assist or oversee",
)

duties = sa.Table(
    "duties",
    metadata,
    _identity(),
    sa.Column(
        "responder_code", _code_type(), sa.ForeignKey("responders.code"), nullable=False
    ),
    _text("role"),
    _text("target"),
    sa.Column("level", _code_type(), sa.ForeignKey("levels.level")),
    _code("target_code"),
    sa.Column("categories", ARRAY(_code_type()), comment="NULL: every category"),
    _text("hours", nullable=True, comment="OpenStreetMap opening_hours; NULL: always"),
    sa.Column("valid", DATERANGE, nullable=False, comment="days"),
    _text("letter_no", nullable=True, comment="number of the responsibility letter"),
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
    _one_of("role", Role),
    _one_of("target", Target),
    sa.CheckConstraint("(target = 'area') = (level IS NOT NULL)", name="level"),
    sa.CheckConstraint("NOT isempty(valid)", name="valid"),
    sa.CheckConstraint("cardinality(categories) > 0", name="categories"),
    sa.Index("ix__duties__target_target_code", "target", "target_code"),
    comment="Who answers where, for what, when, by which letter",
)

road_segments = sa.Table(
    "road_segments",
    metadata,
    _code("code"),
    _text("name"),
    sa.Column("tolerance_m", sa.Float, nullable=False, comment="metres to either side"),
    _geom("MULTILINESTRING", comment=_LONLAT),
    sa.PrimaryKeyConstraint("code"),
    sa.CheckConstraint("tolerance_m >= 0", name="tolerance_m"),
    _geom_index("road_segments"),
    comment="Stretches of road somebody answers for",
)

zones = sa.Table(
    "zones",
    metadata,
    _code("code"),
    _text("kind"),
    _text("name"),
    sa.Column("valid", DATERANGE, nullable=False, comment="days"),
    _geom("MULTIPOLYGON", comment=_LONLAT),
    sa.PrimaryKeyConstraint("code"),
    _one_of("kind", ZoneKind),
    sa.CheckConstraint("NOT isempty(valid)", name="valid"),
    _geom_index("zones"),
    comment="Special polygons with a duty or an exception of their own",
)

categories = sa.Table(
    "categories",
    metadata,
    _code("code"),
    _text("name"),
    _text("code_set", nullable=True, comment="the list the code belongs to"),
    _text("category_class", nullable=True),
    _text("major_class", nullable=True),
    _text("minor_class", nullable=True),
    _text("time_limit", nullable=True, comment="as the code set writes it"),
    sa.Column(
        "mapped",
        sa.Boolean,
        nullable=False,
        comment="false: came in with cases, no duty may name it",
    ),
    sa.PrimaryKeyConstraint("code"),
    _one_of("category_class", CategoryClass),
    comment="What cases are about",
)

cases = sa.Table(
    "cases",
    metadata,
    _code("case_no"),
    sa.Column("category", _code_type(), sa.ForeignKey("categories.code"), nullable=False),
    _at("reported_at"),
    _at("due_at", nullable=True),
    _at("disposed_at", nullable=True),
    _at("closed_at", nullable=True),
    _text("channel", nullable=True),
    _text("description", nullable=True, comment="personal data"),
    _text("address", nullable=True, comment="personal data"),
    sa.Column("given_x", sa.Float, comment="longitude or easting as it came in"),
    sa.Column("given_y", sa.Float, comment="latitude or northing as it came in"),
    _text("given_crs", nullable=True, comment="datum the given position was read in"),
    sa.Column("accuracy_m", sa.Float, comment="metres"),
    _geom("POINT", nullable=True, comment=_LONLAT),
    sa.Column("edition", sa.Integer, sa.ForeignKey("editions.number")),
    sa.Column("level", _code_type(), sa.ForeignKey("levels.level")),
    _code("area_code", nullable=True),
    sa.Column("candidates", ARRAY(_code_type()), comment="the answer first"),
    sa.Column("on_boundary", sa.Boolean, nullable=False),
    sa.Column("snapped", sa.Boolean, nullable=False),
    sa.Column("distance_m", sa.Float, comment="to the area, metres; 0 inside it"),
    _text("unlocated_reason", nullable=True),
    sa.Column("responder_code", _code_type(), sa.ForeignKey("responders.code")),
    _text("unrouted_reason", nullable=True),
    _text("status"),
    sa.Column("trace", JSONB, nullable=False, comment="how the responder was found"),
    sa.Column("last_seq", sa.Integer, nullable=False, comment="its newest event"),
    sa.PrimaryKeyConstraint("case_no"),
    _one_of("unlocated_reason", UnlocatedReason),
    _one_of("unrouted_reason", UnroutedReason),
    _one_of("status", CaseStatus),
    sa.CheckConstraint("(area_code IS NULL) = (unlocated_reason IS NOT NULL)", name="located"),
    sa.CheckConstraint(
        "(responder_code IS NULL) = (unrouted_reason IS NOT NULL)", name="routed"
    ),
    sa.CheckConstraint("(area_code IS NULL) = (level IS NULL)", name="level"),
    sa.CheckConstraint("accuracy_m >= 0", name="accuracy_m"),
    sa.Index("ix__cases__reported_at_case_no", "reported_at", "case_no"),
    sa.Index("ix__cases__responder_code_status", "responder_code", "status"),
    sa.Index("ix__cases__edition_level_area_code", "edition", "level", "area_code"),
    sa.Index("ix__cases__category", "category"),
    _geom_index("cases"),
    comment="Reported matters in their present state; case_events tell how they got there",
)

case_events = sa.Table(
    "case_events",
    metadata,
    _code("case_no"),
    sa.Column("seq", sa.Integer, nullable=False, comment="1, 2, … within the case"),
    _text("kind"),
    _at("happened_at"),
    _at("recorded_at", now=True),
    _text("actor"),
    sa.Column("detail", JSONB, nullable=False),
    sa.PrimaryKeyConstraint("case_no", "seq"),
    sa.ForeignKeyConstraint(["case_no"], ["cases.case_no"]),
    _one_of("kind", CaseEventKind),
    sa.CheckConstraint("seq > 0", name="seq"),
    comment="Append-only history of cases; a trigger forbids changing it",
)

# A case points at its newest event, checked at the end of the transaction: no case without one.
cases.append_constraint(
    sa.ForeignKeyConstraint(
        ["case_no", "last_seq"],
        ["case_events.case_no", "case_events.seq"],
        name="fk__cases__last_event",
        deferrable=True,
        initially="DEFERRED",
        use_alter=True,
    )
)

demolitions = sa.Table(
    "demolitions",
    metadata,
    _code("code"),
    _text("name", nullable=True),
    _text("address", nullable=True, comment="personal data"),
    _text("mode", nullable=True),
    sa.Column("demolished_on", sa.Date, comment="NULL: still standing"),
    sa.Column("claimed_m2", sa.Float, comment="square metres as reported"),
    sa.Column("measured_m2", sa.Float, comment="geodesic area of the footprint"),
    sa.Column("cases_count", sa.Integer, comment="起; never converted into the others"),
    sa.Column("sites_count", sa.Integer, comment="处"),
    sa.Column("households_count", sa.Integer, comment="户"),
    _geom("GEOMETRY", comment=f"{_LONLAT}; footprint, or a point where none is known"),
    sa.PrimaryKeyConstraint("code"),
    _one_of("mode", DemolitionMode),
    sa.CheckConstraint(
        "GeometryType(geom) IN ('POINT', 'MULTIPOLYGON')"
        " AND (measured_m2 IS NULL) = (GeometryType(geom) = 'POINT')",
        name="geom",
    ),
    _geom_index("demolitions"),
    comment="Unlawful structures taken down or to be taken down",
)

accounts = sa.Table(
    "accounts",
    metadata,
    _identity(),
    sa.Column("username", sa.Text, nullable=False, unique=True),
    _text("role"),
    _text("password_hash"),
    sa.Column("area_level", _code_type(), sa.ForeignKey("levels.level")),
    _code("area_code", nullable=True),
    sa.Column("responder_code", _code_type(), sa.ForeignKey("responders.code")),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    _at("created_at", now=True),
    sa.CheckConstraint("(area_level IS NULL) = (area_code IS NULL)", name="area"),
    comment="Who may log in, limited to an area or tied to a responder",
)

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _at("at", now=True),
    _text("actor"),
    _text("action"),
    _text("subject"),
    sa.Column("detail", JSONB, nullable=False),
    sa.Index("ix__audit_log__at", "at"),
    comment="Append-only: who did what to the bureau's data, and when",
)

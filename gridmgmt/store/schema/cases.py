"""Tables of cases with their append-only events, and of demolitions."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from gridmgmt.domain.cases.case import (
    CaseEventKind,
    CaseMark,
    CaseStatus,
    UnlocatedReason,
    UnroutedReason,
)
from gridmgmt.domain.responsibility.demolition import DemolitionMode
from gridmgmt.store.schema.columns import (
    LONLAT,
    at,
    code,
    code_type,
    geom,
    geom_index,
    metadata,
    one_of,
    some_of,
    text,
)

_EXACT = "degrees, EPSG:4326, equal to the last bit to that of its cases"

cases = sa.Table(
    "cases",
    metadata,
    code("case_no"),
    sa.Column("category", code_type(), sa.ForeignKey("categories.code"), nullable=False),
    at("reported_at"),
    at("due_at", nullable=True),
    text(
        "due_limit",
        nullable=True,
        comment="the time limit it is due by, as the code set writes it",
    ),
    sa.Column(
        "due_provisional",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="due_at was computed from due_limit in plain hours, nights and holidays"
        " included",
    ),
    at("disposed_at", nullable=True),
    at("closed_at", nullable=True),
    text("channel", nullable=True),
    text("description", nullable=True, comment="personal data"),
    text("address", nullable=True, comment="personal data"),
    sa.Column("given_x", sa.Float, comment="longitude or easting as it came in"),
    sa.Column("given_y", sa.Float, comment="latitude or northing as it came in"),
    text("given_crs", nullable=True, comment="datum the given position was read in"),
    sa.Column("accuracy_m", sa.Float, comment="metres"),
    geom(
        "POINT",
        nullable=True,
        comment="lon/lat, EPSG:4326, as given: not on the grid of the areas",
    ),
    sa.Column("edition", sa.Integer, sa.ForeignKey("editions.number")),
    sa.Column("level", code_type(), sa.ForeignKey("levels.level")),
    code("area_code", nullable=True),
    sa.Column("candidates", ARRAY(code_type()), comment="the answer first"),
    sa.Column("on_boundary", sa.Boolean, nullable=False),
    sa.Column("snapped", sa.Boolean, nullable=False),
    sa.Column("distance_m", sa.Float, comment="to the area, metres; 0 inside it"),
    text("unlocated_reason", nullable=True),
    sa.Column("responder_code", code_type(), sa.ForeignKey("responders.code")),
    text("unrouted_reason", nullable=True),
    text("status"),
    sa.Column(
        "marks",
        ARRAY(sa.Text),
        nullable=False,
        server_default=sa.text("'{}'"),
        comment="what is to be known beside the state, such as vendor_zone",
    ),
    sa.Column("trace", JSONB, nullable=False, comment="how the responder was found"),
    sa.Column("last_seq", sa.Integer, nullable=False, comment="its newest event"),
    sa.Column(
        "forgotten_at",
        sa.DateTime(timezone=True),
        comment="when its personal data and the texts of its events were blanked",
    ),
    sa.PrimaryKeyConstraint("case_no"),
    one_of("unlocated_reason", UnlocatedReason),
    one_of("unrouted_reason", UnroutedReason),
    one_of("status", CaseStatus),
    some_of("marks", CaseMark),
    sa.CheckConstraint("(area_code IS NULL) = (unlocated_reason IS NOT NULL)", name="located"),
    sa.CheckConstraint(
        "(responder_code IS NULL) = (unrouted_reason IS NOT NULL)", name="routed"
    ),
    sa.CheckConstraint("(area_code IS NULL) = (level IS NULL)", name="level"),
    sa.CheckConstraint("accuracy_m >= 0", name="accuracy_m"),
    sa.CheckConstraint(
        "NOT due_provisional OR (due_at IS NOT NULL AND due_limit IS NOT NULL)",
        name="due_provisional",
    ),
    # First the column of the filter, then the sort columns, so that the index alone gives a
    # page.
    sa.Index(
        "ix__cases__responder_code_reported_at_case_no",
        "responder_code",
        "reported_at",
        "case_no",
    ),
    sa.Index("ix__cases__status_reported_at_case_no", "status", "reported_at", "case_no"),
    sa.Index("ix__cases__category_reported_at_case_no", "category", "reported_at", "case_no"),
    sa.Index("ix__cases__due_at_case_no", sa.text("coalesce(due_at, 'infinity')"), "case_no"),
    # Only a small part of all cases is open, however many there are.
    sa.Index("ix__cases__done_at", sa.text("coalesce(disposed_at, closed_at, 'infinity')")),
    sa.Index("ix__cases__closed_at", "closed_at"),
    # The channels to choose from are read from it, one step for each.
    sa.Index("ix__cases__channel", "channel"),
    sa.Index(
        "ix__cases__unrouted",
        "unrouted_reason",
        "reported_at",
        "case_no",
        postgresql_where=sa.text("unrouted_reason IS NOT NULL"),
    ),
    sa.Index(
        "ix__cases__unlocated",
        "reported_at",
        "case_no",
        postgresql_where=sa.text("area_code IS NULL"),
    ),
    # Few cases have a mark; a list of marked cases is read from this index.
    sa.Index(
        "ix__cases__marked",
        "reported_at",
        "case_no",
        postgresql_where=sa.text("marks <> '{}'"),
    ),
    # This index has a page of all cases, and all columns that the figures of the map and the
    # overview need. They are counted without reading the rows (index-only scans).
    sa.Index(
        "ix__cases__figures",
        "reported_at",
        "case_no",
        postgresql_include=[
            "edition",
            "area_code",
            "category",
            "due_at",
            "due_provisional",
            "disposed_at",
            "closed_at",
            "geom",
        ],
    ),
    # Few positions are as uncertain as this; their discs reach far.
    sa.Index(
        "ix__cases__uncertain",
        "accuracy_m",
        postgresql_include=["case_no", "geom", "status", "reported_at"],
        postgresql_where=sa.text("accuracy_m > 30"),
    ),
    # Without the level: all cases of an edition are on one level, the leaf level.
    sa.Index("ix__cases__edition_area_code", "edition", "area_code"),
    geom_index("cases"),
    comment="Reported matters in their present state; case_events tell how they got there",
)

case_leaves = sa.Table(
    "case_leaves",
    metadata,
    sa.Column("edition", sa.Integer, sa.ForeignKey("editions.number"), nullable=False),
    code("case_no", sa.ForeignKey("cases.case_no")),
    sa.Column(
        "area_code",
        code_type(),
        comment="on the leaf level of the edition; NULL: in none of its areas",
    ),
    sa.PrimaryKeyConstraint("case_no", "edition"),
    sa.Index(None, "edition", "area_code", "case_no"),
    comment="Where located cases lie under editions in which the area they were judged into is"
    " not in force",
)

# Cases that come without a number get one from this sequence (services/cases/reports.py).
case_numbers = sa.Sequence("case_numbers", data_type=sa.BigInteger, metadata=metadata)

default_positions = sa.Table(
    "default_positions",
    metadata,
    sa.Column("lon", sa.Float, nullable=False, comment=_EXACT),
    sa.Column("lat", sa.Float, nullable=False, comment=_EXACT),
    at("accepted_at", now=True),
    text("accepted_by"),
    sa.PrimaryKeyConstraint("lon", "lat"),
    sa.CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name="lonlat"),
    comment="Positions that a geocoder gives for addresses it does not find; cases there are"
    " marked",
)

case_events = sa.Table(
    "case_events",
    metadata,
    code("case_no"),
    sa.Column("seq", sa.Integer, nullable=False, comment="1, 2, … within the case"),
    text("kind"),
    at("happened_at"),
    at("recorded_at", now=True),
    text("actor"),
    sa.Column("detail", JSONB, nullable=False),
    sa.PrimaryKeyConstraint("case_no", "seq"),
    sa.ForeignKeyConstraint(["case_no"], ["cases.case_no"]),
    one_of("kind", CaseEventKind),
    sa.CheckConstraint("seq > 0", name="seq"),
    # Bounces are few, and a report asks for those of one month.
    sa.Index(
        "ix__case_events__bounced",
        "happened_at",
        postgresql_where=sa.text("kind = 'bounced'"),
    ),
    # Whoever sees only what they reported has few cases among all. Imports have no ``via``.
    sa.Index(
        "ix__case_events__reported",
        "actor",
        "case_no",
        postgresql_where=sa.text("kind = 'reported' AND detail ? 'via'"),
    ),
    comment="Append-only history of cases; a trigger forbids changing it",
)

# A case points at its newest event. This is checked at the end of the transaction, so there is
# no case without an event.
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
    code("code"),
    text("name", nullable=True),
    text("address", nullable=True, comment="personal data"),
    text("mode", nullable=True),
    sa.Column("demolished_on", sa.Date, comment="NULL: still standing"),
    sa.Column("claimed_m2", sa.Float, comment="square metres as reported"),
    sa.Column("measured_m2", sa.Float, comment="geodesic area of the footprint"),
    sa.Column("cases_count", sa.Integer, comment="起; never converted into the others"),
    sa.Column("sites_count", sa.Integer, comment="处"),
    sa.Column("households_count", sa.Integer, comment="户"),
    geom("GEOMETRY", comment=f"{LONLAT}; footprint, or a point where none is known"),
    sa.PrimaryKeyConstraint("code"),
    one_of("mode", DemolitionMode),
    sa.CheckConstraint(
        "GeometryType(geom) IN ('POINT', 'MULTIPOLYGON')"
        " AND (measured_m2 IS NULL) = (GeometryType(geom) = 'POINT')",
        name="geom",
    ),
    geom_index("demolitions"),
    comment="Unlawful structures taken down or to be taken down",
)

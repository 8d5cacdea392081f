"""The tables as SQLAlchemy Core; a test checks that the migrations make the same tables."""

from gridmgmt.store.schema.accounts import (
    accounts,
    api_tokens,
    attempts,
    audit_log,
    recovery_codes,
    role_permissions,
    roles,
    second_factors,
)
from gridmgmt.store.schema.boundaries import (
    area_attributes,
    area_changes,
    areas,
    drafts,
    editions,
    group_members,
    groups,
    levels,
    lineage,
)
from gridmgmt.store.schema.case_changes import case_changes, case_changes_kept
from gridmgmt.store.schema.case_imports import case_import_rejects, case_import_runs
from gridmgmt.store.schema.cases import (
    case_events,
    case_leaves,
    case_numbers,
    cases,
    default_positions,
    demolitions,
)
from gridmgmt.store.schema.columns import metadata
from gridmgmt.store.schema.components import components
from gridmgmt.store.schema.density_breaks import density_breaks
from gridmgmt.store.schema.displays import displays
from gridmgmt.store.schema.draft_edits import draft_edit_areas, draft_edits
from gridmgmt.store.schema.draft_presence import draft_presence
from gridmgmt.store.schema.draft_records import draft_edit_records, draft_records
from gridmgmt.store.schema.draft_reviews import draft_comments, draft_reviews
from gridmgmt.store.schema.jobs import jobs
from gridmgmt.store.schema.responsibility import (
    categories,
    duties,
    responders,
    road_segments,
    routing_changes,
    zones,
)
from gridmgmt.store.schema.sent_reports import sent_reports
from gridmgmt.store.schema.sessions import sessions

__all__ = [
    "accounts",
    "api_tokens",
    "area_attributes",
    "area_changes",
    "areas",
    "attempts",
    "audit_log",
    "case_changes",
    "case_changes_kept",
    "case_events",
    "case_import_rejects",
    "case_import_runs",
    "case_leaves",
    "case_numbers",
    "cases",
    "categories",
    "components",
    "default_positions",
    "demolitions",
    "density_breaks",
    "displays",
    "draft_comments",
    "draft_edit_areas",
    "draft_edit_records",
    "draft_edits",
    "draft_presence",
    "draft_records",
    "draft_reviews",
    "drafts",
    "duties",
    "editions",
    "group_members",
    "groups",
    "jobs",
    "levels",
    "lineage",
    "metadata",
    "recovery_codes",
    "responders",
    "road_segments",
    "role_permissions",
    "roles",
    "routing_changes",
    "second_factors",
    "sent_reports",
    "sessions",
    "zones",
]

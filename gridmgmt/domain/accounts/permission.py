"""The permissions of accounts."""

from enum import StrEnum


class Permission(StrEnum):
    """One thing a role may allow; ``role_permissions`` says which role allows it."""

    SEE_OVERVIEW = "see_overview"
    SEE_MAP = "see_map"
    SEE_CASES = "see_cases"
    SEE_OWN_CASES = "see_own_cases"
    # Only what the account itself reported, one case at a time; imported files do not count.
    SEE_REPORTED_CASES = "see_reported_cases"
    # Free text, addresses and phone numbers; without it, a responder sees those of its own
    # cases and a reporter those of what they reported.
    SEE_PERSONAL = "see_personal"
    REPORT_CASES = "report_cases"
    PLACE_CASES = "place_cases"
    ASSIGN_CASES = "assign_cases"
    BOUNCE_CASES = "bounce_cases"
    DISPOSE_CASES = "dispose_cases"
    CLOSE_CASES = "close_cases"
    # A superior presses a case (督办), and reads the texts and phones of those in its area.
    SUPERVISE_CASES = "supervise_cases"
    IMPORT_CASES = "import_cases"
    # For people who publish boundaries or dispatch: open cases follow the edition in force.
    REROUTE_CASES = "reroute_cases"
    SEE_AREAS = "see_areas"
    EDIT_DRAFTS = "edit_drafts"
    REVIEW_DRAFTS = "review_drafts"
    PUBLISH_DRAFTS = "publish_drafts"
    SEE_DUTIES = "see_duties"
    EDIT_DUTIES = "edit_duties"
    IMPORT_LAYERS = "import_layers"
    EXPORT_LAYERS = "export_layers"
    EXPORT_CASES = "export_cases"
    SEE_JOBS = "see_jobs"
    USE_API = "use_api"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_DISPLAYS = "manage_displays"
    SEE_AUDIT = "see_audit"


# Any of these lets an account see cases; which ones, ``case_scope_of`` says.
SEEING_CASES = (
    Permission.SEE_CASES,
    Permission.SEE_OWN_CASES,
    Permission.SEE_REPORTED_CASES,
)

# Permissions about the whole city: an account limited to an area never has them, whatever its
# role.
WHOLE_CITY = frozenset(
    {
        Permission.IMPORT_CASES,
        Permission.REROUTE_CASES,
        Permission.EDIT_DRAFTS,
        Permission.REVIEW_DRAFTS,
        Permission.PUBLISH_DRAFTS,
        Permission.EDIT_DUTIES,
        Permission.IMPORT_LAYERS,
        Permission.MANAGE_ACCOUNTS,
        Permission.MANAGE_DISPLAYS,
        Permission.SEE_AUDIT,
    }
)

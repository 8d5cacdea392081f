"""Names of the actions in the audit log."""

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.surroundings import GroupKind, ZoneKind
from gridmgmt.domain.cases.case import CaseStatus, UnlocatedReason, UnroutedReason
from gridmgmt.domain.headings import HEADINGS
from gridmgmt.domain.responsibility.responder import ResponderKind
from gridmgmt.services.accounts.audit import AuditNames
from web.words.level_names import level_name, level_names
from web.words.names import with_code
from web.words.operation_words import operations_said
from web.words.role_words import permission_name, role_name
from web.words.value_names import heading_of, names_of

# The actions by subject, in the order in which a clerk looks for them.
ACTION_GROUPS: tuple[tuple[LazyString, dict[str, LazyString]], ...] = (
    (
        _l("Cases"),
        {
            "report_case": _l("Reported a case"),
            "begin_import_cases": _l("Began to import cases"),
            "import_cases": _l("Imported cases"),
            "place_case": _l("Placed a case on the map"),
            "assign_case": _l("Gave a case to somebody"),
            "bounce_case": _l("Bounced a case"),
            "supervise_case": _l("Supervised a case"),
            "dispose_case": _l("Marked a case as disposed of"),
            "close_case": _l("Closed a case"),
            "reroute_cases": _l("Rerouted open cases"),
            "accept_default_position": _l("Accepted a default coordinate"),
            "withdraw_default_position": _l("Withdrew a default coordinate"),
        },
    ),
    (
        _l("Personal data"),
        {
            "read_personal": _l("Read personal data"),
            "read_phones": _l("Read phone numbers"),
            "forget_cases": _l("Forgot personal data of closed cases"),
        },
    ),
    (
        _l("Grid"),
        {
            "create_draft": _l("Began a draft"),
            "import_areas": _l("Imported areas into a draft"),
            "edit_draft": _l("Edited a draft"),
            "undo_edit": _l("Undid an edit of a draft"),
            "redo_edit": _l("Redid an edit of a draft"),
            "rebase_draft": _l("Put a draft on the newest edition"),
            "take_back_changes": _l("Took changes out of a draft"),
            "revert_edition": _l("Brought back an edition in a draft"),
            "submit_draft": _l("Submitted a draft for review"),
            "comment_draft": _l("Commented on a draft"),
            "return_draft": _l("Returned a draft"),
            "approve_draft": _l("Approved a draft"),
            "delete_draft": _l("Deleted a draft"),
            "publish_edition": _l("Published an edition"),
            "withdraw_edition": _l("Withdrew an edition"),
            "extend_edition": _l("Let the first edition begin earlier"),
            "set_levels": _l("Set the levels"),
            "set_attributes": _l("Set the attributes of areas"),
        },
    ),
    (
        _l("Duties and their basics"),
        {
            "change_duties": _l("Changed duties"),
            "import_duty": _l("Imported duties"),
            "import_responder": _l("Imported responders"),
            "import_category": _l("Imported categories"),
            "import_group": _l("Imported groups"),
            "import_road_segment": _l("Imported road segments"),
            "import_zone": _l("Imported zones"),
            "import_component": _l("Imported components"),
            "import_demolition": _l("Imported demolitions"),
        },
    ),
    (
        _l("Accounts and roles"),
        {
            "create_account": _l("Made an account"),
            "change_account": _l("Changed an account"),
            "disable_account": _l("Disabled an account"),
            "enable_account": _l("Enabled an account"),
            "set_password": _l("Set a password"),
            "set_up_second_factor": _l("Set up a second factor"),
            "reset_second_factor": _l("Reset a second factor"),
            "create_token": _l("Made an API token"),
            "revoke_token": _l("Revoked an API token"),
            "add_role": _l("Added a role"),
            "change_role": _l("Changed a role"),
            "retire_role": _l("Retired a role"),
        },
    ),
    (
        _l("Logins"),
        {
            "log_in": _l("Logged in"),
            "log_out": _l("Logged out"),
            "fail_login": _l("Failed to log in"),
            "lock_login": _l("Attempts to log in have to wait"),
            "end_sessions": _l("Ended sessions"),
            "refuse_action": _l("Was refused something"),
            "refuse_token": _l("Came with a token that is no good"),
        },
    ),
    (
        _l("Wall screens"),
        {
            "create_display": _l("Made a wall screen"),
            "link_display": _l("Made a new link for a wall screen"),
            "open_display": _l("Opened a wall screen"),
            "revoke_display": _l("Revoked a wall screen"),
        },
    ),
    (
        _l("Jobs and the log itself"),
        {
            "enqueue_job": _l("Began a job"),
            "cancel_job": _l("Cancelled a job"),
            "leave_out_entries": _l("More entries of the kind, left out"),
        },
    ),
)
ACTIONS = {word: name for _group, some in ACTION_GROUPS for word, name in some.items()}


def action_name(action: str) -> str:
    """Return the name of an action, or its own word if it has no name."""
    return str(ACTIONS.get(action, action))


FIELDS = {
    "client_address": _l("Address in the network"),
    "reason": _l("Reason"),
    "command": _l("Way"),
    "name": _l("Name"),
    "role": _l("Role"),
    "responder": _l("Responder"),
    "area": _l("Area"),
    "file": _l("File"),
    "edit": _l("Edit no."),
    "digest": _l("Checksum of the changes"),
    "comments": _l("Comments"),
    "text": _l("Text"),
    "submitted_by": _l("Submitted by"),
    "approved_by": _l("Approved by"),
    "without_review": _l("Without review"),
    "operations": _l("Operations"),
    "added": _l("Added"),
    "new": _l("New"),
    "unchanged": _l("Unchanged"),
    "updated": _l("Known, updated"),
    "rows": _l("Rows in the file"),
    "draft": _l("Draft"),
    "effective_from": _l("In force from"),
    "tolerance_m2": _l("Tolerance, m²"),
    "status": _l("Status"),
    "position": _l("Position"),
    "active": _l("May log in"),
    "datum": _l("Coordinate system"),
    "base_edition": _l("On top of"),
    "level": _l("Level"),
    "cases": _l("Cases"),
    "case_nos": _l("Case numbers"),
    "edition": _l("Edition"),
    "disposed_at": _l("Disposed of at"),
    "closed_at": _l("Closed at"),
    "unlocated": _l("Without an area because"),
    "unrouted": _l("Without a responder because"),
    "layer": _l("Layer"),
    "where": _l("Only features for which"),
    "title": _l("Label"),
    "kind": _l("Kind"),
    "expires_at": _l("Ends at"),
    "until": _l("Last day"),
    "sessions": _l("Sessions"),
    "number": _l("Number"),
    "code": _l("Code"),
    "format": _l("Format"),
    "removed": _l("removed"),
    "name_zh": _l("Chinese name"),
    "name_en": _l("English name"),
    "given": _l("Permissions given"),
    "taken": _l("Permissions taken away"),
    "accounts": _l("Accounts it concerns"),
    "events": _l("Events"),
    "closed_before": _l("Closed before"),
    "suggested": _l("Suggested instead"),
    "lonlat": _l("Position"),
    "duties": _l("Duties"),
    "why": _l("Reason"),
    "changed": _l("Changed"),
    "responders": _l("Responders"),
    "changes": _l("Changes"),
    "merge": _l("Only the areas in the file"),
    "within": _l("Only within"),
    "altered": _l("Altered"),
    "dropped": _l("Dropped"),
    "label": _l("Label"),
    "rows_removed": _l("Area records removed"),
    "rows_reopened": _l("Area records in force again"),
    "rows_kept": _l("Duties, zones and the like left as changed since"),
    "taken_back": _l("Duties, zones and the like taken back"),
    "lineage_removed": _l("Lineage records removed"),
    "drafts_reopened": _l("Drafts given back"),
    "drafts_moved": _l("Drafts put on the edition before"),
    "tokens_revoked": _l("API tokens revoked"),
    "token": _l("API token"),
    "replaced": _l("Replaces one that was there"),
    "second_factor": _l("Second factor"),
    "wrong": _l("What was wrong"),
    "known_browser": _l("Browser known before"),
    "names": _l("Names"),
    "an_hour": _l("Entries an hour"),
    "limit": _l("Limit"),
    "geometry": _l("Geometry"),
}


# How somebody came to read personal data.
_WAYS = {
    "page": _l("page of the case"),
    "list": _l("list of cases"),
    "map panel": _l("panel of the map"),
    "search texts": _l("search of texts"),
    "export cases": _l("export of cases"),
    "show": _l("command line"),
    "explain": _l("explanation of the case"),
}
_WRONG = {"password": _l("password"), "code": _l("verification code")}
_YES_NO = {"true": _l("yes"), "false": _l("no")}

# What jobs do, by their kinds.
JOB_KINDS: dict[str, LazyString] = {
    "case_import": _l("Import of cases"),
    "case_export": _l("Export of cases"),
    "case_reroute": _l("Reroute of open cases"),
    "edition_extension": _l("Earlier beginning of the first edition"),
    "layer_export": _l("Export of a layer"),
    "layer_import": _l("Import of a layer"),
    "draft_check": _l("Check of a draft"),
    "draft_impact": _l("Impact of a draft"),
    "draft_publish": _l("Publication of a draft"),
}

# Fields whose values are those of a fixed set.
_SETS = {
    "command": _WAYS,
    "wrong": _WRONG,
    "kind": {
        **names_of(ResponderKind),
        **names_of(ZoneKind),
        **names_of(GroupKind),
        **JOB_KINDS,
    },
    "status": names_of(CaseStatus),
    "unlocated": names_of(UnlocatedReason),
    "unrouted": names_of(UnroutedReason),
}


def field_name(field: str) -> str:
    """Return the name of a field of an entry, or its own word if it has no name.

    What an import changes are columns of its file, which have headings.
    """
    if field in FIELDS:
        return str(FIELDS[field])
    noun = next((noun for noun, some in HEADINGS.items() if field in some), None)
    return field if noun is None else str(heading_of(noun, field))


def value_name(field: str, value: str | None, names: AuditNames) -> str | None:
    """Return a value of a field in words, with names beside codes.

    Permissions, roles, areas, responders and values of fixed sets have words; other values
    stay as they are.
    """
    if value is None:
        return None
    if field in ("given", "taken"):
        return str(_(", ")).join(map(permission_name, value.split(", ")))
    if field == "role" and value in names.roles:
        return with_code(value, role_name(names.roles[value]))
    if field == "responder":
        return with_code(value, names.responders.get(value))
    if field == "level":
        return level_name(value)
    if field == "operations":
        return operations_said(value.split(", "))
    if field in _SETS:
        return str(_SETS[field].get(value, value))
    level, comma, code = value.partition(", ")
    if field == "area" and comma and level in level_names():
        return area_name((level, code), names)
    return str(_YES_NO.get(value, value))


def area_name(key: AreaKey, names: AuditNames) -> str:
    """Return an area as text: its level, its name and its code."""
    level, code = key
    return f"{level_name(level)} {with_code(code, names.areas.get(key))}"


def is_readable(value: str | None) -> bool:
    """Return whether a value is text for people: JSON stands in the stored entry alone."""
    return value is None or value[:1] not in ("{", "[")

"""What the actions of the audit log are called."""

from flask_babel import lazy_gettext as _l

ACTIONS = {
    "assign_case": _l("Gave a case to somebody"),
    "begin_import_cases": _l("Began to import cases"),
    "bounce_case": _l("Bounced a case"),
    "cancel_job": _l("Cancelled a job"),
    "change_account": _l("Changed an account"),
    "close_case": _l("Closed a case"),
    "create_account": _l("Made an account"),
    "create_display": _l("Made a wall screen"),
    "create_draft": _l("Began a draft"),
    "create_token": _l("Made an API token"),
    "delete_draft": _l("Deleted a draft"),
    "disable_account": _l("Disabled an account"),
    "dispose_case": _l("Marked a case as disposed of"),
    "enable_account": _l("Enabled an account"),
    "end_sessions": _l("Ended sessions"),
    "enqueue_job": _l("Began a job"),
    "forget_cases": _l("Forgot personal data of closed cases"),
    "import_areas": _l("Imported areas into a draft"),
    "import_cases": _l("Imported cases"),
    "import_component": _l("Imported components"),
    "import_category": _l("Imported categories"),
    "import_demolition": _l("Imported demolitions"),
    "import_duty": _l("Imported duties"),
    "import_group": _l("Imported groups"),
    "import_responder": _l("Imported responders"),
    "import_road_segment": _l("Imported road segments"),
    "import_zone": _l("Imported zones"),
    "fail_login": _l("Failed to log in"),
    "leave_out_entries": _l("More entries of the kind, left out"),
    "link_display": _l("Made a new link for a wall screen"),
    "lock_login": _l("Attempts to log in have to wait"),
    "log_in": _l("Logged in"),
    "log_out": _l("Logged out"),
    "open_display": _l("Opened a wall screen"),
    "place_case": _l("Placed a case on the map"),
    "publish_edition": _l("Published an edition"),
    "read_personal": _l("Read personal data"),
    "read_phones": _l("Read phone numbers"),
    "refuse_action": _l("Was refused something"),
    "refuse_token": _l("Came with a token that is no good"),
    "report_case": _l("Reported a case"),
    "reroute_cases": _l("Rerouted open cases"),
    "revoke_display": _l("Revoked a wall screen"),
    "revoke_token": _l("Revoked an API token"),
    "set_levels": _l("Set the levels"),
    "set_password": _l("Set a password"),
    "take_back_changes": _l("Took changes out of a draft"),
    "withdraw_edition": _l("Withdrew an edition"),
}


def action_name(action: str) -> str:
    """Return what an action is called; its own word where nobody gave it another."""
    return str(ACTIONS.get(action, action))

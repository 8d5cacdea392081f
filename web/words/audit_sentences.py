"""The entries of the audit log in sentences: who did what to what."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.accounts.audit import AuditEntry
from gridmgmt.services.accounts.audit import AuditNames
from web.words.audit_words import ACTIONS, area_name
from web.words.languages import language
from web.words.level_names import level_name, level_names
from web.words.names import person_with_login, with_code
from web.words.reasons import no_disposer

# Of each action; ``on`` is what it was done to, a person with name and user name.
SENTENCES = {
    "accept_default_position": _l("%(who)s accepted %(on)s as a default coordinate"),
    "add_role": _l("%(who)s added the role %(on)s"),
    "approve_draft": _l("%(who)s approved draft %(on)s"),
    "assign_case": _l("%(who)s assigned case %(on)s to %(to)s"),
    "begin_import_cases": _l("%(who)s began to import cases from %(on)s"),
    "bounce_case": _l("%(who)s returned case %(on)s, which %(from)s had"),
    "cancel_job": _l("%(who)s cancelled job %(on)s"),
    "change_account": _l("%(who)s changed the account of %(on)s"),
    "change_role": _l("%(who)s changed the role %(on)s"),
    "change_duties": _l("%(who)s changed duties"),
    "close_case": _l("%(who)s closed case %(on)s"),
    "comment_draft": _l("%(who)s commented on draft %(on)s"),
    "create_account": _l("%(who)s made an account for %(on)s"),
    "create_display": _l("%(who)s made the wall screen %(name)s"),
    "create_draft": _l("%(who)s opened draft %(on)s"),
    "create_token": _l("%(who)s made the API token %(name)s"),
    "delete_draft": _l("%(who)s deleted draft %(on)s"),
    "disable_account": _l("%(who)s disabled the account of %(on)s"),
    "dispose_case": _l("%(who)s reported case %(on)s disposed of"),
    "edit_draft": _l("%(who)s edited draft %(on)s"),
    "enable_account": _l("%(who)s enabled the account of %(on)s"),
    "end_sessions": _l("%(who)s ended sessions of %(on)s"),
    "enqueue_job": _l("%(who)s asked for job %(on)s"),
    "extend_edition": _l("%(who)s let edition %(on)s begin earlier"),
    "fail_login": _l("A login as %(on)s failed"),
    "forget_cases": _l("%(who)s cleared personal data of closed cases"),
    "import_areas": _l("%(who)s imported areas from %(file)s into draft %(on)s"),
    "import_cases": _l("%(who)s imported cases from %(on)s"),
    "import_category": _l("%(who)s imported categories from %(file)s"),
    "import_component": _l("%(who)s imported components from %(file)s"),
    "import_demolition": _l("%(who)s imported demolitions from %(file)s"),
    "import_duty": _l("%(who)s imported duties from %(file)s"),
    "import_group": _l("%(who)s imported groups of areas from %(file)s"),
    "import_responder": _l("%(who)s imported responders from %(file)s"),
    "import_road_segment": _l("%(who)s imported road segments from %(file)s"),
    "import_zone": _l("%(who)s imported special zones from %(file)s"),
    "leave_out_entries": _l("More entries of the same kind were not written"),
    "link_display": _l("%(who)s made a new link for the wall screen %(name)s"),
    "lock_login": _l("Logins as %(on)s have to wait after failed attempts"),
    "log_in": _l("%(who)s logged in"),
    "log_out": _l("%(who)s logged out"),
    "open_display": _l("The wall screen %(name)s was opened"),
    "place_case": _l("%(who)s put case %(on)s on the map"),
    "publish_edition": _l("%(who)s published edition %(on)s"),
    "read_personal": _l("%(who)s read personal data (%(on)s)"),
    "read_phones": _l("%(who)s read phone numbers of responders"),
    "rebase_draft": _l("%(who)s put draft %(on)s on the newest edition"),
    "redo_edit": _l("%(who)s redid an edit of draft %(on)s"),
    "refuse_action": _l("%(who)s was refused: %(on)s"),
    "refuse_token": _l("A program came with an invalid token"),
    "report_case": _l("%(who)s reported case %(on)s"),
    "reroute_cases": _l("%(who)s rerouted open cases by edition %(on)s"),
    "reset_second_factor": _l("%(who)s reset the second factor of %(on)s"),
    "retire_role": _l("%(who)s retired the role %(on)s"),
    "return_draft": _l("%(who)s returned draft %(on)s"),
    "revert_edition": _l("%(who)s brought back an edition in draft %(on)s"),
    "revoke_display": _l("%(who)s revoked the wall screen %(name)s"),
    "revoke_token": _l("%(who)s revoked the API token %(name)s"),
    "set_levels": _l("%(who)s set the levels %(on)s"),
    "set_attributes": _l("%(who)s set the attributes of areas: %(on)s"),
    "set_password": _l("%(who)s set the password of %(on)s"),
    "set_up_second_factor": _l("%(who)s set up a second factor"),
    "submit_draft": _l("%(who)s submitted draft %(on)s for review"),
    "supervise_case": _l("%(who)s pressed for case %(on)s"),
    "take_back_changes": _l("%(who)s took back changes of draft %(on)s"),
    "undo_edit": _l("%(who)s undid an edit of draft %(on)s"),
    "withdraw_default_position": _l("%(who)s took back the default coordinate %(on)s"),
    "withdraw_edition": _l("%(who)s withdrew edition %(on)s"),
}
_WITHOUT_REVIEW = _l("%(who)s published edition %(on)s without review")
# How subjects begin whose kind the sentence names.
_KINDS = ("case ", "edition ", "job ", "display ", "duty ")
# What people call a kind of subject, by its stored word.
_ASKED = {
    "案件": "case",
    "case ": "case",
    "账号": "account",
    "account ": "account",
    "网格版本": "edition",
    "edition ": "edition",
    "任务": "job",
    "job ": "job",
    "角色": "role",
    "role ": "role",
    "责任分工": "duty",
    "duty ": "duty",
}
_ACCOUNT = "account "
_ROLE = "role "
_THINGS = {
    "cases": _l("a list of cases"),
    "all accounts": _l("all accounts"),
    "no account": _l("an unknown account"),
}


def sentence(entry: AuditEntry, names: AuditNames) -> str:
    """Return an entry as a sentence; an action without one is named with its subject."""
    who = person_with_login(entry.actor, names.people)
    template = SENTENCES.get(entry.action)
    if template is None:
        name = ACTIONS.get(entry.action, entry.action.replace("_", " "))
        facts = {"who": who, "what": name, "on": entry.subject}
        return str(_("%(who)s: %(what)s (%(on)s)", **facts))
    detail = entry.detail
    if entry.action == "publish_edition" and detail.get("without_review"):
        template = _WITHOUT_REVIEW
    facts = {
        "who": who,
        "on": _on(entry, names),
        "to": _responder(detail.get("after"), names),
        "from": _responder(detail.get("before"), names),
        "name": _text(detail.get("name")) or entry.subject,
        "file": _text(detail.get("file")) or _text(detail.get("source")) or entry.subject,
    }
    # A full-width bracket has its space within.
    return (str(template) % facts).replace("） ", "）")


def subject_asked(text: str | None) -> str | None:
    """Return how stored subjects begin that a person calls by a text, in either language.

    Examples
    --------
    >>> subject_asked("案件 SYN-"), subject_asked("Case SYN-"), subject_asked("案件SYN-1")
    ('case SYN-', 'case SYN-', 'case SYN-1')
    """
    for word, kind in _ASKED.items():
        if text is not None and text.casefold().startswith(word):
            return f"{kind} {text[len(word) :].lstrip()}"
    return text


def _on(entry: AuditEntry, names: AuditNames) -> str:
    subject = entry.subject
    if subject.startswith(_ACCOUNT):
        return person_with_login(subject.removeprefix(_ACCOUNT), names.people)
    if subject.startswith(_ROLE):
        # Its name then: the role may have another one by now, or be retired.
        then = entry.detail.get("names")
        name = then.get(language()) if isinstance(then, Mapping) else None
        return with_code(subject.removeprefix(_ROLE), _text(name))
    if subject in _THINGS:
        return str(_THINGS[subject])
    if entry.action == "read_personal" and subject.startswith("case "):
        return str(_("case %(number)s", number=subject.removeprefix("case ")))
    if entry.action == "set_levels":
        return str(_(", ")).join(map(level_name, subject.split(", ")))
    level, _blank, code = subject.partition(" ")
    if level in level_names():
        return area_name((level, code), names)
    for kind in _KINDS:
        if subject.startswith(kind):
            return subject.removeprefix(kind)
    return subject


def _responder(outcome: object, names: AuditNames) -> str:
    code = outcome.get("responder") if isinstance(outcome, Mapping) else None
    if not isinstance(code, str):
        return no_disposer()
    return with_code(code, names.responders.get(code))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

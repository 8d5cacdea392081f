"""The page of the audit log."""

from datetime import datetime, time, timedelta
from functools import partial

from flask import Blueprint, render_template, request, url_for

from gridmgmt.domain.accounts.audit import STRANGER, raw, told
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.services.accounts.audit import page
from gridmgmt.store.accounts.audit import AuditFilter
from web.app import params
from web.app.addresses import with_query
from web.app.days import asked_day
from web.app.transaction import connection, current_settings
from web.door.access import allow
from web.words.audit_sentences import sentence, subject_asked
from web.words.audit_words import (
    ACTION_GROUPS,
    ACTIONS,
    action_name,
    field_name,
    is_readable,
    value_name,
)
from web.words.duty_sentences import duty_sentence

bp = Blueprint("audit", __name__)


@bp.get("/audit")
@allow(Permission.SEE_AUDIT)
def index() -> str:
    args = request.args
    shown = page(connection(), _wanted(), after=params.whole(args, "after"))
    older = with_query(url_for("audit.index"), {**args.to_dict(), "after": shown.after})
    return render_template(
        "audit/index.html",
        shown=shown,
        told=told,
        raw=raw,
        sentence=partial(sentence, names=shown.names),
        tz=current_settings().tz,
        STRANGER=STRANGER,
        ACTION_GROUPS=ACTION_GROUPS,
        ACTIONS=ACTIONS,
        action_name=action_name,
        value_name=partial(value_name, names=shown.names),
        duty_sentence=partial(duty_sentence, names=shown.names),
        field_name=field_name,
        is_readable=is_readable,
        older=older if shown.after is not None else "",
        is_filtered=any(
            args.get(name) for name in ("actor", "action", "subject", "from", "to")
        ),
    )


def _wanted() -> AuditFilter:
    args, tz = request.args, current_settings().tz
    first, last = asked_day("from"), asked_day("to")
    end = None if last is None else datetime.combine(last + timedelta(days=1), time(), tz)
    return AuditFilter(
        actor=params.text(args, "actor"),
        action=params.text(args, "action"),
        subject=subject_asked(params.text(args, "subject")),
        since=None if first is None else datetime.combine(first, time(), tz),
        until=end,
    )

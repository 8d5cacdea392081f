"""Submit a draft, comment on it, return or approve it."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.review import Remark
from gridmgmt.services.drafts import reviews
from web.app import params
from web.app.addresses import with_query
from web.app.transaction import connection
from web.door.access import actor, allow, may
from web.pages import draft_pages

bp = Blueprint("draft_reviews", __name__, url_prefix="/drafts/<int:draft_id>")


@bp.post("/submit")
@allow(Permission.EDIT_DRAFTS)
def submit(draft_id: int) -> ResponseReturnValue:
    draft = draft_pages.find(draft_id)
    seen = params.whole(request.form, "seen") or 0
    reviews.submit(connection(), draft.label, seen=seen, actor=actor())
    flash(_("Draft %(label)s is submitted for review.", label=draft.label), "success")
    return _back(draft_id)


@bp.post("/comment")
@allow(Permission.REVIEW_DRAFTS)
def comment(draft_id: int) -> ResponseReturnValue:
    draft = draft_pages.find(draft_id)
    reviews.comment(connection(), draft.label, _remark(), actor=actor())
    flash(_("The comment is saved."), "success")
    return _back(draft_id, "review")


@bp.post("/return")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def give_back(draft_id: int) -> ResponseReturnValue:
    draft = draft_pages.find(draft_id)
    remarks = [_remark()] if params.text(request.form, "text") else []
    reviews.give_back(
        connection(),
        draft.label,
        remarks,
        actor=actor(),
        reviews=may(Permission.REVIEW_DRAFTS),
    )
    flash(_("Draft %(label)s is returned and can be changed.", label=draft.label), "success")
    return _back(draft_id)


@bp.post("/approve")
@allow(Permission.REVIEW_DRAFTS)
def approve(draft_id: int) -> ResponseReturnValue:
    draft = draft_pages.find(draft_id)
    digest = request.form.get("digest", "")
    reviews.approve(connection(), draft.label, actor=actor(), digest=digest)
    flash(_("Draft %(label)s is approved and can be published.", label=draft.label), "success")
    return _back(draft_id)


def _remark() -> Remark:
    """Return what the form says, about the area it names or the whole draft."""
    area = params.area(request.form)
    level, code = area or (None, None)
    return Remark(params.text(request.form, "text") or "", level, code)


def _back(draft_id: int, anchor: str | None = None) -> ResponseReturnValue:
    """Return to the page whose form was sent: the comparison, as it was asked, or the draft."""
    asked = request.args.to_dict()
    compares = asked.pop("from", None) == "compare"
    page = "draft_comparisons.index" if compares else "drafts.detail"
    address = with_query(url_for(page, draft_id=draft_id), asked)
    return redirect(f"{address}#{anchor}" if anchor else address, 303)

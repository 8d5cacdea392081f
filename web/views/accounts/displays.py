"""Manage wall screens: make, list, revoke, renew their links; and open them."""

from datetime import UTC, datetime

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.errors import InputError
from gridmgmt.services.accounts import displays as service
from gridmgmt.services.accounts.displays import NewLink
from gridmgmt.services.areas import area_search
from gridmgmt.store.accounts.displays import list_displays
from web.app.transaction import connection
from web.door import displays
from web.door.access import actor, allow, public
from web.pages.errors import answer
from web.words.sentences import said

bp = Blueprint("displays", __name__)

# Headers that browsers send with prefetches.
_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


@bp.get("/displays")
@allow(Permission.MANAGE_DISPLAYS)
def index() -> ResponseReturnValue:
    return _list()


@bp.post("/displays")
@allow(Permission.MANAGE_DISPLAYS)
def create() -> ResponseReturnValue:
    name, text = (request.form.get(name, "").strip() for name in ("name", "area"))
    now = datetime.now(UTC)
    try:
        area = area_search.meant(connection(), text, field="area")
        made = service.create(connection(), name, area=area, actor=actor(), now=now)
    except InputError as error:
        return _list({error.field: said(error.message)})
    return _link(made)


@bp.post("/displays/<int:display_id>/link")
@allow(Permission.MANAGE_DISPLAYS)
def new_link(display_id: int) -> ResponseReturnValue:
    now = datetime.now(UTC)
    return _link(service.new_link(connection(), display_id, actor=actor(), now=now))


@bp.post("/displays/<int:display_id>/revoke")
@allow(Permission.MANAGE_DISPLAYS)
def revoke(display_id: int) -> ResponseReturnValue:
    now = datetime.now(UTC)
    revoked = service.revoke(connection(), display_id, actor=actor(), now=now)
    flash(_("The wall screen %(name)s shows nothing any more.", name=revoked.name), "success")
    return redirect(url_for("displays.index"), 303)


@bp.get("/display/<secret>")
@public
def open_link(secret: str) -> ResponseReturnValue:
    """Turn the link into a cookie and redirect at once, so that its URL is not kept."""
    # A prefetch or a preview in a messenger must not use up the link.
    if request.method == "HEAD" or any(one in request.headers for one in _AHEAD):
        return "", 204
    address = request.remote_addr or ""
    opened = service.open_link(connection(), secret, address=address, now=datetime.now(UTC))
    if opened is None:
        return answer(
            404, _("This link opens nothing, or nothing any more. Ask for a new one.")
        )
    response = make_response(redirect(url_for("overview.index"), 303))
    displays.keep(response, opened.token)
    return response


def _link(made: NewLink) -> ResponseReturnValue:
    address = url_for("displays.open_link", secret=made.secret, _external=True)
    page = render_template("displays/link.html", one=made.display, address=address)
    return page, 201


def _list(errors: dict[str, str] | None = None) -> ResponseReturnValue:
    return render_template(
        "displays/index.html",
        displays=list_displays(connection()),
        errors=errors or {},
        given=request.form,
        now=datetime.now(UTC),
    )

"""Roles: what each may do, a form to change one, what it would do, and then the change."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.account import Role
from gridmgmt.domain.accounts.permission import WHOLE_CITY, Permission
from gridmgmt.errors import AccountError, FieldsError, OutdatedPreviewError
from gridmgmt.services.accounts import roles
from gridmgmt.services.accounts.roles import LONGEST_NAME, RoleEffect, StatedRole
from gridmgmt.store.accounts.accounts import list_accounts
from gridmgmt.store.accounts.roles import find_role, get_role, list_roles
from web.app.transaction import connection, current_settings
from web.door.access import account, actor, allow
from web.pages.errors import status_of
from web.words.role_words import by_work, role_name
from web.words.sentences import said

bp = Blueprint("roles", __name__, url_prefix="/roles")


@dataclass(frozen=True)
class RoleForm:
    """What stands in the form of a role.

    ``role`` is the code of the role to be changed, empty for a new one. ``mark`` names what it
    was when the form was opened.
    """

    role: str = ""
    mark: str = ""
    code: str = ""
    name_zh: str = ""
    name_en: str = ""
    permissions: tuple[str, ...] = ()

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Return everything as fields of a form."""
        single = [(name, getattr(self, name)) for name in _SINGLE]
        return [*single, *(("permission", one) for one in self.permissions)]

    def stated(self) -> StatedRole:
        """Return the role that the form states."""
        return StatedRole(
            self.role or self.code,
            self.name_zh,
            self.name_en,
            frozenset(self.permissions),
            is_new=not self.role,
        )


_SINGLE = ("role", "mark", "code", "name_zh", "name_en")


@bp.get("")
@allow(Permission.MANAGE_ACCOUNTS)
def index() -> ResponseReturnValue:
    conn = connection()
    return render_template(
        "roles/index.html",
        roles=list_roles(conn),
        counts=roles.count_accounts(conn),
        works=by_work(),
        whole_city=WHOLE_CITY,
    )


@bp.get("/new")
@allow(Permission.MANAGE_ACCOUNTS)
def new() -> ResponseReturnValue:
    return _form_page(RoleForm())


@bp.get("/<role>/change")
@allow(Permission.MANAGE_ACCOUNTS)
def change(role: str) -> ResponseReturnValue:
    return _form_page(_of_role(get_role(connection(), role)))


@bp.post("/changes/form")
@allow(Permission.MANAGE_ACCOUNTS)
def edit() -> ResponseReturnValue:
    """Show the form again, as it was filled in."""
    return _form_page(_read())


@bp.post("/changes")
@allow(Permission.MANAGE_ACCOUNTS)
def preview() -> ResponseReturnValue:
    form = _read()
    try:
        effect = roles.preview_role(connection(), form.stated())
    except (FieldsError, AccountError) as error:
        return _form_page(form, error), status_of(error)
    is_changed = effect.before is not None and form.mark != roles.mark_of(effect.before)
    return _preview_page(form, effect, is_changed=is_changed)


@bp.post("/changes/apply")
@allow(Permission.MANAGE_ACCOUNTS)
def apply() -> ResponseReturnValue:
    form = _read()
    conn, seen = connection(), request.form.get("seen", "")
    try:
        done = roles.put_role(conn, form.stated(), actor=actor(), seen=seen)
    except OutdatedPreviewError as error:
        # Nothing was stored; the lock goes with the transaction.
        conn.rollback()
        effect = roles.preview_role(conn, form.stated())
        return _preview_page(form, effect, is_changed=True), status_of(error)
    except (FieldsError, AccountError) as error:
        conn.rollback()
        return _form_page(form, error), status_of(error)
    told = {"name": role_name(done.after), "count": len(done.people)}
    if done.before is None:
        flash(_("Role %(name)s was added; accounts can have it now.", **told), "success")
    else:
        flash(
            _(
                "Role %(name)s was changed; it holds for %(count)s accounts from their next"
                " request on.",
                **told,
            ),
            "success",
        )
    own = account().role.code == done.after.code
    # Whoever took this right from their own role may not open this page any more.
    gone = own and Permission.MANAGE_ACCOUNTS in done.taken
    return redirect("/" if gone else url_for("roles.index"), 303)


@bp.post("/<role>/retire")
@allow(Permission.MANAGE_ACCOUNTS)
def retire(role: str) -> ResponseReturnValue:
    gone = roles.retire_role(connection(), role, actor=actor())
    flash(_("Role %(name)s is no more.", name=role_name(gone)), "success")
    return redirect(url_for("roles.index"), 303)


def _read() -> RoleForm:
    given = {name: request.form.get(name, "").strip() for name in _SINGLE}
    return RoleForm(
        **given, permissions=tuple(dict.fromkeys(request.form.getlist("permission")))
    )


def _of_role(role: Role) -> RoleForm:
    return RoleForm(
        role=role.code,
        mark=roles.mark_of(role),
        code=role.code,
        name_zh=role.name_zh,
        name_en=role.name_en,
        permissions=tuple(map(str, role.permissions)),
    )


def _form_page(form: RoleForm, error: FieldsError | AccountError | None = None) -> str:
    conn = connection()
    by_field = error.by_field if isinstance(error, FieldsError) else {}
    return render_template(
        "roles/change.html",
        form=form,
        role=find_role(conn, form.role) if form.role else None,
        people=[one for one in list_accounts(conn) if one.role.code == form.role],
        works=by_work(),
        whole_city=WHOLE_CITY,
        longest_name=LONGEST_NAME,
        problem="" if error is None or by_field else said(error),
        errors={field: " ".join(map(said, some)) for field, some in by_field.items()},
    )


def _preview_page(form: RoleForm, effect: RoleEffect, *, is_changed: bool = False) -> str:
    return render_template(
        "roles/preview.html",
        form=form,
        effect=effect,
        given=by_work(effect.given),
        taken=by_work(effect.taken),
        whole_city=WHOLE_CITY,
        is_changed=is_changed,
        asks_second_factor=current_settings().second_factor,
        is_own=account().role.code == effect.after.code,
    )

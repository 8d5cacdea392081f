"""Who may call which view; the application does not start if a view does not state it."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.case_scope import NO_CASES, CaseScope
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.errors import NotAllowedError
from gridmgmt.sentence import Sentence
from gridmgmt.services.accounts import accounts
from gridmgmt.services.accounts.case_scopes import case_scope_of
from web.app.transaction import connection
from web.door import bearer, displays, second_step, sessions

View = TypeVar("View", bound=Callable[..., Any])

# Stored on the view: the permissions, any one of which is enough; none means every logged-in
# account.
_NEEDS = "gridmgmt_needs"
_PUBLIC = "gridmgmt_public"
# Views that are open while the password is one that somebody else set.
_UNTIL_CHANGED = {"account.first_password", "account.change_password", "login.leave"}


def allow(*permissions: Permission) -> Callable[[View], View]:
    """Allow a view for accounts with any of the permissions; without any, for every account."""

    def mark(view: View) -> View:
        setattr(view, _NEEDS, permissions)
        return view

    return mark


def public(view: View) -> View:
    """Allow a view for everybody, logged in or not."""
    setattr(view, _PUBLIC, True)
    return view


def needs_of(view: Callable[..., Any]) -> tuple[Permission, ...] | None:
    """Return the permissions a view needs, or None if it is public."""
    if getattr(view, _PUBLIC, False):
        return None
    needs: tuple[Permission, ...] = getattr(view, _NEEDS)
    return needs


def current_account() -> Account | None:
    """Return the account of this request, or None if nobody is logged in.

    A wall screen has an account only for the views that are marked for it.
    """
    if bearer.is_api():
        return bearer.caller()
    found = sessions.current()
    if found is not None:
        return found.account
    display = displays.current()
    return None if display is None else display.account()


def account() -> Account:
    """Return the account of this request.

    Raises
    ------
    NotAllowedError
        when nobody is logged in
    """
    found = current_account()
    if found is None:
        raise NotAllowedError(Sentence("log in first"))
    return found


def actor() -> str:
    """Return the name that the audit log gets for what this request does."""
    return account().username


def may(permission: Permission) -> bool:
    """Return whether the account of this request has a permission."""
    found = current_account()
    return found is not None and found.may(permission)


def case_scope() -> CaseScope:
    """Return which cases the account of this request may see."""
    if "case_scope" not in g:
        found = current_account()
        g.case_scope = NO_CASES if found is None else case_scope_of(connection(), found)
    limit: CaseScope = g.case_scope
    return limit


def guard() -> ResponseReturnValue | None:
    """Redirect to the login page, or refuse what the account may not do.

    Raises
    ------
    Unauthorized, NotAllowedError
    """
    if request.endpoint is None or request.endpoint == "static":
        return None
    needs = needs_of(current_app.view_functions[request.endpoint])
    if needs is None:
        return None
    if current_account() is None and bearer.is_api():
        raise bearer.unauthorized()
    if current_account() is None:
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("login.login", next=back), 303)
    if _lacks_second_factor():
        # This session began before the bureau required a second factor.
        sessions.log_out()
        return redirect(url_for("login.login"), 303)
    if account().must_change and request.endpoint not in _UNTIL_CHANGED:
        return redirect(url_for("account.first_password"), 303)
    if needs and not any(may(one) for one in needs):
        raise NotAllowedError(accounts.why_not(account()))
    return None


def _lacks_second_factor() -> bool:
    """Return whether a session has no second factor although the bureau now requires it."""
    if bearer.is_api() or sessions.second_factor_at() is not None:
        return False
    return second_step.is_required_of(account())


def check_every_view(app: Flask) -> None:
    """Raise TypeError if a view does not state who may call it.

    Raises
    ------
    TypeError
        naming every such view
    """
    unsaid = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint != "static" and not (hasattr(view, _NEEDS) or hasattr(view, _PUBLIC))
    ]
    if unsaid:
        message = f"say with allow() or public who may call: {', '.join(sorted(unsaid))}"
        raise TypeError(message)


def init_app(app: Flask) -> None:
    """Make the permission checks available in templates."""
    app.jinja_env.globals.update(
        may=may, Permission=Permission, current_account=current_account
    )

"""Who may call which view; a view that does not say so keeps the application from starting."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.case_scope import NO_CASES, CaseScope
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.errors import NotAllowedError
from gridmgmt.services.accounts import accounts
from web.app.transaction import connection
from web.door import bearer, displays, second_step, sessions

View = TypeVar("View", bound=Callable[..., Any])

# Kept on the view itself: what it needs, any one of them; none for everybody logged in.
_NEEDS = "gridmgmt_needs"
_PUBLIC = "gridmgmt_public"
# What opens while the password is one that somebody else gave.
_UNTIL_CHANGED = {"account.first_password", "account.change_password", "login.leave"}


def allow(*permissions: Permission) -> Callable[[View], View]:
    """Open a view to accounts with any of the permissions; without one, to every account."""

    def mark(view: View) -> View:
        setattr(view, _NEEDS, permissions)
        return view

    return mark


def public(view: View) -> View:
    """Open a view to everybody, logged in or not."""
    setattr(view, _PUBLIC, True)
    return view


def needs_of(view: Callable[..., Any]) -> tuple[Permission, ...] | None:
    """Return what a view needs, None when it is public."""
    if getattr(view, _PUBLIC, False):
        return None
    needs: tuple[Permission, ...] = getattr(view, _NEEDS)
    return needs


def current_account() -> Account | None:
    """Return the account of this request, None when nobody is logged in.

    A wall screen has one only for the views that are marked for it.
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
        message = "log in first"
        raise NotAllowedError(message)
    return found


def actor() -> str:
    """Return who is named in the audit log for what this request does."""
    return account().username


def may(permission: Permission) -> bool:
    """Tell whether the account of this request may do something."""
    found = current_account()
    return found is not None and found.may(permission)


def case_scope() -> CaseScope:
    """Return which cases the account of this request may see."""
    if "case_scope" not in g:
        found = current_account()
        g.case_scope = (
            NO_CASES if found is None else accounts.case_scope_of(connection(), found)
        )
    limit: CaseScope = g.case_scope
    return limit


def guard() -> ResponseReturnValue | None:
    """Send strangers to log in, and refuse what the account of this request may not do.

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
        # It was logged in before the bureau required one.
        sessions.log_out()
        return redirect(url_for("login.login"), 303)
    if account().must_change and request.endpoint not in _UNTIL_CHANGED:
        return redirect(url_for("account.first_password"), 303)
    if needs and not any(may(one) for one in needs):
        raise NotAllowedError(accounts.why_not(account()))
    return None


def _lacks_second_factor() -> bool:
    """Tell whether a session was begun with less than the bureau requires by now."""
    if bearer.is_api() or sessions.second_factor_at() is not None:
        return False
    return second_step.is_required_of(account())


def check_every_view(app: Flask) -> None:
    """Refuse to start with a view that does not say who may call it.

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
    """Let templates ask who may do what."""
    app.jinja_env.globals.update(
        may=may, Permission=Permission, current_account=current_account
    )

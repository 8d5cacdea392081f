"""The words of roles and permissions on pages, and in the audit log."""

from collections.abc import Iterable

from flask.sansio.app import App

from gridmgmt.domain.accounts.account import Role
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.accounts.permission_words import PERMISSIONS, WORKS, Work
from web.words.languages import language


def role_name(role: Role) -> str:
    """Return the name of a role in the language of this request."""
    return role.name_zh if language() == "zh" else role.name_en


def permission_name(permission: str) -> str:
    """Return the name of a permission; one that this release does not know stays as it is."""
    known = PERMISSIONS.get(permission)  # type: ignore[call-overload]
    return permission if known is None else str(known.name.said(language()))


def permission_allows(permission: Permission) -> str:
    """Return what a permission lets a person do and see."""
    return PERMISSIONS[permission].allows.said(language())


def permission_needs(permission: Permission) -> tuple[Permission, ...]:
    """Return the permissions of which a role needs one for this one to open anything."""
    return PERMISSIONS[permission].after


def by_work(
    permissions: Iterable[Permission] = tuple(PERMISSIONS),
) -> dict[str, list[Permission]]:
    """Return permissions by the name of their kind of work, in their order."""
    wanted = set(permissions)
    found: dict[Work, list[Permission]] = {}
    for one, words in PERMISSIONS.items():
        if one in wanted:
            found.setdefault(words.work, []).append(one)
    return {WORKS[work].said(language()): some for work, some in found.items()}


def init_app(app: App) -> None:
    """Make these words available in templates."""
    app.jinja_env.filters.update(
        role_name=role_name,
        permission_name=permission_name,
        permission_allows=permission_allows,
        permission_needs=permission_needs,
    )

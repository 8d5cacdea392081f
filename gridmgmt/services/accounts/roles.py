"""Roles: change what they may do, add roles of the bureau's own, and retire them.

Whoever manages accounts can give every permission, since they can make an account of any role;
so a change of a role is limited only by what would lock everybody out. What a role may do is
read at every request: a change holds from the next one on, and sessions stay. Only a session
without a second factor ends if the role now needs one, as after every login.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.account import Account, Role
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.accounts.permission_words import PERMISSIONS, opening_nothing
from gridmgmt.domain.accounts.second_factor import needs_second_factor
from gridmgmt.errors import AccountError, FieldsError, OutdatedPreviewError
from gridmgmt.sentence import Sentence
from gridmgmt.store.accounts import accounts, audit
from gridmgmt.store.accounts import roles as store
from gridmgmt.store.accounts.second_factors import find_second_factor

# Characters of a name; a heading of the table of roles is no sentence.
LONGEST_NAME = 30
_CODE = re.compile("[a-z][a-z0-9_]{0,39}")
# So many accounts are named in an error.
_MOST_NAMED = 10


@dataclass(frozen=True)
class StatedRole:
    """A role as a person wants it; without an English name it has the Chinese one.

    ``is_new``: no role has this code yet. Otherwise the role with this code becomes so.
    """

    code: str
    name_zh: str
    name_en: str
    permissions: frozenset[str]
    is_new: bool = False


@dataclass(frozen=True)
class RoleEffect:
    """What a change of a role does: ``before`` is None for a new one.

    ``given`` and ``taken`` are in the order of `PERMISSIONS`, ``opening_nothing`` are those of
    the role that need another one first. ``people`` are the accounts of the role as they are
    now, disabled ones too. ``to_set_up`` are those of them who need a second factor from now on
    and have none yet. ``seen`` names all this.
    """

    before: Role | None
    after: Role
    given: tuple[Permission, ...]
    taken: tuple[Permission, ...]
    opening_nothing: tuple[Permission, ...]
    people: tuple[Account, ...]
    to_set_up: tuple[Account, ...]
    seen: str

    @property
    def changes(self) -> bool:
        """Return whether it changes anything."""
        return self.before is None or bool(self.given or self.taken) or self.is_renamed

    @property
    def is_renamed(self) -> bool:
        """Return whether a role that there is gets another name."""
        return self.before is not None and _names(self.before) != _names(self.after)


def preview_role(conn: Connection, stated: StatedRole) -> RoleEffect:
    """Return what a change of a role would do, and for whom; nothing is stored.

    Raises
    ------
    FieldsError
        about ``code``, ``name_zh``, ``name_en`` and ``permissions``, all at once
    NotFoundError
        when the role to be changed does not exist
    AccountError
        when nobody would be left to manage accounts
    """
    before = None if stated.is_new else store.get_role(conn, stated.code)
    everybody = accounts.list_accounts(conn)
    people = tuple(one for one in everybody if one.role.code == stated.code)
    after = _checked(conn, stated, before, people)
    changed = {one.username: replace(one, role=after) for one in people}
    _check_somebody_manages(everybody, [changed.get(one.username, one) for one in everybody])
    had = frozenset[Permission]() if before is None else before.permissions
    return RoleEffect(
        before=before,
        after=after,
        given=_in_order(after.permissions - had),
        taken=_in_order(had - after.permissions),
        opening_nothing=tuple(opening_nothing(after.permissions)),
        people=people,
        to_set_up=tuple(
            one
            for one in people
            if needs_second_factor(changed[one.username])
            and not needs_second_factor(one)
            and find_second_factor(conn, one.username) is None
        ),
        seen=_digest(before, after, people),
    )


def put_role(
    conn: Connection, stated: StatedRole, *, actor: str, seen: str | None = None
) -> RoleEffect:
    """Add or change a role, and return what it does.

    Parameters
    ----------
    seen : what the person saw that it does (`RoleEffect.seen`); None: whatever it does

    Raises
    ------
    OutdatedPreviewError
        when it would do something else by now than was seen; nothing is stored
    FieldsError, NotFoundError, AccountError
        as for `preview_role`; FieldsError too if it changes nothing
    """
    # One administrator after the other: who comes later sees what the first one did.
    accounts.wait_for_turn(conn)
    effect = preview_role(conn, stated)
    if seen not in (None, effect.seen):
        raise OutdatedPreviewError
    if not effect.changes:
        message = Sentence("this changes nothing: the role is so already")
        raise FieldsError({"permissions": [message]})
    after = effect.after
    if effect.before is None:
        store.add_role(conn, after)
    else:
        store.rename_role(conn, after.code, name_zh=after.name_zh, name_en=after.name_en)
        store.give_permissions(conn, after.code, effect.given)
        store.take_permissions(conn, after.code, effect.taken)
    action = "add_role" if effect.before is None else "change_role"
    audit.record(conn, actor, action, f"role {after.code}", _detail(effect))
    return effect


def retire_role(conn: Connection, code: str, *, actor: str) -> Role:
    """Delete a role that no account has; the audit log keeps what it might do.

    Raises
    ------
    NotFoundError
        when there is no such role
    AccountError
        when accounts have it, disabled ones too, naming some of them
    """
    accounts.wait_for_turn(conn)
    role = store.get_role(conn, code)
    people = [one.username for one in accounts.list_accounts(conn) if one.role.code == code]
    if people:
        raise AccountError(
            Sentence(
                "{} account(s) have the role {}: {}; give them another role first",
                len(people),
                repr(code),
                _some(people),
            )
        )
    store.delete_role(conn, code)
    taken = [str(one) for one in _in_order(role.permissions)]
    detail = {"names": _names_in_log(role), "taken": taken}
    audit.record(conn, actor, "retire_role", f"role {code}", detail)
    return role


def count_accounts(conn: Connection) -> dict[str, tuple[int, int]]:
    """Return how many accounts have each role: active ones, and all; none has absent roles."""
    found: dict[str, tuple[int, int]] = {}
    for one in accounts.list_accounts(conn):
        active, every = found.get(one.role.code, (0, 0))
        found[one.role.code] = (active + one.active, every + 1)
    return found


def mark_of(role: Role) -> str:
    """Return a name of what a role is now: its names and permissions."""
    told = [role.code, *_names(role), *sorted(role.permissions)]
    return sha256(json.dumps(told).encode()).hexdigest()[:32]


def _checked(
    conn: Connection, stated: StatedRole, before: Role | None, people: Iterable[Account]
) -> Role:
    """Return the role as it will be.

    Raises
    ------
    FieldsError
        listing everything that cannot be
    """
    name_zh = " ".join(stated.name_zh.split())
    name_en = " ".join(stated.name_en.split()) or name_zh
    others = [one for one in store.list_roles(conn) if one.code != stated.code]
    faults: dict[str, list[str]] = {}
    if before is None:
        faults["code"] = list(_code_faults(conn, stated.code))
    faults["name_zh"] = list(_name_faults(name_zh, others))
    if name_en != name_zh:
        faults["name_en"] = list(_name_faults(name_en, others))
    unknown = sorted(stated.permissions - set(Permission))
    permissions = frozenset(Permission(one) for one in stated.permissions if one not in unknown)
    had = frozenset[Permission]() if before is None else before.permissions
    faults["permissions"] = [
        Sentence("there is no permission {}", repr(one)) for one in unknown
    ]
    if not stated.permissions:
        faults["permissions"].append(Sentence("choose at least one permission"))
    if Permission.SEE_OWN_CASES in permissions - had:
        faults["permissions"] += _without_responder(people)
    told = {field: some for field, some in faults.items() if some}
    if told:
        raise FieldsError(told)
    return Role(stated.code, name_zh, name_en, permissions)


def _code_faults(conn: Connection, code: str) -> Iterable[str]:
    if _CODE.fullmatch(code) is None:
        yield Sentence(
            "write 1 to 40 small letters, digits and underscores, beginning with a letter"
        )
    elif store.find_role(conn, code) is not None:
        yield Sentence("there is a role {} already", repr(code))


def _name_faults(name: str, others: Iterable[Role]) -> Iterable[str]:
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        yield Sentence("write a name of 1 to {} characters", LONGEST_NAME)
        return
    for one in others:
        if name.casefold() in {text.casefold() for text in _names(one)}:
            yield Sentence("the role {} is called so already", repr(one.code))


def _without_responder(people: Iterable[Account]) -> list[str]:
    lacking = [one.username for one in people if one.responder_code is None]
    if not lacking:
        return []
    return [
        Sentence(
            "who sees their own cases must act for a responder; {} account(s) of this role do"
            " not: {}",
            len(lacking),
            _some(lacking),
        )
    ]


def _check_somebody_manages(before: Iterable[Account], after: Iterable[Account]) -> None:
    manages = Permission.MANAGE_ACCOUNTS
    if any(one.may(manages) for one in before) and not any(one.may(manages) for one in after):
        raise AccountError(
            Sentence(
                "nobody could manage accounts any more: give another active account a role"
                " that may, first"
            )
        )


def _detail(effect: RoleEffect) -> dict[str, object]:
    after = effect.after
    detail: dict[str, object] = {
        "names": _names_in_log(after),
        "given": [str(one) for one in effect.given],
        "taken": [str(one) for one in effect.taken],
        "accounts": len(effect.people),
    }
    if effect.before is not None and effect.is_renamed:
        pairs = zip(("name_zh", "name_en"), _names(effect.before), _names(after), strict=True)
        changed = [(field, old, new) for field, old, new in pairs if old != new]
        detail["before"] = {field: old for field, old, _ in changed}
        detail["after"] = {field: new for field, _, new in changed}
    return detail


def _names_in_log(role: Role) -> dict[str, str]:
    return {"zh": role.name_zh, "en": role.name_en}


def _names(role: Role) -> tuple[str, str]:
    return role.name_zh, role.name_en


def _in_order(permissions: frozenset[Permission]) -> tuple[Permission, ...]:
    return tuple(one for one in PERMISSIONS if one in permissions)


def _some(usernames: list[str]) -> str:
    return ", ".join(usernames[:_MOST_NAMED]) + (" …" if len(usernames) > _MOST_NAMED else "")


def _digest(before: Role | None, after: Role, people: Iterable[Account]) -> str:
    told = [
        [None if one is None else mark_of(one) for one in (before, after)],
        [[one.username, one.active, one.area] for one in people],
    ]
    return sha256(json.dumps(told).encode()).hexdigest()[:32]

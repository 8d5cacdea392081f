"""Accounts for the sample city: one for each role, with fitting areas and responders."""

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.account import Role
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.responsibility.responder import ResponderKind
from gridmgmt.errors import StoreError
from gridmgmt.services.accounts import accounts, passwords
from gridmgmt.store.accounts.accounts import find_account
from gridmgmt.store.accounts.roles import list_roles
from gridmgmt.store.cases.case_counts import count_by_responder
from gridmgmt.store.responsibility.responders import list_responders

ACTOR = "demo"
AREA_LEVEL = "street"
# The demo prints passwords for immediate use, in a synthetic city on one machine.
MUST_CHANGE = False
# The accounts of these roles see only one street; all others see the city.
_OF_A_STREET = ("dispatcher", "street_chief")


@dataclass(frozen=True)
class DemoAccount:
    """An account of the sample city: its role, its limits, and its password.

    The password is known only while the demo runs.
    """

    username: str
    role: str
    limit: str
    password: str


@dataclass(frozen=True)
class _Places:
    """A street with its chief, and a squad that has cases."""

    street: str
    chief: str
    squad: str


def renew(conn: Connection) -> list[DemoAccount]:
    """Make an account for each role, or set a new password if it exists.

    Other accounts, and everything done with these accounts, stay as they are.

    Raises
    ------
    StoreError
        when the city has no street or squad for the accounts
    """
    places = _places(conn)
    return [_renewed(conn, role, places) for role in list_roles(conn)]


def _renewed(conn: Connection, role: Role, places: _Places) -> DemoAccount:
    password = passwords.new_password()
    known = find_account(conn, role.code)
    if known is None:
        known = accounts.create(
            conn,
            role.code,
            role.code,
            password,
            name=role.name_zh,
            area=(AREA_LEVEL, places.street) if role.code in _OF_A_STREET else None,
            responder_code=_responder(role, places),
            must_change=MUST_CHANGE,
            actor=ACTOR,
        )
    else:
        # Known passwords cannot be shown again: only their hashes are stored.
        accounts.set_password(conn, role.code, password, must_change=MUST_CHANGE, actor=ACTOR)
        if not known.active:
            accounts.set_active(conn, role.code, active=True, actor=ACTOR)
    area = ":".join(known.area) if known.area else None
    responder = f"responder {known.responder_code}" if known.responder_code else None
    limit = ", ".join(filter(None, (area, responder))) or "everything"
    return DemoAccount(role.code, f"{role.name_en} {role.name_zh}", limit, password)


def _responder(role: Role, places: _Places) -> str | None:
    # An account that sees only its own cases sees nothing without a responder.
    if Permission.SEE_OWN_CASES in role.permissions:
        return places.squad
    return places.chief if role.code == "street_chief" else None


def _places(conn: Connection) -> _Places:
    """Return the busiest squad, and the first street that has a chief."""
    responders = {one.code: one for one in list_responders(conn)}
    busiest = max(
        (
            count
            for count in count_by_responder(conn)
            if count.responder_code in responders
            and responders[count.responder_code].kind is ResponderKind.SQUAD
        ),
        key=lambda count: count.open,
        default=None,
    )
    chiefs = [
        one
        for one in responders.values()
        if one.kind is ResponderKind.STREET_CHIEF and one.area_level == AREA_LEVEL
    ]
    if busiest is None or busiest.responder_code is None or not chiefs:
        message = "the sample city has no squad with cases or no street with a chief"
        raise StoreError(message)
    chief = min(chiefs, key=lambda one: one.code)
    return _Places(str(chief.area_code), chief.code, busiest.responder_code)

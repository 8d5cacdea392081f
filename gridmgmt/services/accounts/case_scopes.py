"""Which cases an account may see, and which are counted for it: the limits of accounts."""

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.case_scope import ALL_CASES, NO_CASES, CaseScope
from gridmgmt.domain.accounts.permission import SEEING_CASES, Permission
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.errors import NotFoundError
from gridmgmt.services.areas.scopes import within_area


def case_scope_of(conn: Connection, account: Account) -> CaseScope:
    """Return which cases an account may see.

    An account without an area that may see cases sees all of them. With an area it sees the
    cases located in it, whatever edition judged them. An account that sees only its own cases
    sees those of its responder, one that sees only what it reported sees these wherever they
    lie: nobody may lose sight of a case by reporting it beyond a border. An area limits the
    cases of a responder too.
    """
    if account.may(Permission.SEE_CASES):
        return area_case_scope(conn, account.area)
    if account.may(Permission.SEE_OWN_CASES) and account.responder_code is not None:
        leaves = area_case_scope(conn, account.area).leaves
        return CaseScope(leaves, account.responder_code)
    if account.may(Permission.SEE_REPORTED_CASES):
        return CaseScope(reporter=account.username)
    return NO_CASES


def figures_case_scope(conn: Connection, account: Account) -> CaseScope:
    """Return which cases are counted for an account.

    An account that may see cases gets figures of these. An account that may see the map but no
    cases gets figures of all cases in its area.
    """
    if any(account.may(one) for one in SEEING_CASES):
        return case_scope_of(conn, account)
    return area_case_scope(conn, account.area)


def sees_density(account: Account) -> bool:
    """Return whether an account is shown the density, which is made of all cases of the city.

    An account that sees only the cases of its responder, or what it reported, is not.
    """
    sees_some = any(account.may(one) for one in SEEING_CASES)
    return account.may(Permission.SEE_CASES) or not sees_some


def area_case_scope(conn: Connection, area: AreaKey | None) -> CaseScope:
    """Return the cases located in an area, whatever edition judged them; None: all cases."""
    if area is None:
        return ALL_CASES
    try:
        return CaseScope(leaves=tuple(within_area(conn, *area)))
    except NotFoundError:
        # The area is in no edition (any more), so no case lies in it.
        return NO_CASES

"""Which cases an account may see, and whether with personal data."""

from dataclasses import dataclass

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.cases.case import Case


@dataclass(frozen=True, slots=True)
class CaseScope:
    """A limit on cases; None means no limit, and all limits apply together.

    ``leaves`` are pairs of an edition and a code of its leaf level; a case without an area is
    in none of them. ``responder_code`` allows only the cases of this responder. ``reporter``
    is a username and allows only what this account reported, by the form or by the API.

    Examples
    --------
    >>> ALL_CASES.is_limited, NO_CASES.is_limited, NO_CASES.leaves
    (False, True, ())
    >>> CaseScope(reporter="li").is_of_one, NO_CASES.is_of_one
    (True, False)
    """

    leaves: tuple[tuple[int, str], ...] | None = None
    responder_code: str | None = None
    reporter: str | None = None

    @property
    def is_limited(self) -> bool:
        """Return whether some cases may not be seen."""
        return self.leaves is not None or self.is_of_one

    @property
    def is_of_one(self) -> bool:
        """Return whether only the cases of one responder or one reporter may be seen."""
        return self.responder_code is not None or self.reporter is not None


ALL_CASES = CaseScope()
NO_CASES = CaseScope(leaves=())


def sees_all_personal(account: Account, case_scope: CaseScope) -> bool:
    """Return whether an account may see the personal data of every case that it may see.

    Parameters
    ----------
    case_scope : which cases the account may see

    Dispatching roles may. So may an account that sees only the cases of its responder, or only
    what it reported: it wrote these texts itself. Whoever supervises cases may in the area the
    account is limited to; without an area nothing says which cases these are.
    """
    if account.may(Permission.SUPERVISE_CASES) and account.area is not None:
        return True
    return account.may(Permission.SEE_PERSONAL) or case_scope.is_of_one


def sees_personal(account: Account, case: Case, case_scope: CaseScope) -> bool:
    """Return whether an account may see the personal data of a case that it may see.

    Besides `sees_all_personal`, the responder of a case sees those of this case.
    """
    if sees_all_personal(account, case_scope):
        return True
    own = account.responder_code
    is_own = own is not None and own == case.responder_code
    return is_own and account.may(Permission.SEE_OWN_CASES)

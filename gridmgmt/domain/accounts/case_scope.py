"""Which cases an account may see, and whether with personal data."""

from dataclasses import dataclass

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.cases.case import Case


@dataclass(frozen=True, slots=True)
class CaseScope:
    """A limit on cases; None means no limit, and both limits apply together.

    ``leaves`` are pairs of an edition and a code of its leaf level; a case without an area is
    in none of them. ``responder_code`` allows only the cases of this responder.

    Examples
    --------
    >>> ALL_CASES.is_limited, NO_CASES.is_limited, NO_CASES.leaves
    (False, True, ())
    """

    leaves: tuple[tuple[int, str], ...] | None = None
    responder_code: str | None = None

    @property
    def is_limited(self) -> bool:
        """Return whether some cases may not be seen."""
        return self.leaves is not None or self.responder_code is not None


ALL_CASES = CaseScope()
NO_CASES = CaseScope(leaves=())


def sees_personal(account: Account, case: Case) -> bool:
    """Return whether an account may see the personal data of a case that it may see.

    Dispatching roles see those of every case; the responder of a case sees those of this case.
    """
    if account.may(Permission.SEE_PERSONAL):
        return True
    own = account.responder_code
    is_own = own is not None and own == case.responder_code
    return is_own and account.may(Permission.SEE_OWN_CASES)

"""Which cases somebody may see, and how much of them."""

from dataclasses import dataclass

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.cases.case import Case


@dataclass(frozen=True, slots=True)
class CaseScope:
    """A limit on cases; what is None limits nothing, and both limits hold together.

    ``leaves`` are pairs of an edition and a code of its leaf level: a case without an area lies
    in none of them. ``responder_code`` lets only that responder's own cases through.

    Examples
    --------
    >>> ALL_CASES.is_limited, NO_CASES.is_limited, NO_CASES.leaves
    (False, True, ())
    """

    leaves: tuple[tuple[int, str], ...] | None = None
    responder_code: str | None = None

    @property
    def is_limited(self) -> bool:
        """Tell whether there are cases out of sight."""
        return self.leaves is not None or self.responder_code is not None


ALL_CASES = CaseScope()
NO_CASES = CaseScope(leaves=())


def sees_personal(account: Account, case: Case) -> bool:
    """Tell whether an account may see what is personal of a case it may see.

    Those who dispatch see it of every case, the responder who has a case of that very one.
    """
    if account.may(Permission.SEE_PERSONAL):
        return True
    own = account.responder_code
    is_own = own is not None and own == case.responder_code
    return is_own and account.may(Permission.SEE_OWN_CASES)

"""Second factors: something a person has, beside the password they know."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.permission import Permission

# Roles that can make accounts, or change the boundaries with which everybody works.
_NEED_IT = (Permission.MANAGE_ACCOUNTS, Permission.PUBLISH_DRAFTS)


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """The encrypted secret of an account's codes, and the number of its recovery codes."""

    sealed_secret: str
    set_up_at: datetime
    codes_left: int


class FactorKind(StrEnum):
    """The kind of second factor that was shown."""

    CODE = "code"
    RECOVERY_CODE = "recovery_code"


def needs_second_factor(account: Account) -> bool:
    """Return whether an account needs a second factor, if the bureau requires them."""
    return any(account.may(one) for one in _NEED_IT)

"""Second factors: what somebody has beside what they know."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.permission import Permission

# Who can let others in, or change under which boundaries everybody works.
_NEED_IT = (Permission.MANAGE_ACCOUNTS, Permission.PUBLISH_DRAFTS)


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What makes the codes of an account, encrypted, and how many recovery codes are left."""

    sealed_secret: str
    set_up_at: datetime
    codes_left: int


class FactorKind(StrEnum):
    """What was shown as a second factor."""

    CODE = "code"
    RECOVERY_CODE = "recovery_code"


def needs_second_factor(account: Account) -> bool:
    """Tell whether a bureau that requires second factors requires one of this account."""
    return any(account.may(one) for one in _NEED_IT)

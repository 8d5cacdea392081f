"""Reasons why a case has no area or no responder, in the words of the pages."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.cases.case import UnlocatedReason, UnroutedReason

UNLOCATED: dict[str, LazyString] = {
    UnlocatedReason.NO_POSITION: _l("no position given"),
    UnlocatedReason.ADDRESS_ONLY: _l("only an address given"),
    UnlocatedReason.OUTSIDE: _l("outside every area"),
    UnlocatedReason.BEFORE_FIRST_EDITION: _l("reported before the first edition"),
}
UNROUTED: dict[str, LazyString] = {
    UnroutedReason.UNLOCATED: _l("unlocated"),
    UnroutedReason.NO_DISPOSER: _l("nobody answers there"),
    UnroutedReason.SEVERAL_DISPOSERS: _l("two answer there"),
    UnroutedReason.UNCERTAIN: _l("position too uncertain"),
    UnroutedReason.BOUNCED: _l("bounced"),
}

"""Reasons why a case has no area or no responder, in the words of the pages."""

from gridmgmt.domain.cases.case import UnlocatedReason, UnroutedReason
from web.words.value_names import names_of

UNLOCATED = names_of(UnlocatedReason)
UNROUTED = names_of(UnroutedReason)

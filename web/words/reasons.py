"""Reasons why a case has no area or no responder, in the words of the pages."""

from gridmgmt.domain import value_words
from gridmgmt.domain.cases.case import UnlocatedReason, UnroutedReason
from web.words.languages import language
from web.words.value_names import names_of

UNLOCATED = names_of(UnlocatedReason)
UNROUTED = names_of(UnroutedReason)


def no_disposer(reason: UnroutedReason | None = None, returned_by: str | None = None) -> str:
    """Return what stands in the place of a disposer, with the reason why there is none.

    Parameters
    ----------
    returned_by : the name of who returned the case, if that is why
    """
    return value_words.no_disposer(reason, language(), returned_by=returned_by)

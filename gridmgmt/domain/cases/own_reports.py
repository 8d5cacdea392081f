"""What somebody reported by the form or the API, and may complete as long as nobody did."""

from collections.abc import Sequence

from gridmgmt.domain.cases.case import Case, CaseEvent, CaseEventKind


def is_own_report(events: Sequence[CaseEvent], username: str) -> bool:
    """Return whether an account reported a case itself.

    Events of an import name their file instead of a way (``via``): who imports a file has not
    reported what is in it.

    Parameters
    ----------
    events : of the case, in order
    """
    first = events[0]
    is_reported = first.kind is CaseEventKind.REPORTED and "via" in first.detail
    return is_reported and first.actor == username


def may_place_own(case: Case, events: Sequence[CaseEvent], username: str) -> bool:
    """Return whether an account may say where a case lies because it reported the case.

    That is so until the case has a position, whoever stated it; then only those who place
    cases may change it.
    """
    return case.location.lon is None and is_own_report(events, username)

"""Give many cases to one responder: each that can be given, and why each other cannot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import Case
from gridmgmt.errors import CaseError, GridMgmtError, InputError, NotFoundError
from gridmgmt.sentence import Sentence
from gridmgmt.services.cases.action_checks import check_responder, check_text
from gridmgmt.services.cases.actions import Acting, assign
from gridmgmt.services.files.rehearsals import rehearsal
from gridmgmt.store.cases.cases import cases_by_no

# The cases of several pages of a list.
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Refused:
    """A case that was not given, and why."""

    acting: Acting
    error: GridMgmtError


@dataclass(frozen=True, slots=True)
class BatchAssigned:
    """What came of a batch; every chosen case is in exactly one of the two, by case number.

    ``had`` is who had each of the cases before, None for nobody.
    """

    assigned: tuple[Case, ...]
    refused: tuple[Refused, ...]
    had: Mapping[str, str | None]


def rehearse(
    conn: Connection, chosen: Sequence[Acting], *, responder_code: str, reason: str
) -> BatchAssigned:
    """Return what `assign_each` would do now; nothing is changed.

    Raises
    ------
    InputError
        as `assign_each`
    """
    with rehearsal(conn):
        return assign_each(conn, chosen, responder_code=responder_code, reason=reason)


def assign_each(
    conn: Connection, chosen: Sequence[Acting], *, responder_code: str, reason: str
) -> BatchAssigned:
    """Give cases to one responder, each for itself: what stops one case stops no other.

    A case that was changed since it was chosen is refused, as is one that is done, that the
    responder has already, or that the actor does not see.

    Parameters
    ----------
    chosen : one for each case, with the state that the actor saw

    Raises
    ------
    InputError
        when no case is chosen, too many are, the responder is unknown or there is no reason:
        this stops them all
    """
    by_number = {one.case_no: one for one in chosen}
    if not by_number:
        raise InputError(field="chosen", message=Sentence("choose at least one case"))
    if len(by_number) > MOST_AT_ONCE:
        raise InputError(
            field="chosen",
            message=Sentence("choose {} cases at most, not {}", MOST_AT_ONCE, len(by_number)),
        )
    check_responder(conn, "responder", responder_code)
    check_text("reason", reason, required=True)
    stored = cases_by_no(conn, list(by_number))
    had = {case_no: case.responder_code for case_no, case in stored.items()}
    assigned, refused = [], []
    # In order of their numbers, so that two batches never wait for each other.
    for _, acting in sorted(by_number.items()):
        try:
            with conn.begin_nested():
                case = assign(conn, acting, responder_code=responder_code, reason=reason)
        except (InputError, CaseError, NotFoundError) as error:
            refused.append(Refused(acting, error))
        else:
            assigned.append(case)
    return BatchAssigned(
        tuple(assigned),
        tuple(refused),
        {case.given.case_no: had[case.given.case_no] for case in assigned},
    )

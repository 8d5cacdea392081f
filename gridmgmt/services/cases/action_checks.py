"""Check what people write and choose when they act on a case."""

from datetime import UTC, datetime, tzinfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.edition import Edition
from gridmgmt.domain.cases.case import GivenCase, UnlocatedReason
from gridmgmt.domain.cases.case_texts import free_text
from gridmgmt.domain.moments import shown
from gridmgmt.errors import CaseError, InputError
from gridmgmt.sentence import Sentence, joined
from gridmgmt.store.responsibility.responders import list_responders


def check_text(name: str, text: str, *, required: bool = False) -> None:
    """Raise InputError if a text is too long, cannot be stored, or is required but empty."""
    if required and not text.strip():
        raise InputError(
            field=name, message=Sentence("this must not be empty; write a few words")
        )
    try:
        free_text(text)
    except ValueError as error:
        raise InputError(field=name, message=str(error)) from None


def check_responder(conn: Connection, name: str, code: str) -> None:
    """Raise InputError if a responder does not exist."""
    if code not in {one.code for one in list_responders(conn)}:
        raise InputError(field=name, message=Sentence("there is no responder {}", repr(code)))


def check_moment(name: str, at: datetime, now: datetime, **earlier: datetime) -> None:
    """Raise InputError for a time in the future, or before an ``earlier`` time.

    Errors show all times on the clock of ``now``, which is the bureau's.
    """
    tz = now.tzinfo or UTC
    if at > now:
        raise InputError(field=name, message=Sentence("{} lies in the future", shown(at, tz)))
    problems = [
        Sentence("{} lies before {}, {}", shown(at, tz), what, shown(first, tz))
        for what, first in earlier.items()
        if at < first
    ]
    if problems:
        raise InputError(field=name, message=joined("; ", problems), problems=problems)


def check_lonlat(lonlat: tuple[float, float]) -> None:
    """Raise InputError for a position that is not on the globe."""
    for name, value, limit in zip(("lon", "lat"), lonlat, (180, 90), strict=True):
        # Written in this way so that NaN is refused too.
        if not abs(value) <= limit:
            raise InputError(
                field=name, message=Sentence("{} is beyond {} degrees", f"{value:g}", limit)
            )


def check_located(
    given: GivenCase, reason: UnlocatedReason | None, first: Edition | None, tz: tzinfo
) -> None:
    """Raise InputError for a position without an area.

    Parameters
    ----------
    reason : why there is none; None: there is one
    first : the edition that was in force first
    """
    # Refused, unlike in an import: whoever puts a case on the map means to give it an area, and
    # without one nobody can be made responsible.
    if reason is UnlocatedReason.BEFORE_FIRST_EDITION:
        if first is None:
            raise CaseError(
                Sentence("case {} has no area: publish an edition first", given.case_no)
            )
        raise CaseError(
            Sentence(
                "case {} was reported before the first edition came into force ({}): let it "
                "begin earlier (gridmgmt edition extend {} --from {} --commit)",
                given.case_no,
                first.effective_from.astimezone(tz).date().isoformat(),
                first.number,
                given.reported_at.astimezone(tz).date().isoformat(),
            )
        )
    if reason is not None:
        raise InputError(
            field="position",
            message=Sentence(
                "no area lies there, and none near enough; choose another position"
            ),
        )

"""The review of drafts: when it is needed, its steps, and comments pinned to areas."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gridmgmt.domain.columns import plain
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

LONGEST_REMARK = 2_000


class ReviewRule(StrEnum):
    """Where a draft must be approved before it is published."""

    ALWAYS = "always"
    PAGES = "pages"
    NEVER = "never"


class Approval(StrEnum):
    """What a publication asks: an approval, one only of a submitted draft, or (yet) none.

    The last is for a preview.
    """

    NEEDED = "needed"
    IF_SUBMITTED = "if_submitted"
    NOT_YET = "not_yet"


# What a publication on a page and one by a command asks, by the rule of the deployment.
ON_PAGES = {
    ReviewRule.ALWAYS: Approval.NEEDED,
    ReviewRule.PAGES: Approval.NEEDED,
    ReviewRule.NEVER: Approval.IF_SUBMITTED,
}
BY_COMMAND = {
    ReviewRule.ALWAYS: Approval.NEEDED,
    ReviewRule.PAGES: Approval.IF_SUBMITTED,
    ReviewRule.NEVER: Approval.IF_SUBMITTED,
}


class ReviewStep(StrEnum):
    """One step of a review."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"


@dataclass(frozen=True)
class Review:
    """A step of the review of a draft; ``number`` counts from 1 within the draft.

    ``digest`` is the checksum of what the draft stated then, ``on_edition`` the newest edition
    of that time, None before the first.
    """

    number: int
    step: ReviewStep
    made_at: datetime
    made_by: str
    digest: str
    on_edition: int | None


@dataclass(frozen=True)
class Remark:
    """What a reviewer has to say about an area, or about the whole draft (both None).

    Raises
    ------
    InputError
        when the text is empty, longer than 2,000 characters or has control characters, or
        only one of level and code is given

    Examples
    --------
    >>> Remark(" the border is that of the river ", "cell", "A1").text
    'the border is that of the river'
    """

    text: str
    level: str | None = None
    code: str | None = None

    def __post_init__(self) -> None:
        try:
            text = plain(self.text).strip()
        except ValueError as error:
            raise InputError(field="comment", message=str(error)) from None
        object.__setattr__(self, "text", text)
        if not 0 < len(text) <= LONGEST_REMARK:
            message = Sentence("write 1 to {} characters", f"{LONGEST_REMARK:,}")
            raise InputError(field="comment", message=message)
        if (self.level is None) is not (self.code is None):
            message = Sentence("an area is named by its level and its code")
            raise InputError(field="area", message=message)


@dataclass(frozen=True)
class ReviewComment:
    """A remark as it is stored, about the submission with this number."""

    submission: int
    remark: Remark
    made_at: datetime
    made_by: str

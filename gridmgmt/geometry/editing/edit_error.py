"""The error of an edit."""

from gridmgmt.errors import DraftError
from gridmgmt.sentence import Sentence


class EditError(DraftError):
    """An edit of a draft is impossible, or would leave its borders worse than before."""


class OneOfSeveralError(EditError):
    """One of several operations is impossible, the ``nth`` of them from 1, with its reason."""

    def __init__(self, nth: int, op: str, reason: str) -> None:
        self.nth = nth
        self.reason = reason
        super().__init__(Sentence("operation {} ({}): {}", nth, op, reason))

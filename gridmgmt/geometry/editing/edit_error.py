"""The error of an edit."""

from gridmgmt.errors import DraftError


class EditError(DraftError):
    """An edit of a draft is impossible, or would leave its borders worse than before."""

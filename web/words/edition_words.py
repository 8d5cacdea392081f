"""Names of the state of an edition at an instant."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from gridmgmt.domain.areas.edition import Edition


@dataclass(frozen=True, slots=True)
class StateBadge:
    """A word and the tone of its badge."""

    words: str
    tone: str


def edition_state(edition: Edition, now: datetime) -> StateBadge:
    """Return whether an edition is in force, was, will be, or was withdrawn."""
    if edition.withdrawn_at is not None:
        return StateBadge(_("withdrawn"), "bad")
    if now < edition.effective_from:
        return StateBadge(_("not yet in force"), "info")
    if edition.in_force_until is None or now < edition.in_force_until:
        return StateBadge(_("in force"), "good")
    return StateBadge(_("ended"), "neutral")

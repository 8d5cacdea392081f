"""Make the stored limits between classes of density anew, as after cases came in late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.errors import InputError, NotFoundError
from gridmgmt.services.situation.city_surface import city_frame
from gridmgmt.services.situation.density_breaks import Make, level_breaks, made_anew
from gridmgmt.services.situation.map_areas import map_areas
from gridmgmt.services.situation.shown_classes import surface_breaks
from gridmgmt.store.responsibility.routing_changes import note_change
from gridmgmt.store.situation.density_breaks import (
    BreaksKey,
    StoredBreaks,
    delete_breaks,
    list_breaks,
    put_breaks,
)


@dataclass(frozen=True, slots=True)
class RenewedBreaks:
    """Limits as they were, and as they are now; None if they can be made no more."""

    before: StoredBreaks
    after: StoredBreaks | None

    @property
    def changed(self) -> bool:
        """Return whether the limits are others than before."""
        return self.after is None or self.after.breaks != self.before.breaks


def renew_breaks(conn: Connection, *, tz: ZoneInfo, now: datetime) -> list[RenewedBreaks]:
    """Make all stored limits anew from the cases there are now.

    Limits that cannot be made any more are deleted, as of an edition that was withdrawn.
    """
    stored = list_breaks(conn)
    found: dict[BreaksKey, StoredBreaks | None] = {}
    for one in stored:
        if one.key not in found:
            # All levels of an edition are made at once.
            found[one.key] = None
            found |= {new.key: new for new in _anew(conn, one.key, tz, now)}
    known = {one.key for one in stored}
    put_breaks(conn, [new for key, new in found.items() if new is not None and key in known])
    delete_breaks(conn, [key for key, new in found.items() if new is None])
    # Answers that pages keep were made with the limits from before. Limits that are stored for
    # the first time were in no answer.
    note_change(conn)
    return [RenewedBreaks(one, found[one.key]) for one in stored]


def _anew(
    conn: Connection, key: BreaksKey, tz: ZoneInfo, now: datetime
) -> Sequence[StoredBreaks]:
    try:
        make = _maker(conn, key, now)
    except (InputError, NotFoundError):
        # The edition was withdrawn, or the bandwidth is too fine for it.
        return []
    return [] if make is None else made_anew(conn, key, make, tz)


def _maker(conn: Connection, key: BreaksKey, now: datetime) -> Make | None:
    if key.level is not None:
        return partial(level_breaks, conn, map_areas(conn, key.edition, area=None), now=now)
    frame = city_frame(conn, key.edition, key.bandwidth_m)
    return None if frame is None else partial(surface_breaks, conn, frame, now=now)

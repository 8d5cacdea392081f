"""Delete the personal data of closed cases once a day, if the settings say so."""

import logging
from datetime import datetime, timedelta

from sqlalchemy.engine import Engine

from gridmgmt.services.cases.forgetting import Forgetting, closed_before, forget
from gridmgmt.settings import Settings
from gridmgmt.store.cases.forgetting import clear_old_rows
from gridmgmt.store.engine import transaction

_log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
# Files and jobs that somebody may be working with are left until tomorrow.
_KEPT_FOR = timedelta(days=1)


class DailyForgetting:
    """Deletes personal data once a day, the first time at once."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._last: datetime | None = None

    def __call__(self, now: datetime) -> None:
        """Delete what is due, if anything."""
        days = self._settings.personal_days
        if days is None or (self._last is not None and now - self._last < EVERY):
            return
        self._last = now
        asked = Forgetting(
            closed_before(days, now),
            self._settings.actor,
            self._settings.home,
            kept_before=now - _KEPT_FOR,
        )
        done = forget(lambda: transaction(self._engine, commit=True), asked)
        if not done.is_nothing:
            clear_old_rows(self._engine, rewrite=False)
            _log.info("forgot %s case(s)", done.cases, extra={"action": "forget_cases"})

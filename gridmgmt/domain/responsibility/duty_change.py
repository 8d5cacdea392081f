"""Changes of duties: some end, some are new; to change a duty is both."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from gridmgmt.domain.responsibility.duty import Duty


@dataclass(frozen=True)
class DutyEnd:
    """The end of a stored duty; ``from_day`` is the first day on which it no longer holds."""

    duty_id: int
    from_day: date

    @property
    def last_day(self) -> date:
        """Return the last day on which the duty holds."""
        return self.from_day - timedelta(days=1)


@dataclass(frozen=True)
class DutyChange:
    """A change of duties, as one value: to preview, to store, or to keep for later.

    New duties have no id yet (0). ``why`` is the reason, for the audit log.
    """

    ends: tuple[DutyEnd, ...] = ()
    new: tuple[Duty, ...] = ()
    why: str | None = None

    def first_day(self, today: date) -> date:
        """Return the first day from today on, on which the whole change counts.

        Examples
        --------
        >>> change = DutyChange(ends=(DutyEnd(7, date(2026, 5, 1)),))
        >>> change.first_day(date(2026, 4, 1)), change.first_day(date(2026, 6, 1))
        (datetime.date(2026, 5, 1), datetime.date(2026, 6, 1))
        """
        begins = [duty.valid_from for duty in self.new if duty.valid_from is not None]
        return max([today, *(end.from_day for end in self.ends), *begins])

    def applied(self, stored: Iterable[Duty]) -> list[Duty]:
        """Return the stored duties that end, with their new last days, by id."""
        last_day = {end.duty_id: end.last_day for end in self.ends}
        return [
            replace(duty, valid_to=last_day[duty.id]) for duty in stored if duty.id in last_day
        ]

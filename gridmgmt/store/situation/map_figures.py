"""The cases that are counted for the map and the overview."""

from dataclasses import dataclass, replace
from datetime import datetime

from gridmgmt.domain.accounts.case_scope import ALL_CASES, CaseScope
from gridmgmt.domain.case_choice import EVERY_CASE, CaseChoice
from gridmgmt.domain.period import Period
from gridmgmt.store.cases.case_filter import CaseFilter, filter_of


@dataclass(frozen=True, slots=True)
class ReportedFilter:
    """The cases reported in a period that a person chose and may see.

    ``as_of`` is the instant at which open and overdue cases are told from others, that of the
    figures; None: the end of the period.
    """

    period: Period
    choice: CaseChoice = EVERY_CASE
    case_scope: CaseScope = ALL_CASES
    as_of: datetime | None = None

    @property
    def category(self) -> str | None:
        """Return the one category that is counted, or None for all."""
        return self.choice.category

    @property
    def cases(self) -> CaseFilter:
        """Return it as the filter of a list."""
        period = self.period
        wanted = filter_of(self.choice, period.tz, self.as_of or period.end, self.case_scope)
        return replace(wanted, since=period.begin, until=period.end)

    def link(self) -> dict[str, str]:
        """Return the parameters with which a list shows the same cases."""
        as_of = (self.as_of or self.period.end) if self.choice.is_judged else None
        return {
            "from": self.period.first.isoformat(),
            "to": self.period.last.isoformat(),
            **self.choice.write(),
            **({} if as_of is None else {"as_of": as_of.isoformat()}),
        }

"""The cases that are counted for the map and the overview."""

from dataclasses import dataclass

from gridmgmt.domain.accounts.case_scope import ALL_CASES, CaseScope
from gridmgmt.domain.period import Period
from gridmgmt.store.cases.case_filter import CaseFilter


@dataclass(frozen=True, slots=True)
class ReportedFilter:
    """The cases reported in a period, of one category or all, that a person may see."""

    period: Period
    category: str | None = None
    case_scope: CaseScope = ALL_CASES

    @property
    def cases(self) -> CaseFilter:
        """Return it as the filter of a list."""
        return CaseFilter(
            since=self.period.begin,
            until=self.period.end,
            category=self.category,
            case_scope=self.case_scope,
        )

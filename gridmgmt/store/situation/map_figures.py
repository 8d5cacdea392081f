"""Count cases for the map, over all that were reported in a period."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import ALL_CASES, CaseScope
from gridmgmt.domain.period import Period
from gridmgmt.store.cases.case_filter import CaseFilter, case_scope_binds
from gridmgmt.store.statements import statement


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


def count_by_step(
    conn: Connection, step: str, tz: ZoneInfo, *, category: str | None, case_scope: CaseScope
) -> list[tuple[date, int]]:
    """Count cases by the day, week or month of their report, over all time.

    Steps without cases are absent; the oldest step comes first. A step is named by its first
    day.
    """
    given = {"step": step, "tz": tz.key, "category": category, **case_scope_binds(case_scope)}
    return [(row.start, row.cases) for row in conn.execute(statement("map_timeline"), given)]

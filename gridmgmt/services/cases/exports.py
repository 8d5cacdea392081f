"""Export cases as a table, on request judged again by another edition."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import PERSONAL_FIELDS, Case, CaseLocation
from gridmgmt.domain.headings import sheet_of
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.moments import on_clock
from gridmgmt.services.cases.case_columns import CASE_COLUMNS
from gridmgmt.services.cases.export_options import CaseExport
from gridmgmt.services.cases.people_columns import PeopleColumns
from gridmgmt.services.cases.summaries import parents_at
from gridmgmt.services.judging.judge import Judge
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas.editions import get_edition
from gridmgmt.store.areas.levels import get_level
from gridmgmt.store.cases.case_pages import read_page

__all__ = ["CaseExport", "CaseTable", "open_export"]

# All cases of a bureau need not fit into memory at once.
_PAGE = 20_000

_REJUDGED = (
    "rejudged_edition",
    "rejudged_area_code",
    "rejudged_candidates",
    "rejudged_on_boundary",
    "rejudged_snapped",
    "rejudged_distance_m",
    "rejudged_responder_code",
)


class CaseTable:
    """The columns and rows of an export; rows are read page by page while writing.

    ``as_of`` is the instant at which deadlines are judged where the filter names none.
    """

    def __init__(
        self, conn: Connection, asked: CaseExport, as_of: datetime | None = None
    ) -> None:
        self._conn = conn
        self._asked = asked
        self._judge = Judge(conn, asked.rules)
        self._parents: dict[int, dict[str, str]] = {}
        self.rows_written = 0
        self._people: PeopleColumns | None = None
        if asked.language is not None:
            at = asked.wanted.as_of or as_of or datetime.now(UTC)
            self._people = PeopleColumns(conn, asked, asked.language, at)

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns, in order."""
        if self._people is not None:
            return self._people.headings
        level = self._asked.level
        columns = [*CASE_COLUMNS]
        if level is not None:
            columns.append(f"{level}_code")
        if self._asked.personal:
            columns += PERSONAL_FIELDS
        if self._asked.edition is not None:
            columns += _REJUDGED
            if level is not None:
                columns.append(f"rejudged_{level}_code")
        return columns

    @property
    def title(self) -> str:
        """Return the name of the sheet of a workbook."""
        return sheet_of("cases", self._asked.language)

    def rows(self) -> Iterator[list[object]]:
        """Yield the rows in the requested order."""
        wanted, order = self._asked.wanted, self._asked.order
        page = read_page(self._conn, wanted, order, limit=_PAGE)
        while page.cases:
            yield from self._rows_of(page.cases)
            self.rows_written += len(page.cases)
            if page.after is None:
                return
            page = read_page(self._conn, wanted, order, limit=_PAGE, after=page.after)

    def _rows_of(self, page: Sequence[Case]) -> Iterable[list[object]]:
        edition = self._asked.edition
        rejudged = [] if edition is None else self._rejudge(page, edition)
        if self._people is not None:
            return self._people.rows(
                page, self._at_level, [(place, said.responder) for place, said in rejudged]
            )
        return self._machine_rows(page, rejudged)

    def _machine_rows(
        self, page: Sequence[Case], rejudged: Sequence[tuple[CaseLocation, Decision]]
    ) -> Iterator[list[object]]:
        for number, case in enumerate(page):
            row = [self._written(take(case)) for take in CASE_COLUMNS.values()]
            if self._asked.level is not None:
                row.append(self._at_level(case.location))
            if self._asked.personal:
                row += [getattr(case.given, name) for name in PERSONAL_FIELDS]
            if rejudged:
                location, decision = rejudged[number]
                row += self._rejudged_row(location, decision.responder)
            yield row

    def _written(self, value: Any) -> object:
        # All times in one time zone, so that a person can compare them.
        return on_clock(value, self._asked.rules.tz) if isinstance(value, datetime) else value

    def _rejudge(
        self, page: Sequence[Case], edition: int
    ) -> list[tuple[CaseLocation, Decision]]:
        editions = np.full(len(page), edition, dtype=np.int64)
        # None becomes NaN: no position.
        lon = np.array([case.location.lon for case in page], dtype=np.float64)
        lat = np.array([case.location.lat for case in page], dtype=np.float64)
        # Its location as a point: its accuracy was considered when it was imported.
        locations = self._judge.locator.locate(editions, lon, lat, border=False)
        return [
            (judged.location, judged.decision)
            for judged in self._judge.route([case.given for case in page], locations)
        ]

    def _rejudged_row(self, location: CaseLocation, responder: str | None) -> list[object]:
        row: list[object] = [
            self._asked.edition,
            location.area_code,
            ";".join(location.candidates),
            location.on_boundary,
            location.snapped,
            location.distance_m,
            responder,
        ]
        if self._asked.level is not None:
            row.append(self._at_level(location))
        return row

    def _at_level(self, location: CaseLocation) -> str | None:
        level = self._asked.level
        if level is None or location.area_code is None or location.edition is None:
            return None
        if location.edition not in self._parents:
            self._parents[location.edition] = parents_at(self._conn, location.edition, level)
        return self._parents[location.edition].get(location.area_code)


def open_export(conn: Connection, asked: CaseExport) -> CaseTable:
    """Prepare an export of cases.

    Raises
    ------
    NotFoundError
        when there is no such edition or level
    """
    if asked.edition is not None:
        get_edition(conn, asked.edition)
    if asked.level is not None:
        get_level(conn, asked.level)
    if asked.personal:
        # Before the first row is read: no file with personal data exists without its audit
        # entry.
        audit.record(conn, asked.actor, "read_personal", "cases", {"command": "export cases"})
    return CaseTable(conn, asked)

"""Imports of cases committed in steps: store how far each came, so that it can continue."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from gridmgmt.exchange.reading.sentences import as_text, text_value
from gridmgmt.exchange.tables.tables import Rejected
from gridmgmt.services.case_imports.options import CaseImport
from gridmgmt.services.case_imports.report import ImportCounts
from gridmgmt.store.cases import case_import_runs as runs


@dataclass(frozen=True)
class ImportRun:
    """A run as it was found or begun; ``row`` is the last row that was handled."""

    id: int
    row: int
    stored_at: datetime
    counts: ImportCounts

    def rejected(self, conn: Connection) -> list[Rejected]:
        """Return the rows rejected so far."""
        return [
            Rejected(row, _reason(reason), {str(name): text for name, text in values})
            for row, reason, values in runs.list_rejected(conn, self.id)
        ]

    def note(
        self, conn: Connection, row: int, counts: ImportCounts, rejected: Sequence[Rejected]
    ) -> None:
        """Store how far the run came: all counts, and rows rejected since the last call."""
        # In the transaction of the rows themselves: after a stop, either both are stored or
        # neither is (DECISIONS 37).
        runs.note(conn, self.id, row, counts.kept())
        runs.add_rejected(
            conn,
            self.id,
            [
                (one.row, _kept(one.reason), list(map(list, one.values.items())))
                for one in rejected
            ],
        )

    def finish(self, conn: Connection) -> None:
        """Delete the run; the same command then begins a new one."""
        # Else the same file, sent again tomorrow, would continue after its last row and store
        # nothing.
        runs.forget(conn, self.id)


def _kept(reason: str) -> str:
    # With its template and facts: reasons are counted by kind, also after a stop.
    return json.dumps(text_value(reason), ensure_ascii=False)


def _reason(kept: str) -> str:
    try:
        return as_text(json.loads(kept))
    except ValueError:
        return kept  # of a run that an older version began


def go_on_or_begin(conn: Connection, asked: CaseImport, sha256: str) -> ImportRun:
    """Return the interrupted run of the same file and options by the same person.

    If there is none, a new run begins. Rejected rows are personal data: they are deleted if
    nobody continued the run for a month.
    """
    runs.forget_abandoned(conn)
    # The content and not only the name: half of an older file with the same name must not be
    # continued with this one. Nor by other rules, which would judge its halves differently.
    key = runs.RunKey(asked.path.name, sha256, asked.to_json(), asked.actor)
    run = runs.find(conn, key) or runs.begin(conn, key, ImportCounts().kept())
    return ImportRun(run.id, run.row_done, run.stored_at, ImportCounts.from_kept(run.counts))

"""The job that writes a long list of cases to a file."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import sees_all_personal
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.exchange.tables.tables import write_table
from gridmgmt.progress import Progress
from gridmgmt.services.accounts.accounts import allowed
from gridmgmt.services.accounts.case_scopes import case_scope_of
from gridmgmt.services.cases.exports import CaseExport, CaseTable, open_export
from gridmgmt.services.cases.questions import Asker, CaseQuestion, find
from gridmgmt.services.files import downloads
from gridmgmt.services.files.room import FileRoom
from gridmgmt.settings import Settings
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.case_pages import Order, count_cases

_EVERY = 1_000


def case_export(
    conn: Connection,
    arguments: Mapping[str, Any],
    progress: Progress,
    actor: str,
    settings: Settings,
) -> dict[str, Any]:
    """Write the cases of a list to a file that only its owner can download.

    ``arguments``: ``question``, ``order``, ``format`` (csv or xlsx), ``personal`` and
    ``language`` (of the headings, None: those for programs). The
    rights of the account are checked now, not when it clicked. The result names the
    ``download``.

    Raises
    ------
    NotAllowedError
        when the account may not export cases any more
    """
    account = allowed(conn, actor, Permission.EXPORT_CASES)
    may_read = account.may(Permission.SEE_PERSONAL)
    scope = case_scope_of(conn, account)
    asker = Asker(actor, scope, personal=sees_all_personal(account, scope))
    wanted = find(conn, CaseQuestion.from_json(arguments["question"]), asker)
    asked = CaseExport(
        actor=actor,
        rules=settings.judging_rules,
        personal=bool(arguments["personal"]) and may_read,
        wanted=wanted,
        order=Order.read(arguments["order"]),
        # Jobs that older versions enqueued name none.
        language=arguments.get("language"),
    )
    return _write(conn, asked, arguments["format"], progress, settings)


def _write(
    conn: Connection, asked: CaseExport, kind: str, progress: Progress, settings: Settings
) -> dict[str, Any]:
    now = datetime.now(UTC)
    total = _count(conn, asked.wanted)
    room = FileRoom(settings.home, settings.upload_quota_mb, settings.free_mb)
    with downloads.making(room, asked.actor, now) as (download_id, folder):
        table = open_export(conn, asked)
        path = folder / f"{downloads.CASES}{now.astimezone(settings.tz):%Y%m%d}.{kind}"
        write_table(path, table.columns, _told(table, total, progress), sheet=table.title)
        downloads.finish(settings.home, download_id, asked.actor, {"rows": table.rows_written})
    return {"download": download_id, "rows": table.rows_written}


def _count(conn: Connection, wanted: CaseFilter) -> int:
    return count_cases(conn, wanted)


def _told(table: CaseTable, total: int, progress: Progress) -> Iterator[list[object]]:
    for done, row in enumerate(table.rows(), start=1):
        if done % _EVERY == 0:
            progress("writing", done, total)
        yield row

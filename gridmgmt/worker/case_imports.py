"""The job that imports an uploaded file of cases, or tries it out."""

import json
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.cases.duplicates import DuplicateRule
from gridmgmt.domain.date_format import parse_formats
from gridmgmt.exchange.tables.tables import write_rejects
from gridmgmt.progress import Progress
from gridmgmt.services.accounts import accounts
from gridmgmt.services.case_imports.imports import CaseImport, import_cases
from gridmgmt.services.case_imports.reject_reasons import reject_reasons
from gridmgmt.services.case_imports.report import CaseImportReport
from gridmgmt.services.files import uploads
from gridmgmt.services.files.datums import remote_datum
from gridmgmt.services.files.uploads import Upload
from gridmgmt.settings import Settings

# The page shows these rows; the file beside the upload has all of them.
MOST_REJECTED_SHOWN = 200


def case_import(
    conn: Connection,
    arguments: Mapping[str, Any],
    progress: Progress,
    actor: str,
    settings: Settings,
) -> dict[str, Any]:
    """Import an uploaded file of cases, or try it out and roll everything back.

    ``arguments``: ``upload``, ``commit`` and, as in the command, ``mapping``, ``crs``, ``tz``,
    ``date_format``, ``encoding``, ``sheet``, ``update_known``. The result is the report with
    the first rejected rows. Beside the upload, ``rejects_file`` has all of the
    ``rejected_rows``, and ``addresses_file`` has some addresses of each of the ``heaps``.

    Raises
    ------
    NotAllowedError
        when the account may not import cases any more
    """
    accounts.allowed(conn, actor, Permission.IMPORT_CASES)
    upload = uploads.find(settings.home, arguments["upload"], actor)
    zone, date_format = arguments.get("tz"), arguments.get("date_format")
    asked = CaseImport(
        path=upload.path,
        actor=actor,
        rules=settings.judging_rules,
        mapping=arguments.get("mapping") or {},
        source_tz=ZoneInfo(zone) if zone else None,
        date_formats=parse_formats(date_format or ""),
        datum=remote_datum(arguments.get("crs"), settings.crs_table),
        encoding=arguments.get("encoding"),
        sheet=arguments.get("sheet"),
        update_known=bool(arguments.get("update_known")),
        duplicates=DuplicateRule(settings.duplicate_m, settings.duplicate_hours),
    )
    with conn.begin_nested() as work:
        report = import_cases(conn, asked, progress)
        if not arguments["commit"]:
            work.rollback()
    # One upload may be tried out several times, each time with its own results.
    rejects = addresses = None
    if report.rejected:
        rejects = f"rejected-{secrets.token_hex(8)}.csv"
        _keep(upload, rejects, lambda path: write_rejects(path, report.rejected))
    if any(heap.examples for heap in report.heaps):
        addresses = f"addresses-{secrets.token_hex(8)}.json"
        # Personal data: kept as long as the file itself, and not with the job.
        told = json.dumps([heap.examples for heap in report.heaps], ensure_ascii=False)
        _keep(upload, addresses, lambda path: path.write_text(told, "utf-8"))
    return {**_described(report), "rejects_file": rejects, "addresses_file": addresses}


def _keep(upload: Upload, name: str, write: Callable[[Path], object]) -> None:
    path = upload.result(name)
    try:
        write(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _described(report: CaseImportReport) -> dict[str, Any]:
    facts = report.to_json()
    return {
        **facts,
        "rejected": facts["rejected"][:MOST_REJECTED_SHOWN],
        "rejected_rows": len(report.rejected),
        "rejected_reasons": [one.to_json() for one in reject_reasons(report.rejected)],
        "is_useless": report.is_useless,
        "notes": report.notes_said(),
    }

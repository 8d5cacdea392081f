"""Send the form of a report: once, however often it arrives."""

import re
from dataclasses import replace

from sqlalchemy.engine import Connection

from gridmgmt.errors import CaseError, InputError
from gridmgmt.sentence import Sentence
from gridmgmt.services.cases.reports import Report, ReportedCase, report
from gridmgmt.store.cases import sent_reports

_TOKEN = re.compile(r"[0-9a-f]{32}")


def send(conn: Connection, asked: Report, token: str) -> ReportedCase:
    """Store the case of a form, as `report` does; a form that was sent before changes nothing.

    Parameters
    ----------
    token : 32 hexadecimal digits that were made with the form, or "" for a form without any

    Raises
    ------
    InputError
        listing everything that is invalid; nothing is stored then
    CaseError
        when the form was sent before with other content, or the number of the case is taken
    """
    if not token:
        return report(conn, asked)
    if not _TOKEN.fullmatch(token):
        raise InputError(field="token", message=Sentence("open the form again"))
    known = sent_reports.case_of_form(conn, asked.actor, token)
    if known is not None:
        return _again(conn, asked, known)
    outcome = report(conn, asked)
    sent_reports.note_form(conn, asked.actor, token, outcome.case.given.case_no)
    return outcome


def _again(conn: Connection, asked: Report, known: str) -> ReportedCase:
    try:
        return report(conn, replace(asked, cells={**asked.cells, "case_no": known}))
    except CaseError:
        # Gone back to and changed: perhaps a correction, perhaps the next case.
        raise CaseError(
            Sentence(
                "this form was sent already and is case {}; send it once more to report"
                " another case",
                known,
            )
        ) from None

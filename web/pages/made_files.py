"""What the pages of exports keep about a file that was made, and say where none was."""

from collections.abc import Mapping
from typing import Any

from gridmgmt.errors import GridMgmtError, InputError, LayerError
from gridmgmt.services.exports.files import ExportReport
from web.pages import uploads
from web.words.sentences import said


def asked_again(form: Mapping[str, str]) -> dict[str, str]:
    """Return what a form asked for, as the page of the form takes it in its address."""
    return {name: value for name, value in form.items() if name != "csrf_token"}


def noted(report: ExportReport, form: Mapping[str, str]) -> dict[str, Any]:
    """Return a report as plain JSON values, for the page of the file.

    With it stands what was asked, so that the next file begins with the same choices.
    """
    return {
        "asked": asked_again(form),
        "noun": report.noun,
        "rows": report.rows,
        "facts": [[fact.key, fact.value, fact.name_en, fact.name_zh] for fact in report.facts],
        "crs": report.crs,
        "encoding": report.encoding if report.path.suffix == ".zip" else None,
        "losses": [[loss.row, loss.field, loss.what] for loss in report.losses],
        "notes": list(report.notes),
    }


def told(error: GridMgmtError) -> str:
    """Return in the person's language why a file was not made."""
    if isinstance(error, InputError | LayerError):
        return " ".join(uploads.sentences(error))
    return uploads.page_words(said(error))

"""What the pages of exports keep about a file that was made, and say where none was."""

from typing import Any

from gridmgmt.errors import GridMgmtError, InputError, LayerError
from gridmgmt.services.exports.files import ExportReport
from web.pages import uploads
from web.words.sentences import said


def noted(report: ExportReport) -> dict[str, Any]:
    """Return a report as plain JSON values, for the page of the file."""
    return {
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

"""What a draft changes, as a sheet that is put up in public."""

from datetime import UTC, datetime

from flask import Blueprint, Response

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.errors import DraftError
from gridmgmt.exchange.change_sheets.pdf import drawn
from gridmgmt.sentence import Sentence
from gridmgmt.services.workbench.change_sheet import change_sheet
from gridmgmt.store.areas.draft_changes import count_changes
from web.app.days import asked_day
from web.app.transaction import connection, current_settings
from web.door.access import allow
from web.pages import draft_pages
from web.words.languages import language

bp = Blueprint("draft_sheets", __name__, url_prefix="/drafts")


@bp.get("/<int:draft_id>/sheet.pdf")
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def sheet(draft_id: int) -> Response:
    draft, settings = draft_pages.find(draft_id), current_settings()
    counted = count_changes(connection(), draft.id).values()
    if sum(sum(one.values()) for one in counted) > draft_pages.PUT_UP_AT_ONCE:
        raise DraftError(
            Sentence(
                "draft {} changes more areas than a page puts on a sheet; ask an"
                " administrator for it",
                repr(draft.label),
            )
        )
    found = change_sheet(
        connection(),
        draft.label,
        in_force=asked_day("from"),
        bureau=settings.bureau,
        now=datetime.now(UTC),
        tz=settings.tz,
    )
    answer = Response(drawn(found, language()), mimetype="application/pdf")
    name = f"draft-{draft.id}-sheet.pdf"
    answer.headers.set("Content-Disposition", "inline", filename=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer

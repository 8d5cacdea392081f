"""All problems of an uploaded file as a table, of which its page shows only some."""

from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.errors import NotFoundError
from web.door.access import allow
from web.pages import uploads

bp = Blueprint("upload_problems", __name__, url_prefix="/uploads")


@bp.get("/<upload_id>/problems.csv")
@allow(
    Permission.IMPORT_CASES,
    Permission.IMPORT_LAYERS,
    Permission.EDIT_DUTIES,
    Permission.EDIT_DRAFTS,
)
def table(upload_id: str) -> ResponseReturnValue:
    kept = uploads.find(upload_id)
    path = uploads.problems_file(kept)
    if path is None:
        raise NotFoundError(kind="download", key=upload_id)
    stem = kept.name.partition(".")[0]
    return send_file(path, as_attachment=True, download_name=f"{stem}-problems.csv")

"""Turn errors into answers: a status for each kind, a page for people, JSON for programs."""

import logging
import re
import secrets
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy.exc
from flask import Flask, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf.csrf import CSRFError
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge

from gridmgmt import errors
from gridmgmt.sentence import Sentence
from gridmgmt.services.accounts import access_audit
from web.app.transaction import apart, current_settings
from web.door import bearer, bodies
from web.door.access import current_account
from web.pages.problem_lists import some_of
from web.words.sentences import said

log = logging.getLogger(__name__)

_MOST_OF_A_PATH = 200

# The first matching class decides, so a subclass must come before its base class.
STATUSES: tuple[tuple[type[errors.GridMgmtError], int], ...] = (
    (errors.InputError, 400),
    (errors.LayerError, 422),
    (errors.CoverageError, 422),
    (errors.EditionError, 409),
    (errors.DraftError, 409),
    (errors.NotAllowedError, 403),
    (errors.TooManyAttemptsError, 429),
    (errors.AccountError, 409),
    (errors.NoRoomError, 507),
    (errors.CaseError, 409),
    (errors.OutdatedPreviewError, 409),
    (errors.NotFoundError, 404),
    (errors.StoreError, 503),
    (errors.SettingsError, 500),
    (errors.ReaderError, 500),
    (errors.FontError, 500),
)

_HEADLINES = {
    400: lazy_gettext("That cannot be used"),
    401: lazy_gettext("Please log in"),
    403: lazy_gettext("Not allowed"),
    404: lazy_gettext("Not found"),
    405: lazy_gettext("That cannot be done here"),
    409: lazy_gettext("Something stands in the way"),
    413: lazy_gettext("That is too long"),
    422: lazy_gettext("The file cannot be used"),
    429: lazy_gettext("Too many attempts"),
    500: lazy_gettext("Something went wrong"),
    503: lazy_gettext("The database does not answer"),
    504: lazy_gettext("That takes too long"),
    507: lazy_gettext("There is no room for the file"),
}

# The messages of these errors are for the operator: they name paths, servers and statements.
_INTERNAL = (errors.StoreError, errors.ClusterError, errors.SettingsError)


def status_of(error: errors.GridMgmtError) -> int:
    """Return the status code of an error."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def wants_json() -> bool:
    """Return whether the client is a program and not a person."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return bearer.is_api() or best == "application/json"


def answer(
    status: int, message: str, *, headline: str | None = None, **more: Any
) -> ResponseReturnValue:
    """Return an error answer, as a page or as JSON.

    ``more`` may have ``errors``, the invalid arguments for programs, and ``reference``, under
    which the log has more details.
    """
    if wants_json():
        return jsonify({"status": status, "message": str(message), **more}), status
    headline = headline or _HEADLINES.get(status, _HEADLINES[500])
    page = render_template(
        "error.html",
        status=status,
        headline=headline,
        message=message,
        reference=more.get("reference"),
    )
    return page, status


def noted(what: str, error: BaseException) -> str:
    """Log a failure and return its reference in the log."""
    reference = secrets.token_hex(4)
    log.error("%s (reference %s)", what, reference, exc_info=error)
    return reference


def _schema(error: errors.SchemaError) -> ResponseReturnValue:
    log.error("%s", error)
    words = str(error) if wants_json() else said(error)
    headline = _("The database does not fit this program")
    return answer(status_of(error), words, headline=headline)


def _refused(error: errors.NotAllowedError) -> ResponseReturnValue:
    """Answer a refused action and write it to the audit log.

    Nothing else of the request is kept.
    """
    found = current_account()
    subject = f"{request.method} {request.path}"[:_MOST_OF_A_PATH]
    with apart() as conn:
        access_audit.refused(
            conn,
            None if found is None else found.username,
            request.remote_addr or "",
            subject,
            {"reason": str(error)},
            now=datetime.now(UTC),
        )
    return _said(error)


def _said(error: errors.GridMgmtError) -> ResponseReturnValue:
    # Programs get all problems.
    told = str(error) if wants_json() else some_of(error)
    told = (
        told.with_data(partial(_without_folders, error))
        if isinstance(told, Sentence)
        else _without_folders(error, told)
    )
    return answer(status_of(error), told if wants_json() else said(told))


def _internal(error: errors.GridMgmtError) -> ResponseReturnValue:
    reference = noted("the platform could not work", error)
    words = _("The platform cannot work just now. Nothing was changed; try again.")
    return answer(status_of(error), words, reference=reference)


def _without_folders(error: errors.GridMgmtError, text: str) -> str:
    """Remove the folders of files on this machine from a text; the file name is enough."""
    if isinstance(error, errors.LayerError):
        text = text.replace(error.path, Path(error.path).name)
    inside = re.escape(str(current_settings().home)) + r"""[^\s'",;]*"""
    return re.sub(inside, lambda found: Path(found[0]).name, text)


def _too_many(error: errors.TooManyAttemptsError) -> ResponseReturnValue:
    minutes = -(-error.seconds // 60)
    words = _("Wait %(minutes)s min, then try again.", minutes=minutes)
    response = make_response(answer(status_of(error), words))
    response.headers["Retry-After"] = str(error.seconds)
    return response


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    words = _MESSAGES.get(error.code, error.description or "")
    unfit = getattr(error, "errors", None)
    more = {} if unfit is None else {"errors": unfit}
    response = make_response(answer(error.code, words, **more))
    for name, value in error.get_headers():
        if name in _TELLING_HEADERS:
            response.headers[name] = value
    return response


# The answer says what to do to be let in.
_TELLING_HEADERS = {"Allow", "WWW-Authenticate", "Retry-After"}

_MESSAGES = {
    404: lazy_gettext("There is no such page. Check the address, or start from the menu."),
    405: lazy_gettext("This address does not take that kind of request."),
}


def _too_long(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Return an answer with the largest allowed length."""
    most = bodies.most_bytes()
    if bodies.may_hold_files():
        size = _("%(size)s MB", size=most // 2**20)
        words = _("At most %(size)s. Upload it in parts, or ask for a higher limit.", size=size)
    elif most:
        words = _("At most %(size)s may be sent to this address.", size=f"{most // 1024} kB")
    else:
        words = _("Nothing can be sent to this address.")
    return answer(413, words)


def _forged(error: CSRFError) -> ResponseReturnValue:
    words = _("The form is out of date. Go back, load the page again and send it once more.")
    return answer(400, words)


def _database(error: sqlalchemy.exc.DBAPIError) -> ResponseReturnValue:
    if isinstance(error.orig, QueryCanceled):
        log.warning("a statement took too long at %s", request.path)
        words = _("That took longer than a page may, and was stopped. Nothing was changed.")
        return answer(504, words)
    if isinstance(error.orig, LockNotAvailable | DeadlockDetected):
        log.warning("others held up the work at %s", request.path)
        words = _("Somebody else is changing the same. Nothing was changed; try again.")
        return answer(409, words)
    reference = noted("the database refused the work", error)
    if error.connection_invalidated:
        # The connection may have been lost between the work and its confirmation.
        words = _("The database went away. Look whether your change is there, then try again.")
    else:
        words = _("The database refused the work. Nothing was changed; try again.")
    return answer(503, words, reference=reference)


def _unfinished(error: InternalServerError) -> ResponseReturnValue:
    # An error while an answer is finished (above all, in the commit) arrives wrapped.
    if isinstance(error.original_exception, sqlalchemy.exc.DBAPIError):
        return _database(error.original_exception)
    return _http(error)


def _unforeseen(error: Exception) -> ResponseReturnValue:
    reference = noted(f"unforeseen failure of {request.endpoint}", error)
    words = _("Nothing was changed. The administrator finds the reason in the log.")
    return answer(500, words, reference=reference)


def init_app(app: Flask) -> None:
    """Register an answer for every kind of error."""
    app.register_error_handler(errors.GridMgmtError, _said)
    app.register_error_handler(errors.SchemaError, _schema)
    for kind in _INTERNAL:
        app.register_error_handler(kind, _internal)
    app.register_error_handler(errors.NotAllowedError, _refused)
    app.register_error_handler(errors.TooManyAttemptsError, _too_many)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(RequestEntityTooLarge, _too_long)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(sqlalchemy.exc.DBAPIError, _database)
    app.register_error_handler(InternalServerError, _unfinished)
    app.register_error_handler(Exception, _unforeseen)

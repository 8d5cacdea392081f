"""Import files of responders, duties and places: upload, assign columns, try out, import."""

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.date_format import DateFormat
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.errors import InputError, LayerError, NotAllowedError, NotFoundError
from gridmgmt.exchange.content.file_previews import FilePreview
from gridmgmt.exchange.content.import_files import FileOptions
from gridmgmt.services.accounts.accounts import why_not
from gridmgmt.services.files.datums import remote_datum
from gridmgmt.services.files.rehearsals import rehearsal
from gridmgmt.services.files.uploads import Upload
from gridmgmt.services.record_imports.rows import ImportSummary
from gridmgmt.services.responsibility.layer_imports import (
    ImportNoun,
    columns_of,
    preview,
    proposed_format,
    recognised,
    run_import,
)
from web.app.days import today
from web.app.params import text
from web.app.transaction import connection, current_settings
from web.door.access import account, actor, allow, may
from web.door.bodies import takes_files
from web.pages import uploads
from web.pages.uploads import FileFault, ReadingOptions, Wanted
from web.words import import_words
from web.words.import_words import field_name
from web.words.languages import number

bp = Blueprint("layer_imports", __name__, url_prefix="/layer-imports")
bp.record_once(lambda state: import_words.init_app(state.app))

ALLOWED = (Permission.IMPORT_LAYERS, Permission.EDIT_DUTIES)
# The page that shows the result.
_LISTS = {
    ImportNoun.RESPONDERS: "responders.index",
    ImportNoun.COMPONENTS: "components.index",
    ImportNoun.DUTIES: "duties.index",
}


@bp.get("")
@allow(*ALLOWED)
def index() -> ResponseReturnValue:
    return render_template("layer_imports/index.html", nouns=list(filter(_may, ImportNoun)))


@bp.get("/<noun>")
@allow(*ALLOWED)
def upload(noun: str) -> ResponseReturnValue:
    kind = _noun(noun)
    wanted = sorted(_wanted(kind, None), key=lambda one: not one.required)
    return render_template("layer_imports/upload.html", noun=kind, wanted=wanted)


@bp.post("/<noun>")
@allow(*ALLOWED)
@takes_files
def send(noun: str) -> ResponseReturnValue:
    kind = _noun(noun)
    try:
        kept = uploads.keep()
    except InputError as error:
        flash(uploads.sentences(error)[0], "danger")
        return redirect(url_for("layer_imports.upload", noun=kind), 303)
    said = _reading(request.form)
    address = url_for("layer_imports.columns", noun=kind, upload_id=kept.id, **said.args)
    return redirect(address, 303)


@bp.get("/<noun>/<upload_id>")
@allow(*ALLOWED)
def columns(noun: str, upload_id: str) -> ResponseReturnValue:
    kind = _noun(noun)
    return _columns_page(kind, uploads.find(upload_id), _reading(request.args))


@bp.post("/<noun>/<upload_id>")
@allow(*ALLOWED)
def try_out(noun: str, upload_id: str) -> ResponseReturnValue:
    kind, kept, said = _noun(noun), uploads.find(upload_id), _reading(request.form)
    try:
        with rehearsal(connection()):
            summary = _run(kind, kept, said)
    except (InputError, LayerError) as error:
        return _columns_page(kind, kept, said, uploads.fault(error, kept, field_name))
    return render_template(
        "layer_imports/preview.html",
        noun=kind,
        upload=kept,
        reading=said,
        mapping=uploads.mapping(request.form),
        date_format=uploads.format_typed(),
        summary=summary,
    )


@bp.post("/<noun>/<upload_id>/apply")
@allow(*ALLOWED)
def apply(noun: str, upload_id: str) -> ResponseReturnValue:
    kind, kept, said = _noun(noun), uploads.find(upload_id), _reading(request.form)
    try:
        summary = _run(kind, kept, said)
    except (InputError, LayerError) as error:
        # Something changed since the rehearsal; nothing was stored.
        connection().rollback()
        return _columns_page(kind, kept, said, uploads.fault(error, kept, field_name))
    counts = {
        "added": number(summary.added),
        "changed": number(summary.changed),
        "same": number(summary.unchanged),
    }
    flash(
        _("Taken in: %(added)s new, %(changed)s changed, %(same)s as they were.", **counts),
        "success",
    )
    return redirect(url_for(_LISTS.get(kind, "layer_imports.index")), 303)


def _noun(text: str) -> ImportNoun:
    if text not in list(ImportNoun):
        raise NotFoundError(kind="import", key=text, known=list(ImportNoun))
    noun = ImportNoun(text)
    if not _may(noun):
        raise NotAllowedError(why_not(account()))
    return noun


def _may(noun: ImportNoun) -> bool:
    needed = Permission.EDIT_DUTIES if noun is ImportNoun.DUTIES else Permission.IMPORT_LAYERS
    return may(needed)


def _run(noun: ImportNoun, kept: Upload, said: ReadingOptions) -> ImportSummary:
    stated = uploads.date_formats(request.form)
    options = _options(said, uploads.mapping(request.form), stated)
    return run_import(connection(), noun, kept.path, options, today=today(), actor=actor())


def _reading(args: uploads.Args) -> ReadingOptions:
    return replace(uploads.reading(args), where=text(args, "where"))


def _options(
    said: ReadingOptions, mapping: dict[str, str], stated: tuple[DateFormat, ...] = ()
) -> FileOptions:
    settings = current_settings()
    return FileOptions(
        mapping=mapping,
        layer=said.layer,
        datum=remote_datum(said.crs, settings.crs_table),
        encoding=said.encoding,
        dates=DateReader(settings.tz, stated, can_state=True),
        where=said.where,
        mend=said.mend,
    )


def _wanted(noun: ImportNoun, kept: Upload | None) -> list[Wanted]:
    path = current_settings().home if kept is None else kept.path
    return [
        Wanted(one.name, field_name(one.name, noun), one.required)
        for one in columns_of(noun, path)
    ]


def _columns_page(
    noun: ImportNoun, kept: Upload, said: ReadingOptions, fault: FileFault | None = None
) -> str:
    """Show the columns of a file, or why it cannot be read in the stated way."""
    beginning: FilePreview | None = None
    chosen: dict[str, str] = {}
    by_name: dict[str, str] = {}
    proposed = None
    try:
        beginning = preview(noun, kept.path, _options(said, {}))
        given = uploads.mapping(request.form)
        by_name = recognised(noun, kept.path, beginning.columns, {})
        chosen = recognised(noun, kept.path, beginning.columns, given)
        proposed = proposed_format(noun, kept.path, _options(said, {}), beginning, chosen)
    except (InputError, LayerError) as error:
        fault = fault or uploads.fault(error, kept, field_name)
    return render_template(
        "layer_imports/columns.html",
        noun=noun,
        upload=kept,
        reading=said,
        preview=beginning,
        chosen=chosen,
        by_name=by_name,
        wanted=_wanted(noun, kept),
        dated=any(one.is_dated for one in columns_of(noun, kept.path)),
        date_format=uploads.format_typed(),
        proposed=proposed,
        fault=fault,
    )

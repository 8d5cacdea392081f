"""Uploaded files: store them, choose how they are read, and assign their columns."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import request
from flask.sansio.app import App
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from gridmgmt.domain.date_format import DateFormat, parse_formats
from gridmgmt.errors import InputError, LayerError
from gridmgmt.exchange.tables.problem_tables import write_problems
from gridmgmt.geometry.coverage.problem_folds import by_kind
from gridmgmt.problem_groups import digest, is_rest, is_short
from gridmgmt.sentence import Sentence
from gridmgmt.services.files import uploads
from gridmgmt.services.files.uploads import Upload
from web.app.params import text
from web.app.transaction import current_settings
from web.door.access import actor
from web.door.file_room import room
from web.words.sentences import said

Args = MultiDict[str, str]
Names = Callable[[str], str]

# Empty: the file states it, or is UTF-8. Each begins with the name that errors have for it.
ENCODINGS = (
    ("utf-8", "UTF-8"),
    ("gb18030", "GB18030 / GBK / GB2312"),
    ("cp950", "CP950 / Big5"),
    ("cp932", "CP932 / Shift-JIS"),
    ("cp949", "CP949 / EUC-KR"),
    ("utf-16", "UTF-16"),
    ("cp1252", "CP1252 / Windows-1252"),
    ("cp1251", "CP1251 / Windows-1251"),
    ("iso8859-1", "ISO8859-1 / Latin-1"),
    ("iso8859-15", "ISO8859-15 / Latin-9"),
    ("cp437", "CP437"),
    ("cp850", "CP850"),
    ("cp858", "CP858"),
    ("mac-roman", "MAC-ROMAN"),
)
# Suggestions while typing; the program accepts others too.
CRS_OFFERED = (
    ("EPSG:4490", "CGCS2000"),
    ("EPSG:4326", "WGS 84"),
    ("gcj02", _l("GCJ-02 (map services in China)")),
    ("bd09", _l("BD-09 (Baidu)")),
    ("EPSG:4547", "CGCS2000 / 3°, 114° E"),
    ("EPSG:4548", "CGCS2000 / 3°, 117° E"),
    ("EPSG:4549", "CGCS2000 / 3°, 120° E"),
)

_FIELD = "map-"
# The table of all problems of a file, beside it.
_PROBLEMS = "problems.csv"
# Command-line options in messages, and the names of the page's fields for them.


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field to which a column can be assigned."""

    name: str
    label: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How to read a file; ``layer`` is a layer of a dataset or a sheet of a workbook.

    ``where`` is a condition on the features of a layer.
    """

    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None
    where: str | None = None
    mend: bool = False

    @property
    def args(self) -> dict[str, Any]:
        """Return the options as query parameters, without those not set."""
        given = {name: getattr(self, name) for name in ("crs", "encoding", "layer", "where")}
        given |= {"mend": "yes"} if self.mend else {}
        return {name: value for name, value in given.items() if value}


def reading(args: Args) -> ReadingOptions:
    """Return the reading options from a form or a URL."""
    return ReadingOptions(
        crs=text(args, "crs"),
        encoding=text(args, "encoding"),
        layer=text(args, "layer"),
        mend=text(args, "mend") is not None,
    )


def keep(*, of_cases: bool = False) -> Upload:
    """Store the file of this request; ``of_cases`` means that it has cases.

    Raises
    ------
    InputError
        when no file was chosen, or it is empty
    NoRoomError
        when there is no room for it
    """
    given = request.files.get("file")
    if given is None or not given.filename:
        raise InputError(field="file", message=_("choose a file first"))
    return uploads.keep(room(), given.stream, given.filename, actor=actor(), of_cases=of_cases)


def find(upload_id: str) -> Upload:
    """Return an uploaded file of this account.

    Raise NotFoundError if it does not exist any more.
    """
    return uploads.find(current_settings().home, upload_id, actor())


def mapping(form: Args) -> dict[str, str]:
    """Return the column of each field; fields without a column are absent."""
    given = {name.removeprefix(_FIELD): form[name] for name in form if name.startswith(_FIELD)}
    return {field: column for field, column in given.items() if column}


def date_formats(form: Args) -> tuple[DateFormat, ...]:
    """Return the formats that somebody stated for the dates of a file, one a line.

    Raises
    ------
    InputError
        when one is no format
    """
    return parse_formats(text(form, "date_format") or "")


def format_typed() -> str | None:
    """Return what stands in the field of the formats; None if the page is new."""
    return request.values.get("date_format")


@dataclass(frozen=True, slots=True)
class FileFault:
    """Why a file cannot be used, in words for a page.

    ``problems`` has a sentence for each problem, of many some of each kind; with True it says
    how many there are besides.
    """

    message: str
    problems: tuple[tuple[str, bool], ...] = ()
    remedy: str = ""

    @property
    def sentences(self) -> list[str]:
        """Return all of it, sentence by sentence."""
        return [
            one
            for one in (self.message, *(told for told, _ in self.problems), self.remedy)
            if one
        ]


def fault(
    error: LayerError | InputError, kept: Upload | None = None, names: Names = str
) -> FileFault:
    """Return why a file cannot be used.

    Of a long list of problems all are kept beside the upload (`problems_file`).

    Parameters
    ----------
    names : returns the page's name of a field, and any other data as it is
    """

    def told(sentence: str) -> str:
        named = sentence.with_data(names) if isinstance(sentence, Sentence) else sentence
        return page_words(said(named))

    if isinstance(error, InputError):
        return FileFault(told(error.message))
    if kept is not None:
        _keep_problems(kept, error.problems, told)
    lines = tuple((told(line), is_rest(line)) for line in digest(error.problems))
    return FileFault(told(error.message), lines, told(error.remedy))


def sentences(error: LayerError | InputError) -> list[str]:
    """Return why a file cannot be used, sentence by sentence, the remedy last."""
    return fault(error).sentences


def _keep_problems(kept: Upload, problems: Sequence[str], told: Names) -> None:
    path = kept.result(_PROBLEMS)
    path.unlink(missing_ok=True)
    if not is_short(problems):
        # A page without the table is better than none.
        with suppress(LayerError, OSError):
            write_problems(path, problems, told, (_("Kind"), _("Problem")))


def problems_file(kept: Upload) -> Path | None:
    """Return the table of all problems of an upload, or None if the page shows them all."""
    path = kept.result(_PROBLEMS)
    return path if path.exists() else None


def page_words(sentence: str) -> str:
    """Return a sentence that calls a stored upload by the name that the person knows.

    That is its name without the folder it is stored in.
    """
    kept_in = rf"{re.escape(str(uploads.folder(current_settings().home)))}/[0-9a-f]+/"
    return re.sub(kept_in, "", sentence)


def init_app(app: App) -> None:
    """Make file formats and file errors available in templates."""
    app.jinja_env.globals.update(ENCODINGS=ENCODINGS, CRS_OFFERED=CRS_OFFERED)
    app.jinja_env.globals.update(problems_file=problems_file)
    app.jinja_env.filters["page_words"] = page_words
    app.jinja_env.filters["some_of_each"] = lambda notes: digest(list(notes))
    app.jinja_env.filters["by_kind"] = by_kind

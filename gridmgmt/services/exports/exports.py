"""Export a layer or table to a file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.errors import CRSError, InputError
from gridmgmt.exchange.content.export_content import ExportContent, Fact
from gridmgmt.exchange.content.export_files import write_content
from gridmgmt.exchange.layers.layer_out import Format, LayerLoss, check_datum
from gridmgmt.geometry.crs.crs import WGS84, Datum
from gridmgmt.sentence import Sentence
from gridmgmt.services.areas.chosen_editions import edition_to_use
from gridmgmt.services.areas.scopes import AreaScope, area_scope
from gridmgmt.services.exports.areas import area_content
from gridmgmt.services.exports.places import (
    component_content,
    demolition_content,
    road_segment_content,
    zone_content,
)
from gridmgmt.services.exports.tables import (
    category_content,
    duty_content,
    group_content,
    level_content,
    responder_content,
)
from gridmgmt.store.accounts import audit

# Not GBK: it drops rare characters (𠀀, 㐀) without failing, and GB18030 keeps them.
ENCODINGS = ("utf-8", "gb18030")
_SUFFIXES = {
    Format.SHP: (".zip",),
    Format.GPKG: (".gpkg",),
    Format.GEOJSON: (".geojson", ".json"),
    Format.CSV: (".csv",),
    Format.XLSX: (".xlsx",),
}


class Noun(StrEnum):
    """The nouns that can be exported; cases have their own export."""

    AREAS = "areas"
    ROAD_SEGMENTS = "road_segments"
    ZONES = "zones"
    DEMOLITIONS = "demolitions"
    COMPONENTS = "components"
    RESPONDERS = "responders"
    DUTIES = "duties"
    CATEGORIES = "categories"
    GROUPS = "groups"
    LEVELS = "levels"

    @property
    def has_shapes(self) -> bool:
        """Return whether it is a layer; the others are tables."""
        return self in _LAYERS

    @property
    def has_personal(self) -> bool:
        """Return whether some of its fields are personal data."""
        return self in (Noun.DEMOLITIONS, Noun.RESPONDERS)

    @property
    def formats(self) -> tuple[Format, ...]:
        """Return the formats of its files."""
        return tuple(one for one in Format if self.has_shapes or one.is_table)


_LAYERS = (Noun.AREAS, Noun.ROAD_SEGMENTS, Noun.ZONES, Noun.DEMOLITIONS, Noun.COMPONENTS)
_READ: dict[Noun, Callable[..., ExportContent]] = {
    Noun.ROAD_SEGMENTS: road_segment_content,
    Noun.ZONES: zone_content,
    Noun.DEMOLITIONS: demolition_content,
    Noun.COMPONENTS: component_content,
    Noun.RESPONDERS: responder_content,
    Noun.DUTIES: duty_content,
    Noun.CATEGORIES: category_content,
    Noun.GROUPS: group_content,
    Noun.LEVELS: level_content,
}


@dataclass(frozen=True)
class Export:
    """The options of an export.

    ``level`` and ``edition`` are for areas; edition None is the one in force. ``personal``:
    also addresses and phone numbers, which is written to the audit log. ``within``: only what
    belongs to this area, of the edition in force. ``encoding`` is that of a shapefile's text.
    """

    noun: Noun
    path: Path
    fmt: Format
    actor: str
    level: str | None = None
    edition: int | None = None
    datum: Datum = WGS84
    encoding: str = "utf-8"
    personal: bool = False
    within: AreaKey | None = None
    force: bool = False


@dataclass(frozen=True)
class ExportReport:
    """What was written, and what the file lacks; ``crs`` is None without positions."""

    noun: Noun
    path: Path
    rows: int
    facts: tuple[Fact, ...]
    crs: str | None
    encoding: str
    losses: tuple[LayerLoss, ...]
    notes: tuple[str, ...]


def export(conn: Connection, wanted: Export, *, now: datetime, tz: ZoneInfo) -> ExportReport:
    """Write a layer or a table; importing the file again changes nothing.

    A shapefile is a zip with a data dictionary. In a table each shape of a layer is one
    position on it.

    Parameters
    ----------
    now : aware; selects the edition in force and is the date of the file
    tz : time zone of effective dates

    Raises
    ------
    InputError
        when format, encoding, CRS or file name do not fit together, the file exists already, or
        there is nothing to export
    EditionError, NotFoundError
        when there is no such edition, or none in force
    """
    check(wanted)
    content = _read(conn, wanted, now, tz)
    if not len(content):
        raise InputError(
            field="export",
            message=Sentence("there are no {} to export", wanted.noun.replace("_", " ")),
        )
    # Before the file is written: no file with personal data exists without its audit entry.
    if wanted.personal and wanted.noun.has_personal:
        detail = {"rows": len(content), "format": wanted.fmt.value}
        audit.record(conn, wanted.actor, "read_personal", f"export {wanted.noun}", detail)
    losses = write_content(
        content,
        wanted.path,
        wanted.fmt,
        datum=wanted.datum,
        encoding=wanted.encoding,
        made_at=now.astimezone(tz),
    )
    return ExportReport(
        noun=wanted.noun,
        path=wanted.path,
        rows=len(content),
        facts=content.facts,
        crs=wanted.datum.label if wanted.noun.has_shapes else None,
        encoding=wanted.encoding,
        losses=(*content.losses, *losses),
        notes=(*content.notes, *_datum_notes(wanted)),
    )


def check(wanted: Export) -> None:
    """Raise InputError for options that do not fit together, before any work.

    Raises
    ------
    InputError
        naming what to choose instead
    """
    if wanted.fmt not in wanted.noun.formats:
        raise InputError(
            field="format",
            message=Sentence("{} have no shapes; choose csv or xlsx", wanted.noun),
        )
    if wanted.noun is Noun.AREAS and not wanted.level:
        raise InputError(
            field="level", message=Sentence("name the level of the areas to export")
        )
    _check_path(wanted)
    if wanted.encoding not in ENCODINGS:
        raise InputError(
            field="encoding",
            message=Sentence(
                "{} is not one of {}", repr(wanted.encoding), ", ".join(ENCODINGS)
            ),
        )
    if wanted.fmt is not Format.SHP and wanted.encoding != "utf-8":
        raise InputError(
            field="encoding",
            message=Sentence(
                "{} is always UTF-8; the encoding can be chosen only for a shapefile",
                wanted.fmt,
            ),
        )
    try:
        check_datum(wanted.path, wanted.fmt, wanted.datum)
    except CRSError as error:
        raise InputError(
            field="crs", message=Sentence("{}; {}", error.message, error.remedy)
        ) from error


def _check_path(wanted: Export) -> None:
    if wanted.path.exists() and not wanted.force:
        message = f"{wanted.path} is there already; add --force to replace it"
        raise InputError(field="-o", message=message)
    if wanted.path.suffix.lower() in _SUFFIXES[wanted.fmt]:
        return
    message = Sentence(
        "{} does not end in {}", wanted.path.name, " or ".join(_SUFFIXES[wanted.fmt])
    )
    if wanted.fmt is Format.SHP:
        message = Sentence(
            "a shapefile consists of several files and is exported as one "
            "zip: end the name with .zip"
        )
    raise InputError(field="-o", message=message)


def format_of(path: Path) -> Format | None:
    """Return the format for a file name by its suffix, or None if it shows none."""
    suffix = path.suffix.lower()
    return next((fmt for fmt, endings in _SUFFIXES.items() if suffix in endings), None)


def suffix_of(fmt: Format) -> str:
    """Return the suffix of files of this format."""
    return _SUFFIXES[fmt][0]


def _read(conn: Connection, wanted: Export, now: datetime, tz: ZoneInfo) -> ExportContent:
    if wanted.noun is Noun.AREAS and wanted.level is not None:
        edition = edition_to_use(conn, wanted.edition, now)
        scope = _scope(conn, wanted, edition.number)
        return area_content(conn, wanted.level, edition, scope, tz)
    scope = None
    if wanted.within is not None:
        scope = _scope(conn, wanted, edition_to_use(conn, None, now).number)
    return _READ[wanted.noun](conn, scope, personal=wanted.personal)


def _scope(conn: Connection, wanted: Export, edition: int) -> AreaScope | None:
    if wanted.within is None:
        return None
    return area_scope(conn, edition, *wanted.within)


def _datum_notes(wanted: Export) -> tuple[str, ...]:
    if not wanted.noun.has_shapes:
        return ()
    # PROJ knows neither GCJ-02 nor BD-09, so no file can state them.
    if wanted.datum.crs is None:
        return (
            Sentence(
                "ATTENTION: the coordinates are {}, which is no CRS: the file states none, "
                "and only programs that expect it show it in the right place",
                wanted.datum.label,
            ),
        )
    return (wanted.datum.note,) if wanted.datum.note else ()

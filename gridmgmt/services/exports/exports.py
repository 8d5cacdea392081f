"""Export a layer or table to a file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.headings import Language
from gridmgmt.errors import InputError
from gridmgmt.exchange.content.export_content import ExportContent
from gridmgmt.exchange.content.export_files import write_content
from gridmgmt.exchange.layers.layer_out import Format
from gridmgmt.geometry.crs.crs import WGS84, Datum
from gridmgmt.sentence import Sentence
from gridmgmt.services.areas.chosen_editions import edition_to_use
from gridmgmt.services.areas.scopes import AreaScope, area_scope
from gridmgmt.services.exports.areas import area_content
from gridmgmt.services.exports.files import (
    ExportReport,
    check_file,
    check_headings,
    datum_notes,
)
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
from gridmgmt.services.judging.code_names import CodeNames
from gridmgmt.store.accounts import audit


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
        """Return the formats of its files, all of which its import reads."""
        return tuple(one for one in _READABLE if self.has_shapes or one.is_table)


_READABLE = (Format.SHP, Format.GPKG, Format.GEOJSON, Format.CSV, Format.XLSX)
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
    ``language``: a table with headings, names and words for people; None: for programs.
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
    language: Language | None = None


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
    notes = datum_notes(wanted.datum) if wanted.noun.has_shapes else ()
    return ExportReport(
        noun=wanted.noun,
        path=wanted.path,
        rows=len(content),
        facts=content.facts,
        crs=wanted.datum.label if wanted.noun.has_shapes else None,
        encoding=wanted.encoding,
        losses=(*content.losses, *losses),
        notes=(*content.notes, *notes),
    )


def check(wanted: Export) -> None:
    """Raise InputError for options that do not fit together, before any work.

    Raises
    ------
    InputError
        naming what to choose instead
    """
    if wanted.fmt not in wanted.noun.formats:
        message = Sentence("{} have no shapes; choose csv or xlsx", wanted.noun)
        if wanted.noun.has_shapes:
            formats = ", ".join(wanted.noun.formats)
            message = Sentence("choose one of: {}", formats)
        raise InputError(field="format", message=message)
    if wanted.noun is Noun.AREAS and not wanted.level:
        raise InputError(
            field="level", message=Sentence("name the level of the areas to export")
        )
    check_headings(wanted.fmt, wanted.language)
    check_file(
        wanted.path,
        wanted.fmt,
        datum=wanted.datum,
        encoding=wanted.encoding,
        force=wanted.force,
    )


def _read(conn: Connection, wanted: Export, now: datetime, tz: ZoneInfo) -> ExportContent:
    names = None if wanted.language is None else CodeNames(conn, wanted.language)
    if wanted.noun is Noun.AREAS and wanted.level is not None:
        edition = edition_to_use(conn, wanted.edition, now)
        scope = _scope(conn, wanted, edition.number)
        return area_content(conn, wanted.level, edition, scope, tz, names)
    scope = None
    if wanted.within is not None:
        scope = _scope(conn, wanted, edition_to_use(conn, None, now).number)
    return _READ[wanted.noun](conn, scope, personal=wanted.personal, names=names)


def _scope(conn: Connection, wanted: Export, edition: int) -> AreaScope | None:
    if wanted.within is None:
        return None
    return area_scope(conn, edition, *wanted.within)

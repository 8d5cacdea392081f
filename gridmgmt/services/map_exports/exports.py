"""Write a layer of the map to a file."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.engine import Connection

from gridmgmt.errors import InputError
from gridmgmt.exchange.content.export_content import ExportContent, Fact
from gridmgmt.exchange.content.export_files import write_content
from gridmgmt.exchange.layers.layer_out import LayerLoss
from gridmgmt.sentence import Sentence
from gridmgmt.services.exports.files import ExportReport, datum_notes
from gridmgmt.services.map_exports.case_points import case_point_content
from gridmgmt.services.map_exports.densities import contour_content, write_density
from gridmgmt.services.map_exports.figures import figure_content
from gridmgmt.services.map_exports.wanted import MapExport, MapLayer, check

_READ: dict[MapLayer, Callable[[Connection, MapExport], ExportContent]] = {
    MapLayer.FIGURES: figure_content,
    MapLayer.CASE_POINTS: case_point_content,
    MapLayer.CONTOURS: contour_content,
}


def export_map(conn: Connection, wanted: MapExport, *, now: datetime) -> ExportReport:
    """Write what the map shows, with the same figures and under the same edition.

    Parameters
    ----------
    now : aware; the date of the file

    Raises
    ------
    InputError
        when options do not fit together, the file exists already, or there is nothing to export
    NotFoundError
        when there is no such edition, level or area
    """
    check(conn, wanted)
    if wanted.layer is MapLayer.DENSITY:
        pixels, facts = write_density(conn, wanted)
        return _report(wanted, pixels, facts)
    content = _READ[wanted.layer](conn, wanted)
    if not len(content):
        message = Sentence("there are no {} to export", wanted.layer.replace("_", " "))
        raise InputError(field="export", message=message)
    losses = write_content(
        content,
        wanted.path,
        wanted.fmt,
        datum=wanted.datum,
        encoding=wanted.encoding,
        made_at=now.astimezone(wanted.reported.period.tz),
    )
    return _report(
        wanted, len(content), content.facts, content.notes, (*content.losses, *losses)
    )


def _report(
    wanted: MapExport,
    rows: int,
    facts: tuple[Fact, ...],
    notes: tuple[str, ...] = (),
    losses: tuple[LayerLoss, ...] = (),
) -> ExportReport:
    return ExportReport(
        noun=wanted.layer,
        path=wanted.path,
        rows=rows,
        facts=facts,
        crs=wanted.datum.label,
        encoding=wanted.encoding,
        losses=losses,
        notes=(*notes, *datum_notes(wanted.datum)),
    )

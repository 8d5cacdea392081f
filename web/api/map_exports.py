"""What the map shows, in the API: a file for a GIS."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Response, request
from marshmallow import fields, validate

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.services.map_exports.exports import export_map
from gridmgmt.services.map_exports.wanted import MapLayer
from web.api.choices import ChoiceArguments
from web.api.fields import AreaKey, Day, DecimalNumber, Text, WholeNumber
from web.api.operations import Operations
from web.app.transaction import connection
from web.door.access import allow
from web.pages.map_exports import asked_export, check_layer

bp = Operations("api_map_exports", __name__, description="What the map shows, as files")

_BINARY = "application/octet-stream"
_FORMATS = list(dict.fromkeys(fmt.value for layer in MapLayer for fmt in layer.formats))


def _said(text: str) -> dict[str, str]:
    return {"description": text}


class MapExportArguments(ChoiceArguments):
    """A layer's period, edition, ground and format, and a choice of cases."""

    first = Day(data_key="from", metadata=_said("without it thirty days"))
    last = Day(data_key="to", metadata=_said("without it the day of the newest case"))
    edition = WholeNumber(
        validate=validate.Range(1, 10**6), metadata=_said("without it the one in force")
    )
    level = Text(metadata=_said("of the areas with figures; needed for these"))
    area = AreaKey(metadata=_said("level:code; only what lies in it"))
    format = fields.String(
        validate=validate.OneOf(_FORMATS),
        metadata=_said("without it a shapefile (zip), for the density a GeoTIFF"),
    )
    crs = Text(metadata=_said("EPSG:n, gcj02, bd09 or a name of the deployment's own table"))
    encoding = fields.String(
        validate=validate.OneOf(["utf-8", "gb18030"]), metadata=_said("of a shapefile's text")
    )
    headings = fields.String(
        validate=validate.OneOf(["machine", "people"]),
        metadata=_said("of CSV and XLSX: names of fields (without it), or words for people"),
    )
    lang = fields.String(
        validate=validate.OneOf(["zh", "en"]),
        metadata=_said("of headings for people; without it zh"),
    )
    bandwidth_m = DecimalNumber(
        validate=validate.Range(20, 20_000), metadata=_said("without it that of the map")
    )
    bands = fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata=_said("contours as polygons, not lines"),
    )


@bp.operation(
    "GET",
    "/exports/<any(figures, case_points, density, contours):layer>",
    query=MapExportArguments,
    gives={200: {"type": "string", "format": "binary"}},
    media_type=_BINARY,
    refuses=(404, 409, 422),
)
@allow(Permission.EXPORT_LAYERS, Permission.EXPORT_CASES)
def show(args: dict[str, Any], layer: str) -> Any:
    """Return what the map shows as a file.

    Figures are the areas of a level with the counts and rates of a period, case points are
    without personal data, the density is a GeoTIFF in cases per square kilometre. What is in no
    area is said in the file: in its description, its tags, or the dictionary in its zip.
    """
    taken = check_layer(MapLayer(layer))
    with TemporaryDirectory(prefix="gridmgmt-") as folder:
        # Checked by the schema, and read as the pages read them.
        asked = asked_export(request.args, taken, Path(folder))
        wanted = replace(asked, bands=args["bands"])
        report = export_map(connection(), wanted, now=datetime.now(UTC))
        answer = Response(report.path.read_bytes(), content_type=_BINARY)
    answer.headers["Content-Disposition"] = f'attachment; filename="{report.path.name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer

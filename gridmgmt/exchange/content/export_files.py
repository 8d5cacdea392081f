"""Write an export in one of the formats, and list what the format cannot hold."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import GeometryArray, ObjectArray, objects
from gridmgmt.domain.headings import HEADINGS
from gridmgmt.exchange.bytes.safe_tables import safe_text
from gridmgmt.exchange.content.export_content import ExportContent
from gridmgmt.exchange.layers.layer_out import Format, LayerLoss, write_layer
from gridmgmt.exchange.layers.shapefile_out import FieldMeaning, layers_of, write_shapefile
from gridmgmt.exchange.tables.tables import write_table
from gridmgmt.geometry.crs.crs import Datum, from_lonlat
from gridmgmt.sentence import Sentence

# Finer than the storage grid (1e-8 degrees, about a millimetre), so that rounding finds the
# same grid point again.
_DIGITS_STORED, _DIGITS_DEGREES, _DIGITS_METRES = 8, 11, 5


def write_content(
    content: ExportContent,
    path: Path,
    fmt: Format,
    *,
    datum: Datum,
    encoding: str,
    made_at: datetime,
) -> list[LayerLoss]:
    """Write a layer or a table; the file appears only when it is complete.

    Returns
    -------
    what the file cannot hold
    """
    if fmt.is_table or content.geoms is None:
        return _write_table(content, path, fmt, datum)
    if fmt is Format.SHP:
        return _write_shapefile(content, content.geoms, path, datum, encoding, made_at)
    return write_layer(
        path,
        fmt=fmt,
        name=content.name,
        geoms=content.geoms,
        columns=content.named(shortly=False),
        datum=datum,
        description="; ".join(
            [*(f"{one.key} {one.value}" for one in content.facts), f"coordinates {datum.label}"]
        ),
        titles={one.name: one.title for one in content.fields},
    )


def _write_shapefile(
    content: ExportContent,
    geoms: GeometryArray,
    path: Path,
    datum: Datum,
    encoding: str,
    made_at: datetime,
) -> list[LayerLoss]:
    layers = layers_of(content.name, geoms)
    lines = [one.line(shortly=True) for one in content.fields]
    lines += _facts(content, datum, encoding, made_at)
    losses = write_shapefile(
        path,
        name=content.name,
        geoms=geoms,
        columns=content.named(shortly=True),
        rows=content.keys,
        datum=datum,
        encoding=encoding,
        dictionary=lines,
    )
    if len(layers) > 1:
        counted = ", ".join(f"{name} ({int(these.sum()):,})" for name, these in layers.items())
        what = Sentence(
            "a shapefile holds one kind of shape, so the zip holds several: {}", counted
        )
        losses.append(LayerLoss("", "", what))
    return losses


def _facts(
    content: ExportContent, datum: Datum, encoding: str, made_at: datetime
) -> list[FieldMeaning]:
    """Return the dictionary lines about the file itself; their field begins with #."""
    crs = crs_zh = datum.label
    if datum.crs is None:
        crs = f"{crs}: NOT a CRS, so there is no .prj; hundreds of metres off WGS 84"
        crs_zh = f"{crs_zh}：不是坐标系，因此没有 .prj；与 WGS 84 相差数百米"
    elif datum.crs.name != crs:
        crs = crs_zh = f"{crs} ({datum.crs.name})"
    facts = [
        *((one.key, one.name_en, one.name_zh, one.value) for one in content.facts),
        ("crs", "Coordinate reference system", "坐标系", crs),
        ("encoding", "Encoding of the .dbf", "编码方式", encoding.upper()),
        ("rows", "Rows", "记录数", str(len(content))),
        ("made", "Made", "制作时间", made_at.isoformat(timespec="seconds")),
    ]
    return [
        FieldMeaning(f"#{key}", en, zh, "", "", value, crs_zh if key == "crs" else value)
        for key, en, zh, value in facts
    ]


def _write_table(
    content: ExportContent, path: Path, fmt: Format, datum: Datum
) -> list[LayerLoss]:
    columns = content.named(shortly=False)
    losses: list[LayerLoss] = []
    if content.geoms is not None:
        positions, losses = _positions(content.geoms, datum)
        if content.language is not None:
            known = HEADINGS["positions"]
            positions = {
                known[name].said(content.language): values for name, values in positions.items()
            }
        columns |= positions
    if fmt is Format.CSV:
        losses += _quoted(content, columns)
    rows = zip(*columns.values(), strict=True)
    write_table(path, list(columns), rows, sheet=content.sheet)
    return losses


def _positions(
    geoms: GeometryArray, datum: Datum
) -> tuple[dict[str, ObjectArray], list[LayerLoss]]:
    """Return one position on each shape, in the datum, and what this leaves out."""
    points = objects(_point_on(geom) for geom in geoms)
    x, y = from_lonlat(shapely.get_x(points), shapely.get_y(points), datum)
    names, digits = ("lon", "lat"), _DIGITS_DEGREES
    if datum.is_stored_form:
        digits = _DIGITS_STORED
    elif not datum.is_lonlat_degrees:
        names, digits = ("x", "y"), _DIGITS_METRES
    kinds = Counter(geom.geom_type.removeprefix("Multi").lower() for geom in geoms)
    shapes = sum(count for kind, count in kinds.items() if kind != "point")
    losses = []
    if shapes:
        what = Sentence(
            "a table carries no shapes: {} leave as one position on each", f"{shapes:,}"
        )
        losses.append(LayerLoss("", ", ".join(names), what))
    if not datum.is_stored_form:
        what = Sentence(
            "a table does not state its CRS, which is {}; tell the receiver", datum.label
        )
        losses.append(LayerLoss("", ", ".join(names), what))
    columns = (objects(x.round(digits).tolist()), objects(y.round(digits).tolist()))
    return dict(zip(names, columns, strict=True)), losses


def _point_on(geom: BaseGeometry) -> BaseGeometry:
    """Return the point itself, the middle of the longest line, or a point in the polygon."""
    if geom.geom_type == "Point":
        return geom
    point: BaseGeometry
    if geom.geom_type == "MultiLineString":
        longest = max(shapely.get_parts(geom), key=shapely.length)
        point = shapely.line_interpolate_point(longest, 0.5, normalized=True)
    else:
        point = shapely.point_on_surface(geom)
    return point


def _quoted(content: ExportContent, columns: dict[str, ObjectArray]) -> list[LayerLoss]:
    """Return the texts that a spreadsheet would evaluate as formulas.

    CSV cannot protect them without changing them.
    """
    return [
        LayerLoss(
            key,
            name,
            Sentence("begins with {}, so a ' stands before it; .xlsx keeps it", repr(value[0])),
        )
        for name, values in columns.items()
        for key, value in zip(content.keys, values, strict=True)
        if isinstance(value, str) and safe_text(value) != value
    ]

"""Write a draft as a GeoPackage: a layer for each level, and for the level in its base."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from gridmgmt.arrays import ObjectArray, objects
from gridmgmt.domain.areas.attributes import AreaAttribute, AttributeKind
from gridmgmt.exchange.bytes.safe_tables import replacing
from gridmgmt.exchange.layers.draft_files.marks import DraftMark, add_mark
from gridmgmt.exchange.layers.draft_files.styles import add_styles, base_style, level_style
from gridmgmt.exchange.layers.layer_out import Format, write_gdal
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.crs.crs import WGS84

# What the columns of a level are called, in the file and where it is read again.
CODE, NAME, PARENT = "code", "name", "parent"

_GEOMETRY = "geom"


def base_layer(level: str) -> str:
    """Return the name of the layer of a level in the base; no level can have that name."""
    return f"{level}-base"


def write_draft(
    path: Path,
    mark: DraftMark,
    levels: Sequence[LevelAreas],
    base: Sequence[LevelAreas],
    declared: Mapping[str, Sequence[AreaAttribute]] | None = None,
) -> None:
    """Write the areas of a draft, and beside them those of its base edition.

    Coordinates are written as they are stored, lon/lat in WGS 84; the file appears only when it
    is complete.

    Parameters
    ----------
    levels, base : from the topmost level down, each with areas
    declared : the attributes that each level has a column for

    Raises
    ------
    LayerError
        when the file cannot be written
    """
    with replacing(path) as temporary:
        target = temporary.with_suffix(".gpkg")
        own, styles = declared or {}, {}
        for rank, areas in enumerate(levels):
            columns = own.get(areas.level, ())
            _add(path, target, areas.level, areas, columns)
            styles[areas.level] = level_style(rank, len(levels), columns)
        for areas in base:
            layer = base_layer(areas.level)
            _add(path, target, layer, areas, own.get(areas.level, ()))
            styles[layer] = base_style()
        add_styles(target, styles, geometry_column=_GEOMETRY)
        add_mark(target, mark)
        target.replace(temporary)


def _add(
    path: Path,
    target: Path,
    layer: str,
    areas: LevelAreas,
    declared: Sequence[AreaAttribute],
) -> None:
    columns = {CODE: areas.codes, NAME: areas.names, PARENT: areas.parent_codes}
    columns |= {one.name: _values(areas, one) for one in declared}
    write_gdal(
        path,
        target,
        Format.GPKG,
        areas.geoms,
        columns,
        WGS84,
        layer=layer,
        # The version that the GDAL of QGIS 3.22 knows without a warning.
        dataset_options={"VERSION": "1.2"},
        layer_options={"GEOMETRY_NAME": _GEOMETRY},
    )


def _values(areas: LevelAreas, attribute: AreaAttribute) -> ObjectArray:
    values = [each.get(attribute.name) for each in areas.attributes]
    if attribute.kind is AttributeKind.NUMBER:
        # An editor offers a field of numbers, also for those that are whole.
        return objects(None if value is None else float(value) for value in values)
    return objects(values)

"""Write a draft as a GeoPackage: a layer for each level, and for the level in its base."""

from collections.abc import Sequence
from pathlib import Path

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
    path: Path, mark: DraftMark, levels: Sequence[LevelAreas], base: Sequence[LevelAreas]
) -> None:
    """Write the areas of a draft, and beside them those of its base edition.

    Coordinates are written as they are stored, lon/lat in WGS 84; the file appears only when it
    is complete.

    Parameters
    ----------
    levels, base : from the topmost level down, each with areas

    Raises
    ------
    LayerError
        when the file cannot be written
    """
    with replacing(path) as temporary:
        target = temporary.with_suffix(".gpkg")
        styles = {}
        for rank, areas in enumerate(levels):
            _add(path, target, areas.level, areas)
            styles[areas.level] = level_style(rank, len(levels))
        for areas in base:
            _add(path, target, base_layer(areas.level), areas)
            styles[base_layer(areas.level)] = base_style()
        add_styles(target, styles, geometry_column=_GEOMETRY)
        add_mark(target, mark)
        target.replace(temporary)


def _add(path: Path, target: Path, layer: str, areas: LevelAreas) -> None:
    columns = {CODE: areas.codes, NAME: areas.names, PARENT: areas.parent_codes}
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

"""Styles of the layers of a draft: QGIS reads them from the GeoPackage by itself."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from xml.sax.saxutils import quoteattr

from gridmgmt.domain.areas.attributes import AreaAttribute
from gridmgmt.exchange.layers.draft_files.forms import form_of
from gridmgmt.exchange.layers.draft_files.marks import add_to_contents

# The columns that QGIS gives its own table.
_TABLE = """CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  f_table_catalog TEXT,
  f_table_schema TEXT,
  f_table_name TEXT,
  f_geometry_column TEXT,
  styleName TEXT,
  styleQML TEXT,
  styleSLD TEXT,
  useAsDefault BOOLEAN,
  description TEXT,
  owner TEXT,
  ui TEXT,
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)"""
_INSERT = """INSERT INTO layer_styles
  (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,
   useAsDefault, description, owner)
VALUES ('', '', ?, ?, ?, ?, 1, '', '')"""

# Red, green and blue of a level's borders, from the topmost level down; and of the base.
_COLOURS = ("122,31,92", "31,78,121", "70,70,70")
_BASE = "200,80,0"
# Borders of the topmost level in millimetres; each level below has two thirds of it.
_WIDTH_MM, _NARROWER = 1.1, 0.65
# Labels of the deepest level are drawn from this scale on: before, they cover each other.
_LABELS_FROM = 15_000

_CATEGORIES = "Symbology|Labeling"

_STYLE = """<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="{categories}" labelsEnabled="{labels}">
<renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0" forceraster="0">
<symbols><symbol name="0" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
<layer class="SimpleFill" enabled="1" locked="0" pass="0">
<Option type="Map">
<Option name="color" type="QString" value="{colour},{alpha}"/>
<Option name="style" type="QString" value="{fill}"/>
<Option name="joinstyle" type="QString" value="round"/>
<Option name="outline_color" type="QString" value="{colour},255"/>
<Option name="outline_style" type="QString" value="{line}"/>
<Option name="outline_width" type="QString" value="{width:.2f}"/>
<Option name="outline_width_unit" type="QString" value="MM"/>
</Option>
</layer>
</symbol></symbols>
</renderer-v2>
<labeling type="simple"><settings calloutType="simple">
<text-style fieldName={label} isExpression="1" fontSize="{size}" fontSizeUnit="Point"
 fontWeight="{weight}" textColor="{colour},255" textOpacity="1" multilineHeight="1">
<text-buffer bufferDraw="1" bufferSize="0.8" bufferSizeUnits="MM" bufferColor="255,255,255,255"
 bufferOpacity="0.9" bufferNoFill="1"/>
</text-style>
<placement placement="4" centroidWhole="0" centroidInside="1" fitInPolygonOnly="0"/>
<rendering drawLabels="1" scaleVisibility="{by_scale}" scaleMin="0" scaleMax="{scale}"
 obstacle="0" labelPerPart="0"/>
</settings></labeling>
{form}<layerGeometryType>2</layerGeometryType>
</qgis>
"""


def level_style(rank: int, levels: int, declared: Sequence[AreaAttribute] = ()) -> str:
    """Return the style of a level in QGIS's own language (QML).

    Parameters
    ----------
    rank : of the level among those of the file, 0 for the topmost
    levels : how many levels the file has
    declared : the attributes that the level has a column for
    """
    deepest = rank == levels - 1
    return _STYLE.format(
        labels=1,
        colour=_COLOURS[min(rank + max(len(_COLOURS) - levels, 0), len(_COLOURS) - 1)],
        alpha=28 if deepest else 0,
        fill="solid" if deepest else "no",
        line="solid",
        width=_WIDTH_MM * _NARROWER**rank,
        label=quoteattr('"code" || \'\\n\' || "name"' if deepest else '"name"'),
        size=8 if deepest else 10 + levels - rank,
        weight=50 if deepest else 75,
        by_scale=int(deepest and levels > 1),
        scale=_LABELS_FROM,
        form=form_of(declared),
        categories=_CATEGORIES + ("|Fields|Forms" if declared else ""),
    )


def base_style() -> str:
    """Return the style of a level of the base edition: dashed borders alone."""
    return _STYLE.format(
        labels=0,
        colour=_BASE,
        alpha=0,
        fill="no",
        line="dash",
        width=0.3,
        label=quoteattr('"code"'),
        size=8,
        weight=50,
        by_scale=0,
        scale=0,
        form="",
        categories=_CATEGORIES,
    )


def add_styles(path: Path, styles: Mapping[str, str], *, geometry_column: str) -> None:
    """Write the styles of layers into a GeoPackage that has none, as what QGIS draws first."""
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(_TABLE)
        add_to_contents(file, "layer_styles")
        file.executemany(
            _INSERT,
            [(layer, geometry_column, layer, style) for layer, style in styles.items()],
        )

"""Know the kinds of layer files: the driver that reads each, and the suffixes that mean it."""

from dataclasses import dataclass
from typing import Literal

from gridmgmt.sentence import Sentence

Kind = Literal[
    "Shapefile",
    "GeoPackage",
    "GeoJSON",
    "FlatGeobuf",
    "KML",
    "MapInfo TAB",
    "MapInfo MIF",
    "File Geodatabase",
    "GML",
    "DXF",
]


@dataclass(frozen=True)
class LayerKind:
    """One kind of layer files.

    ``suffixes`` are those of the file to name, in lower case. ``is_single_file`` is False where
    companions or a folder belong to it, so that a page takes it only as a zip. With
    ``has_layers``, a file may hold several layers with names of their own.
    """

    driver: str
    suffixes: tuple[str, ...]
    has_layers: bool = False
    is_single_file: bool = True


KINDS: dict[Kind, LayerKind] = {
    "Shapefile": LayerKind("ESRI Shapefile", (".shp",), is_single_file=False),
    "GeoPackage": LayerKind("GPKG", (".gpkg",), has_layers=True),
    "GeoJSON": LayerKind("GeoJSON", (".geojson", ".json", ".geojsonl", ".geojsons")),
    "FlatGeobuf": LayerKind("FlatGeobuf", (".fgb",)),
    "KML": LayerKind("LIBKML", (".kml",), has_layers=True),
    "MapInfo TAB": LayerKind("MapInfo File", (".tab",), is_single_file=False),
    "MapInfo MIF": LayerKind("MapInfo File", (".mif",), is_single_file=False),
    "File Geodatabase": LayerKind(
        "OpenFileGDB", (".gdb",), has_layers=True, is_single_file=False
    ),
    "GML": LayerKind("GML", (".gml",), has_layers=True),
    "DXF": LayerKind("DXF", (".dxf",)),
}

SUFFIXES = tuple(suffix for kind in KINDS.values() for suffix in kind.suffixes)

# What a form on a page takes.
UPLOAD_SUFFIXES = (
    ".zip",
    *(one for kind in KINDS.values() if kind.is_single_file for one in kind.suffixes),
)

ACCEPTED = Sentence(
    "Shapefile (.shp, folder or .zip), GeoPackage, GeoJSON, FlatGeobuf, KML, GML, DXF, "
    "MapInfo (.tab or .mif with its companions, folder or .zip), "
    "File Geodatabase (.gdb folder or .zip)"
)

"""Find the layers behind a path by content, since names and suffixes may be wrong."""

import json
import mmap
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.archives import unpacked
from gridmgmt.exchange.bytes.encodings import encoding_by_bytes
from gridmgmt.exchange.bytes.streams import head
from gridmgmt.exchange.layers.companions import companion
from gridmgmt.exchange.layers.geojson.first_look import (
    RECORD_SEPARATOR,
    is_geojson,
    json_type,
)
from gridmgmt.exchange.layers.layer_kinds import ACCEPTED, SUFFIXES, Kind
from gridmgmt.exchange.layers.mapinfo.tab import HEAD_BYTES, Tab
from gridmgmt.sentence import Sentence

_GEOPACKAGE_IDS = (b"GPKG", b"GP10", b"GP11")
_TOPOJSON_TYPE = "Topology"
_BOM = b"\xef\xbb\xbf"
# The name of the first element, behind declarations and comments.
_FIRST_ELEMENT = re.compile(rb"(?:\s|<\?.*?\?>|<!--.*?-->)*<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL)
# A drawing begins with a section, comments (999) may stand before it.
_DRAWING = re.compile(rb"(?:999\r?\n[^\n]*\n\s*)*0\r?\n\s*SECTION\b")
# Parts of layers, and the part to name instead.
_PARTS = {
    **dict.fromkeys((".dbf", ".shx", ".prj", ".cpg"), (Sentence("a shapefile"), ".shp")),
    **dict.fromkeys((".dat", ".map", ".id", ".ind"), (Sentence("a MapInfo table"), ".tab")),
    ".mid": (Sentence("a MapInfo table"), ".mif"),
    **dict.fromkeys((".gdbtable", ".gdbtablx"), (Sentence("a File Geodatabase"), ".gdb")),
}


@dataclass(frozen=True)
class LayerSource:
    """One readable file: its path, its kind, its name for people, and notes for them.

    ``time_fields`` are the positions of fields whose text the file declares as dates or times.
    """

    path: Path
    kind: Kind
    shown: str
    notes: tuple[str, ...] = ()
    time_fields: tuple[int, ...] = ()

    def sibling(self, suffix: str) -> Path | None:
        """Return the file with the same name and another suffix, as ``companion`` does."""
        is_own = suffix.lower() == self.path.suffix.lower()
        return self.path if is_own else companion(self.path, suffix)


@contextmanager
def opened(path: Path) -> Iterator[list[LayerSource]]:
    """Yield the readable files behind a path, at least one.

    A folder or a zip is searched; a zip is first unpacked into a temporary folder that exists
    during the block.

    Raises
    ------
    LayerError
        also for a file within the block that may not be opened: a link that leads out of the
        folder, or a file of somebody else
    """
    try:
        with _found(path) as sources:
            yield sources
    except PermissionError as error:
        raise LayerError(
            path,
            Sentence("{} cannot be opened ({})", repr(_within(path, error)), error.strerror),
            remedy=Sentence(
                "give a copy in which every file is a plain file that may be read, or name the "
                "one layer's file instead of its folder"
            ),
        ) from error


def _within(path: Path, error: PermissionError) -> str:
    file = str(error.filename or path)
    return file.removeprefix(f"{path}{os.sep}")


@contextmanager
def _found(path: Path) -> Iterator[list[LayerSource]]:
    if not path.exists():
        raise LayerError(path, Sentence("there is no such file or folder"))
    if path.is_dir():
        yield [_geodatabase(path, path)] if _is_geodatabase(path) else _in_folder(path, path)
        return
    if head(path, 4)[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        with unpacked(path) as folder:
            is_one = _is_geodatabase(folder)
            yield [_geodatabase(path, folder)] if is_one else _in_folder(path, folder)
        return
    yield [LayerSource(path, kind_of(path, str(path)), str(path))]


def _in_folder(path: Path, folder: Path) -> list[LayerSource]:
    # A person's folder may be large and have other work in its subfolders; a zip is one
    # delivery.
    found = folder.rglob("*") if folder != path else folder.glob("*")
    files = sorted(file for file in found if _may_be_layer(file))
    if not files:
        raise LayerError(
            path, Sentence("holds no layer"), remedy=Sentence("give one of: {}", ACCEPTED)
        )
    return [_source(path, folder, file) for file in files]


def _may_be_layer(file: Path) -> bool:
    if not file.is_file():
        return _is_geodatabase(file)
    suffix = file.suffix.lower()
    # Other programs leave .json and .tab files beside a layer; other suffixes do mean a layer.
    if suffix == ".json":
        return is_geojson(file)
    if suffix == ".tab":
        return Tab(head(file, HEAD_BYTES)).has_rows_beside
    return suffix in SUFFIXES


def _source(path: Path, folder: Path, file: Path) -> LayerSource:
    shown = f"{path}/{file.relative_to(folder)}"
    if file.is_dir():
        return LayerSource(file, "File Geodatabase", shown)
    return LayerSource(file, kind_of(file, shown), shown)


def _is_geodatabase(folder: Path) -> bool:
    # The first table is the catalogue of the others.
    is_named = folder.suffix.lower() == ".gdb" and folder.is_dir()
    return is_named or (folder / "a00000001.gdbtable").is_file()


def _geodatabase(path: Path, folder: Path) -> LayerSource:
    return LayerSource(folder, "File Geodatabase", str(path))


def kind_of(file: Path, shown: str) -> Kind:
    """Return the kind of a file by its first bytes; raise LayerError if it is not readable."""
    start = head(file, 8192)
    if not start:
        raise LayerError.of_nothing(shown, Sentence("is empty"))
    kind = _kind_by_content(file, start)
    if kind is None:
        raise LayerError(
            shown, _stranger(file, start), remedy=Sentence("give one of: {}", ACCEPTED)
        )
    if kind == "KML":
        _check_kml(file, shown)
    return kind


def _kind_by_content(file: Path, start: bytes) -> Kind | None:
    if encoding := encoding_by_bytes(start):
        start = start.decode(encoding, "ignore").encode()
    if start[:4] == b"\x00\x00\x27\x0a" and file.suffix.lower() == ".shp":
        return "Shapefile"
    if start.startswith(b"SQLite format 3\0"):
        is_geopackage = start[68:72] in _GEOPACKAGE_IDS or file.suffix.lower() == ".gpkg"
        return "GeoPackage" if is_geopackage else None
    if start.startswith(b"fgb\x03fgb"):
        return "FlatGeobuf"
    return _kind_by_text(file, start.removeprefix(_BOM).lstrip())


def _kind_by_text(file: Path, text: bytes) -> Kind | None:
    if text[:6].lower() == b"!table":
        return "MapInfo TAB"
    if text[:7].lower() == b"version" and file.suffix.lower() == ".mif":
        return "MapInfo MIF"
    if text.removeprefix(RECORD_SEPARATOR).lstrip().startswith(b"{"):
        return "GeoJSON" if is_geojson(file) else None
    if _DRAWING.match(text):
        return "DXF"
    if not text.startswith(b"<"):
        return None
    if _root(file) == "kml":
        return "KML"
    return "GML" if b"opengis.net/gml" in text else None


def _stranger(file: Path, start: bytes) -> str:
    suffix = file.suffix.lower()
    if encoding := encoding_by_bytes(start):
        start = start.decode(encoding, "ignore").encode()
    text = start.removeprefix(_BOM).lstrip()
    if suffix in _PARTS:
        whole, named = _PARTS[suffix]
        return Sentence(
            "is only the {} part of {}; the {} is what to give", suffix, whole, named
        )
    if text.startswith(b"{") and json_type(file) == _TOPOJSON_TYPE:
        return Sentence("is TopoJSON; export it as GeoJSON")
    if text.startswith((b"{", b"[")):
        return _json_fault(file)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return Sentence("is an old Excel or Word file, not a layer; save its table as .xlsx")
    if start.startswith(b"AutoCAD Binary DXF"):
        return Sentence("is a binary DXF; save it as DXF in text form (ASCII)")
    if start.startswith(b"AC10"):
        return Sentence("is a DWG drawing; save it as DXF")
    if start.startswith(b"\x1f\x8b"):
        return Sentence("is compressed with gzip; unpack it first")
    if suffix in SUFFIXES:
        return Sentence("is not what its suffix {} says: the content is something else", suffix)
    return Sentence("is not a layer that can be read")


def _json_fault(file: Path) -> str:
    try:
        json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        return Sentence("is not valid JSON ({})", error)
    return Sentence("is JSON, but not GeoJSON")


def _root(file: Path) -> str:
    with suppress(ET.ParseError, LookupError, ValueError), file.open("rb") as stream:
        for _, element in ET.iterparse(stream, events=("start",)):
            return str(element.tag).rpartition("}")[2]
    # Text in an encoding that the parser does not know, or that is none of it.
    found = _FIRST_ELEMENT.match(head(file, 8192).removeprefix(_BOM))
    return found[1].decode("latin-1") if found else ""


def _check_kml(file: Path, shown: str) -> None:
    """Raise LayerError for constructs that can make a small file huge."""
    with (
        file.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        is_declared = text.find(b"<!DOCTYPE") >= 0 or text.find(b"<!ENTITY") >= 0
    if is_declared:
        raise entities_declared(shown)


def entities_declared(shown: str) -> LayerError:
    """Return an error for a KML file that declares entities."""
    return LayerError(shown, Sentence("declares XML entities, which a KML layer does not need"))

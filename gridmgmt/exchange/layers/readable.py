"""Make a layer's files readable for GDAL: complete, undamaged, text in a proven encoding."""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.dbf import Dbf
from gridmgmt.exchange.layers.dbf_text import dbf_text
from gridmgmt.exchange.layers.geojson import crs_member, proven_encoding, write_as_utf8
from gridmgmt.exchange.layers.kml import with_text_fields
from gridmgmt.exchange.layers.mapinfo.tables import checked_mif, checked_tab
from gridmgmt.exchange.layers.private_copies import copy_with, private_folder
from gridmgmt.exchange.layers.shapefile_parts import check_counts
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence

_COMPANIONS = (".shx", ".dbf")
_BESIDE = (".shp", ".shx", ".prj")
_CHECKED = {"MapInfo TAB": checked_tab, "MapInfo MIF": checked_mif}


@dataclass(frozen=True)
class Readable:
    """The file that GDAL may read, the encoding of its text, and notes for people.

    ``crs_member`` is the GeoJSON crs member, if there is one. ``deleted`` is the number of rows
    of a shapefile that are marked as deleted. ``features`` is the number of features that GDAL
    must find, where the file announces it.
    """

    source: LayerSource
    encoding: str
    notes: tuple[str, ...]
    crs_member: dict[str, Any] | None = None
    deleted: int = 0
    features: int | None = None


def readable(source: LayerSource, asked: str | None, stack: ExitStack) -> Readable:
    """Check a file and find its encoding; necessary copies exist as long as the stack.

    ``asked`` is the encoding a person stated. Raises LayerError for a shapefile with missing or
    cut parts, and for text that is not UTF-8 and whose encoding nobody stated.
    """
    if source.kind == "Shapefile":
        table = _checked_table(source)
        text = dbf_text(table, source.sibling(".cpg"), asked)
        if text.mended is not None:
            source = copy_with(source, {".dbf": text.mended}, _BESIDE, stack)
        notes = (*text.notes, *table.deleted_notes())
        return Readable(source, text.encoding, notes, deleted=len(table.deleted))
    if source.kind == "GeoJSON":
        encoding = proven_encoding(source, asked)
        if encoding != "utf-8":
            source = _as_utf8(source, encoding, stack)
        return Readable(source, encoding, (), crs_member(source))
    if source.kind in _CHECKED:
        checked = _CHECKED[source.kind](source, asked, stack)
        return Readable(
            checked.source, checked.encoding, checked.notes, features=checked.features
        )
    if source.kind == "KML":
        source = with_text_fields(source, stack)
    unused = (Sentence("a {} states its own encoding; --encoding was not used", source.kind),)
    return Readable(source, "utf-8", unused if asked is not None else ())


def check_feature_count(source: LayerSource, expected: int, found: int) -> None:
    """Raise LayerError if GDAL finds fewer features than the file announces."""
    if found < expected:
        raise LayerError(
            source.shown,
            Sentence(
                "is cut or damaged: it announces {} features, and {} can be read",
                f"{expected:,}",
                f"{found:,}",
            ),
            remedy=Sentence(
                "save the table anew in the program it comes from, and send all the files of "
                "that one export"
            ),
        )


def _checked_table(source: LayerSource) -> Dbf:
    """Return the .dbf of a shapefile whose parts are all there and belong together."""
    missing = [suffix for suffix in _COMPANIONS if source.sibling(suffix) is None]
    if missing:
        raise LayerError(
            source.shown,
            Sentence("a shapefile is several files; missing beside it: {}", ", ".join(missing)),
            remedy=Sentence("send all of them together"),
        )
    with source.path.open("rb") as stream:
        announced = 2 * int.from_bytes(stream.read(28)[24:28], "big")
    there = source.path.stat().st_size
    if there < max(announced, 100):
        raise LayerError(
            source.shown,
            Sentence(
                "the .shp is cut: {} bytes announced, {} there", f"{announced:,}", f"{there:,}"
            ),
            remedy=Sentence("send it again"),
        )
    dbf, shx = source.sibling(".dbf"), source.sibling(".shx")
    assert dbf is not None
    assert shx is not None
    table = Dbf(source.shown, dbf)
    check_counts(source, shx, table.rows)
    return table


def _as_utf8(source: LayerSource, encoding: str, stack: ExitStack) -> LayerSource:
    """Write GeoJSON as UTF-8, the only encoding in which GDAL reads it."""
    recoded = private_folder(stack) / source.path.name
    write_as_utf8(source.path, encoding, recoded)
    return replace(source, path=recoded)

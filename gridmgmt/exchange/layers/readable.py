"""Make a layer's files readable for GDAL: complete, undamaged, text in a proven encoding."""

from collections.abc import Callable
from contextlib import ExitStack

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.companions import check_companions
from gridmgmt.exchange.layers.dxf.copies import checked_dxf
from gridmgmt.exchange.layers.geojson.crs_member import crs_member
from gridmgmt.exchange.layers.geojson.members import checked_members, member_notes
from gridmgmt.exchange.layers.geojson.sequences import as_collection
from gridmgmt.exchange.layers.geojson.text import as_utf8, proven_encoding
from gridmgmt.exchange.layers.gml.copies import checked_gml
from gridmgmt.exchange.layers.kml import checked_kml
from gridmgmt.exchange.layers.layer_kinds import Kind
from gridmgmt.exchange.layers.mapinfo.tables import checked_mif, checked_tab
from gridmgmt.exchange.layers.private_copies import copy_with, named_alike
from gridmgmt.exchange.layers.readable_file import Readable
from gridmgmt.exchange.layers.shapefile.counts import check_counts
from gridmgmt.exchange.layers.shapefile.dbf import Dbf
from gridmgmt.exchange.layers.shapefile.dbf_text import dbf_text
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence

_COMPANIONS = (".shx", ".dbf")
_BESIDE = (".shp", ".shx", ".prj")
_ALL = (*_BESIDE, ".dbf", ".cpg")
_CHECKED: dict[Kind, Callable[[LayerSource, str | None, ExitStack], Readable]] = {
    "MapInfo TAB": checked_tab,
    "MapInfo MIF": checked_mif,
    "GML": checked_gml,
    "DXF": checked_dxf,
}


def readable(source: LayerSource, asked: str | None, stack: ExitStack) -> Readable:
    """Check a file and find its encoding; necessary copies exist as long as the stack.

    ``asked`` is the encoding a person stated. Raises LayerError for a shapefile with missing or
    cut parts, and for text that is not UTF-8 and whose encoding nobody stated.
    """
    if source.kind == "Shapefile":
        table = _checked_table(source)
        source = named_alike(source, _ALL, stack)
        text = dbf_text(table, source.sibling(".cpg"), asked)
        if text.mended is not None:
            source = copy_with(source, {".dbf": text.mended}, _BESIDE, stack)
        notes = (*text.notes, *table.deleted_notes())
        return Readable(source, text.encoding, notes, deleted=len(table.deleted), cut=text.cut)
    if source.kind == "GeoJSON":
        encoding, told = proven_encoding(source, asked)
        source = as_collection(as_utf8(source, encoding, stack), stack)
        facts = checked_members(source)
        return Readable(
            source,
            encoding,
            (*told, *member_notes(facts)),
            crs_member(source),
            odd=frozenset(facts.odd),
            faults=facts.shapes,
        )
    if source.kind in _CHECKED:
        return _CHECKED[source.kind](source, asked, stack)
    if source.kind == "KML":
        return Readable(checked_kml(source, stack), "utf-8", ())
    unused = (Sentence("a {} states its own encoding; --encoding was not used", source.kind),)
    return Readable(source, "utf-8", unused if asked is not None else ())


def check_feature_count(source: LayerSource, expected: int, found: int) -> None:
    """Raise LayerError if GDAL finds fewer features than the file announces."""
    if found < expected:
        raise LayerError(
            source.shown,
            Sentence(
                "it holds {} features, and only {} can be read",
                f"{expected:,}",
                f"{found:,}",
            ),
            remedy=Sentence(
                "save it anew in the program it comes from, as plain points, lines and "
                "polygons, and send all its files"
            ),
        )


def _checked_table(source: LayerSource) -> Dbf:
    """Return the .dbf of a shapefile whose parts are all there and belong together."""
    check_companions(source.path, source.shown, Sentence("a shapefile"), _COMPANIONS)
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

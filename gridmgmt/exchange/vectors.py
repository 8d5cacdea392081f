"""Vector layers in: lon/lat on the storage grid, with everything a person should be told."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely

from gridmgmt.errors import CRSError, FieldError, GeometryError, LayerError
from gridmgmt.exchange.dbf import dbf_text
from gridmgmt.exchange.gdal import Content, layer_names, read_content
from gridmgmt.exchange.geojson import checked_geojson
from gridmgmt.exchange.parquet_rows import plain_text
from gridmgmt.exchange.positions import choose_datum, datum_notes
from gridmgmt.exchange.sources import Source, listed, opened
from gridmgmt.geometry.arrays import GeometryArray, IntArray, ObjectArray
from gridmgmt.geometry.crs import Datum, geometries_to_lonlat
from gridmgmt.geometry.measure import on_grid

_COMPANIONS = (".shx", ".dbf")


@dataclass(frozen=True)
class Layer:
    """One layer of a file, read whole.

    ``geom[i]`` is lon/lat (EPSG:4326), two-dimensional, on the storage grid, None where the
    file has no geometry; invalid rings are left as they are. ``feature[i]`` is the 1-based
    number of the feature in the file, also when ``where`` picked some. ``fields`` hold values
    as given, None for null. ``datum`` is what the coordinates were taken to be, ``encoding``
    that of the text, and ``notes`` whole sentences for people.
    """

    path: Path
    name: str
    datum: Datum
    encoding: str | None
    fields: dict[str, ObjectArray]
    feature: IntArray
    geom: GeometryArray
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.feature)


def read_layer(
    path: Path | str,
    *,
    layer: str | None = None,
    where: str | None = None,
    datum: Datum | None = None,
    encoding: str | None = None,
) -> Layer:
    """Read a layer from a Shapefile, GeoPackage, GeoJSON, FlatGeobuf or KML file.

    A Shapefile may be its ``.shp``, a folder or a zip. ``where`` is an OGR SQL condition.
    ``datum`` and ``encoding`` are what a person said and win over what the file says. Where
    nobody says, nothing is guessed: a missing CRS, an unknown encoding and several layers of
    which none is named are refused with the flag to use.

    Raises
    ------
    CRSError, LayerError
        with the path as a person knows it and what to do; nothing is loaded in part
    """
    path = Path(path)
    with ExitStack() as stack:
        source, name = _pick(path, stack.enter_context(opened(path)), layer)
        notes: list[str] = []
        encoding_used = _prepare_text(source, encoding, notes)
        readable = _recoded(source, encoding_used, stack)
        content = read_content(readable, name, where, _gdal_encoding(source, encoding_used))
    if not len(content.geom):
        what = f"no feature of layer {name!r} matches {where!r}" if where else "has no features"
        raise LayerError(source.shown, what)
    chosen = choose_datum(source, content, datum)
    geom = _stored(source, content, chosen, notes)
    notes[:0] = [*datum_notes(source, content, geom, datum, chosen), *content.notes]
    return Layer(
        path, name, chosen, encoding_used, content.fields, content.feature, geom, tuple(notes)
    )


def text_values(layer: Layer, field: str) -> ObjectArray:
    """Give a field as text, as codes and names are: 101.0 is "101", blank is None.

    Raises FieldError naming the fields there are.
    """
    if field not in layer.fields:
        raise FieldError(layer.path, field, list(layer.fields))
    texts = np.empty(len(layer), dtype=object)
    texts[:] = [plain_text(value).strip() or None for value in layer.fields[field]]
    return texts


def polygons(layer: Layer) -> GeometryArray:
    """Give the geometries as MultiPolygons, None where the file has none.

    Raises GeometryError listing every feature that is no polygon.
    """
    kinds = shapely.get_type_id(layer.geom)
    wrong = ~np.isin(kinds, (-1, 3, 6))
    if wrong.any():
        raise GeometryError(
            layer.path,
            f"areas must be polygons; {int(wrong.sum())} feature(s) are not",
            problems=[
                f"feature {number} is a {geom.geom_type}"
                for number, geom in zip(layer.feature[wrong], layer.geom[wrong], strict=True)
            ],
            remedy="leave them out with --where, or correct the file",
        )
    result = layer.geom.copy()
    single = kinds == 3
    result[single] = [shapely.MultiPolygon([geom]) for geom in layer.geom[single]]
    return result


def _pick(path: Path, sources: Sequence[Source], layer: str | None) -> tuple[Source, str]:
    found = [(source, name) for source in sources for name in layer_names(source)]
    if not found:
        raise LayerError(path, "holds no layer with geometry")
    names = [name for _, name in found]
    if layer is None:
        if len(found) > 1:
            message = f"holds {len(found)} layers"
            raise LayerError(path, message, remedy=f"name one with --layer: {listed(names)}")
        return found[0]
    matching = [one for one in found if layer in (one[1], _long_name(*one))]
    if len(matching) == 1:
        return matching[0]
    if matching:
        longer = [_long_name(*one) for one in matching]
        message = f"holds {len(matching)} layers called {layer!r}"
        raise LayerError(path, message, remedy=f"name one with --layer: {listed(longer)}")
    message = f"has no layer {layer!r}"
    raise LayerError(path, message, remedy=f"name one with --layer: {listed(names)}")


def _long_name(source: Source, name: str) -> str:
    return f"{source.path.name}:{name}"


def _prepare_text(source: Source, asked: str | None, notes: list[str]) -> str | None:
    """Find the encoding of the text and check what the kind of file needs checked."""
    if source.kind == "Shapefile":
        missing = [suffix for suffix in _COMPANIONS if source.sibling(suffix) is None]
        if missing:
            message = f"a shapefile is several files; missing beside it: {', '.join(missing)}"
            raise LayerError(source.shown, message, remedy="send all of them together")
        _check_not_cut(source)
        dbf = source.sibling(".dbf")
        assert dbf is not None
        text = dbf_text(source.shown, dbf, source.sibling(".cpg"), asked)
        if text.note:
            notes.append(text.note)
        return text.encoding
    if source.kind in ("GeoJSON", "KML"):
        return checked_geojson(source, asked) if source.kind == "GeoJSON" else "utf-8"
    if asked is not None:
        notes.append(f"a {source.kind} is always UTF-8; --encoding was not used")
    return "utf-8"


def _check_not_cut(source: Source) -> None:
    with source.path.open("rb") as stream:
        announced = 2 * int.from_bytes(stream.read(28)[24:28], "big")
    there = source.path.stat().st_size
    if there < max(announced, 100):
        message = f"the .shp is cut: {announced:,} bytes announced, {there:,} there"
        raise LayerError(source.shown, message, remedy="send it again")


def _recoded(source: Source, encoding: str | None, stack: ExitStack) -> Source:
    """Write GeoJSON that is not UTF-8 again as UTF-8, the only encoding GDAL reads it in."""
    if source.kind != "GeoJSON" or encoding in (None, "utf-8"):
        return source
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridmgmt-utf8-")))
    recoded = folder / source.path.name
    recoded.write_text(source.path.read_text(encoding=encoding), encoding="utf-8")
    return replace(source, path=recoded)


def _gdal_encoding(source: Source, encoding: str | None) -> str | None:
    return encoding if source.kind == "Shapefile" else None


def _stored(source: Source, content: Content, datum: Datum, notes: list[str]) -> GeometryArray:
    geom = content.geom
    deep = shapely.has_z(geom) | shapely.has_m(geom)
    if deep.any():
        notes.append(f"height or measure dropped from {int(deep.sum()):,} feature(s)")
        geom = shapely.force_2d(geom)
    broken = [
        f"feature {number} has a coordinate that is no number"
        for number, one in zip(content.feature, geom, strict=True)
        if one is not None and not np.isfinite(shapely.get_coordinates(one)).all()
    ]
    if broken:
        message = f"{len(broken)} feature(s) cannot be stored"
        raise GeometryError(source.shown, message, problems=broken)
    missing = content.feature[shapely.is_missing(geom)]
    if len(missing):
        notes.append(
            f"no geometry in {len(missing):,} feature(s): {listed(list(map(str, missing)))}"
        )
    notes.extend(_mixture(geom, content.feature))
    try:
        return on_grid(geometries_to_lonlat(geom, datum))
    except CRSError as error:
        raise CRSError(source.shown, error.message, remedy=error.remedy) from error


def _mixture(geom: GeometryArray, feature: IntArray) -> list[str]:
    """Tell which features are of another kind than most; single and multi are one kind."""
    families = np.array(
        [None if one is None else one.geom_type.removeprefix("Multi") for one in geom],
        dtype=object,
    )
    kinds = sorted({kind for kind in families if kind is not None})
    if len(kinds) < 2:
        return []
    counted = {kind: feature[families == kind] for kind in kinds}
    most = max(kinds, key=lambda kind: len(counted[kind]))
    others = [
        f"{kind} in {len(counted[kind]):,} ({listed(list(map(str, counted[kind])))})"
        for kind in kinds
        if kind != most
    ]
    return [f"mixed geometry: {most} in {len(counted[most]):,} features, {'; '.join(others)}"]

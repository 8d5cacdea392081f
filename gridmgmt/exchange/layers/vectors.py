"""Read vector layers: lon/lat on the storage grid, with notes for people."""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely

from gridmgmt.arrays import GeometryArray, IntArray, ObjectArray, objects
from gridmgmt.domain.listing import listed
from gridmgmt.errors import CRSError, FieldError, GeometryError, LayerError
from gridmgmt.exchange.bytes.raw_rows import plain_text
from gridmgmt.exchange.layers.gdal import (
    LayerContent,
    announced_count,
    count_features,
    layer_names,
    read_content,
)
from gridmgmt.exchange.layers.geodatabase import named_as_geodatabase
from gridmgmt.exchange.layers.geopackage import settled
from gridmgmt.exchange.layers.layer_choice import chosen_layer, own_layer_names
from gridmgmt.exchange.layers.outlines import refuse_faults
from gridmgmt.exchange.layers.positions import choose_datum, datum_notes
from gridmgmt.exchange.layers.readable import check_feature_count, readable
from gridmgmt.exchange.layers.readable_file import Readable
from gridmgmt.exchange.layers.shapefile.rings import with_holes_in_shells
from gridmgmt.exchange.layers.sources import LayerSource, opened
from gridmgmt.exchange.layers.written.shapes import check_shapes
from gridmgmt.exchange.layers.written_values import as_written
from gridmgmt.exchange.layers.xml_text import recoded
from gridmgmt.geometry.coverage.grid_breaks import grid_breaks, mended_on_grid
from gridmgmt.geometry.crs.crs import Datum, geometries_to_lonlat
from gridmgmt.geometry.measure import on_grid
from gridmgmt.sentence import Sentence, joined

# Encodings that GDAL knows by another name than Python.
_GDAL_NAMES = {
    "euc_kr": "EUC-KR",
    "euc_jp": "EUC-JP",
    "mac-roman": "MACINTOSH",
    "mac-latin2": "MAC-CENTRALEUROPE",
}


@dataclass(frozen=True)
class Layer:
    """One layer of a file, read completely.

    ``geom[i]`` is lon/lat (EPSG:4326), two-dimensional, on the storage grid, or None where the
    file has no geometry; invalid rings are not changed. ``feature[i]`` is the number of the
    feature in the file, from 1, also when ``where`` selected some. ``fields`` hold the values
    as given, None for null. ``datum`` is the assumed datum of the coordinates, ``encoding``
    that of the text. ``notes`` are whole sentences for people, ``losses`` those of them on what
    was left out or changed. ``features`` is the number of features in the whole layer, of which
    these may be only the first. ``broken`` are the features whose outline only the storage grid
    breaks, each with its fault and the place, ``cut`` features and fields whose text ends
    within a character.
    """

    path: Path
    name: str
    datum: Datum
    encoding: str | None
    fields: dict[str, ObjectArray]
    feature: IntArray
    geom: GeometryArray
    notes: tuple[str, ...]
    features: int
    broken: tuple[tuple[int, str], ...] = ()
    cut: tuple[tuple[int, str], ...] = ()
    losses: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.feature)


def read_layer(
    path: Path | str,
    *,
    layer: str | None = None,
    where: str | None = None,
    datum: Datum | None = None,
    encoding: str | None = None,
    first: int | None = None,
    mend: bool = False,
    code: str | None = None,
) -> Layer:
    """Read a layer from a file of one of the kinds in ``layer_kinds``.

    A file with companions may be given by its name, a folder or a zip. ``where`` is an OGR SQL
    condition. ``datum`` and ``encoding`` are stated by a person and win over those of the file.
    Nothing is guessed: a missing CRS, an unknown encoding, or several layers without a chosen
    one raise an error that names the option to use. With ``first``, at most so many features
    are read, and the notes are about these. With ``mend``, outlines that only the storage grid
    breaks are made valid there. ``code`` is the field by which messages name features too.

    Raises
    ------
    CRSError, LayerError
        with the path as a person knows it and what to do; nothing is read in part
    """
    path = Path(path)
    with ExitStack() as stack:
        source, name = chosen_layer(path, _layers(path, stack, encoding), layer)
        fit = readable(source, encoding, stack)
        content = read_content(fit.source, name, where, _gdal_encoding(fit), first)
        fields = as_written(fit, name, content.fields, content.feature, content.fid)
        content = _in_order(fit, replace(content, fields=fields, crs_member=fit.crs_member))
        faults, codes = {**content.faults, **fit.faults}, content.fields.get(code or "")
        refuse_faults(source.shown, faults, content.feature, codes)
        check_shapes(fit, name, content)
        features = len(content.geom)
        _check_count(source, fit, name, features if (where, first) == (None, None) else None)
        if first is not None and features == first:
            features = count_features(fit.source, name) - fit.deleted
    if not len(content.geom):
        raise _nothing(source.shown, name, where, fit.deleted)
    chosen = choose_datum(source, content, datum)
    exact, changes = _in_degrees(source, content, chosen)
    geom, broken = _stored(exact, content.feature, changes, mend=mend)
    losses = (*source.notes, *content.notes, *fit.notes)
    told = datum_notes(source, content, geom, datum, chosen)
    return Layer(
        path=path,
        name=name,
        datum=chosen,
        encoding=fit.encoding,
        fields=content.fields,
        feature=content.feature,
        geom=geom,
        notes=(*told, *losses, *changes),
        features=features,
        broken=broken,
        cut=fit.cut,
        losses=losses,
    )


def _in_order(fit: Readable, content: LayerContent) -> LayerContent:
    if fit.source.kind != "Shapefile":
        return content
    geom, told = with_holes_in_shells(content.geom, content.feature)
    return replace(content, geom=geom, notes=(*content.notes, *told))


def _nothing(shown: object, name: str, where: str | None, deleted: int) -> LayerError:
    if where:
        said = Sentence("no feature of layer {} matches {}", repr(name), repr(where))
        return LayerError(
            shown, said, remedy=Sentence("correct the condition, or leave it out")
        )
    if deleted:
        said = Sentence("has no features: all {} rows are marked as deleted", deleted)
        return LayerError.of_nothing(shown, said)
    return LayerError.of_nothing(shown, Sentence("has no features"))


def list_layers(path: Path | str, *, encoding: str | None = None) -> list[str]:
    """List the layers with geometry of a file, folder or zip, by the names to ask for.

    ``encoding`` is that of its text, if a person stated it.

    Raises
    ------
    LayerError
        when the path has no layer, or cannot be read at all
    """
    path = Path(path)
    with ExitStack() as stack:
        named = own_layer_names(path, _layers(path, stack, encoding))
    if not named:
        raise LayerError(path, Sentence("holds no layer with geometry"))
    return named


def text_values(layer: Layer, field: str) -> ObjectArray:
    """Return a field as text, which codes and names are: 101.0 is "101", blank is None.

    Raises FieldError that lists the existing fields.
    """
    if field not in layer.fields:
        raise FieldError(layer.path, field, list(layer.fields))
    return objects(plain_text(value).strip() or None for value in layer.fields[field])


def _layers(
    path: Path, stack: ExitStack, encoding: str | None
) -> list[tuple[LayerSource, str]]:
    """Return the layers behind a path, in files that can be read without writing."""
    found = stack.enter_context(opened(path))
    sources = [settled(named_as_geodatabase(source, stack), stack) for source in found]
    sources = [recoded(source, encoding, stack) for source in sources]
    return [(source, name) for source in sources for name in layer_names(source, encoding)]


def _gdal_encoding(fit: Readable) -> str | None:
    if fit.source.kind != "Shapefile":
        return None
    return _GDAL_NAMES.get(fit.encoding, fit.encoding)


def _check_count(source: LayerSource, fit: Readable, name: str, found: int | None) -> None:
    """Raise LayerError if fewer features were found than the layer announces.

    ``found`` is None where only some were read: then all are counted.
    """
    expected = fit.counts.get(name, announced_count(fit.source, name))
    if expected is not None:
        found = count_features(fit.source, name) if found is None else found
        check_feature_count(source, expected, found)


def grid_notes(layer: Layer, codes: ObjectArray | None = None) -> list[str]:
    """Return a note on the outlines that only the storage grid breaks, if there are any."""
    if not layer.broken:
        return []
    names = {} if codes is None else dict(zip(layer.feature.tolist(), codes, strict=True))
    shown = [
        Sentence("feature {} ({}): {}", number, names[number], fault)
        if names.get(number)
        else Sentence("feature {}: {}", number, fault)
        for number, fault in layer.broken
    ]
    return [
        Sentence(
            "{} outline(s) are valid in the file, but not on the storage grid of 1e-8 degrees "
            "(a millimetre): {}; to mend them there say --mend",
            f"{len(shown):,}",
            listed(shown),
        )
    ]


def _stored(
    exact: GeometryArray, feature: IntArray, notes: list[str], *, mend: bool
) -> tuple[GeometryArray, tuple[tuple[int, str], ...]]:
    """Return geometries on the storage grid, and which of them only the grid breaks."""
    geom = on_grid(exact)
    broken = grid_breaks(exact, geom)
    if not mend or not broken:
        return geom, tuple((int(feature[one.row]), one.fault) for one in broken)
    rows = np.array([one.row for one in broken])
    mended = mended_on_grid(exact[rows])
    sound = shapely.is_valid(mended) & ~shapely.is_empty(mended)
    geom[rows[sound]] = mended[sound]
    done, thin = feature[rows[sound]], feature[rows[~sound]]
    if len(done):
        notes.append(
            Sentence(
                "{} outline(s) that the storage grid breaks were mended there: features {}",
                f"{len(done):,}",
                listed(done),
            )
        )
    if len(thin):
        notes.append(
            Sentence(
                "{} outline(s) are thinner than the storage grid: features {}",
                f"{len(thin):,}",
                listed(thin),
            )
        )
    return geom, ()


def _in_degrees(
    source: LayerSource, content: LayerContent, datum: Datum
) -> tuple[GeometryArray, list[str]]:
    """Return the geometries in lon/lat, with notes on what changed or failed."""
    geom = content.geom
    notes: list[str] = []
    deep = shapely.has_z(geom) | shapely.has_m(geom)
    if deep.any():
        notes.append(
            Sentence("height or measure dropped from {} feature(s)", f"{int(deep.sum()):,}")
        )
        geom = shapely.force_2d(geom)
    xy, owner = shapely.get_coordinates(geom, return_index=True)
    unfit = np.unique(owner[~np.isfinite(xy).all(axis=1)])
    if len(unfit):
        broken = [
            Sentence("feature {} has a coordinate that is no number", number)
            for number in content.feature[unfit]
        ]
        raise GeometryError(
            source.shown,
            Sentence("{} feature(s) cannot be stored", len(broken)),
            problems=broken,
        )
    missing = content.feature[shapely.is_missing(geom)]
    if len(missing):
        notes.append(
            Sentence("no geometry in {} feature(s): {}", f"{len(missing):,}", listed(missing))
        )
    notes.extend(_mixture(geom, content.feature))
    if datum.is_stored_form:
        return geom, notes
    try:
        return geometries_to_lonlat(geom, datum), notes
    except CRSError as error:
        raise CRSError(source.shown, error.message, remedy=error.remedy) from error


def _mixture(geom: GeometryArray, feature: IntArray) -> list[str]:
    """Return a note on features of another kind than most; single and multi are one kind."""
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
        f"{kind} in {len(counted[kind]):,} ({listed(counted[kind])})"
        for kind in kinds
        if kind != most
    ]
    return [
        Sentence(
            "mixed geometry: {} in {} feature(s), {}",
            most,
            f"{len(counted[most]):,}",
            joined("; ", others),
        )
    ]

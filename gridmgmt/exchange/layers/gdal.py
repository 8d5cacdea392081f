"""Read layers with GDAL: the only module that calls it to read."""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow
import pyogrio
import pyogrio.errors
import pyogrio.raw

from gridmgmt.arrays import BoolArray, GeometryArray, IntArray, ObjectArray, objects
from gridmgmt.domain.listing import listed
from gridmgmt.errors import CRSError, LayerError
from gridmgmt.exchange.bytes.column_limit import check_column_count
from gridmgmt.exchange.layers.conditions import check_condition, condition_of
from gridmgmt.exchange.layers.curves import curve_notes, is_curve, unreadable_curve
from gridmgmt.exchange.layers.drivers import only_driver
from gridmgmt.exchange.layers.geodatabase import (
    CATALOGUE,
    announced_rows,
    check_folder,
    check_tables,
)
from gridmgmt.exchange.layers.geopackage import states_crs, table_names
from gridmgmt.exchange.layers.gml.copies import type_names
from gridmgmt.exchange.layers.layer_kinds import KINDS, Kind
from gridmgmt.exchange.layers.outlines import read_outlines
from gridmgmt.exchange.layers.own_fields import (
    check_condition_names,
    list_notes,
    own_fields,
    same_name_notes,
)
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence, joined

# Files can name URLs, for instance as a link to a CRS. No network is used when a file is read:
# the reading process has none (see ``reading``). URLs that GDAL would ask for go to a port
# where nobody answers, and are not among the files it may open.
_NOWHERE = "127.0.0.1:9"
pyogrio.set_gdal_config_options(
    {
        "GDAL_HTTP_PROXY": _NOWHERE,
        "GDAL_HTTPS_PROXY": _NOWHERE,
        "CPL_VSIL_CURL_ALLOWED_FILENAME": "/vsicurl/none",
        "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
        # Codes are text, and GML without its schema says of nothing that it is a number.
        "GML_FIELDTYPES": "ALWAYS_STRING",
        "GML_DOWNLOAD_SCHEMA": "NO",
        "GML_SKIP_RESOLVE_ELEMS": "ALL",
        # Drawings are read from copies in UTF-8; lines within a block stay features.
        "DXF_ENCODING": "UTF-8",
        "DXF_MERGE_BLOCK_GEOMETRIES": "FALSE",
    }
)

# Kinds whose features have numbers that people see in other programs too.
_NUMBERED = ("Shapefile", "MapInfo TAB", "File Geodatabase")

# Kinds whose fields are all read as text.
_TEXT_ONLY = ("KML", "GML", "MapInfo MIF")

# Text that looks like a date or a time stays text: codes do, and 2024-02-31 is no day.
_OPEN_OPTIONS: dict[Kind, dict[str, str]] = {"GeoJSON": {"DATE_AS_STRING": "YES"}}


@dataclass(frozen=True)
class LayerContent:
    """The content of a layer, in the coordinates of the file.

    ``crs`` is the text of the CRS the file states, or None. ``crs_member`` is what GeoJSON
    states in addition. ``feature`` counts from 1, ``fid`` are the numbers that GDAL gives.
    ``faults`` says by number why a geometry cannot be read.
    """

    fields: dict[str, ObjectArray]
    feature: IntArray
    fid: IntArray
    geom: GeometryArray
    crs: str | None
    notes: tuple[str, ...]
    faults: dict[int, Sentence]
    crs_member: dict[str, Any] | None = None


def layer_names(source: LayerSource, encoding: str | None = None) -> list[str]:
    """List the layers of a file that have geometry; of a GeoPackage only tables.

    ``encoding`` is that of its text, if a person stated it.

    A format with a single layer uses the name of the file, whatever name is stored inside.

    Raises
    ------
    LayerError
        when the file cannot be read, or a GeoPackage has layers but no tables
    """
    if not KINDS[source.kind].has_layers:
        return [source.path.stem]
    if source.kind == "GML":
        # GDAL reads only the private copy that is made of it later.
        return type_names(source, encoding)
    tables = table_names(source) if source.kind == "GeoPackage" else None
    if source.kind == "File Geodatabase":
        check_folder(source)
        check_tables(source, _catalogue(source))
    with warnings.catch_warnings(), only_driver(source.kind):
        warnings.simplefilter("ignore")
        try:
            layers = pyogrio.list_layers(source.path)
        except pyogrio.errors.GeometryError as error:
            raise unreadable_curve(source, error) from error
        except (pyogrio.errors.DataSourceError, UnicodeDecodeError) as error:
            raise _unreadable(source, error) from error
    names = [str(name) for name, kind in layers if kind is not None]
    return names if tables is None else _tables_of(source, names, tables)


def _tables_of(source: LayerSource, names: list[str], tables: frozenset[str]) -> list[str]:
    kept = [name for name in names if name.lower() in tables]
    if names and not kept:
        raise LayerError(
            source.shown,
            Sentence("what it shows as layers are views, not tables: {}", listed(names)),
            remedy=Sentence("save the view as a table of its own"),
        )
    return kept


def announced_count(source: LayerSource, name: str) -> int | None:
    """Return the number of features that a table of a geodatabase announces.

    Return None for other kinds of files. Raise LayerError if the table is cut.
    """
    if source.kind != "File Geodatabase":
        return None
    return next(
        (
            announced_rows(source, number)
            for number, table in _catalogue(source)
            if table == name
        ),
        None,
    )


def _catalogue(source: LayerSource) -> list[tuple[int, str]]:
    """Return number and name of each table of a geodatabase."""
    with warnings.catch_warnings(), only_driver(source.kind):
        warnings.simplefilter("ignore")
        try:
            _, table = pyogrio.raw.read_arrow(
                source.path, layer=CATALOGUE, columns=["Name"], return_fids=True
            )
            numbers, names = table.column(0).to_pylist(), table.column("Name").to_pylist()
        except (
            pyogrio.errors.DataSourceError,
            pyogrio.errors.DataLayerError,
            UnicodeDecodeError,
            KeyError,  # a damaged catalogue without names
        ) as error:
            raise _unreadable(source, error) from error
    return [(int(number), str(name)) for number, name in zip(numbers, names, strict=True)]


def count_features(source: LayerSource, name: str) -> int:
    """Count the features of a whole layer, as its driver counts them.

    Of a shapefile these include the rows marked as deleted.
    """
    layer = name if KINDS[source.kind].has_layers else None
    with warnings.catch_warnings(), only_driver(source.kind):
        warnings.simplefilter("ignore")
        if source.kind in ("MapInfo MIF", "GML"):
            # Asked for the number alone, the driver also counts parts of a collection, and
            # features that it ends at when it reads them.
            _, table = pyogrio.raw.read_arrow(
                source.path, layer=layer, columns=[], return_fids=True
            )
            return int(table.num_rows)
        info = pyogrio.read_info(source.path, layer=layer, force_feature_count=True)
    return int(info["features"])


def read_content(
    source: LayerSource,
    name: str,
    where: str | None,
    encoding: str | None,
    first: int | None = None,
) -> LayerContent:
    """Read one layer; ``encoding`` is for shapefiles and already proven.

    With ``first``, at most so many features are read.
    """
    if where is not None:
        check_condition(source.shown, where)
    options: dict[str, Any] = {
        "layer": name if KINDS[source.kind].has_layers else None,
        "where": None if where is None else condition_of(source.kind, where),
        "encoding": encoding,
        "max_features": first,
        **_OPEN_OPTIONS.get(source.kind, {}),
    }
    with warnings.catch_warnings(record=True) as heard, only_driver(source.kind):
        warnings.simplefilter("always")
        try:
            meta, table = pyogrio.raw.read_arrow(source.path, return_fids=True, **options)
            # By position, first and last: a field of the file may have the same name.
            numbers = _numbers(source, table.column(0), options)
            wkb, curved = _geometries(source, table.column(table.num_columns - 1), options)
        except pyogrio.errors.GeometryError as error:
            raise unreadable_curve(source, error) from error
        except UnboundLocalError as error:
            # pyogrio 0.13 fails on a CRS that PROJ can read but not write.
            raise CRSError(
                source.shown,
                Sentence("states a coordinate reference system that cannot be understood"),
                remedy=Sentence("remove what it states (the .prj) and say it with --crs"),
            ) from error
        except (
            pyogrio.errors.DataSourceError,
            pyogrio.errors.DataLayerError,
            pyogrio.errors.FeatureError,
            UnicodeDecodeError,
            IndexError,  # a file that names no layer
        ) as error:
            raise _unreadable(source, error) from error
        except (ValueError, OSError, pyarrow.ArrowException) as error:
            # A condition is checked when it is set or, for GeoPackage, at the first row.
            raise _bad_where(source, options, error) from error
    geom, faults = read_outlines(wkb, numbers)
    check_column_count(source.shown, table.num_columns - 2)
    named = table.column_names[1:-1]
    check_condition_names(source, where, named)
    fields, left_out = own_fields(source, table)
    fid = table.column(0).to_numpy().astype(np.int64)
    notes = [*_heard(source, heard), *curve_notes(numbers[curved]), *same_name_notes(named)]
    notes.extend(list_notes(source, table, numbers))
    if left_out:
        notes.append(Sentence("fields left out, not being plain values: {}", listed(left_out)))
    crs = meta["crs"] if _states_crs(source, name) else None
    told = tuple(dict.fromkeys(notes))
    return LayerContent(fields, numbers, fid, geom, crs, told, faults)


def _states_crs(source: LayerSource, name: str) -> bool:
    """Return whether the CRS that GDAL names is one the file states.

    GDAL makes a CRS of its own of the numbers by which a GeoPackage says "undefined".
    """
    return source.kind != "GeoPackage" or states_crs(source, name)


def _numbers(source: LayerSource, fids: Any, options: dict[str, Any]) -> IntArray:
    if source.kind in _NUMBERED:
        # The number of the record, also where rows marked as deleted are skipped.
        first = 1 if source.kind == "Shapefile" else 0
        return np.asarray(fids.to_numpy(), dtype=np.int64) + first
    if options["where"] is None:
        return np.arange(1, len(fids) + 1, dtype=np.int64)
    # A condition leaves out features; feature numbers are those in the whole file.
    everything = {**options, "where": None, "max_features": None}
    _, table = pyogrio.raw.read_arrow(
        source.path, columns=[], read_geometry=False, return_fids=True, **everything
    )
    all_fids = table.column(0).to_numpy()
    order = np.argsort(all_fids, kind="stable")
    found = np.searchsorted(all_fids, fids.to_numpy(), sorter=order)
    numbers: IntArray = order[found].astype(np.int64) + 1
    return numbers


def _geometries(
    source: LayerSource, column: Any, options: dict[str, Any]
) -> tuple[ObjectArray, BoolArray]:
    """Return the bytes of geometries, curves as straight lines, and which had curves."""
    # GDAL passes on the lengths that a damaged file states.
    column.validate(full=True)
    wkb = objects(column.to_pylist())
    curved = np.array([is_curve(one) for one in wkb], dtype=bool)
    if curved.any():
        # GDAL converts curves only in this way of reading, not in the faster one.
        wkb = pyogrio.raw.read(source.path, columns=[], **options)[2]
    return wkb, curved


def _heard(source: LayerSource, heard: Sequence[warnings.WarningMessage]) -> list[str]:
    """Return what GDAL says, except of text that as_written reads from the bytes once more."""
    said = [str(one.message) for one in heard]
    return [_sentence(source, one) for one in said if "be converted correctly" not in one]


def _sentence(source: LayerSource, text: str) -> str:
    return f"GDAL says: {text.splitlines()[0] if text else ''}".replace(
        str(source.path), source.shown
    )


def _unreadable(source: LayerSource, error: Exception) -> LayerError:
    said = str(error).split("; It might help")[0].replace(str(source.path), source.shown)
    # One fact of the sentence, not two sentences: web/words/sentences.py parts them there.
    reason = said.replace("; ", ", ")
    return LayerError(
        source.shown,
        Sentence("cannot be read as {} ({})", source.kind, reason),
        remedy=Sentence("open it elsewhere, or send it again"),
    )


def _bad_where(source: LayerSource, options: dict[str, Any], error: Exception) -> LayerError:
    if options["where"] is None:
        return _unreadable(source, error)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        info = pyogrio.read_info(
            source.path, layer=options["layer"], encoding=options["encoding"]
        )
    names: Sequence[str] = list(info["fields"])
    check_condition_names(source, options["where"], names)
    remedy = Sentence("the fields are: {}", listed(names))
    if source.kind in _TEXT_ONLY:
        how = Sentence("all are text: write field = '5' or CAST(field AS float) > 5")
    else:
        how = Sentence("text is compared with text: write code = '007', not code = 007")
    remedy = joined("; ", [remedy, how])
    reason = re.sub(r"'b('[^']*')'", r"\1", str(error))  # pyogrio prints the layer's bytes
    return LayerError(
        source.shown,
        Sentence("--where {} cannot be used ({})", repr(options["where"]), reason),
        remedy=remedy,
    )

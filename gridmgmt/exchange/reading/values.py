"""Convert layers, tables and datums to values that can be sent, and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyproj
import shapely

from gridmgmt.arrays import objects
from gridmgmt.domain.stored_time import as_stored_times, stored_times
from gridmgmt.exchange.layers.vectors import Layer
from gridmgmt.exchange.reading.sentences import as_text, text_value
from gridmgmt.exchange.tables.rejects import Rejected
from gridmgmt.exchange.tables.tables import Table
from gridmgmt.geometry.crs.crs import Datum


def datum_value(datum: Datum) -> dict[str, Any]:
    """Return a datum as a value; its CRS as WKT, which keeps all that PROJ knows."""
    crs = datum.crs and datum.crs.to_wkt()
    return {
        "label": datum.label,
        "kind": datum.kind,
        "crs": crs,
        "note": datum.note and text_value(datum.note),
        "is_yx": datum.is_yx,
    }


def as_datum(value: dict[str, Any]) -> Datum:
    """Return the datum that ``datum_value`` converted."""
    crs = value["crs"] and pyproj.CRS.from_wkt(value["crs"])
    note = value["note"] and as_text(value["note"])
    return Datum(value["label"], value["kind"], crs, note, value["is_yx"])


def layer_values(layer: Layer, *, is_datum_said: bool) -> Iterator[Any]:
    """Yield a layer: first the values of the whole layer, then the features as Arrow."""
    yield {
        "name": layer.name,
        "datum": None if is_datum_said else datum_value(layer.datum),
        "encoding": layer.encoding,
        "notes": [text_value(note) for note in layer.notes],
        "features": layer.features,
        "broken": [[number, text_value(fault)] for number, fault in layer.broken],
        "cut": [[number, field] for number, field in layer.cut],
        "losses": [text_value(note) for note in layer.losses],
        # Columns of dates and times are those of Arrow; these are text.
        "times": [stored_times(values) for values in layer.fields.values()],
    }
    columns = [
        pyarrow.array(layer.feature),
        pyarrow.array(shapely.to_wkb(layer.geom), pyarrow.large_binary()),
        *(pyarrow.array(list(values)) for values in layer.fields.values()),
    ]
    # A field may have the name of one of the first two: these are found by position.
    yield pyarrow.table(columns, names=["", "", *layer.fields])


def as_layer(path: Path, said: Datum | None, whole: Any, features: pyarrow.Table) -> Layer:
    """Return the layer of ``layer_values``; ``said`` is the datum a person stated."""
    datum = as_datum(whole["datum"]) if whole["datum"] else said
    assert datum is not None
    number, wkb, *columns = features.columns
    fields = [column.to_pylist() for column in columns]
    for values, places in zip(fields, whole["times"], strict=True):
        as_stored_times(values, places)
    return Layer(
        path=path,
        name=whole["name"],
        datum=datum,
        encoding=whole["encoding"],
        fields={
            name: objects(values)
            for name, values in zip(features.column_names[2:], fields, strict=True)
        },
        feature=number.to_numpy().astype(np.int64),
        geom=shapely.from_wkb(objects(wkb.to_pylist())),
        notes=tuple(map(as_text, whole["notes"])),
        features=whole["features"],
        cut=tuple((number, field) for number, field in whole["cut"]),
        broken=tuple((number, as_text(fault)) for number, fault in whole["broken"]),
        losses=tuple(map(as_text, whole["losses"])),
    )


def table_value(table: Table) -> dict[str, Any]:
    """Return a table or a chunk of one as a value."""
    return {
        "columns": [
            [name, table.values[name], stored_times(table.values[name])]
            for name in table.columns
        ],
        "row": table.row,
        "rejected": [
            [one.row, text_value(one.reason), list(one.values.items())]
            for one in table.rejected
        ],
        "encoding": table.encoding,
        "notes": [text_value(note) for note in table.notes],
        "blank": table.blank,
    }


def as_table(path: Path, value: Any) -> Table:
    """Return the table that ``table_value`` converted."""
    values: dict[str, list[str | None]] = {}
    for name, texts, places in value["columns"]:
        as_stored_times(texts, places)
        values[name] = texts
    return Table(
        path=path,
        columns=tuple(values),
        values=values,
        row=value["row"],
        rejected=[
            Rejected(row, as_text(reason), dict(cells))
            for row, reason, cells in value["rejected"]
        ],
        encoding=value["encoding"],
        notes=tuple(map(as_text, value["notes"])),
        blank=value["blank"],
    )

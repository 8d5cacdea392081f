"""Take the fields of a layer from what GDAL read, each by a name that no other field has."""

from collections import Counter
from collections.abc import Sequence

import pyarrow

from gridmgmt.arrays import IntArray, ObjectArray, objects
from gridmgmt.domain.listing import listed
from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.arrow_values import arrow_values
from gridmgmt.exchange.layers.conditions import names_in
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence


def own_fields(
    source: LayerSource, table: pyarrow.Table
) -> tuple[dict[str, ObjectArray], list[str]]:
    """Return the fields by their own names, and the names of those that hold no plain values.

    Parameters
    ----------
    table : the number of each feature, its fields, its geometry

    Raises
    ------
    LayerError
        when text is not UTF-8, which GDAL makes of the text of every format
    """
    fields: dict[str, ObjectArray] = {}
    left_out = []
    between = slice(1, -1)
    names = own_names(table.column_names[between])
    for name, column in zip(names, table.columns[between], strict=True):
        if pyarrow.types.is_binary(column.type) or pyarrow.types.is_large_binary(column.type):
            left_out.append(name)
            continue
        try:
            fields[name] = objects(arrow_values(column))
        except UnicodeDecodeError as error:
            raise LayerError(
                source.shown,
                Sentence(
                    "the text of field {} is not UTF-8, as a {} must be",
                    repr(name),
                    source.kind,
                ),
            ) from error
    return fields, left_out


def list_notes(source: LayerSource, table: pyarrow.Table, numbers: IntArray) -> list[Sentence]:
    """Return a note for each field with several values in a feature: an element repeated.

    Parameters
    ----------
    table : the number of each feature, its fields, its geometry
    numbers : (n,) numbers of the features for people
    """
    if source.kind == "GeoJSON":  # told by what is written, see geojson.members
        return []
    between = slice(1, -1)
    told = []
    for name, column in zip(table.column_names[between], table.columns[between], strict=True):
        if not pyarrow.types.is_list(column.type):
            continue
        several = [len(values or ()) > 1 for values in column.to_pylist()]
        if any(several):
            said = Sentence(
                "field {} holds several values, read as a list, in {} feature(s): {}",
                repr(name),
                f"{sum(several):,}",
                listed(numbers[several]),
            )
            told.append(said)
    return told


def own_names(names: Sequence[str]) -> list[str]:
    """Return a name of its own for each field: fields of one name are numbered.

    Examples
    --------
    >>> own_names(["code", "name", "code"])
    ['code (1)', 'name', 'code (2)']
    """
    counts = Counter(names)
    own: dict[str, None] = {}
    for name in names:
        chosen, number = name, 0
        while chosen in own or (counts[name] > 1 and chosen in counts):
            number += 1
            chosen = f"{name} ({number})"
        own[chosen] = None
    return list(own)


def same_name_notes(names: Sequence[str]) -> list[Sentence]:
    """Return a note for each name that several fields have, and how they are called here."""
    own = own_names(names)
    return [
        Sentence(
            "{} fields are called {}; in their order they are {} here",
            count,
            repr(name),
            ", ".join(repr(one) for one, old in zip(own, names, strict=True) if old == name),
        )
        for name, count in Counter(names).items()
        if count > 1
    ]


def check_condition_names(source: LayerSource, where: str | None, names: Sequence[str]) -> None:
    """Raise LayerError if a condition names a field that is there twice.

    GDAL would take the first.
    """
    if where is None:
        return
    asked = names_in(where)
    counts = Counter(names)
    meant = [name for name, count in counts.items() if count > 1 and name.lower() in asked]
    if meant:
        raise LayerError(
            source.shown,
            Sentence(
                "several fields are called {}, so --where cannot name them", repr(meant[0])
            ),
            remedy=Sentence(
                "rename all but one of them in the program the layer comes from, or leave it "
                "out of --where"
            ),
        )

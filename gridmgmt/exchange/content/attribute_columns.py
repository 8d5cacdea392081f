"""Read the attributes of areas from the columns of a layer."""

from collections.abc import Iterable, Mapping, Sequence

from gridmgmt.arrays import ObjectArray, objects
from gridmgmt.domain.areas.attributes import AreaAttribute, short_names
from gridmgmt.errors import FieldError, LayerError, NotFoundError
from gridmgmt.exchange.layers.vectors import Layer, text_values
from gridmgmt.sentence import Sentence


def read_attributes(
    layer: Layer,
    declared: Sequence[AreaAttribute],
    stated: Mapping[str, str],
    taken: Iterable[str],
) -> tuple[ObjectArray, dict[str, str]]:
    """Return the attributes of each feature, and the field of each that the layer has.

    Raises
    ------
    NotFoundError, FieldError, LayerError
        as `attribute_columns`, and naming every value that is none of its attribute
    """
    columns = attribute_columns(layer, declared, stated, taken)
    values, problems = attributes_of(layer, declared, columns)
    if problems:
        raise LayerError(
            layer.path,
            Sentence("layer {}: {} value(s) are none", repr(layer.name), len(problems)),
            problems=problems,
            remedy=Sentence("correct these values, or declare them for the level"),
        )
    return values, columns


def attribute_columns(
    layer: Layer,
    declared: Sequence[AreaAttribute],
    stated: Mapping[str, str],
    taken: Iterable[str],
) -> dict[str, str]:
    """Return the field of each attribute that the layer has.

    It is what a person states, else a field with the name of the attribute, else one with a
    heading of it, whatever its case. Fields ``taken`` by code, name or parent are none.

    Raises
    ------
    NotFoundError, FieldError
        when a person names an attribute or a field that there is not
    LayerError
        when several fields may be one attribute
    """
    known = [one.name for one in declared]
    for name, field in stated.items():
        if name not in known:
            raise NotFoundError(kind="attribute", key=name, known=known)
        FieldError.check(layer.path, (field,), list(layer.fields))
    short = short_names(known)
    free = [field for field in layer.fields if field not in {*taken, *stated.values()}]
    found = dict(stated)
    problems: list[str] = []
    for one in declared:
        if one.name in found:
            continue
        headings = {*one.headings, short[one.name]}
        same = [one.name] if one.name in free else []
        same = same or [field for field in free if field.casefold() in headings]
        if len(same) > 1:
            said = ", ".join(map(repr, same))
            problems.append(Sentence("attribute {}: it may be any of {}", one.name, said))
        elif same:
            found[one.name] = same[0]
    if problems:
        raise LayerError(
            layer.path,
            Sentence(
                "layer {}: {} attribute(s) have several fields", repr(layer.name), len(problems)
            ),
            problems=problems,
            remedy=Sentence("keep one of these fields, or say which one it is"),
        )
    return found


def attributes_of(
    layer: Layer, declared: Sequence[AreaAttribute], columns: Mapping[str, str]
) -> tuple[ObjectArray, list[str]]:
    """Return the attributes of each feature, and every value that is none of its attribute."""
    rows: list[dict[str, str | float]] = [{} for _ in layer.feature]
    problems: list[str] = []
    for one in declared:
        if one.name not in columns:
            continue
        field = columns[one.name]
        for row, text in enumerate(text_values(layer, field)):
            if text is None:
                continue
            value = one.read(text)
            fault = one.fault(value)
            if fault is not None:
                number = layer.feature[row]
                problems.append(
                    Sentence("feature {}, field {}: {}", number, repr(field), fault)
                )
            rows[row][one.name] = value
    return objects({name: row[name] for name in sorted(row)} for row in rows), problems


def columns_note(columns: Mapping[str, str]) -> list[str]:
    """Return which fields were read as attributes, as a sentence, if there are any."""
    if not columns:
        return []
    told = ", ".join(f"{name} ← {field}" for name, field in sorted(columns.items()))
    return [Sentence("attributes were read from: {}", told)]

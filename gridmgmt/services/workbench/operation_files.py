"""Read operations from JSON, one object a line, and describe them as JSON Schema."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, asdict, fields
from typing import Any, get_type_hints

from gridmgmt.domain.areas.attributes import AttributeValue
from gridmgmt.errors import InputError, LayerError
from gridmgmt.geometry.editing.operations import OPERATIONS, LonLat
from gridmgmt.sentence import Sentence, joined
from gridmgmt.services.draft_records.operations import RECORD_OPERATIONS, GeoJson
from gridmgmt.services.workbench.editing import AnyOperation

_OPERATIONS: dict[str, type[AnyOperation]] = {**OPERATIONS, **RECORD_OPERATIONS}

# A code or a name; PostgreSQL cannot index much longer ones.
_TEXT: dict[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 200,
    "pattern": r"^\S(.*\S)?$",
}
_LONLAT: dict[str, Any] = {
    "type": "array",
    "prefixItems": [
        {"type": "number", "minimum": -180, "maximum": 180},
        {"type": "number", "minimum": -90, "maximum": 90},
    ],
    "minItems": 2,
    "maxItems": 2,
    "description": "longitude and latitude in degrees (EPSG:4326)",
}
_LINE: dict[str, Any] = {"type": "array", "items": _LONLAT, "minItems": 2}
# What is farther away was not meant.
_METRES: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1000}
# An operation has a geometry, that coordinates: four lists deep those of a MultiPolygon.
_MOST_DEEP = 8
_WITHOUT_END = Sentence("lists within lists without end")
_GEOMETRIES = ("LineString", "MultiLineString", "Polygon", "MultiPolygon")
_SCHEMAS: dict[object, dict[str, Any]] = {
    str: _TEXT,
    str | None: _TEXT,
    float | None: _METRES,
    float: _METRES,
    int: {"type": "integer", "minimum": 1, "maximum": 2_147_483_647},
    GeoJson | None: {
        "type": "object",
        "properties": {
            "type": {"enum": list(_GEOMETRIES)},
            "coordinates": {"type": "array", "minItems": 1},
        },
        "required": ["type", "coordinates"],
        "additionalProperties": False,
        "description": "a geometry as GeoJSON has it (RFC 7946)",
    },
    LonLat: _LONLAT,
    tuple[LonLat, ...]: _LINE,
    Mapping[str, AttributeValue | None]: {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"type": ["string", "number", "null"]},
    },
    tuple[tuple[LonLat, ...], ...]: {"type": "array", "items": _LINE, "minItems": 1},
    tuple[str, ...]: {
        "type": "array",
        "items": _TEXT,
        "minItems": 1,
        "uniqueItems": True,
    },
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one operation, that is of one line of a file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An operation on a draft",
        "oneOf": [_schema_of(one) for one in _OPERATIONS.values()],
    }


def told_operations() -> list[tuple[str, str]]:
    """Return each operation with what it does and its fields, optional ones in brackets."""
    return [(name, f"{_does(one)} {_fields(one)}") for name, one in _OPERATIONS.items()]


def _does(one: type[AnyOperation]) -> str:
    return (one.__doc__ or "").partition("\n")[0]


def _fields(one: type[AnyOperation]) -> str:
    required = [field.name for field in fields(one) if _is_required(field)]
    optional = [field.name for field in fields(one) if not _is_required(field)]
    told = ", ".join(required) + (f" [{', '.join(optional)}]" if optional else "")
    return f"({told.strip()})"


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING


def read_lines(lines: Iterable[str], name: str) -> list[AnyOperation]:
    """Read the operations of a file, one JSON object a line; blank lines are skipped.

    Raises
    ------
    LayerError
        naming every line that is none, and what is wrong with it
    """
    read = [
        _read_line(line, number) for number, line in enumerate(lines, start=1) if line.strip()
    ]
    problems = [one for _, wrong in read for one in wrong]
    if problems:
        message = Sentence("{} problem(s); nothing was done", len(problems))
        raise LayerError(name, message, problems=problems)
    return [operation for operation, _ in read if operation is not None]


def _read_line(line: str, number: int) -> tuple[AnyOperation | None, list[str]]:
    try:
        given = json.loads(line, object_pairs_hook=_object)
    except RecursionError:
        return None, [Sentence("line {}: {}", number, _WITHOUT_END)]
    except ValueError as error:
        return None, [Sentence("line {}: not JSON: {}", number, error)]
    operation, wrong = read_operation(given)
    return operation, [Sentence("line {}: {}", number, one) for one in wrong]


def read_operations(given: Iterable[object]) -> list[AnyOperation]:
    """Read the operations of a request.

    Raises
    ------
    InputError
        naming every one that is none, counted from 1, and what is wrong with it
    """
    read = [read_operation(one) for one in given]
    problems = [
        Sentence("operation {}: {}", number, one)
        for number, (_, wrong) in enumerate(read, start=1)
        for one in wrong
    ]
    if problems:
        raise InputError(field="operations", message=joined("; ", problems), problems=problems)
    return [operation for operation, _ in read if operation is not None]


def read_operation(given: object) -> tuple[AnyOperation | None, list[str]]:
    """Read one operation; return it, or what is wrong with it."""
    if not isinstance(given, Mapping):
        return None, [Sentence("not a JSON object")]
    if _is_deep(given):
        return None, [_WITHOUT_END]
    kind = _OPERATIONS.get(str(given.get("op")))
    if kind is None:
        known = ", ".join(_OPERATIONS)
        return None, [Sentence("op {} is none of {}", repr(given.get("op")), known)]
    hints = get_type_hints(kind)
    problems: list[str] = []
    values: dict[str, Any] = {}
    own = {one.name: one for one in fields(kind)}
    for name in given:
        if name not in own and name != "op":
            problems.append(Sentence("{} is unknown; there are {}", name, ", ".join(own)))
    for name, one in own.items():
        if name not in given:
            if _is_required(one):
                problems.append(Sentence("{} is missing", name))
            continue
        wrong = _fault(given[name], _SCHEMAS[hints[name]])
        if wrong is None:
            values[name] = _frozen(given[name])
        else:
            problems.append(Sentence("{}: {}", name, wrong))
    return (None, problems) if problems else (kind(**values), [])


def _is_deep(given: object) -> bool:
    """Return whether lists and objects lie deeper in each other than any operation has them."""
    inner: list[Any] = [given]
    for _ in range(_MOST_DEEP):
        inner = [
            one
            for outer in inner
            for one in (outer.values() if isinstance(outer, Mapping) else outer)
            if isinstance(one, Mapping | list)
        ]
        if not inner:
            return False
    return True


def to_json(operation: AnyOperation) -> dict[str, Any]:
    """Return the JSON object of an operation, which `read_operation` reads again.

    What it says nothing about is left out.
    """
    given = asdict(operation)
    said = {name: one for name, one in given.items() if one is not None and one != ()}
    return {"op": operation.op, **said}


def _schema_of(kind: type[AnyOperation]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    own = fields(kind)
    return {
        "type": "object",
        "description": " ".join((kind.__doc__ or "").split()),
        "properties": {
            "op": {"const": kind.op},
            **{one.name: _SCHEMAS[hints[one.name]] for one in own},
        },
        "required": ["op", *(one.name for one in own if _is_required(one))],
        "additionalProperties": False,
    }


def _fault(value: object, wanted: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a value, None if it is as its schema wants."""
    if wanted["type"] == "string":
        return _text_fault(value, wanted)
    if wanted["type"] == "object":
        known = "properties" in wanted
        return _geometry_fault(value) if known else _values_fault(value)
    if wanted["type"] == "integer":
        low, high = wanted["minimum"], wanted["maximum"]
        good = isinstance(value, int) and not isinstance(value, bool)
        if good and low <= value <= high:
            return None
        return Sentence("{} is no whole number from {} to {}", json.dumps(value), low, high)
    if wanted["type"] == "number":
        low, high = wanted["minimum"], wanted["maximum"]
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if good and low <= value <= high:
            return None
        return Sentence("{} is no number from {} to {}", json.dumps(value), low, high)
    return _array_fault(value, wanted)


def _text_fault(value: object, wanted: Mapping[str, Any]) -> str | None:
    if not isinstance(value, str) or not value.isprintable() or not value.strip():
        return Sentence("{} is not text", json.dumps(value))
    if value != value.strip():
        return Sentence("{} begins or ends with a space", repr(value))
    if len(value) > wanted["maxLength"]:
        return Sentence("longer than {} characters", wanted["maxLength"])
    return None


def _array_fault(value: object, wanted: Mapping[str, Any]) -> str | None:
    if not isinstance(value, list) or len(value) < wanted["minItems"]:
        return Sentence("{} is no list of {} or more", json.dumps(value), wanted["minItems"])
    if "maxItems" in wanted and len(value) > wanted["maxItems"]:
        return Sentence("{} is no longitude and latitude", json.dumps(value))
    schemas = wanted.get("prefixItems") or [wanted["items"]] * len(value)
    faults = (_fault(one, each) for one, each in zip(value, schemas, strict=True))
    fault = next((one for one in faults if one is not None), None)
    if fault is None and wanted.get("uniqueItems") and len({*value}) < len(value):
        return Sentence("{} names one twice", json.dumps(value, ensure_ascii=False))
    return fault


def _values_fault(value: object) -> str | None:
    # Which values an attribute may have is declared in the database.
    plain = isinstance(value, dict) and all(
        one is None or (isinstance(one, str | int | float) and not isinstance(one, bool))
        for one in value.values()
    )
    if plain and value:
        return None
    return Sentence("{} is no object of texts and numbers", json.dumps(value))


def _geometry_fault(value: object) -> str | None:
    if not isinstance(value, dict) or value.keys() != {"type", "coordinates"}:
        return Sentence("no geometry of GeoJSON: an object with type and coordinates")
    if value["type"] not in _GEOMETRIES:
        return Sentence("the type of the geometry is none of {}", ", ".join(_GEOMETRIES))
    if not isinstance(value["coordinates"], list) or not _are_degrees(value["coordinates"]):
        return Sentence("coordinates: not lists of longitudes and latitudes in degrees")
    return None


def _are_degrees(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(map(_are_degrees, value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -180 <= value <= 180


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return a JSON object; json itself keeps the last of two values silently."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(Sentence("a key is given twice"))
    return found


def _frozen(value: object) -> object:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value

"""Errors of the reading process as values, and back."""

from typing import Any

from gridmgmt.errors import (
    CRSError,
    FieldError,
    GeometryError,
    GridMgmtError,
    InputError,
    LayerError,
)

# What a file or a person's word about it can be wrong in; anything else is a fault of ours.
TELLING = (InputError, LayerError)

_KINDS: dict[str, type[GridMgmtError]] = {
    kind.__name__: kind
    for kind in (InputError, LayerError, CRSError, FieldError, GeometryError)
}


def as_value(error: GridMgmtError) -> dict[str, Any]:
    """Write down an error by the name of its class and its attributes."""
    return {"kind": type(error).__name__, "facts": vars(error)}


def as_error(value: dict[str, Any]) -> GridMgmtError:
    """Make an error of what ``as_value`` wrote.

    Examples
    --------
    >>> as_error(as_value(LayerError("a.shp", "is empty", remedy="send it again"))).remedy
    'send it again'
    """
    kind = _KINDS[value["kind"]]
    facts = {
        name: tuple(fact) if isinstance(fact, list) else fact
        for name, fact in value["facts"].items()
    }
    error = kind.__new__(kind)
    error.args = tuple(facts.values())
    vars(error).update(facts)
    return error

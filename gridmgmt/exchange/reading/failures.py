"""Convert errors of the reading process to values and back."""

from typing import Any

from gridmgmt.errors import (
    CRSError,
    FieldError,
    GeometryError,
    GridMgmtError,
    InputError,
    LayerError,
)
from gridmgmt.exchange.reading.sentences import as_text, text_value

# Errors caused by a file or by what a person stated about it; any other error is a fault of
# this program.
TELLING = (InputError, LayerError)

_KINDS: dict[str, type[GridMgmtError]] = {
    kind.__name__: kind
    for kind in (InputError, LayerError, CRSError, FieldError, GeometryError)
}


def as_value(error: GridMgmtError) -> dict[str, Any]:
    """Return an error as the name of its class and its attributes."""
    facts = {name: _value(fact) for name, fact in vars(error).items()}
    return {"kind": type(error).__name__, "facts": facts}


def as_error(value: dict[str, Any]) -> GridMgmtError:
    """Return the error that ``as_value`` converted.

    Examples
    --------
    >>> as_error(as_value(LayerError("a.shp", "is empty", remedy="send it again"))).remedy
    'send it again'
    """
    kind = _KINDS[value["kind"]]
    facts = {name: _fact(fact) for name, fact in value["facts"].items()}
    error = kind.__new__(kind)
    error.args = tuple(facts.values())
    vars(error).update(facts)
    return error


def _value(fact: str | tuple[str, ...]) -> Any:
    return text_value(fact) if isinstance(fact, str) else [text_value(one) for one in fact]


def _fact(value: Any) -> str | tuple[str, ...]:
    return tuple(map(as_text, value)) if isinstance(value, list) else as_text(value)

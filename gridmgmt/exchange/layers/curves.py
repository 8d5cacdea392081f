"""Find curves, which are kept as short straight lines, and say which features had them."""

from collections.abc import Sequence

from gridmgmt.arrays import IntArray
from gridmgmt.domain.listing import listed
from gridmgmt.errors import GeometryError, LayerError
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence


def curve_notes(features: Sequence[int] | IntArray) -> list[str]:
    """Return a note on the features whose curves became short straight lines, if any."""
    if not len(features):
        return []
    return [
        Sentence(
            "curves replaced by short straight lines in {} feature(s): {}",
            f"{len(features):,}",
            listed(features),
        )
    ]


def is_curve(wkb: bytes | None) -> bool:
    """Return whether a geometry is of a type with curves."""
    if wkb is None or len(wkb) < 5:
        return False
    code = int.from_bytes(wkb[1:5], "little" if wkb[0] else "big")
    return 8 <= (code & 0x0FFFFFFF) % 1000 <= 14


def unreadable_curve(source: LayerSource, error: Exception) -> LayerError:
    """Return an error for a kind of geometry that nothing here reads."""
    return GeometryError(
        source.shown,
        Sentence("a kind of geometry that is not read here ({})", error),
        remedy=Sentence("convert curves to lines and surfaces to polygons first"),
    )

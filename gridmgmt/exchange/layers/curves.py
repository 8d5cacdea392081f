"""Say which features had curves, which are kept as short straight lines."""

from collections.abc import Sequence

from gridmgmt.arrays import IntArray
from gridmgmt.domain.listing import listed
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

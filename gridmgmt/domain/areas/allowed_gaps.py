"""Gaps that are meant: lakes and yards in an area that belong to none of the areas in it.

They are kept with the attributes of the area whose ground they are, and so have its versions;
what the topmost level encloses, with those of an area beside it.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from gridmgmt.domain.areas.attributes import GAPS, Attributes, AttributeValue, with_values


@dataclass(frozen=True)
class AllowedGap:
    """A gap that is meant; ``geometry`` is a Polygon of GeoJSON in degrees."""

    name: str
    reason: str
    geometry: dict[str, Any]


def gaps_of(values: Attributes) -> list[AllowedGap]:
    """Return the allowed gaps of an area.

    Examples
    --------
    >>> gaps_of({"grade": 2})
    []
    """
    text = values.get(GAPS)
    return [AllowedGap(**one) for one in json.loads(text)] if isinstance(text, str) else []


def without_gaps(values: Attributes) -> dict[str, AttributeValue]:
    """Return the attributes that are declared."""
    return {name: value for name, value in values.items() if name != GAPS}


def with_gaps(values: Attributes, gaps: Iterable[AllowedGap]) -> Attributes:
    """Return the attributes of an area with other allowed gaps, in a fixed order.

    Examples
    --------
    >>> pond = AllowedGap("池塘", "水面", {"type": "Polygon", "coordinates": []})
    >>> gaps_of(with_gaps({}, [pond])) == [pond], with_gaps({"gaps": "[]"}, [])
    (True, {})
    """
    texts = sorted({json.dumps(asdict(one), ensure_ascii=False) for one in gaps})
    return with_values(values, {GAPS: f"[{', '.join(texts)}]" if texts else None})

"""Changed areas before and after a draft, on one map or on two that move together."""

from dataclasses import asdict, dataclass
from enum import StrEnum

from gridmgmt.maps.document import BaseMap, ClientCall, MapParts, PageMap, compose

# In loading order.
MAP_SCRIPTS = ("frame", "small")
SCRIPTS = ("sides", "divider", "rows", "compare")


class Way(StrEnum):
    """How two states of areas are looked at."""

    OVERLAY = "overlay"
    SIDE_BY_SIDE = "side"
    SWIPE = "swipe"


@dataclass(frozen=True, slots=True)
class ComparisonMap:
    """What a comparison begins with.

    ``areas`` is the URL of an object with lists of GeoJSON features: ``before`` and ``after``
    with ``code``, ``name`` and ``label``, ``moved`` with ``code``, and ``around`` with a
    ``label``.

    The page has the map in an element with the class ``compare-maps``, links with the attribute
    ``data-way`` that choose a way, and an element for each area with its code as ``data-area``.
    """

    areas: str
    way: Way


def comparison_map(comparison: ComparisonMap, *, base: BaseMap) -> MapParts:
    """Compose the map of a comparison; the scripts make the second one."""
    page = base.page
    page_map = PageMap(
        base, label=page.words.get("map", "Map"), scrollWheelZoom=False, zoomSnap=0.5
    )
    page_map.default_css.append(("compare_css", page.static("css/compare.css")))
    scripts = [
        *(page.static(f"js/map/{name}.js") for name in MAP_SCRIPTS),
        *(page.static(f"js/compare/{name}.js") for name in SCRIPTS),
    ]
    configuration = {**asdict(comparison), "words": dict(page.words)}
    page_map.add_child(ClientCall("compareMap", scripts, configuration))
    return compose(page_map, page.nonce)

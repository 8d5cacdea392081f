"""The map of the city: one page whose outlines and figures the browser fetches by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gridmgmt.maps.document import BaseMap, ClientCall, MapParts, PageMap, compose

# In the order in which they are loaded: each builds on those before it, the city on all.
SCRIPTS = (
    "frame",
    "state",
    "shapes",
    "classes",
    "canvas",
    "layers",
    "footprints",
    "legend",
    "timeline",
    "ranking",
    "search",
    "panel",
    "pointer",
    "controls",
    "city",
)


@dataclass(frozen=True, slots=True)
class ShownLevel:
    """A level of an edition: how many areas it has and what it is called."""

    name: str
    label: str
    areas: int


@dataclass(frozen=True, slots=True)
class ShownEdition:
    """An edition that can be chosen, with its levels from the topmost down.

    ``version`` names its outlines: under the same one a browser may keep them for ever.
    """

    number: int
    version: str
    levels: tuple[ShownLevel, ...]


@dataclass(frozen=True, slots=True)
class CityMap:
    """What the page of the map starts with: no outline, no case, only where to ask for them.

    ``urls`` are addresses with ``{edition} {level} {zoom} {code} {case_no}`` where they stand
    for something, None for a page the account may not open. ``state`` is what is shown where
    the page's address says nothing else.
    """

    urls: Mapping[str, str | None]
    editions: Sequence[ShownEdition]
    categories: Sequence[str]
    state: Mapping[str, Any]
    language: str


def city_map(city: CityMap, *, base: BaseMap) -> MapParts:
    """Compose the map of the city."""
    # Between whole levels pictures of the ground are blurred a little; the city fits better.
    snap = 0.5 if base.tiles else 0.25
    page_map = PageMap(base, label=base.page.words.get("map", "Map"), zoomSnap=snap)
    configuration = {**asdict(city), "words": dict(base.page.words)}
    scripts = [base.page.static(f"js/map/{name}.js") for name in SCRIPTS]
    page_map.add_child(ClientCall("cityMap", scripts, configuration))
    return compose(page_map, base.page.nonce)

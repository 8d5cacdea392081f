"""The map of the city: a page whose scripts fetch outlines and figures themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gridmgmt.maps.document import BaseMap, ClientCall, MapParts, PageMap, compose

# In loading order: each script needs those before it, the city needs all of them.
SCRIPTS = (
    "frame",
    "state",
    "shapes",
    "classes",
    "surface",
    "canvas",
    "layers",
    "footprints",
    "circles",
    "square",
    "dots",
    "panes",
    "legend",
    "timeline",
    "ranking",
    "search",
    "panel",
    "pointer",
    "chosen",
    "controls",
    "city",
)


@dataclass(frozen=True, slots=True)
class ShownLevel:
    """A level of an edition: its name and the number of its areas."""

    name: str
    label: str
    areas: int


@dataclass(frozen=True, slots=True)
class ShownEdition:
    """An edition that can be chosen, with its levels from the topmost down.

    ``version`` identifies its outlines: a browser may cache them for ever under one version.
    """

    number: int
    version: str
    levels: tuple[ShownLevel, ...]


@dataclass(frozen=True, slots=True)
class CityMap:
    """What the page of the map begins with: no outline and no case, only where to fetch them.

    ``urls`` are URLs with the placeholders ``{edition} {level} {zoom} {code} {case_no}``; None
    for a page that the account may not open. ``state`` is what is shown if the URL of the page
    does not say otherwise. ``area_level`` is the level of the one area the account is limited
    to: the density is drawn within its outline. ``no_density`` is why the account is shown no
    density, if it is shown none.
    """

    urls: Mapping[str, str | None]
    editions: Sequence[ShownEdition]
    categories: Sequence[str]
    state: Mapping[str, Any]
    language: str
    area_level: str | None = None
    no_density: str | None = None


def city_map(city: CityMap, *, base: BaseMap) -> MapParts:
    """Compose the map of the city."""
    # Between whole zoom levels the tiles are slightly blurred, but the city fits better.
    snap = 0.5 if base.tiles else 0.25
    page_map = PageMap(base, label=base.page.words.get("map", "Map"), zoomSnap=snap)
    configuration = {**asdict(city), "words": dict(base.page.words)}
    scripts = [base.page.static(f"js/map/{name}.js") for name in SCRIPTS]
    page_map.add_child(ClientCall("cityMap", scripts, configuration))
    return compose(page_map, base.page.nonce)

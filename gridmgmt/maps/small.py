"""Small maps beside a table or a form: a few layers, each fetched by the browser."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from gridmgmt.maps.document import BaseMap, ClientCall, MapParts, PageMap, compose

Style = Literal[
    "area",
    "parent",
    "neighbour",
    "problem",
    "case",
    "candidate",
    "before",
    "after",
    "zone",
    "road_segment",
    "component",
]


@dataclass(frozen=True, slots=True)
class MapSource:
    """A layer: where its GeoJSON comes from, how it is drawn and what the legend calls it.

    A feature's properties may hold ``label`` (shown as text), ``href`` (where a click leads)
    and ``class`` (another style than the source's). An element of the page with the attribute
    ``data-map-feature`` naming a feature's ``id`` brings that feature into view when clicked.
    """

    url: str
    style: Style
    label: str


@dataclass(frozen=True, slots=True)
class Pick:
    """Two inputs of the page, by their ids, that a click on the map fills with degrees."""

    lon_input_id: str
    lat_input_id: str


def small_map(
    sources: Sequence[MapSource], *, base: BaseMap, pick: Pick | None = None
) -> MapParts:
    """Compose a map of some layers, drawn in the given order, the last on top.

    It shows all of them but parents and neighbours, of which only what lies around the others.

    With ``pick`` a click sets a marker that can be dragged, and writes longitude and latitude
    into the two inputs; typing into them moves the marker.
    """
    words = base.page.words
    page_map = PageMap(base, label=words.get("map", "Map"), scrollWheelZoom=False, zoomSnap=0.5)
    configuration = {
        "sources": [asdict(source) for source in sources],
        "pick": asdict(pick) if pick else None,
        "words": dict(words),
    }
    scripts = [base.page.static(f"js/map/{name}.js") for name in ("frame", "small")]
    page_map.add_child(ClientCall("smallMap", scripts, configuration))
    return compose(page_map, base.page.nonce)

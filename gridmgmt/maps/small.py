"""Small maps beside a table or a form: a few layers, each fetched by the browser."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from gridmgmt.maps.city import ShownEdition
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
    "moved",
    "zone",
    "road_segment",
    "component",
]

# What every small map loads, what a pick needs besides, and what the ground needs.
SCRIPTS = ("frame", "small")
PICK_SCRIPTS = ("pick",)
GROUND_SCRIPTS = ("shapes", "canvas", "layers", "ground", "search")


@dataclass(frozen=True, slots=True)
class MapSource:
    """A layer: the URL of its GeoJSON, its style, and its name in the legend.

    The properties of a feature may have ``label`` (shown as text), ``href`` (the target of a
    click) and ``class`` (a style other than that of the source). A click on an element of the
    page whose attribute ``data-map-feature`` names the ``id`` of a feature moves the view to
    this feature.
    """

    url: str
    style: Style
    label: str


@dataclass(frozen=True, slots=True)
class Pick:
    """The ids of two inputs of the page; a click on the map writes degrees into them.

    A third one may hold metres: so accurate is the position, as a circle on the map shows.
    """

    lon_input_id: str
    lat_input_id: str
    accuracy_input_id: str | None = None


@dataclass(frozen=True, slots=True)
class MapGround:
    """What lies under the layers of a map: all levels of an edition, drawn as the view is near.

    ``shapes`` is the URL of the outlines, with ``{edition} {level} {zoom}``. ``places`` is that
    of GeoJSON of roads and components in a box, with ``west south east north`` as parameters,
    and ``search`` that of areas and roads by name, with ``q``.
    """

    shapes: str
    places: str
    search: str
    edition: ShownEdition


def small_map(
    sources: Sequence[MapSource],
    *,
    base: BaseMap,
    pick: Pick | None = None,
    ground: MapGround | None = None,
) -> MapParts:
    """Compose a map of some layers in the given order, the last on top.

    The view shows all layers completely, except parents and neighbours, of which only the part
    around the others is visible.

    With ``pick`` a click sets a marker that can be dragged, and writes longitude and latitude
    into the two inputs. Typing into the inputs moves the marker.

    With ``ground`` the outlines and names of the areas, roads and components in view are below
    all layers, and a field of the page with the id ``map-search`` finds areas and roads.
    """
    words = base.page.words
    page_map = PageMap(base, label=words.get("map", "Map"), scrollWheelZoom=False, zoomSnap=0.5)
    configuration = {
        "sources": [asdict(source) for source in sources],
        "pick": asdict(pick) if pick else None,
        "ground": asdict(ground) if ground else None,
        "words": dict(words),
    }
    names = [
        *SCRIPTS,
        *(PICK_SCRIPTS if pick else ()),
        *(GROUND_SCRIPTS if ground else ()),
    ]
    scripts = [base.page.static(f"js/map/{name}.js") for name in names]
    page_map.add_child(ClientCall("smallMap", scripts, configuration))
    return compose(page_map, base.page.nonce)

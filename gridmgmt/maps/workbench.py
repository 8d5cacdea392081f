"""The workbench: a map on which the borders of a draft are moved."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from gridmgmt.maps.city import ShownLevel
from gridmgmt.maps.document import BaseMap, ClientCall, MapParts, PageMap, compose

# In loading order: libraries first, then what the map of the city has too.
LIBRARIES = (
    "flatbush/flatbush.js",
    "terra-draw/terra-draw.umd.js",
    "terra-draw-leaflet-adapter/terra-draw-leaflet-adapter.umd.js",
)
MAP_SCRIPTS = ("frame", "state", "shapes", "canvas")
SCRIPTS = (
    "measure",
    "borders",
    "levels",
    "painting",
    "picking",
    "saving",
    "say",
    "selection",
    "moving",
    "line",
    "area_form",
    "lasso",
    "toolbar",
    "tools",
    "table",
    "keyboard",
    "backdrops",
    "panels",
    "presence",
    "workbench",
)


@dataclass(frozen=True, slots=True)
class WorkbenchMap:
    """What the workbench of a draft begins with; areas are fetched by the scripts.

    ``urls`` are ``overview`` and ``exact`` (with ``{level}``), ``edits``, ``undo``, ``redo``,
    ``since`` and ``log``. ``levels`` are those of the draft from the topmost down. ``head`` is
    the number of the newest entry of the draft's log, 0 for none. ``csrf_token`` goes along
    with everything that is sent. Without ``may_edit`` the page only shows.

    The page has elements with the ids ``workbench-tools`` (above the map) and
    ``workbench-areas`` (beside it); the scripts fill both. They announce every change of the
    draft as the event ``workbench:changed`` of the document, with ``detail.head``.
    """

    urls: Mapping[str, str]
    levels: Sequence[ShownLevel]
    head: int
    csrf_token: str
    may_edit: bool
    language: str


def workbench_map(workbench: WorkbenchMap, *, base: BaseMap) -> MapParts:
    """Compose the map of the workbench."""
    page = base.page
    snap = 0.5 if base.tiles else 0.25
    page_map = PageMap(base, label=page.words.get("map", "Map"), zoomSnap=snap, boxZoom=False)
    page_map.default_css.append(("workbench_css", page.static("css/workbench.css")))
    configuration = {**asdict(workbench), "words": dict(page.words)}
    scripts = [
        *(page.static(f"vendor/{name}") for name in LIBRARIES),
        *(page.static(f"js/map/{name}.js") for name in MAP_SCRIPTS),
        *(page.static(f"js/workbench/{name}.js") for name in SCRIPTS),
    ]
    page_map.add_child(ClientCall("workbench", scripts, configuration))
    return compose(page_map, page.nonce)
